#include "arith/shift_multiply.h"

#include "base/error.h"

namespace assay {

SignedPowerOfTwo power_of_two_value(const Format& format, uint64_t code) {
  if (format.kind != FormatKind::floating || format.fraction_width != 0) {
    fail("shift product: expected a floating-point format without fraction bits, such as e3m0, found {}",
         format.name);
  }
  const Real value = decode(format, code);
  if (value.kind == RealClass::nan || value.kind == RealClass::infinity) {
    fail("shift product: code {:#x} of {} is not a number", code, format.name);
  }
  if (value.kind == RealClass::zero) return {.is_zero = true, .negative = value.negative};
  return {.negative = value.negative, .exponent = value.exponent + floor_log2(value.significand)};
}

uint64_t shift_multiply(const PiecewiseAffineFormat& f, uint64_t a, const SignedPowerOfTwo& b) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a)) return f.nan;
  if (pa::is_zero(f, a) || b.is_zero) return 0;
  return pa::code_of(f, b.negative ? ~a : a,
                     pa::logarithm(f, a) + static_cast<int128>(b.exponent) * (int128{1} << f.fraction_width));
}

int64_t shift_multiply(int64_t a, const SignedPowerOfTwo& b, int least_exponent) {
  if (b.is_zero || a == 0) return 0;
  const int shift = b.exponent - least_exponent;
  const uint64_t magnitude = a < 0 ? -static_cast<uint64_t>(a) : static_cast<uint64_t>(a);
  if (shift < 0 || shift > 62 || magnitude >> (63 - shift) != 0) {
    fail("shift product: {} times 2^{} is not an integer of 63 bits in units of 2^{}", a, b.exponent,
         least_exponent);
  }
  const auto product = static_cast<int64_t>(magnitude << shift);
  return (a < 0) != b.negative ? -product : product;
}

}  // namespace assay
