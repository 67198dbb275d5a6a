// Derivatives of the piecewise-affine operations (arXiv 2305.17190), on codes. Each function returns dL/dx of
// one operand x of y = op(...) from dy = dL/dy, of the same format.
//
// exact        the derivative of the piecewise-affine function itself. All slopes are plus or minus a power
//              of two, so that dL/dx is dy with another exponent and sign, computed without a range for the
//              slope alone:
//                PAM    dy sign(b) 2^(Eb + carry)
//                PAD    dividend: dy sign(b) 2^(-Eb - borrow);  divisor: -dy sign(a) 2^(Ea - 2 Eb - borrow)
//                exp2   dy 2^E(y), with y as rounded;           log2: dy 2^-Ex
//                sqrt   dy 2^(floor(Ex / 2) - Ex - 1)
//                exp, log  the chain of the two
//              With an offset C, carry and borrow are those of Ma + Mb + C and Ma - Mb - C. The kernels
//              released with the paper have another sign for the divisor, -sign(a) sign(b), which is wrong
//              for b < 0; in the training runs divisors are positive.
// approximate  the derivative of the function that is approximated ("surrogate"), with PAM and PAD for its
//              products and quotients, as the released CUDA kernels do:
//                PAM    PAM(dy, b)
//                PAD    PAM(PAD(1, b), dy);   -PAM(PAD(PAD(a, b), b), dy)
//                exp    PAM(PAM(y, ln base), dy);   log: PAD(PAD(dy, x), ln base)
//                sqrt   PAD(PAM(dy, 1/2), y)   (not in the release, whose root is pa_pow)
//              The release's PyTorch reference has PAD(dy, b) and -PAD(PAM(a, dy), PAM(b, b)) instead for
//              PAD, which differ in the last bits.
//
// Range behaviour is that of piecewise_affine.h. At a = 0 the exact slopes are those of Ma = 0; at b = 0 the
// slope of PAM is 0 and those of PAD are NaN, as are those of log2 and sqrt at 0 and below.
#pragma once

#include "arith/piecewise_affine.h"

namespace assay {

enum class Derivative { exact, approximate };

namespace piecewise_affine {

constexpr int128 fraction(const PiecewiseAffineFormat& f, uint64_t code) {
  return is_zero(f, code) ? 0 : static_cast<int128>(code & (f.least_normal - 1));
}

// floor(log2 |x|) of a normal number.
constexpr int128 exponent(const PiecewiseAffineFormat& f, uint64_t code) {
  return logarithm(f, code) >> f.fraction_width;
}

// (-1)^negative x 2^power.
constexpr uint64_t scale(const PiecewiseAffineFormat& f, uint64_t x, bool negative, int128 power) {
  if (is_special(f, x)) return f.nan;
  if (is_zero(f, x)) return 0;
  if (negative && f.sign_mask == 0) return f.nan;
  const uint64_t sign = negative ? ~x : x;
  return code_of(f, sign, logarithm(f, x) + power * (int128{1} << f.fraction_width));
}

constexpr uint64_t negate(const PiecewiseAffineFormat& f, uint64_t code) {
  if ((f.has_nan && code == f.nan) || code == 0) return code;
  return f.sign_mask == 0 ? f.nan : code ^ f.sign_mask;
}

}  // namespace piecewise_affine

// Of PAM(a, b) to a; to b, by symmetry, with a and b exchanged.
constexpr uint64_t pam_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t a, uint64_t b,
                                uint64_t dy, int64_t offset = 0) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a)) return f.nan;
  if (derivative == Derivative::approximate) return pam_multiply(f, dy, b, offset);
  if (pa::is_special(f, b) || pa::is_special(f, dy)) return f.nan;
  if (pa::is_zero(f, b)) return 0;
  const int128 carry = (pa::fraction(f, a) + pa::fraction(f, b) + offset) >> f.fraction_width;
  return pa::scale(f, dy, pa::is_negative(f, b), pa::exponent(f, b) + carry);
}

// Of PAD(a, b) to a.
constexpr uint64_t pad_dividend_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t a,
                                         uint64_t b, uint64_t dy, int64_t offset = 0) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a) || pa::is_special(f, b) || pa::is_zero(f, b)) return f.nan;
  if (derivative == Derivative::approximate) {
    const uint64_t reciprocal = pad_divide(f, pa::code_of(f, 0, 0), b, offset);
    return pam_multiply(f, reciprocal, dy, offset);
  }
  const int128 borrow = (pa::fraction(f, a) - pa::fraction(f, b) - offset) >> f.fraction_width;
  return pa::scale(f, dy, pa::is_negative(f, b), borrow - pa::exponent(f, b));
}

// Of PAD(a, b) to b.
constexpr uint64_t pad_divisor_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t a,
                                        uint64_t b, uint64_t dy, int64_t offset = 0) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a) || pa::is_special(f, b) || pa::is_zero(f, b)) return f.nan;
  if (derivative == Derivative::approximate) {
    const uint64_t slope = pad_divide(f, pad_divide(f, a, b, offset), b, offset);
    return pa::negate(f, pam_multiply(f, slope, dy, offset));
  }
  if (pa::is_special(f, dy)) return f.nan;
  if (pa::is_zero(f, a)) return 0;
  const int128 borrow = (pa::fraction(f, a) - pa::fraction(f, b) - offset) >> f.fraction_width;
  return pa::scale(f, dy, !pa::is_negative(f, a), pa::exponent(f, a) - 2 * pa::exponent(f, b) + borrow);
}

// Of pa_exp2(x). `ln_two` is the code of ln(2), for the approximate one.
constexpr uint64_t pa_exp2_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t x,
                                    uint64_t ln_two, uint64_t dy) {
  namespace pa = piecewise_affine;
  const uint64_t y = pa_exp2(f, x);
  if (derivative == Derivative::approximate) return pam_multiply(f, pam_multiply(f, y, ln_two), dy);
  if (pa::is_special(f, y) || pa::is_special(f, dy)) return f.nan;
  return pa::is_zero(f, y) ? 0 : pa::scale(f, dy, false, pa::exponent(f, y));
}

// Of pa_log2(x).
constexpr uint64_t pa_log2_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t x,
                                    uint64_t ln_two, uint64_t dy) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, x) || pa::is_zero(f, x) || pa::is_negative(f, x)) return f.nan;
  if (derivative == Derivative::approximate) return pad_divide(f, pad_divide(f, dy, x), ln_two);
  return pa::scale(f, dy, false, -pa::exponent(f, x));
}

// Of pa_sqrt(x).
constexpr uint64_t pa_sqrt_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t x,
                                    uint64_t dy) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, x) || pa::is_zero(f, x) || pa::is_negative(f, x)) return f.nan;
  if (derivative == Derivative::approximate) return pad_divide(f, pa::scale(f, dy, false, -1), pa_sqrt(f, x));
  const int128 exponent = pa::exponent(f, x);
  return pa::scale(f, dy, false, (exponent >> 1) - exponent - 1);
}

// Of pa_exp(x, base.log2).
constexpr uint64_t pa_exp_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t x,
                                   const PiecewiseAffineBase& base, uint64_t dy) {
  if (derivative == Derivative::approximate) {
    return pam_multiply(f, pam_multiply(f, pa_exp(f, x, base.log2), base.ln), dy);
  }
  const uint64_t dt = pa_exp2_gradient(f, derivative, pam_multiply(f, x, base.log2), 0, dy);
  return pam_gradient(f, derivative, x, base.log2, dt);
}

// Of pa_log(x, base.log2).
constexpr uint64_t pa_log_gradient(const PiecewiseAffineFormat& f, Derivative derivative, uint64_t x,
                                   const PiecewiseAffineBase& base, uint64_t dy) {
  if (derivative == Derivative::approximate) {
    return piecewise_affine::is_negative(f, x) ? f.nan : pad_divide(f, pad_divide(f, dy, x), base.ln);
  }
  const uint64_t dt = pad_dividend_gradient(f, derivative, pa_log2(f, x), base.log2, dy);
  return pa_log2_gradient(f, derivative, x, 0, dt);
}

}  // namespace assay
