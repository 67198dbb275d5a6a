#include "arith/real_arithmetic.h"

namespace assay {
namespace {

constexpr int kTop = 126;  // where the leading one of the larger operand is placed; 127 takes the carry

Real nan() {
  return {RealClass::nan, false, 0, 0, false};
}

// Sum of two finite values as its parts. Copies of a Real that was just written stall the processor, so the parts
// travel one by one.
Real add_finite(const Real& a, const Real& b, Rounding rounding) {
  // The larger operand, or the one that could be, with its leading one at kTop; the other aligned to it.
  const int top_a = floor_log2(a.significand), top_b = floor_log2(b.significand);
  const uint128 normal_a = a.significand << (kTop - top_a), normal_b = b.significand << (kTop - top_b);
  const int exponent_a = a.exponent + top_a, exponent_b = b.exponent + top_b;
  const bool a_is_larger = exponent_a != exponent_b ? exponent_a > exponent_b : normal_a >= normal_b;
  const uint128 larger = a_is_larger ? normal_a : normal_b, smaller = a_is_larger ? normal_b : normal_a;
  const int shift = a_is_larger ? exponent_a - exponent_b : exponent_b - exponent_a;
  const int exponent = (a_is_larger ? exponent_a : exponent_b) - kTop;
  const bool negative = a_is_larger ? a.negative : b.negative;

  const uint128 aligned = shift >= 128 ? 0 : smaller >> shift;
  const bool lost = shift >= 128 || (aligned << shift) != smaller;
  if (a.negative == b.negative) return {RealClass::finite, negative, exponent, larger + aligned, lost};
  // With a lost part the true difference lies strictly below larger - aligned: the next lower integer and a rest.
  const uint128 difference = larger - aligned - (lost ? 1 : 0);
  if (difference == 0 && !lost) return {RealClass::zero, rounding == Rounding::rdn, 0, 0, false};
  return {RealClass::finite, negative, exponent, difference, lost};
}

}  // namespace

Real multiply(const Real& a, const Real& b) {
  if (a.kind == RealClass::nan || b.kind == RealClass::nan) return nan();
  Real product;
  product.negative = a.negative != b.negative;
  const bool any_infinity = a.kind == RealClass::infinity || b.kind == RealClass::infinity;
  const bool any_zero = a.kind == RealClass::zero || b.kind == RealClass::zero;
  if (any_infinity && any_zero) return nan();
  if (any_infinity) {
    product.kind = RealClass::infinity;
  } else if (!any_zero) {
    product.kind = RealClass::finite;
    product.significand = a.significand * b.significand;
    product.exponent = a.exponent + b.exponent;
  }
  return product;
}

Real add(const Real& a, const Real& b, Rounding rounding) {
  if (a.kind == RealClass::finite && b.kind == RealClass::finite) return add_finite(a, b, rounding);
  if (a.kind == RealClass::nan || b.kind == RealClass::nan) return nan();
  if (a.kind == RealClass::infinity || b.kind == RealClass::infinity) {
    const bool opposite = a.kind == b.kind && a.negative != b.negative;
    if (opposite) return nan();
    return a.kind == RealClass::infinity ? a : b;
  }
  if (a.kind == RealClass::zero && b.kind == RealClass::zero) {
    Real zero;
    zero.negative = a.negative == b.negative ? a.negative : rounding == Rounding::rdn;
    return zero;
  }
  return a.kind == RealClass::zero ? b : a;
}

}  // namespace assay
