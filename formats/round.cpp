#include "formats/round.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace assay {
namespace {

uint128 shift_left(uint128 x, int by) {
  return by >= 128 ? 0 : x << by;
}
uint128 shift_right(uint128 x, int by) {
  return by >= 128 ? 0 : x >> by;
}

// A non-negative number split at the unit in the last place of the result: whole + part / 2^part_width,
// plus something in (0, 2^-part_width) if sticky.
struct Split {
  uint128 whole = 0;
  uint128 part = 0;
  int part_width = 0;
  bool sticky = false;
};

Split split_at(const Real& value, int unit_exponent) {
  Split split;
  const int shift = unit_exponent - value.exponent;
  if (shift <= 0) {
    split.whole = shift_left(value.significand, -shift);
    split.sticky = value.sticky;
    return split;
  }
  split.whole = shift_right(value.significand, shift);
  split.part = value.significand & ~shift_left(~uint128{0}, shift);
  split.part_width = shift;
  split.sticky = value.sticky;
  return split;
}

bool is_exact(const Split& split) {
  return split.part == 0 && !split.sticky;
}

// Compares the discarded part with one half of a unit: -1, 0 or 1.
int compare_with_half(const Split& split) {
  if (split.part_width == 0 || split.part_width > 128) return -1;
  const uint128 half = uint128{1} << (split.part_width - 1);
  if (split.part != half) return split.part < half ? -1 : 1;
  return split.sticky ? 1 : 0;
}

// floor(part * 2^bits / 2^part_width).
uint128 leading_bits(const Split& split, int bits) {
  const int drop = split.part_width - bits;
  return drop >= 0 ? shift_right(split.part, drop) : shift_left(split.part, -drop);
}

// Round to nearest integer, ties to even, of part * 2^bits / 2^part_width.
uint128 nearest_leading_bits(const Split& split, int bits) {
  const uint128 whole = leading_bits(split, bits);
  Split rest;
  rest.part_width = std::max(split.part_width - bits, 0);
  rest.part = split.part & ~shift_left(~uint128{0}, rest.part_width);
  rest.sticky = split.sticky;
  const int half = compare_with_half(rest);
  return whole + ((half > 0 || (half == 0 && (whole & 1) != 0)) ? 1 : 0);
}

bool rounds_away(const Split& split, Rounding rounding, bool negative, bool even, RandomBits random) {
  switch (rounding) {
    case Rounding::rne: {
      const int half = compare_with_half(split);
      return half > 0 || (half == 0 && !even);
    }
    case Rounding::rna:
      return compare_with_half(split) >= 0;
    case Rounding::rtz:
      return false;
    case Rounding::rup:
      return !negative && !is_exact(split);
    case Rounding::rdn:
      return negative && !is_exact(split);
    case Rounding::odd:
      return even && !is_exact(split);
    case Rounding::sr_a:
      return leading_bits(split, random.count) + random.value >= uint128{1} << random.count;
    case Rounding::sr_b:
      return leading_bits(split, random.count + 1) + 2 * uint128{random.value} + 1 >=
             uint128{1} << (random.count + 1);
    case Rounding::sr_c:
      return nearest_leading_bits(split, random.count) + random.value >= uint128{1} << random.count;
  }
  return false;
}

bool points_toward_zero(Rounding rounding, bool negative) {
  return rounding == Rounding::rtz || (rounding == Rounding::rdn && !negative) ||
         (rounding == Rounding::rup && negative);
}

uint64_t sign_bit(const Format& format, bool negative) {
  return negative && format.is_signed ? uint64_t{1} << (format.width - 1) : 0;
}

uint64_t nan_code(const Format& format) {
  if (format.nan != NanEncoding::none) return canonical_nan(format);
  return format.kind == FormatKind::floating ? max_finite_magnitude(format) : 0;
}

uint64_t least_or_nan(const Format& format, Saturation saturation) {
  const bool nan = saturation == Saturation::sat_none && format.nan != NanEncoding::none;
  return nan ? canonical_nan(format) : 0;
}

uint64_t largest_finite(const Format& format, bool negative) {
  if (negative && format.kind == FormatKind::twos_complement) return uint64_t{1} << (format.width - 1);
  return sign_bit(format, negative) | max_finite_magnitude(format);
}

// The code for a magnitude beyond the finite range.
uint64_t overflow(const Format& format, bool negative, bool is_infinity, Rounding rounding,
                  Saturation saturation) {
  if (saturation == Saturation::wrap) return 0;
  const bool clamps = saturation == Saturation::sat_finite ||
                      (saturation == Saturation::sat_propagate && !(is_infinity && format.has_infinity)) ||
                      (!is_infinity && points_toward_zero(rounding, negative));
  if (clamps) return largest_finite(format, negative);
  if (format.has_infinity) return sign_bit(format, negative) | (max_finite_magnitude(format) + 1);
  if (format.nan != NanEncoding::none) return canonical_nan(format);
  return largest_finite(format, negative);
}

uint64_t zero_code(const Format& format, bool negative) {
  return has_negative_zero(format) ? sign_bit(format, negative) : 0;
}

uint64_t round_floating(const Format& format, const Real& value, Rounding rounding, Saturation saturation,
                        RandomBits random) {
  const int least_exponent = (format.has_subnormals ? 1 : 0) - format.exponent_bias;
  const int exponent = std::max(value.exponent + floor_log2(value.significand), least_exponent);
  const int binade = exponent + format.exponent_bias - (format.has_subnormals ? 1 : 0);
  if (binade > static_cast<int>(max_finite_magnitude(format) >> format.fraction_width)) {
    return overflow(format, value.negative, false, rounding, saturation);
  }
  const Split split = split_at(value, exponent - format.fraction_width);

  // Codes of magnitudes are ordered as their values are, and a carry out of the significand runs into the
  // exponent field by itself. A subnormal has whole < 2^fraction_width and the exponent field of the least
  // normal number less one.
  const int64_t hidden_one = int64_t{1} << format.fraction_width;
  int64_t magnitude = binade * hidden_one + static_cast<int64_t>(split.whole);
  if (!format.has_subnormals) magnitude -= hidden_one;
  const bool even = (magnitude & 1) == 0;
  if (rounds_away(split, rounding, value.negative, even, random)) ++magnitude;

  if (magnitude > static_cast<int64_t>(max_finite_magnitude(format))) {
    return overflow(format, value.negative, false, rounding, saturation);
  }
  if (magnitude <= 0) return zero_code(format, value.negative);
  return sign_bit(format, value.negative) | static_cast<uint64_t>(magnitude);
}

uint64_t round_integer(const Format& format, const Real& value, Rounding rounding, Saturation saturation,
                       RandomBits random) {
  if (saturation != Saturation::wrap && value.exponent + floor_log2(value.significand) >= 64) {
    return overflow(format, value.negative, false, rounding, saturation);
  }
  const Split split = split_at(value, 0);
  uint128 magnitude = split.whole;
  if (rounds_away(split, rounding, value.negative, (magnitude & 1) == 0, random)) ++magnitude;
  if (magnitude == 0) return zero_code(format, value.negative);

  const bool twos_complement = format.kind == FormatKind::twos_complement;
  if (saturation == Saturation::wrap) {
    const auto low = static_cast<uint64_t>(magnitude);
    return (value.negative ? -low : low) & code_mask(format.width);
  }
  const uint128 largest = uint128{max_finite_magnitude(format)} + (twos_complement && value.negative ? 1 : 0);
  if (magnitude > largest) return overflow(format, value.negative, false, rounding, saturation);
  const auto low = static_cast<uint64_t>(magnitude);
  if (twos_complement) return (value.negative ? -low : low) & code_mask(format.width);
  return sign_bit(format, value.negative) | low;
}

}  // namespace

uint64_t round_to_code(const Format& format, const Real& value, Rounding rounding, Saturation saturation,
                       RandomBits random) {
  if (value.kind == RealClass::nan) return nan_code(format);
  if (value.negative && !format.is_signed && value.kind != RealClass::zero &&
      saturation != Saturation::wrap) {
    return least_or_nan(format, saturation);
  }
  if (value.kind == RealClass::zero) return zero_code(format, value.negative);
  if (value.kind == RealClass::infinity) return overflow(format, value.negative, true, rounding, saturation);
  return format.kind == FormatKind::floating ? round_floating(format, value, rounding, saturation, random)
                                             : round_integer(format, value, rounding, saturation, random);
}

uint64_t encode(const Format& format, double value, Rounding rounding, Saturation saturation,
                RandomBits random) {
  static const Format fp64 = parse_format("fp64");
  return round_to_code(format, decode(fp64, std::bit_cast<uint64_t>(value)), rounding, saturation, random);
}

}  // namespace assay
