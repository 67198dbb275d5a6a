#include "arith/float_accumulate.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "formats/float_parts.h"

namespace assay {
namespace {

// A significand with its leading one at bit 62, and that bit's exponent.
struct Aligned {
  uint64_t significand;
  int exponent;
};

Aligned aligned(uint64_t significand, int exponent) {
  const int shift = std::countl_zero(significand) - 1;
  return {significand << shift, exponent - shift + 62};
}

// x >> by, for x in (0, 2^63), whose last bit also stands for all that is lost.
uint64_t shift_right_jam(uint64_t x, int by) {
  by = std::min(by, 63);
  const uint64_t kept = x >> by;
  return kept | static_cast<uint64_t>(kept << by != x);
}

// All ones or zero.
uint64_t mask_of(bool set) {
  return 0 - static_cast<uint64_t>(set);
}

}  // namespace

bool has_float_accumulate(const Unit& unit) {
  return unit.operation != Operation::block_dot && !unit.accumulation.flush_subnormals &&
         !unit.accumulation.partial && unit.product == ProductRule::exact && has_float_parts(unit.a) &&
         has_float_parts(unit.b) && has_float_parts(unit.result) &&
         (unit.operation != Operation::fma || has_float_parts(unit.c)) &&
         unit.a.fraction_width + unit.b.fraction_width <= 46 && !is_stochastic(unit.rounding);
}

// Products have at most 48 and c at most 53 bits. If the exponents differ by no more than 9, nothing is lost in 63
// bits; if they differ by more, at most one leading bit cancels, and a jammed last bit is far below what rounding
// looks at.
bool float_accumulate(const Unit& unit, uint64_t a, uint64_t b, uint64_t& c) {
  const FloatParts x = float_parts(unit.a, a), y = float_parts(unit.b, b),
                   z = float_parts(unit.operation == Operation::fma ? unit.c : unit.result, c);
  if (x.special || y.special || z.special) return false;
  const uint64_t product = x.significand * y.significand;
  const bool product_negative = x.negative != y.negative;
  if (product == 0 && z.significand == 0) return false;
  const auto round = [&](bool negative, int exponent, uint64_t leading) {
    c = round_float(unit.result, negative, exponent, leading, false, unit.rounding, unit.saturation);
    return true;
  };
  if (product == 0) {
    const Aligned q = aligned(z.significand, z.exponent);
    return round(z.negative, q.exponent, q.significand << 1);
  }
  const Aligned p = aligned(product, x.exponent + y.exponent);
  if (z.significand == 0) return round(product_negative, p.exponent, p.significand << 1);
  const Aligned q = aligned(z.significand, z.exponent);

  // Which of the two is larger and which sign it has is as good as random, so neither is decided by a branch.
  const bool swap = p.exponent < q.exponent;
  const uint64_t difference = (p.significand ^ q.significand) & mask_of(swap);
  const uint64_t larger = p.significand ^ difference, other = q.significand ^ difference;
  const uint64_t smaller = shift_right_jam(other, std::abs(p.exponent - q.exponent));
  const uint64_t opposite = mask_of(product_negative != z.negative);
  uint64_t sum = larger + ((smaller ^ opposite) - opposite);
  const uint64_t below_zero = opposite & mask_of((sum >> 63) != 0);  // only if the exponents are equal
  sum = (sum ^ below_zero) - below_zero;
  const uint64_t flips = (opposite & mask_of(swap)) ^ below_zero;  // from the sign of the product
  const bool negative = ((static_cast<uint64_t>(product_negative) ^ flips) & 1) != 0;
  if (sum == 0) return false;
  const int up = std::countl_zero(sum);
  return round(negative, std::max(p.exponent, q.exponent) + 1 - up, sum << up);
}

}  // namespace assay
