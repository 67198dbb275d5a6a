// As in array_kernels_simd.cpp.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/array_kernels_decode_simd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "formats/array_kernels_magnitude-inl.h"
#include "formats/array_kernels_simd.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

template <typename Code>
HWY_INLINE LaneVector<float> load_codes(LaneTag<float> d, const Code* codes) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<Code, LaneTag<float>>(), codes));
}
template <typename Code>
HWY_INLINE LaneVector<double> load_codes(LaneTag<double> d, const Code* codes) {
  const hn::Rebind<int32_t, LaneTag<double>> d32;
  return hn::PromoteTo(d, hn::PromoteTo(d32, hn::LoadU(hn::Rebind<Code, LaneTag<double>>(), codes)));
}

HWY_INLINE LaneVector<double> load_codes(LaneTag<double> d, const uint64_t* codes) {
  return hn::BitCast(d, hn::LoadU(UnsignedTag<double>(), codes));
}

// kPlain: sign and magnitude, with a zero of each sign.
template <typename Float, bool kPlain>
struct Decoder {
  using Vector = LaneVector<Float>;

  MagnitudeDecoder<Float> decode;
  Vector code_mask;
  Vector sign_code;
  Vector complement_mask;
  Vector limit;
  Vector infinity_magnitude;
  Vector negative_zero;

  explicit HWY_INLINE Decoder(const DecodingPlan<Float>& plan)
      : decode(plan.placement),
        code_mask(broadcast<Float>(plan.code_mask)),
        sign_code(broadcast<Float>(plan.sign_code)),
        complement_mask(broadcast<Float>(plan.twos_complement ? -1 : 0)),
        limit(broadcast<Float>(plan.magnitude_limit)),
        infinity_magnitude(broadcast<Float>(plan.infinity_magnitude)),
        negative_zero(broadcast<Float>(plan.negative_zero)) {}

  HWY_INLINE Vector operator()(Vector codes) const {
    using Layout = FloatLayout<Float>;
    const LaneTag<Float> d;
    const Vector code = hn::And(codes, code_mask);
    const Vector sign_bit = hn::And(code, sign_code);
    const auto negative = hn::VecFromMask(d, hn::Ne(sign_bit, hn::Zero(d)));
    const Vector magnitude = kPlain ? hn::Xor(code, sign_bit) : magnitude_of(code, sign_bit, negative);
    const Vector sign = hn::And(negative, broadcast<Float>(hwy::LimitsMin<Lane<Float>>()));
    const Vector infinity = hn::Or(sign, broadcast<Float>(Layout::kInfinity));
    const Vector beyond =
        hn::IfThenElse(hn::Eq(magnitude, infinity_magnitude), infinity, broadcast<Float>(Layout::kQuietNan));
    const Vector finite = hn::Or(decode.template value_bits<false>(magnitude), sign);
    const Vector value = hn::IfThenElse(hn::Gt(magnitude, limit), beyond, finite);
    return kPlain ? value : hn::IfThenElse(hn::Eq(code, sign_code), negative_zero, value);
  }

 private:
  HWY_INLINE Vector magnitude_of(Vector code, Vector sign_bit, Vector negative) const {
    const LaneTag<Float> d;
    const Vector complement = hn::And(negative, complement_mask);
    // In two's complement the sign bit is part of the magnitude -2^(width - 1) has.
    const Vector complemented = hn::And(hn::Sub(hn::Xor(code, complement), complement), code_mask);
    return hn::IfThenElse(hn::Eq(complement, hn::Zero(d)), hn::Xor(code, sign_bit), complemented);
  }
};

template <bool kPlain, typename Float, typename Code>
void decode_loop_of(const DecodingPlan<Float>& plan, const Code* codes, size_t count, Float* values) {
  const LaneTag<Float> d;
  const size_t lanes = hn::Lanes(d);
  const Decoder<Float, kPlain> decoder(plan);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) store<Float>(decoder(load_codes(d, codes + i)), values + i);
  if (i == count) return;

  constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(Float);
  std::array<Code, kMaxLanes> last_codes{};
  std::array<Float, kMaxLanes> last_values;
  std::copy(codes + i, codes + count, last_codes.begin());
  store<Float>(decoder(load_codes(d, last_codes.data())), last_values.data());
  std::copy_n(last_values.begin(), count - i, values + i);
}

template <typename Float, typename Code>
void decode_loop(const DecodingPlan<Float>& plan, const Code* codes, size_t count, Float* values) {
  const bool is_plain = !plan.twos_complement && plan.negative_zero == hwy::LimitsMin<Lane<Float>>();
  (is_plain ? decode_loop_of<true, Float, Code> : decode_loop_of<false, Float, Code>)(plan, codes, count,
                                                                                      values);
}

void decode_u8_f32(const DecodingPlan<float>& plan, const uint8_t* codes, size_t count, float* values) {
  decode_loop(plan, codes, count, values);
}
void decode_u16_f32(const DecodingPlan<float>& plan, const uint16_t* codes, size_t count, float* values) {
  decode_loop(plan, codes, count, values);
}
void decode_u8_f64(const DecodingPlan<double>& plan, const uint8_t* codes, size_t count, double* values) {
  decode_loop(plan, codes, count, values);
}
void decode_u16_f64(const DecodingPlan<double>& plan, const uint16_t* codes, size_t count, double* values) {
  decode_loop(plan, codes, count, values);
}
void decode_u64_f64(const DecodingPlan<double>& plan, const uint64_t* codes, size_t count, double* values) {
  decode_loop(plan, codes, count, values);
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(decode_u8_f32);
HWY_EXPORT(decode_u16_f32);
HWY_EXPORT(decode_u8_f64);
HWY_EXPORT(decode_u16_f64);
HWY_EXPORT(decode_u64_f64);

void decode_lanes(const DecodingPlan<float>& plan, const uint8_t* codes, size_t count, float* values) {
  HWY_DYNAMIC_DISPATCH(decode_u8_f32)(plan, codes, count, values);
}
void decode_lanes(const DecodingPlan<float>& plan, const uint16_t* codes, size_t count, float* values) {
  HWY_DYNAMIC_DISPATCH(decode_u16_f32)(plan, codes, count, values);
}
void decode_lanes(const DecodingPlan<double>& plan, const uint8_t* codes, size_t count, double* values) {
  HWY_DYNAMIC_DISPATCH(decode_u8_f64)(plan, codes, count, values);
}
void decode_lanes(const DecodingPlan<double>& plan, const uint16_t* codes, size_t count, double* values) {
  HWY_DYNAMIC_DISPATCH(decode_u16_f64)(plan, codes, count, values);
}
void decode_lanes(const DecodingPlan<double>& plan, const uint64_t* codes, size_t count, double* values) {
  HWY_DYNAMIC_DISPATCH(decode_u64_f64)(plan, codes, count, values);
}

}  // namespace assay
#endif
