#include "arith/logarithmic_multiply.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace assay {

int64_t compensation_offset(int fraction_width, Compensation compensation) {
  // Where the derivative of the mean square, and the mean, of 2^floor(s) (1 + s - floor(s)) / ((1 + x) (1 +
  // y)) - 1, s = x + y + c, over the unit square is 0.
  constexpr double kMinimumRms = 0.055255000551844236, kZeroMean = 0.05662327068861933;
  const double constant = compensation == Compensation::minimum_rms ? kMinimumRms : kZeroMean;
  return std::llround(std::ldexp(constant, fraction_width));
}

int64_t lmul_offset(int fraction_width, int mantissa_bits) {
  if (mantissa_bits < 1 || mantissa_bits > fraction_width) {
    fail("L-Mul of {} mantissa bits: expected 1 to {}, the fraction bits of the format", mantissa_bits,
         fraction_width);
  }
  const int l = mantissa_bits <= 3 ? mantissa_bits : mantissa_bits == 4 ? 3 : 4;
  return int64_t{1} << (fraction_width - l);
}

uint64_t mbm_multiply(const PiecewiseAffineFormat& f, uint64_t a, uint64_t b, int mantissa_bits) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a) || pa::is_special(f, b)) return f.nan;
  if (pa::is_zero(f, a) || pa::is_zero(f, b)) return 0;
  constexpr int kGuard = 7;  // bits of c / 2
  const int width = f.fraction_width + kGuard;
  const uint64_t one = uint64_t{1} << width, correction = 5 * (one >> 6);
  const int dropped = f.fraction_width - mantissa_bits;
  const auto fraction = [&](uint64_t code) {
    const uint64_t bits = code & (f.least_normal - 1);
    return dropped == 0 ? bits : (bits >> dropped << 1 | 1) << (dropped - 1);
  };
  const uint64_t sum = (fraction(a) + fraction(b)) << kGuard;
  const uint64_t carry = sum >> width;
  uint64_t corrected = (sum & (one - 1)) + (correction >> carry);
  int128 exponent = (pa::logarithm(f, a) >> f.fraction_width) + (pa::logarithm(f, b) >> f.fraction_width) +
                    static_cast<int128>(carry);
  if (corrected >= one) {
    if (carry != 0) {
      corrected = sum & (one - 1);
    } else {
      corrected = (corrected - one) >> 1;
      ++exponent;
    }
  }
  return pa::code_of(f, a ^ b, exponent * (int128{1} << f.fraction_width) + (corrected >> kGuard));
}

}  // namespace assay
