#include "formats/split.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

namespace assay {
namespace {

using boost::multiprecision::cpp_int;

uint128 shift_left(uint128 x, int by) {
  return by >= 128 ? 0 : x << by;
}
uint128 shift_right(uint128 x, int by) {
  return by >= 128 ? 0 : x >> by;
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

// The value as an integer number of units of 2^unit_exponent, which divides it.
cpp_int in_units(const Real& value, int unit_exponent) {
  if (value.kind == RealClass::zero) return 0;
  cpp_int units = static_cast<uint64_t>(value.significand >> 64);
  units = (units << 64) | static_cast<uint64_t>(value.significand);
  units <<= value.exponent - unit_exponent;
  return value.negative ? cpp_int(-units) : units;
}

}  // namespace

Split split_at(const Real& value, int unit_exponent) {
  Split split;
  const int shift = unit_exponent - value.exponent;
  split.sticky = value.sticky;
  if (shift <= 0) {
    split.whole = shift_left(value.significand, -shift);
    return split;
  }
  split.whole = shift_right(value.significand, shift);
  split.part = value.significand & ~shift_left(~uint128{0}, shift);
  split.part_width = shift;
  return split;
}

Split split_between(const Real& value, const Real& near, const Real& far) {
  constexpr int kPartWidth = 96;  // more than the random bits and the bit after them
  int unit_exponent = 0;
  for (const Real& x : {value, near, far}) {
    if (x.kind != RealClass::zero) unit_exponent = std::min(unit_exponent, x.exponent);
  }
  const cpp_int origin = in_units(near, unit_exponent);
  const cpp_int distance = abs(in_units(value, unit_exponent) - origin) << kPartWidth;
  const cpp_int gap = abs(in_units(far, unit_exponent) - origin);
  cpp_int quotient, remainder;
  divide_qr(distance, gap, quotient, remainder);
  Split split;
  split.part_width = kPartWidth;
  split.part = static_cast<uint128>(quotient);
  split.sticky = remainder != 0 || value.sticky;
  return split;
}

bool is_exact(const Split& split) {
  return split.part == 0 && !split.sticky;
}

bool rounds_away(const Split& split, Rounding rounding, bool negative, bool even, RandomBits random) {
  const auto ties_go = [&](bool away) {
    const int half = compare_with_half(split);
    return half > 0 || (half == 0 && away);
  };
  switch (rounding) {
    case Rounding::rne:
      return ties_go(!even);
    case Rounding::rna:
      return ties_go(true);
    case Rounding::rntz:
      return ties_go(false);
    case Rounding::rnup:
      return ties_go(!negative);
    case Rounding::rndn:
      return ties_go(negative);
    case Rounding::rnodd:
      return ties_go(even);
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

}  // namespace assay
