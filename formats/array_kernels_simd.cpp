// Processors without AVX2 are rare: they run the scalar loops of Highway's baseline.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/array_kernels_simd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "formats/array_kernels_simd.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Lanes of bits of Float. They are signed because signed comparisons are the native ones.
template <typename Float>
using Lane = typename FloatLayout<Float>::Lane;
template <typename Float>
using LaneTag = hn::ScalableTag<Lane<Float>>;
template <typename Float>
using FloatTag = hn::RebindToFloat<LaneTag<Float>>;
template <typename Float>
using UnsignedTag = hn::RebindToUnsigned<LaneTag<Float>>;
template <typename Float>
using LaneVector = hn::Vec<LaneTag<Float>>;
template <typename Float>
using UnsignedVector = hn::Vec<UnsignedTag<Float>>;

template <typename Float>
inline constexpr int kLaneWidth = 8 * sizeof(Float);

template <typename Float>
HWY_INLINE LaneVector<Float> broadcast(Lane<Float> x) {
  return hn::Set(LaneTag<Float>(), x);
}

template <typename Float>
HWY_INLINE UnsignedVector<Float> to_unsigned(LaneVector<Float> x) {
  return hn::BitCast(UnsignedTag<Float>(), x);
}

// Logical shifts by 0 .. width - 1.
template <typename Float>
HWY_INLINE LaneVector<Float> shift_right(LaneVector<Float> x, LaneVector<Float> by) {
  return hn::BitCast(LaneTag<Float>(), to_unsigned<Float>(x) >> to_unsigned<Float>(by));
}
template <typename Float>
HWY_INLINE LaneVector<Float> shift_left(LaneVector<Float> x, LaneVector<Float> by) {
  return hn::BitCast(LaneTag<Float>(), to_unsigned<Float>(x) << to_unsigned<Float>(by));
}

// `at.positive` or `at.negative`, by a mask of all ones where negative.
template <typename Float>
struct SignSelect {
  LaneVector<Float> positive;
  LaneVector<Float> flip;

  explicit HWY_INLINE SignSelect(const BySign<Lane<Float>>& at)
      : positive(broadcast<Float>(at.positive)), flip(broadcast<Float>(at.positive ^ at.negative)) {}

  HWY_INLINE LaneVector<Float> operator()(LaneVector<Float> negative) const {
    return hn::Xor(positive, hn::And(negative, flip));
  }
};

// From the magnitude of a code to the bits of its absolute value.
template <typename Float>
struct MagnitudeDecoder {
  int shift;
  LaneVector<Float> exponent_offset;
  LaneVector<Float> first_normal;
  hn::Vec<FloatTag<Float>> unit;

  explicit HWY_INLINE MagnitudeDecoder(const Placement<Float>& at)
      : shift(at.shift),
        exponent_offset(broadcast<Float>(at.exponent_offset)),
        first_normal(broadcast<Float>(at.first_normal)),
        unit(hn::Set(FloatTag<Float>(), at.unit)) {}

  HWY_INLINE LaneVector<Float> operator()(LaneVector<Float> magnitude) const {
    const LaneTag<Float> d;
    const auto normal = hn::Add(hn::ShiftLeftSame(magnitude, shift), exponent_offset);
    auto subnormal = hn::Mul(hn::ConvertTo(FloatTag<Float>(), magnitude), unit);  // exact
    // Conversion to double can be made of additions, which have -0 for 0 if the host rounds down.
    if constexpr (sizeof(Float) == 8) subnormal = hn::Abs(subnormal);
    return hn::IfThenElse(hn::Lt(magnitude, first_normal), hn::BitCast(d, subnormal), normal);
  }
};

// From the bits of an absolute value to the rounded magnitude of the code.
template <Rounding kRounding, typename Float>
struct MagnitudeRounder {
  using Layout = FloatLayout<Float>;
  using Vector = LaneVector<Float>;
  static constexpr int kWidth = kLaneWidth<Float>;
  static constexpr Lane<Float> kOne = 1;
  static constexpr bool kStochastic =
      kRounding == Rounding::sr_a || kRounding == Rounding::sr_b || kRounding == Rounding::sr_c;

  static constexpr bool kNearest = kRounding == Rounding::rne || kRounding == Rounding::rna ||
                                   kRounding == Rounding::rntz || kRounding == Rounding::rnup ||
                                   kRounding == Rounding::rndn || kRounding == Rounding::rnodd;

  Vector least_normal;
  Vector last_shift;
  Vector random_mask;
  Vector random_half;  // the bit below the random ones
  Vector random_unit;  // 1 if there are random bits
  bool all_random;     // as many random bits as the lane has

  explicit HWY_INLINE MagnitudeRounder(const RoundingPlan<Float>& plan)
      : least_normal(broadcast<Float>(plan.placement.exponent_offset + (kOne << Layout::kFractionWidth))),
        last_shift(broadcast<Float>(plan.placement.shift +
                                    (plan.placement.exponent_offset >> Layout::kFractionWidth))),
        random_mask(broadcast<Float>(plan.random_bits == 0 ? 0 : leading_ones(plan.random_bits))),
        random_half(broadcast<Float>(plan.random_bits == kWidth ? 0 : bit(kWidth - 1 - plan.random_bits))),
        random_unit(broadcast<Float>(plan.random_bits > 0 ? 1 : 0)),
        all_random(plan.random_bits == kWidth) {}

  static Lane<Float> bit(int position) { return static_cast<Lane<Float>>(uint64_t{1} << position); }
  static Lane<Float> leading_ones(int count) {
    return static_cast<Lane<Float>>(~uint64_t{0} << (kWidth - count));
  }

  // `negative` and `random` (words in the most significant bits) are used by the roundings that need them.
  HWY_INLINE Vector operator()(Vector absolute, Vector negative, Vector random) const {
    const LaneTag<Float> d;
    const Vector hidden_one = broadcast<Float>(kOne << Layout::kFractionWidth);
    // Lanes at or above the least normal number keep their distance to it in the exponent field, the others get
    // the significand with its hidden one and have to be shifted further. A subnormal source has no hidden one
    // and the exponent of the least normal source.
    const Vector exponent = hn::And(hn::Min(absolute, least_normal), broadcast<Float>(Layout::kInfinity));
    const Vector offset = hn::Sub(hn::Max(exponent, hidden_one), hidden_one);
    const Vector significand = hn::Sub(absolute, offset);
    const Vector full_shift = hn::Sub(
        last_shift, hn::BitCast(d, hn::ShiftRight<Layout::kFractionWidth>(to_unsigned<Float>(offset))));
    // Significands that are shifted far are less than a quarter of a unit in any case.
    const Vector shift = hn::Min(full_shift, broadcast<Float>(kWidth - 1));
    if constexpr (kStochastic) {
      if (kRounding == Rounding::sr_a && all_random) return round_all_random(significand, full_shift, random);
      return round_stochastic(significand, shift, hn::Sub(full_shift, shift), random);
    } else {
      return round_determined(significand, shift, negative);
    }
  }

  static HWY_INLINE Vector round_determined(Vector significand, Vector shift, Vector negative) {
    const Vector rest = hn::Sub(broadcast<Float>(kWidth), shift);
    if constexpr (kNearest) {
      // Less than half a unit, and the least difference where a tie is to go away from zero.
      const Vector below_half = shift_right<Float>(broadcast<Float>(hwy::LimitsMax<Lane<Float>>()), rest);
      Vector sum = hn::Add(significand, below_half);
      const Vector one = broadcast<Float>(1);
      if constexpr (kRounding == Rounding::rne) {
        sum = hn::Add(sum, hn::And(shift_right<Float>(significand, shift), one));
      } else if constexpr (kRounding == Rounding::rnodd) {
        sum = hn::Add(sum, hn::AndNot(shift_right<Float>(significand, shift), one));
      } else if constexpr (kRounding == Rounding::rna) {
        sum = hn::Add(sum, one);
      } else if constexpr (kRounding == Rounding::rnup) {
        sum = hn::Add(sum, hn::AndNot(negative, one));
      } else if constexpr (kRounding == Rounding::rndn) {
        sum = hn::Add(sum, hn::And(negative, one));
      }
      return shift_right<Float>(sum, shift);
    } else if constexpr (kRounding == Rounding::rtz) {
      return shift_right<Float>(significand, shift);
    } else {
      const Vector ones = shift_right<Float>(broadcast<Float>(-1), rest);
      if constexpr (kRounding == Rounding::rup) {
        return shift_right<Float>(hn::Add(significand, hn::AndNot(negative, ones)), shift);
      } else if constexpr (kRounding == Rounding::rdn) {
        return shift_right<Float>(hn::Add(significand, hn::And(negative, ones)), shift);
      } else {
        static_assert(kRounding == Rounding::odd);
        const Vector below = shift_right<Float>(significand, shift);
        const Vector above = shift_right<Float>(hn::Add(significand, ones), shift);
        return hn::Or(below, hn::And(hn::Xor(below, above), broadcast<Float>(1)));
      }
    }
  }

  // Adds the random bits, brought below the unit, and truncates. Significands shifted `further` lose their last
  // bits before that, which is exact while more than the random bits remain.
  HWY_INLINE Vector round_stochastic(Vector significand, Vector shift, Vector further, Vector random) const {
    const LaneTag<Float> d;
    const Vector rest = hn::Sub(broadcast<Float>(kWidth), shift);
    const Vector gap = hn::Min(further, broadcast<Float>(kWidth - 1));
    const Vector near = shift_right<Float>(significand, gap);
    Vector addend = hn::And(random, random_mask);
    if constexpr (kRounding == Rounding::sr_b) addend = hn::Or(addend, random_half);
    Vector sum = hn::Add(near, shift_right<Float>(addend, rest));
    if constexpr (kRounding == Rounding::sr_c) {
      // First to the nearest multiple of the last random bit, ties to even; without random bits all multiples
      // are even. Nothing to do where the discarded part has no more bits than that.
      const Vector half = shift_right<Float>(random_half, rest);
      const Vector lost = hn::VecFromMask(d, hn::Ne(shift_left<Float>(near, gap), significand));
      const Vector odd_or_lost = hn::Or(
          hn::And(lost, broadcast<Float>(1)),
          hn::And(random_unit, hn::VecFromMask(d, hn::Ne(hn::And(near, hn::Add(half, half)), hn::Zero(d)))));
      const Vector below_half = hn::Sub(half, hn::Min(half, broadcast<Float>(1)));
      sum = hn::Add(sum, hn::Add(below_half, hn::And(odd_or_lost, hn::Min(half, broadcast<Float>(1)))));
    }
    return shift_right<Float>(sum, shift);
  }

  // The same for sr_a where the last random bit is the last of the lane: compares instead of adding.
  static HWY_INLINE Vector round_all_random(Vector significand, Vector full_shift, Vector random) {
    const LaneTag<Float> d;
    const Vector near = hn::Min(full_shift, broadcast<Float>(kWidth));
    const Vector further = hn::Min(hn::Sub(full_shift, near), broadcast<Float>(kWidth - 1));
    const Vector aligned = shift_left<Float>(significand, hn::Sub(broadcast<Float>(kWidth), near));
    const auto part = to_unsigned<Float>(shift_right<Float>(aligned, further));
    const auto carry = hn::Lt(hn::Add(part, to_unsigned<Float>(random)), part);
    const Vector whole = shift_right<Float>(significand, hn::Min(full_shift, broadcast<Float>(kWidth - 1)));
    return hn::Sub(whole, hn::BitCast(d, hn::VecFromMask(UnsignedTag<Float>(), carry)));
  }
};

// From the bits of a source value to the result: a code, or the bits of its value.
template <Rounding kRounding, bool kPlain, bool kToValues, typename Float>
struct Rounder {
  using Vector = LaneVector<Float>;

  MagnitudeRounder<kRounding, Float> round;
  MagnitudeDecoder<Float> decode;
  SignSelect<Float> limit;
  SignSelect<Float> overflow;
  SignSelect<Float> infinity;
  Vector nan;
  Vector sign;
  Vector zero_mask;  // all ones if zeros keep their sign
  Vector code_mask;
  bool twos_complement;
  bool infinity_apart;

  explicit HWY_INLINE Rounder(const RoundingPlan<Float>& plan)
      : round(plan),
        decode(plan.placement),
        limit(plan.magnitude_limit),
        overflow(outcomes(plan).overflow),
        infinity(outcomes(plan).infinity),
        nan(broadcast<Float>(outcomes(plan).nan)),
        sign(broadcast<Float>(outcomes(plan).sign)),
        zero_mask(broadcast<Float>(plan.keeps_negative_zero ? -1 : 0)),
        code_mask(broadcast<Float>(plan.code_mask)),
        twos_complement(plan.twos_complement),
        infinity_apart(plan.infinity_apart) {}

  static const Outcomes<Lane<Float>>& outcomes(const RoundingPlan<Float>& plan) {
    return kToValues ? plan.values : plan.codes;
  }

  HWY_INLINE Vector operator()(Vector bits, Vector random) const {
    const LaneTag<Float> d;
    const Vector absolute = hn::And(bits, broadcast<Float>(hwy::LimitsMax<Lane<Float>>()));
    const Vector infinite = broadcast<Float>(FloatLayout<Float>::kInfinity);
    const Vector negative = hn::BroadcastSignBit(bits);
    const Vector rounded = round(absolute, negative, random);
    Vector magnitude = rounded;
    if constexpr (kToValues) magnitude = decode(rounded);

    Vector result_sign = hn::And(negative, sign);
    if constexpr (!kPlain) {
      if (!kToValues && twos_complement) {
        magnitude = hn::And(hn::Sub(hn::Xor(magnitude, negative), negative), code_mask);
      }
      // The difference is negative unless the result is zero.
      const Vector nonzero = hn::Sub(hn::Zero(d), rounded);
      result_sign = hn::And(hn::BroadcastSignBit(hn::And(bits, hn::Or(nonzero, zero_mask))), sign);
    }
    const Vector greatest = kPlain ? limit.positive : limit(negative);
    Vector result = hn::Or(magnitude, result_sign);
    result = hn::IfThenElse(hn::Gt(rounded, greatest), overflow(negative), result);
    if (!kPlain && infinity_apart) {
      result = hn::IfThenElse(hn::Eq(absolute, infinite), infinity(negative), result);
    }
    return hn::IfThenElse(hn::Gt(absolute, infinite), nan, result);
  }
};

HWY_INLINE LaneVector<float> load_random(LaneTag<float> d, const uint32_t* words) {
  return hn::BitCast(d, hn::LoadU(UnsignedTag<float>(), words));
}
HWY_INLINE LaneVector<double> load_random(LaneTag<double> d, const uint32_t* words) {
  const UnsignedTag<double> du;
  const hn::Rebind<uint32_t, UnsignedTag<double>> d32;
  return hn::BitCast(d, hn::ShiftLeft<32>(hn::PromoteTo(du, hn::LoadU(d32, words))));
}

template <typename Float, typename Result>
HWY_INLINE void store(LaneVector<Float> result, Result* to) {
  if constexpr (std::is_same_v<Float, Result>) {
    hn::StoreU(hn::BitCast(FloatTag<Float>(), result), FloatTag<Float>(), to);
  } else {
    const hn::Rebind<Result, UnsignedTag<Float>> dr;
    hn::StoreU(hn::TruncateTo(dr, to_unsigned<Float>(result)), dr, to);
  }
}

template <Rounding kRounding, bool kPlain, typename Float, typename Result>
void round_loop(const RoundingPlan<Float>& plan, const Float* values, const uint32_t* random, size_t count,
                Result* results) {
  const LaneTag<Float> d;
  const FloatTag<Float> df;
  const size_t lanes = hn::Lanes(d);
  const Rounder<kRounding, kPlain, std::is_same_v<Float, Result>, Float> rounder(plan);
  constexpr bool kStochastic = MagnitudeRounder<kRounding, Float>::kStochastic;
  const auto step = [&](const Float* from, const uint32_t* words, Result* to) HWY_ATTR {
    LaneVector<Float> bits = hn::Zero(d);
    if constexpr (kStochastic) bits = load_random(d, words);
    store<Float>(rounder(hn::BitCast(d, hn::LoadU(df, from)), bits), to);
  };
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) step(values + i, random + (kStochastic ? i : 0), results + i);
  if (i == count) return;

  constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(Float);
  std::array<Float, kMaxLanes> last_values{};
  std::array<uint32_t, kMaxLanes> last_words{};
  std::array<Result, kMaxLanes> last_results;
  std::copy(values + i, values + count, last_values.begin());
  if (kStochastic) std::copy(random + i, random + count, last_words.begin());
  step(last_values.data(), last_words.data(), last_results.data());
  std::copy_n(last_results.begin(), count - i, results + i);
}

template <Rounding kRounding, typename Float, typename Result>
void round_with(const RoundingPlan<Float>& plan, const Float* values, const uint32_t* random, size_t count,
                Result* results) {
  if constexpr (std::is_same_v<Float, float>) {
    if (plan.plain) return round_loop<kRounding, true>(plan, values, random, count, results);
  }
  round_loop<kRounding, false>(plan, values, random, count, results);
}

template <typename Float, typename Result>
void round_any(const RoundingPlan<Float>& plan, const Float* values, const uint32_t* random, size_t count,
               Result* results) {
  switch (plan.rounding) {
    case Rounding::rne:
      return round_with<Rounding::rne>(plan, values, random, count, results);
    case Rounding::rna:
      return round_with<Rounding::rna>(plan, values, random, count, results);
    case Rounding::rtz:
      return round_with<Rounding::rtz>(plan, values, random, count, results);
    case Rounding::rup:
      return round_with<Rounding::rup>(plan, values, random, count, results);
    case Rounding::rdn:
      return round_with<Rounding::rdn>(plan, values, random, count, results);
    case Rounding::odd:
      return round_with<Rounding::odd>(plan, values, random, count, results);
    case Rounding::sr_a:
      return round_with<Rounding::sr_a>(plan, values, random, count, results);
    case Rounding::sr_b:
      return round_with<Rounding::sr_b>(plan, values, random, count, results);
    case Rounding::sr_c:
      return round_with<Rounding::sr_c>(plan, values, random, count, results);
    case Rounding::rntz:
      return round_with<Rounding::rntz>(plan, values, random, count, results);
    case Rounding::rnup:
      return round_with<Rounding::rnup>(plan, values, random, count, results);
    case Rounding::rndn:
      return round_with<Rounding::rndn>(plan, values, random, count, results);
    case Rounding::rnodd:
      return round_with<Rounding::rnodd>(plan, values, random, count, results);
  }
}

template <typename Code>
HWY_INLINE LaneVector<float> load_codes(LaneTag<float> d, const Code* codes) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<Code, LaneTag<float>>(), codes));
}
template <typename Code>
HWY_INLINE LaneVector<double> load_codes(LaneTag<double> d, const Code* codes) {
  const hn::Rebind<int32_t, LaneTag<double>> d32;
  return hn::PromoteTo(d, hn::PromoteTo(d32, hn::LoadU(hn::Rebind<Code, LaneTag<double>>(), codes)));
}

template <typename Float>
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
    const Vector complement = hn::And(negative, complement_mask);
    // In two's complement the sign bit is part of the magnitude -2^(width - 1) has.
    const Vector complemented = hn::And(hn::Sub(hn::Xor(code, complement), complement), code_mask);
    const Vector magnitude =
        hn::IfThenElse(hn::Eq(complement, hn::Zero(d)), hn::Xor(code, sign_bit), complemented);
    const Vector sign = hn::And(negative, broadcast<Float>(hwy::LimitsMin<Lane<Float>>()));
    const Vector infinity = hn::Or(sign, broadcast<Float>(Layout::kInfinity));
    const Vector beyond =
        hn::IfThenElse(hn::Eq(magnitude, infinity_magnitude), infinity, broadcast<Float>(Layout::kQuietNan));
    const Vector finite = hn::Or(decode(magnitude), sign);
    const Vector value = hn::IfThenElse(hn::Gt(magnitude, limit), beyond, finite);
    return hn::IfThenElse(hn::Eq(code, sign_code), negative_zero, value);
  }
};

template <typename Float, typename Code>
void decode_loop(const DecodingPlan<Float>& plan, const Code* codes, size_t count, Float* values) {
  const LaneTag<Float> d;
  const size_t lanes = hn::Lanes(d);
  const Decoder<Float> decoder(plan);
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

void round_f32_f32(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                   float* results) {
  round_any(plan, values, random, count, results);
}
void round_f32_u8(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                  uint8_t* results) {
  round_any(plan, values, random, count, results);
}
void round_f32_u16(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                   uint16_t* results) {
  round_any(plan, values, random, count, results);
}
void round_f64_f64(const RoundingPlan<double>& plan, const double* values, const uint32_t* random,
                   size_t count, double* results) {
  round_any(plan, values, random, count, results);
}
void round_f64_u8(const RoundingPlan<double>& plan, const double* values, const uint32_t* random,
                  size_t count, uint8_t* results) {
  round_any(plan, values, random, count, results);
}
void round_f64_u16(const RoundingPlan<double>& plan, const double* values, const uint32_t* random,
                   size_t count, uint16_t* results) {
  round_any(plan, values, random, count, results);
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

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(round_f32_f32);
HWY_EXPORT(round_f32_u8);
HWY_EXPORT(round_f32_u16);
HWY_EXPORT(round_f64_f64);
HWY_EXPORT(round_f64_u8);
HWY_EXPORT(round_f64_u16);
HWY_EXPORT(decode_u8_f32);
HWY_EXPORT(decode_u16_f32);
HWY_EXPORT(decode_u8_f64);
HWY_EXPORT(decode_u16_f64);

void round_lanes(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                 float* results) {
  HWY_DYNAMIC_DISPATCH(round_f32_f32)(plan, values, random, count, results);
}
void round_lanes(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                 uint8_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f32_u8)(plan, values, random, count, results);
}
void round_lanes(const RoundingPlan<float>& plan, const float* values, const uint32_t* random, size_t count,
                 uint16_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f32_u16)(plan, values, random, count, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, const uint32_t* random, size_t count,
                 double* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_f64)(plan, values, random, count, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, const uint32_t* random, size_t count,
                 uint8_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_u8)(plan, values, random, count, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, const uint32_t* random, size_t count,
                 uint16_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_u16)(plan, values, random, count, results);
}

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

}  // namespace assay
#endif
