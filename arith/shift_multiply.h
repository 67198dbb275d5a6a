// Products with a signed power of two: an addition of exponents, or a shift. Exact.
#pragma once

#include <cstdint>

#include "arith/piecewise_affine.h"

namespace assay {

// (-1)^negative 2^exponent, or 0.
struct SignedPowerOfTwo {
  bool is_zero = false;
  bool negative = false;
  int exponent = 0;
};

// The value of a code in a format that has powers of two only: floating point without fraction bits (e3m0,
// e8m0, any eXm0). NaN and infinity have no value; throws Error for these and for other formats.
SignedPowerOfTwo power_of_two_value(const Format& format, uint64_t code);

// a b for a code a of any floating-point format with a zero. Exact where the product is a normal number; the
// range behaviour is that of PAM, whose product with 2^k it equals.
uint64_t shift_multiply(const PiecewiseAffineFormat& f, uint64_t a, const SignedPowerOfTwo& b);

// a b for an integer (or fixed-point) a, in units of 2^least_exponent of a's unit: exact, as shifts are only
// to the left. With weights of exponents -7..0 (DeepShift) the unit is 2^-7. Preconditions: least_exponent <=
// b.exponent and the product has at most 63 bits.
int64_t shift_multiply(int64_t a, const SignedPowerOfTwo& b, int least_exponent = 0);

}  // namespace assay
