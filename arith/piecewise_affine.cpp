#include "arith/piecewise_affine.h"

#include <numbers>

#include "base/error.h"
#include "formats/round.h"

namespace assay {

PiecewiseAffineFormat piecewise_affine_format(const Format& format, Saturation saturation) {
  if (format.kind != FormatKind::floating || !format.has_subnormals) {
    fail("piecewise-affine operations expect a floating-point format with a zero, found {}", format.name);
  }
  PiecewiseAffineFormat f;
  f.fraction_width = format.fraction_width;
  f.one = static_cast<int128>(format.exponent_bias) * (int128{1} << format.fraction_width);
  f.magnitude_mask = code_mask(magnitude_width(format));
  f.sign_mask = format.is_signed ? f.magnitude_mask + 1 : 0;
  f.least_normal = uint64_t{1} << format.fraction_width;
  const uint64_t largest = max_finite_magnitude(format);
  f.beyond_finite = largest + 1;
  f.has_nan = format.nan != NanEncoding::none;
  f.nan_is_negative_zero = format.nan == NanEncoding::negative_zero;
  f.nan = f.has_nan ? canonical_nan(format) : largest;
  const bool saturates = saturation == Saturation::sat_finite || saturation == Saturation::sat_propagate;
  const bool becomes_nan = !saturates && !format.has_infinity && f.has_nan;
  f.overflow = becomes_nan ? f.nan : !saturates && format.has_infinity ? largest + 1 : largest;
  f.overflow_sign_mask = becomes_nan ? 0 : f.sign_mask;
  return f;
}

PiecewiseAffineBase base_two(const Format& format) {
  return {encode(format, 1.0), encode(format, std::numbers::ln2)};
}

PiecewiseAffineBase base_e(const Format& format) {
  return {encode(format, std::numbers::log2e), encode(format, 1.0)};
}

PiecewiseAffineBase base_ten(const Format& format) {
  return {encode(format, 0x1.a934f0979a371p+1), encode(format, std::numbers::ln10)};
}

uint64_t pam_multiply(const Format& format, uint64_t a, uint64_t b, int64_t offset) {
  return pam_multiply(piecewise_affine_format(format), a, b, offset);
}

uint64_t pad_divide(const Format& format, uint64_t a, uint64_t b, int64_t offset) {
  return pad_divide(piecewise_affine_format(format), a, b, offset);
}

uint64_t pa_exp2(const Format& format, uint64_t x) {
  return pa_exp2(piecewise_affine_format(format), x);
}

uint64_t pa_log2(const Format& format, uint64_t x) {
  return pa_log2(piecewise_affine_format(format), x);
}

uint64_t pa_sqrt(const Format& format, uint64_t x) {
  return pa_sqrt(piecewise_affine_format(format), x);
}

}  // namespace assay
