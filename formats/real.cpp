#include "formats/real.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

namespace assay {
namespace {

Real decode_floating(const Format& format, uint64_t code) {
  Real value;
  value.negative = format.is_signed && (code >> (format.width - 1) & 1) != 0;
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  const uint64_t fraction = magnitude & code_mask(format.fraction_width);
  const auto exponent_field = static_cast<int>(magnitude >> format.fraction_width);
  if (magnitude > max_finite_magnitude(format)) {
    const bool is_infinity = format.has_infinity && fraction == 0;
    value.kind = is_infinity ? RealClass::infinity : RealClass::nan;
    return value;
  }
  if (magnitude == 0 && format.has_subnormals) {
    if (value.negative && format.nan == NanEncoding::negative_zero) value.kind = RealClass::nan;
    return value;
  }
  value.kind = RealClass::finite;
  const bool subnormal = exponent_field == 0 && format.has_subnormals;
  value.significand = subnormal ? fraction : fraction | uint64_t{1} << format.fraction_width;
  value.exponent = (subnormal ? 1 : exponent_field) - format.exponent_bias - format.fraction_width;
  return value;
}

Real decode_integer(const Format& format, uint64_t code) {
  Real value;
  uint64_t magnitude = code & code_mask(magnitude_width(format));
  value.negative = format.is_signed && (code >> (format.width - 1) & 1) != 0;
  if (value.negative && format.kind == FormatKind::twos_complement) {
    magnitude = (uint64_t{1} << (format.width - 1)) - magnitude;
  }
  value.kind = magnitude == 0 ? RealClass::zero : RealClass::finite;
  value.significand = magnitude;
  return value;
}

}  // namespace

Real decode(const Format& format, uint64_t code) {
  return format.kind == FormatKind::floating ? decode_floating(format, code) : decode_integer(format, code);
}

int floor_log2(uint128 x) {
  const auto high = static_cast<uint64_t>(x >> 64);
  return high != 0 ? 127 - std::countl_zero(high) : 63 - std::countl_zero(static_cast<uint64_t>(x));
}

std::string to_hex_float(const Real& value) {
  switch (value.kind) {
    case RealClass::nan:
      return "nan";
    case RealClass::infinity:
      return value.negative ? "-inf" : "inf";
    default:
      return fmt::format("{:a}", to_double(value));
  }
}

double to_double(const Real& value) {
  double magnitude = 0.0;
  switch (value.kind) {
    case RealClass::zero:
      break;
    case RealClass::finite:
      magnitude = std::ldexp(static_cast<double>(value.significand), value.exponent);
      break;
    case RealClass::infinity:
      magnitude = std::numeric_limits<double>::infinity();
      break;
    case RealClass::nan:
      return std::numeric_limits<double>::quiet_NaN();
  }
  return value.negative ? -magnitude : magnitude;
}

}  // namespace assay
