// The code of every float32, from the texts of the standards and without assay::Format: rounding is monotone,
// so a format, a rounding and a saturation are fully described by the bit patterns at which the code changes.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "formats/rounding.h"

namespace assay {

// The codes of a standard's format. A magnitude m = E 2^fraction_bits + T stands for T 2^(1 - bias - fraction_bits)
// where E = 0 and for (2^fraction_bits + T) 2^(E - bias - fraction_bits) elsewhere.
struct StandardFormat {
  std::string name;
  int width;
  int fraction_bits;
  int bias;
  uint32_t largest;                  // the magnitude of the greatest finite number
  std::optional<uint32_t> infinity;  // its magnitude
  std::optional<uint32_t> nan;       // the code that operations produce
  enum class Negative { none, sign_bit, sign_bit_without_minus_zero, twos_complement } negative;
};

// IEEE 754-2019; OCP OFP8 1.0; OCP MX 1.0; IEEE P3109 v4.0, whose bias is 2^(K-P-1), and 2^(K-P) for unsigned
// formats. An integer is a binary format that has nothing but "subnormals", with a unit of 1.
inline const std::vector<StandardFormat>& standard_formats() {
  using Negative = StandardFormat::Negative;
  static const std::vector<StandardFormat> formats = {
      {"e4m3", 8, 3, 7, 0x7e, {}, 0x7f, Negative::sign_bit},
      {"e5m2", 8, 2, 15, 0x7b, 0x7c, 0x7e, Negative::sign_bit},
      {"e2m1", 4, 1, 1, 0x7, {}, {}, Negative::sign_bit},
      {"e3m2", 6, 2, 3, 0x1f, {}, {}, Negative::sign_bit},
      {"e2m3", 6, 3, 1, 0x1f, {}, {}, Negative::sign_bit},
      {"bf16", 16, 7, 127, 0x7f7f, 0x7f80, 0x7fc0, Negative::sign_bit},
      {"fp16", 16, 10, 15, 0x7bff, 0x7c00, 0x7e00, Negative::sign_bit},
      {"binary8p4se", 8, 3, 8, 0x7e, 0x7f, 0x80, Negative::sign_bit_without_minus_zero},
      {"binary8p3ue", 8, 2, 32, 0xfd, 0xfe, 0xff, Negative::none},
      {"int8", 8, 8, -7, 0x7f, {}, {}, Negative::twos_complement}};
  return formats;
}

inline double magnitude_value(const StandardFormat& format, uint32_t magnitude) {
  const uint32_t fraction = magnitude & ((1U << format.fraction_bits) - 1);
  const int exponent = static_cast<int>(magnitude >> format.fraction_bits);
  if (exponent == 0) return std::ldexp(fraction, 1 - format.bias - format.fraction_bits);
  return std::ldexp((1U << format.fraction_bits) + fraction, exponent - format.bias - format.fraction_bits);
}

inline uint32_t code_of(const StandardFormat& format, uint32_t magnitude, bool negative) {
  if (!negative) return magnitude;
  switch (format.negative) {
    case StandardFormat::Negative::sign_bit:
      return magnitude | 1U << (format.width - 1);
    case StandardFormat::Negative::sign_bit_without_minus_zero:
      return magnitude == 0 ? 0 : magnitude | 1U << (format.width - 1);
    case StandardFormat::Negative::twos_complement:
      return (0 - magnitude) & ((1U << format.width) - 1);
    case StandardFormat::Negative::none:
      break;
  }
  return 0;
}

// The float32 of a code, with the one quiet NaN whose payload is zero.
inline uint32_t float_bits_of_code(const StandardFormat& format, uint32_t code) {
  using Negative = StandardFormat::Negative;
  if (code == format.nan) return 0x7fc00000;
  const uint32_t top = 1U << (format.width - 1);
  const bool negative = format.negative != Negative::none && (code & top) != 0;
  uint32_t magnitude = negative ? code - top : code;
  if (negative && format.negative == Negative::twos_complement) magnitude = 2 * top - code;
  const float value = magnitude == format.infinity ? std::numeric_limits<float>::infinity()
                                                   : static_cast<float>(magnitude_value(format, magnitude));
  return std::bit_cast<uint32_t>(negative ? -value : value);
}

// Where rounding begins to prefer the upper one of two neighbouring magnitudes: at `at`, or just above it.
struct Boundary {
  double at;
  bool inclusive;
};

// `low` is the value of the magnitude `code`, `high` that of the next one. The midpoint of two numbers of up to
// 12 significant bits is exact.
inline Boundary rounding_boundary(double low, double high, uint32_t code, bool negative, Rounding rounding) {
  const double middle = low + (high - low) / 2;
  const bool odd = code % 2 == 1;
  const Boundary at_high = {high, true}, above_low = {low, false};
  switch (rounding) {
    case Rounding::rne:
      return {middle, odd};
    case Rounding::rnodd:
      return {middle, !odd};
    case Rounding::rna:
      return {middle, true};
    case Rounding::rntz:
      return {middle, false};
    case Rounding::rnup:
      return {middle, !negative};
    case Rounding::rndn:
      return {middle, negative};
    case Rounding::rtz:
      return at_high;
    case Rounding::rup:
      return negative ? at_high : above_low;
    case Rounding::rdn:
      return negative ? above_low : at_high;
    case Rounding::odd:
      return odd ? at_high : above_low;
    case Rounding::sr_a:
    case Rounding::sr_b:
    case Rounding::sr_c:
      break;
  }
  FAIL("not a deterministic rounding");
  return {};
}

// The least bit pattern of a non-negative float32 that is not below the boundary.
inline uint32_t first_float(Boundary boundary) {
  const auto is_below = [&](uint32_t bits) {
    const double x = std::bit_cast<float>(bits);
    return boundary.inclusive ? x < boundary.at : x <= boundary.at;
  };
  uint32_t low = 0, high = 0x7f800000;  // infinity is not below anything finite
  while (low < high) {
    const uint32_t middle = std::midpoint(low, high);
    if (is_below(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Saturation by the table in formats/rounding.h: the code of a value beyond the finite range after rounding with
// an unbounded range of exponents.
inline uint32_t beyond_range(const StandardFormat& format, bool negative, bool is_infinity, Rounding rounding,
                             Saturation saturation) {
  const bool none = saturation == Saturation::sat_none || saturation == Saturation::sat_none_v40;
  const bool inward =
      !is_infinity && (rounding == Rounding::rtz || rounding == (negative ? Rounding::rup : Rounding::rdn));
  if (negative && format.negative == StandardFormat::Negative::none) {
    return none && !inward ? format.nan.value() : 0;
  }
  const bool complement = format.negative == StandardFormat::Negative::twos_complement;
  const uint32_t largest = code_of(format, format.largest + (negative && complement ? 1 : 0), negative);
  const auto infinity_or = [&](uint32_t otherwise) {
    return format.infinity ? code_of(format, *format.infinity, negative) : otherwise;
  };
  if (saturation == Saturation::sat_propagate && is_infinity) return infinity_or(largest);
  if (!none || inward) return largest;
  if (saturation == Saturation::sat_none) return infinity_or(format.nan.value_or(largest));
  const bool unsigned_to_odd =
      rounding == Rounding::odd && !is_infinity && format.negative == StandardFormat::Negative::none;
  return unsigned_to_odd ? largest : infinity_or(largest);
}

// `code` is that of every float32 from the bit pattern `first` up to the next step.
struct Step {
  uint32_t first;
  uint32_t code;
};

inline void append_steps(const StandardFormat& format, bool negative, Rounding rounding,
                         Saturation saturation, std::vector<Step>& steps) {
  const uint32_t sign = negative ? 0x80000000 : 0;
  const auto append = [&](uint32_t first, uint32_t code) {
    if (!steps.empty() && steps.back().first == (first | sign)) steps.pop_back();
    if (steps.empty() || steps.back().code != code) steps.push_back({first | sign, code});
  };
  const bool complement = format.negative == StandardFormat::Negative::twos_complement;
  const bool has_values = !negative || format.negative != StandardFormat::Negative::none;
  const uint32_t largest = format.largest + (negative && complement ? 1 : 0);
  append(0, code_of(format, 0, negative));
  for (uint32_t m = 0; m <= largest; ++m) {
    const double low = magnitude_value(format, m), high = magnitude_value(format, m + 1);
    const uint32_t first = first_float(rounding_boundary(low, high, m, negative, rounding));
    append(first, m < largest && has_values ? code_of(format, m + 1, negative)
                                            : beyond_range(format, negative, false, rounding, saturation));
  }
  append(0x7f800000, beyond_range(format, negative, true, rounding, saturation));
  const bool is_integer = complement;
  append(0x7f800001, format.nan.value_or(is_integer ? 0 : format.largest));
}

// The codes of all 2^32 floats in the order of their bit patterns.
inline std::vector<Step> float32_steps(const StandardFormat& format, Rounding rounding,
                                       Saturation saturation) {
  std::vector<Step> steps;
  append_steps(format, false, rounding, saturation, steps);
  append_steps(format, true, rounding, saturation, steps);
  return steps;
}

// The step a bit pattern belongs to.
inline size_t step_of(const std::vector<Step>& steps, uint32_t bits) {
  const auto after = std::ranges::upper_bound(steps, bits, {}, &Step::first);
  return static_cast<size_t>(after - steps.begin()) - 1;
}

}  // namespace assay
