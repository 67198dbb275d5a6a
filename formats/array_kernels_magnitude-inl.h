// From the magnitudes of codes to values, in SIMD lanes. Included once for every instruction set.
#if defined(ASSAY_ARRAY_KERNELS_MAGNITUDE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_ARRAY_KERNELS_MAGNITUDE_INL_H
#undef ASSAY_ARRAY_KERNELS_MAGNITUDE_INL_H
#else
#define ASSAY_ARRAY_KERNELS_MAGNITUDE_INL_H
#endif

#include <hwy/highway.h>

#include "formats/array_kernels_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

// The least binade of formats without zero can be the upper one of the subnormals of Float. Here the bits of absolute
// values are made linear in the exponents down to there, and back.
template <typename Float>
HWY_INLINE LaneVector<Float> to_linear(LaneVector<Float> absolute) {
  const auto hidden_one = broadcast<Float>(Lane<Float>{1} << FloatLayout<Float>::kFractionWidth);
  return hn::IfThenElse(hn::Lt(absolute, hidden_one), hn::Sub(hn::Add(absolute, absolute), hidden_one),
                        absolute);
}
template <typename Float>
HWY_INLINE LaneVector<Float> from_linear(LaneVector<Float> linear) {
  const auto hidden_one = broadcast<Float>(Lane<Float>{1} << FloatLayout<Float>::kFractionWidth);
  const auto subnormal = hn::ShiftRight<1>(hn::Add(linear, hidden_one));
  return hn::IfThenElse(hn::Lt(linear, hidden_one), subnormal, linear);
}

// From the magnitude of a code to the bits of its absolute value.
template <typename Float>
struct MagnitudeDecoder {
  int shift;
  bool has_zero;
  LaneVector<Float> exponent_offset;
  LaneVector<Float> first_normal;
  hn::Vec<FloatTag<Float>> unit;

  explicit HWY_INLINE MagnitudeDecoder(const Placement<Float>& at)
      : shift(at.shift),
        has_zero(at.has_zero),
        exponent_offset(broadcast<Float>(at.exponent_offset)),
        first_normal(broadcast<Float>(at.first_normal)),
        unit(hn::Set(FloatTag<Float>(), at.unit)) {}

  // kHasZero: the format is known to have a zero.
  template <bool kHasZero>
  HWY_INLINE LaneVector<Float> value_bits(LaneVector<Float> magnitude) const {
    const LaneTag<Float> d;
    const auto normal = hn::Add(hn::ShiftLeftSame(magnitude, shift), exponent_offset);
    if (!kHasZero && !has_zero) return from_linear<Float>(normal);
    auto subnormal = hn::Mul(hn::ConvertTo(FloatTag<Float>(), magnitude), unit);  // exact
    // Conversion to double can be made of additions, which have -0 for 0 if the host rounds down.
    if constexpr (sizeof(Float) == 8) subnormal = hn::Abs(subnormal);
    return hn::IfThenElse(hn::Lt(magnitude, first_normal), hn::BitCast(d, subnormal), normal);
  }
};

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
