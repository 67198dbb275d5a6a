// Signed binary floating point with subnormals in machine words: what the fast paths of the golden model share. The
// definitions are those of formats/real.h and formats/round.h, to which everything else goes.
#pragma once

#include <bit>
#include <cstdint>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// Whether the functions below know the format.
inline bool has_float_parts(const Format& format) {
  return format.kind == FormatKind::floating && format.is_signed && format.has_subnormals;
}

// max_finite_magnitude of such a format.
inline uint64_t largest_float_magnitude(const Format& format) {
  const uint64_t all_ones = (uint64_t{1} << (format.width - 1)) - 1;
  if (format.nan == NanEncoding::ieee)
    return (all_ones >> format.fraction_width << format.fraction_width) - 1;
  return all_ones - (format.has_infinity ? 1 : 0) - (format.nan == NanEncoding::all_ones ? 1 : 0);
}

// (-1)^negative * significand * 2^exponent; special codes are infinities and NaNs.
struct FloatParts {
  bool special = false;
  bool negative = false;
  int exponent = 0;
  uint64_t significand = 0;
};

inline FloatParts float_parts(const Format& format, uint64_t code) {
  const int sign_at = format.width - 1, fraction_width = format.fraction_width;
  const uint64_t magnitude = code & ((uint64_t{1} << sign_at) - 1);
  const bool negative = (code >> sign_at & 1) != 0;
  const uint64_t field = magnitude >> fraction_width;
  const uint64_t normal = field != 0 ? 1 : 0;
  const bool special = format.nan == NanEncoding::ieee
                           ? field == (uint64_t{1} << format.exponent_width) - 1
                           : magnitude > largest_float_magnitude(format) ||
                                 (magnitude == 0 && negative && format.nan == NanEncoding::negative_zero);
  return {special, negative, static_cast<int>(field + 1 - normal) - format.exponent_bias - fraction_width,
          (magnitude - (field << fraction_width)) | normal << fraction_width};
}

// round_to_code of (-1)^negative (leading + s) 2^(exponent - 63), where the top bit of `leading` is one and s is 0 or,
// if sticky, in (0, 1). The rounding is not stochastic.
uint64_t round_float(const Format& format, bool negative, int exponent, uint64_t leading, bool sticky,
                     Rounding rounding, Saturation saturation);

}  // namespace assay
