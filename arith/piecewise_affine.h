// Piecewise-affine (PA) arithmetic of Kosson & Jaggi, NeurIPS 2023 (arXiv 2305.17190), on the codes of any
// binary floating-point format: products and quotients by one integer addition or subtraction of codes, as in
// Mogami (arXiv 2012.03458), and exponentials, logarithms and roots to match.
//
// A code's magnitude, read as an integer, is I = 2^F log2(x) with the logarithm made piecewise affine (E + M
// where x = 2^E (1 + M)), plus the bias. F is the format's fraction_width. In these integers all operations
// are:
//
//   PAM     I(a) + I(b) + C                 2^(Ea + Eb + carry) (1 + Ma + Mb - carry), carry = [Ma + Mb >= 1]
//   PAD     I(a) - I(b) - C                 2^(Ea - Eb - borrow) (1 + Ma - Mb + borrow), borrow = [Ma < Mb]
//   exp2    x 2^F rounded to nearest even   2^floor(x) (1 + x - floor(x))
//   log2    I(x) 2^-F rounded to nearest even, once, to the format       Ex + Mx
//   sqrt    I(x) / 2 rounded down
//
// with C = 0 unless compensated (arith/logarithmic_multiply.h). PAM with C = 0 is Mitchell's product (IRE
// Trans. EC-11, 1962). It and PAD never round; PAM is commutative and associative, and PAD(PAM(a, b), b) = a,
// bit for bit as long as nothing leaves the range.
//
// Range behaviour, the same for all operations, in this order:
//   - an operand that is infinite or NaN gives NaN
//   - operands that are zero or subnormal count as +0; a divisor or an argument of log2 that is +0 gives NaN,
//     as does a negative argument of log2 and sqrt; exp2(0) = 1, sqrt(0) = +0
//   - a result below the least normal number is +0: there is no minus zero and no subnormal
//   - a result beyond the largest finite number is infinity with its sign; without infinity NaN; without both,
//     or if saturating, the largest finite number with its sign
//   - NaN is the canonical one; in a format without NaN the largest finite number. So is a negative result of
//     log2 in a format without a sign
#pragma once

#include <bit>
#include <cstdint>

#include "formats/format.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// What the operations need to know of a format.
struct PiecewiseAffineFormat {
  int fraction_width = 0;
  int128 one = 0;          // magnitude of the code of 1: exponent_bias 2^fraction_width
  uint64_t sign_mask = 0;  // 0 in a format without sign
  uint64_t magnitude_mask = 0;
  uint64_t least_normal = 0;   // magnitudes
  uint64_t beyond_finite = 0;  // one more than the largest finite one
  bool has_nan = false;
  bool nan_is_negative_zero = false;
  uint64_t nan = 0;       // the result where NaN is meant
  uint64_t overflow = 0;  // magnitude, or the NaN
  uint64_t overflow_sign_mask = 0;

  bool operator==(const PiecewiseAffineFormat&) const = default;
};

// Throws Error unless the format is floating point with a zero. The saturations sat_finite and sat_propagate
// saturate, the others do not.
PiecewiseAffineFormat piecewise_affine_format(const Format& format,
                                              Saturation saturation = Saturation::sat_none);

// piecewise_affine_format of fp32, for constant folding.
inline constexpr PiecewiseAffineFormat kPiecewiseAffineFloat32 = {.fraction_width = 23,
                                                                  .one = 0x3F800000,
                                                                  .sign_mask = 0x80000000,
                                                                  .magnitude_mask = 0x7FFFFFFF,
                                                                  .least_normal = 0x00800000,
                                                                  .beyond_finite = 0x7F800000,
                                                                  .has_nan = true,
                                                                  .nan_is_negative_zero = false,
                                                                  .nan = 0x7FC00000,
                                                                  .overflow = 0x7F800000,
                                                                  .overflow_sign_mask = 0x80000000};

// The steps the operations are made of.
namespace piecewise_affine {

// Infinite or NaN.
constexpr bool is_special(const PiecewiseAffineFormat& f, uint64_t code) {
  const uint64_t magnitude = code & f.magnitude_mask;
  return magnitude >= f.beyond_finite ||
         (f.nan_is_negative_zero && magnitude == 0 && (code & f.sign_mask) != 0);
}

constexpr bool is_zero(const PiecewiseAffineFormat& f, uint64_t code) {
  return (code & f.magnitude_mask) < f.least_normal;
}

constexpr bool is_negative(const PiecewiseAffineFormat& f, uint64_t code) {
  return (code & f.sign_mask) != 0;
}

// I of a normal number.
constexpr int128 logarithm(const PiecewiseAffineFormat& f, uint64_t code) {
  return static_cast<int128>(code & f.magnitude_mask) - f.one;
}

// The code with logarithm I and the sign bit of `sign`, brought into range.
constexpr uint64_t code_of(const PiecewiseAffineFormat& f, uint64_t sign, int128 logarithm) {
  const int128 magnitude = logarithm + f.one;
  if (magnitude < static_cast<int128>(f.least_normal)) return 0;
  if (magnitude >= static_cast<int128>(f.beyond_finite)) return f.overflow | (sign & f.overflow_sign_mask);
  return static_cast<uint64_t>(magnitude) | (sign & f.sign_mask);
}

// value / 2^count rounded to nearest even.
constexpr uint128 shift_right_to_nearest(uint128 value, int count) {
  if (count <= 0) return value;
  if (count > 126) return 0;
  const uint128 kept = value >> count, rest = value - (kept << count), half = uint128{1} << (count - 1);
  return kept + (rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0);
}

// The value of a normal number in units of 2^-F, rounded to nearest even. Beyond what any exponent field
// reaches it is not exact.
constexpr int128 fixed_point(const PiecewiseAffineFormat& f, uint64_t code) {
  constexpr int kFarBeyond = 60;
  const int128 i = logarithm(f, code);
  const auto exponent = static_cast<int>(i >> f.fraction_width);
  const uint64_t leading = uint64_t{1} << f.fraction_width;
  const uint128 significand = (code & (leading - 1)) | leading;
  const uint128 magnitude = exponent >= 0 ? significand << (exponent < kFarBeyond ? exponent : kFarBeyond)
                                          : shift_right_to_nearest(significand, -exponent);
  return is_negative(f, code) ? -static_cast<int128>(magnitude) : static_cast<int128>(magnitude);
}

// The code of `fixed` 2^-F rounded to nearest even.
constexpr uint64_t code_of_fixed_point(const PiecewiseAffineFormat& f, int128 fixed) {
  if (fixed == 0) return 0;
  if (fixed < 0 && f.sign_mask == 0) return f.nan;
  const auto magnitude = static_cast<uint128>(fixed < 0 ? -fixed : fixed);
  const auto high = static_cast<uint64_t>(magnitude >> 64), low = static_cast<uint64_t>(magnitude);
  const int leading = high != 0 ? 127 - std::countl_zero(high) : 63 - std::countl_zero(low);
  const int exponent = leading - f.fraction_width;
  // A significand that rounds up to the next power of two carries into the exponent.
  const uint128 significand =
      exponent > 0 ? shift_right_to_nearest(magnitude, exponent) : magnitude << -exponent;
  const int128 fraction = static_cast<int128>(significand) - (int128{1} << f.fraction_width);
  return code_of(f, fixed < 0 ? f.sign_mask : 0, exponent * (int128{1} << f.fraction_width) + fraction);
}

}  // namespace piecewise_affine

// PAM(a, b), with `offset` C.
constexpr uint64_t pam_multiply(const PiecewiseAffineFormat& f, uint64_t a, uint64_t b, int64_t offset = 0) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a) || pa::is_special(f, b)) return f.nan;
  if (pa::is_zero(f, a) || pa::is_zero(f, b)) return 0;
  return pa::code_of(f, a ^ b, pa::logarithm(f, a) + pa::logarithm(f, b) + offset);
}

// PAD(a, b) = a / b, with `offset` C: the exact inverse of PAM with the same offset.
constexpr uint64_t pad_divide(const PiecewiseAffineFormat& f, uint64_t a, uint64_t b, int64_t offset = 0) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a) || pa::is_special(f, b) || pa::is_zero(f, b)) return f.nan;
  if (pa::is_zero(f, a)) return 0;
  return pa::code_of(f, a ^ b, pa::logarithm(f, a) - pa::logarithm(f, b) - offset);
}

// 2^x. The rounding is that of x 2^F, which can only reach, not pass, the next power of two.
constexpr uint64_t pa_exp2(const PiecewiseAffineFormat& f, uint64_t x) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, x)) return f.nan;
  return pa::code_of(f, 0, pa::is_zero(f, x) ? 0 : pa::fixed_point(f, x));
}

// log2(x).
constexpr uint64_t pa_log2(const PiecewiseAffineFormat& f, uint64_t x) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, x) || pa::is_zero(f, x) || pa::is_negative(f, x)) return f.nan;
  return pa::code_of_fixed_point(f, pa::logarithm(f, x));
}

// The square root exp2(log2(x) / 2) taken on I(x), whose last bit is dropped if odd. The released code
// composes it instead of the rounded log2 and exp2, pa_pow(x, 1/2), which differs in the last bits (up to 16
// units for fp32).
constexpr uint64_t pa_sqrt(const PiecewiseAffineFormat& f, uint64_t x) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, x)) return f.nan;
  if (pa::is_zero(f, x)) return 0;
  return pa::is_negative(f, x) ? f.nan : pa::code_of(f, 0, pa::logarithm(f, x) >> 1);
}

// base^x = exp2(PAM(x, log2 base)), and log_base(x) = PAD(log2 x, log2 base). `log2_base` is the code nearest
// to log2(base), see PiecewiseAffineBase. x so large that PAM overflows to infinity gives NaN.
constexpr uint64_t pa_exp(const PiecewiseAffineFormat& f, uint64_t x, uint64_t log2_base) {
  return pa_exp2(f, pam_multiply(f, x, log2_base));
}
constexpr uint64_t pa_log(const PiecewiseAffineFormat& f, uint64_t x, uint64_t log2_base) {
  return pad_divide(f, pa_log2(f, x), log2_base);
}

// a^b = exp2(PAM(log2 a, b)), and +0 if a is zero, for whatever b that is a number.
constexpr uint64_t pa_pow(const PiecewiseAffineFormat& f, uint64_t a, uint64_t b) {
  namespace pa = piecewise_affine;
  if (pa::is_special(f, a) || pa::is_special(f, b)) return f.nan;
  return pa::is_zero(f, a) ? 0 : pa_exp2(f, pam_multiply(f, pa_log2(f, a), b));
}

// The logarithms of a base, as codes.
struct PiecewiseAffineBase {
  uint64_t log2 = 0;
  uint64_t ln = 0;
};
// Base 2, e and 10: the correctly rounded logarithms; fp32 has log2(e) = 3fb8aa3b, ln(2) = 3f317218.
PiecewiseAffineBase base_two(const Format& format);
PiecewiseAffineBase base_e(const Format& format);
PiecewiseAffineBase base_ten(const Format& format);

// The same for single operations on a Format.
uint64_t pam_multiply(const Format& format, uint64_t a, uint64_t b, int64_t offset = 0);
uint64_t pad_divide(const Format& format, uint64_t a, uint64_t b, int64_t offset = 0);
uint64_t pa_exp2(const Format& format, uint64_t x);
uint64_t pa_log2(const Format& format, uint64_t x);
uint64_t pa_sqrt(const Format& format, uint64_t x);

}  // namespace assay
