#include "arith/real_arithmetic.h"

#include <utility>

namespace assay {
namespace {

constexpr int kTop = 126;  // where the leading one of the larger operand is placed; 127 takes the carry

Real nan() {
  return {RealClass::nan, false, 0, 0, false};
}

Real normalised(Real x) {
  const int shift = kTop - floor_log2(x.significand);
  if (shift > 0) x.significand <<= shift;
  x.exponent -= shift > 0 ? shift : 0;
  return x;
}

// Sum of two finite values, |a| >= |b| in exponent after normalisation.
Real add_finite(Real a, Real b, Rounding rounding) {
  a = normalised(a);
  b = normalised(b);
  if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) std::swap(a, b);
  const int shift = a.exponent - b.exponent;
  const uint128 aligned = shift >= 128 ? 0 : b.significand >> shift;
  const bool lost = shift >= 128 || (aligned << shift) != b.significand;

  Real sum = a;
  sum.sticky = lost;
  if (a.negative == b.negative) {
    sum.significand = a.significand + aligned;
    return sum;
  }
  // With a lost part the true difference lies strictly below a - aligned: the next lower integer and a rest.
  sum.significand = a.significand - aligned - (lost ? 1 : 0);
  if (sum.significand == 0 && !lost) {
    sum = Real{};
    sum.negative = rounding == Rounding::rdn;
  }
  return sum;
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
  if (a.kind == RealClass::zero) return b;
  if (b.kind == RealClass::zero) return a;
  return add_finite(a, b, rounding);
}

}  // namespace assay
