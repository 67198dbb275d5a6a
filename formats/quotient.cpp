#include "formats/quotient.h"

#include <algorithm>
#include <bit>

#include "formats/round.h"

namespace assay {
namespace {

const Format& fp32() {
  static const Format format = parse_format("fp32");
  return format;
}

}  // namespace

Real divide(const Real& a, const Real& b) {
  if (a.kind != RealClass::finite) return a;
  // A numerator of 126 bits leaves a quotient of at least 126 - 53 bits. A sticky part must not be shifted;
  // with whole divisors it cannot carry into the whole quotient.
  const int shift = a.sticky ? 0 : std::max(0, 126 - floor_log2(a.significand));
  const uint128 numerator = a.significand << shift;
  Real quotient = a;
  quotient.significand = numerator / b.significand;
  quotient.exponent = a.exponent - shift - b.exponent;
  quotient.sticky = a.sticky || quotient.significand * b.significand != numerator;
  return quotient;
}

Real real_from_float(float value) {
  return decode(fp32(), std::bit_cast<uint32_t>(value));
}

float round_to_float(const Real& value) {
  const uint64_t code = round_to_code(fp32(), value, Rounding::rne, Saturation::sat_finite);
  return std::bit_cast<float>(static_cast<uint32_t>(code));
}

}  // namespace assay
