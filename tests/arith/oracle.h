// An independent oracle for operations: exact rationals of Boost.Multiprecision, rounded from the definition.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>

#include "formats/format.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace oracle {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

inline cpp_rational power_of_two(int exponent) {
  return exponent >= 0 ? cpp_rational(cpp_int(1) << exponent) : cpp_rational(1, cpp_int(1) << -exponent);
}

inline cpp_rational exact(double x) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  return cpp_rational(cpp_int(static_cast<long long>(std::ldexp(fraction, 53)))) *
         power_of_two(exponent - 53);
}

// The value of a finite code.
inline cpp_rational value(const assay::Format& format, uint64_t code) {
  return exact(assay::to_double(assay::decode(format, code)));
}

inline int floor_log2(const cpp_rational& x) {
  int exponent = static_cast<int>(msb(numerator(x))) - static_cast<int>(msb(denominator(x)));
  while (power_of_two(exponent) > x) --exponent;
  while (power_of_two(exponent + 1) <= x) ++exponent;
  return exponent;
}

// Whether a magnitude goes to the next integer, from the part of it above an integer.
inline bool goes_away(const cpp_rational& part, bool odd, bool negative, assay::Rounding rounding) {
  using assay::Rounding;
  const cpp_rational half(1, 2);
  if (rounding == Rounding::rne) return part > half || (part == half && odd);
  if (rounding == Rounding::rna) return part >= half;
  if (rounding == Rounding::rup) return part > 0 && !negative;
  if (rounding == Rounding::rdn) return part > 0 && negative;
  return rounding == Rounding::odd && part > 0 && !odd;
}

// Rounded to a multiple of a unit in the last place of a two's-complement or unsigned format, modulo 2^width.
inline uint64_t round_and_wrap(const assay::Format& format, const cpp_rational& x, assay::Rounding rounding) {
  using assay::Rounding;
  const cpp_rational scaled = abs(x) * power_of_two(format.fraction_width);
  cpp_int whole = numerator(scaled) / denominator(scaled);
  const cpp_rational part = scaled - whole;
  const bool odd = (whole & 1) != 0, negative = x < 0;
  if (goes_away(part, odd, negative, rounding)) ++whole;
  const cpp_int modulus = cpp_int(1) << format.width;
  const cpp_int left = whole % modulus;
  return static_cast<uint64_t>(negative && left != 0 ? cpp_int(modulus - left) : left);
}

// P3109's projection, sat_none, for formats with infinity, of a value other than zero.
inline uint64_t round_ieee(const assay::Format& format, const cpp_rational& x, assay::Rounding rounding) {
  using assay::Rounding;
  const bool negative = x < 0;
  const cpp_rational magnitude = negative ? -x : x;
  const int least = 1 - format.exponent_bias;
  const int exponent = std::max(floor_log2(magnitude), least);
  const cpp_rational scaled = magnitude / power_of_two(exponent - format.fraction_width);
  cpp_int whole = numerator(scaled) / denominator(scaled);
  const cpp_rational part = scaled - whole;
  const bool odd = (whole & 1) != 0;
  if (goes_away(part, odd, negative, rounding)) ++whole;
  const uint64_t sign = negative ? uint64_t{1} << (format.width - 1) : 0;
  const uint64_t infinity = ((uint64_t{1} << format.exponent_width) - 1) << format.fraction_width;
  if (whole == 0) return sign;
  const cpp_rational rounded = whole * power_of_two(exponent - format.fraction_width);
  if (floor_log2(rounded) > format.exponent_bias) {
    const bool toward_zero = rounding == Rounding::rtz || (rounding == Rounding::rup && negative) ||
                             (rounding == Rounding::rdn && !negative);
    return sign | (toward_zero ? infinity - 1 : infinity);
  }
  const int final_exponent = floor_log2(rounded);
  if (final_exponent < least) return sign | static_cast<uint64_t>(whole);
  const cpp_rational fraction =
      (rounded / power_of_two(final_exponent) - 1) * power_of_two(format.fraction_width);
  return sign | static_cast<uint64_t>(final_exponent + format.exponent_bias) << format.fraction_width |
         static_cast<uint64_t>(numerator(fraction));
}

}  // namespace oracle
