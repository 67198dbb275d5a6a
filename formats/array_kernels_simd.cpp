// Processors without AVX2 are rare: they run the scalar loops of Highway's baseline.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/array_kernels_simd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <type_traits>

#include "formats/array_kernels_magnitude-inl.h"
#include "formats/array_kernels_outcome-inl.h"
#include "formats/array_kernels_simd.h"
#include "formats/array_kernels_sum_simd.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

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

  bool has_zero;
  Vector exponent_offset;
  Vector least_normal;
  Vector last_shift;
  Vector zeroless_shift;
  Vector random_mask;
  Vector random_half;  // the bit below the random ones
  Vector random_unit;  // 1 if there are random bits
  bool all_random;     // as many random bits as the lane has

  explicit HWY_INLINE MagnitudeRounder(const RoundingPlan<Float>& plan)
      : has_zero(plan.placement.has_zero),
        exponent_offset(broadcast<Float>(plan.placement.exponent_offset)),
        least_normal(broadcast<Float>(plan.placement.exponent_offset + (kOne << Layout::kFractionWidth))),
        last_shift(broadcast<Float>(plan.placement.shift +
                                    (plan.placement.exponent_offset >> Layout::kFractionWidth))),
        zeroless_shift(broadcast<Float>(plan.placement.shift)),
        random_mask(broadcast<Float>(plan.random_bits == 0 ? 0 : leading_ones(plan.random_bits))),
        random_half(broadcast<Float>(plan.random_bits == kWidth ? 0 : bit(kWidth - 1 - plan.random_bits))),
        random_unit(broadcast<Float>(plan.random_bits > 0 ? 1 : 0)),
        all_random(plan.random_bits == kWidth) {}

  static Lane<Float> bit(int position) { return static_cast<Lane<Float>>(uint64_t{1} << position); }
  static Lane<Float> leading_ones(int count) {
    return static_cast<Lane<Float>>(~uint64_t{0} << (kWidth - count));
  }

  // `negative` and `random` (words in the most significant bits) are used by the roundings that need them.
  template <bool kHasZero>
  HWY_INLINE Vector rounded(Vector absolute, Vector negative, Vector random) const {
    const LaneTag<Float> d;
    const Vector hidden_one = broadcast<Float>(kOne << Layout::kFractionWidth);
    // Lanes at or above the least normal number keep their distance to it in the exponent field, the others get
    // the significand with its hidden one and have to be shifted further. A subnormal source has no hidden one
    // and the exponent of the least normal source.
    const Vector exponent = hn::And(hn::Min(absolute, least_normal), broadcast<Float>(Layout::kInfinity));
    const Vector offset = hn::Sub(hn::Max(exponent, hidden_one), hidden_one);
    Vector significand = hn::Sub(absolute, offset);
    Vector full_shift = hn::Sub(
        last_shift, hn::BitCast(d, hn::ShiftRight<Layout::kFractionWidth>(to_unsigned<Float>(offset))));
    if (!kHasZero && !has_zero) {
      significand = hn::Max(hn::Sub(to_linear<Float>(absolute), exponent_offset), hn::Zero(d));
      full_shift = zeroless_shift;
    }
    if constexpr (kNearest || kRounding == Rounding::rtz)
      return round_determined(significand, full_shift, negative);
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
      const Vector below_half =
          shift_right_or_clear<Float>(broadcast<Float>(hwy::LimitsMax<Lane<Float>>()), rest);
      Vector sum = hn::Add(significand, below_half);
      const Vector one = broadcast<Float>(1);
      if constexpr (kRounding == Rounding::rne) {
        sum = hn::Add(sum, hn::And(shift_right_or_clear<Float>(significand, shift), one));
      } else if constexpr (kRounding == Rounding::rnodd) {
        sum = hn::Add(sum, hn::AndNot(shift_right_or_clear<Float>(significand, shift), one));
      } else if constexpr (kRounding == Rounding::rna) {
        sum = hn::Add(sum, one);
      } else if constexpr (kRounding == Rounding::rnup) {
        sum = hn::Add(sum, hn::AndNot(negative, one));
      } else if constexpr (kRounding == Rounding::rndn) {
        sum = hn::Add(sum, hn::And(negative, one));
      }
      return shift_right_or_clear<Float>(sum, shift);
    } else if constexpr (kRounding == Rounding::rtz) {
      return shift_right_or_clear<Float>(significand, shift);
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

// The same, and values where they are wanted.
template <Rounding kRounding, typename Float>
struct ByMagnitude {
  static constexpr bool kMayLackZero = true;

  MagnitudeRounder<kRounding, Float> round;
  MagnitudeDecoder<Float> decode;

  explicit HWY_INLINE ByMagnitude(const RoundingPlan<Float>& plan) : round(plan), decode(plan.placement) {}

  template <bool /*kToValues*/>
  static BySign<Lane<Float>> limit(const RoundingPlan<Float>& plan) {
    return plan.magnitude_limit;
  }

  template <bool kHasZero, bool kToValues>
  HWY_INLINE Rounded<Float> rounded(LaneVector<Float> absolute, LaneVector<Float> negative,
                                    LaneVector<Float> random) const {
    const auto magnitude = round.template rounded<kHasZero>(absolute, negative, random);
    if constexpr (kToValues) return {decode.template value_bits<kHasZero>(magnitude), magnitude};
    return {magnitude, magnitude};
  }
};

// The low bits of an integer. Those from first_whole on are not rounded: there the significand is shifted left.
template <Rounding kRounding, bool kToValues, typename Float>
struct WrappingRounder {
  using Vector = LaneVector<Float>;
  using Layout = FloatLayout<Float>;

  MagnitudeRounder<kRounding, Float> round;
  MagnitudeDecoder<Float> decode;
  Vector code_mask;
  Vector sign_code;    // the place of the sign in two's complement
  Vector first_whole;  // bits of the least value from which on all of Float are whole units

  explicit HWY_INLINE WrappingRounder(const RoundingPlan<Float>& plan)
      : round(plan),
        decode(plan.placement),
        code_mask(broadcast<Float>(plan.code_mask)),
        sign_code(broadcast<Float>(plan.twos_complement ? plan.code_mask ^ (plan.code_mask >> 1) : 0)),
        first_whole(
            broadcast<Float>(plan.placement.exponent_offset + (Lane<Float>{2} << Layout::kFractionWidth))) {}

  HWY_INLINE Vector operator()(Vector bits, Vector random) const {
    constexpr Lane<Float> kHiddenOne = Lane<Float>{1} << Layout::kFractionWidth;
    const Vector absolute = hn::And(bits, broadcast<Float>(hwy::LimitsMax<Lane<Float>>()));
    const Vector negative = hn::BroadcastSignBit(bits);
    const Vector rounded = round.template rounded<true>(absolute, negative, random);
    const Vector distance =
        hn::ShiftRight<Layout::kFractionWidth>(hn::Sub(hn::Max(absolute, first_whole), first_whole));
    const Vector shift = hn::Min(distance, broadcast<Float>(kLaneWidth<Float> - 1));
    const Vector significand =
        hn::OrAnd(broadcast<Float>(kHiddenOne), absolute, broadcast<Float>(kHiddenOne - 1));
    const Vector whole = shift_left<Float>(significand, shift);
    const Vector integer = hn::IfThenElse(hn::Lt(absolute, first_whole), rounded, whole);
    Vector result = hn::And(hn::Sub(hn::Xor(integer, negative), negative), code_mask);
    if constexpr (kToValues) {
      const Vector value = hn::Sub(hn::Xor(result, sign_code), sign_code);
      result = hn::OrAnd(decode.template value_bits<true>(hn::Abs(value)), value,
                         broadcast<Float>(hwy::LimitsMin<Lane<Float>>()));
    }
    return hn::IfThenZeroElse(hn::Gt(absolute, broadcast<Float>(Layout::kInfinity - 1)), result);
  }
};

template <Rounding kRounding, RandomLayout kLayout, typename Float, typename Result>
void round_or_wrap(const RoundingPlan<Float>& plan, const Float* values, size_t count,
                   const ArrayRandom& random, Result* results) {
  if (plan.wraps) {
    using Step = WrappingRounder<kRounding, std::is_same_v<Float, Result>, Float>;
    return round_loop<Step, kLayout>(plan, values, count, random, results);
  }
  using Round = ByMagnitude<kRounding, Float>;
  constexpr bool kToValues = std::is_same_v<Float, Result>;
  if constexpr (std::is_same_v<Float, float>) {
    if (plan.ends == RoundingEnds::plain) {
      using Step = Rounder<Round, RoundingEnds::plain, kToValues, Float>;
      return round_loop<Step, kLayout>(plan, values, count, random, results);
    }
  }
  using Step = Rounder<Round, RoundingEnds::any, kToValues, Float>;
  round_loop<Step, kLayout>(plan, values, count, random, results);
}

template <Rounding kRounding, typename Float, typename Result>
void round_with(const RoundingPlan<Float>& plan, const Float* values, size_t count, const ArrayRandom& random,
                Result* results) {
  if constexpr (!MagnitudeRounder<kRounding, Float>::kStochastic) {
    round_or_wrap<kRounding, RandomLayout::none>(plan, values, count, random, results);
  } else if (plan.random_bits <= 16) {
    round_or_wrap<kRounding, RandomLayout::high_halves>(plan, values, count, random, results);
  } else {
    round_or_wrap<kRounding, RandomLayout::words>(plan, values, count, random, results);
  }
}

template <typename Float, typename Result>
void round_any(const RoundingPlan<Float>& plan, const Float* values, size_t count, const ArrayRandom& random,
               Result* results) {
  switch (plan.rounding) {
    case Rounding::rne:
      return round_with<Rounding::rne>(plan, values, count, random, results);
    case Rounding::rna:
      return round_with<Rounding::rna>(plan, values, count, random, results);
    case Rounding::rtz:
      return round_with<Rounding::rtz>(plan, values, count, random, results);
    case Rounding::rup:
      return round_with<Rounding::rup>(plan, values, count, random, results);
    case Rounding::rdn:
      return round_with<Rounding::rdn>(plan, values, count, random, results);
    case Rounding::odd:
      return round_with<Rounding::odd>(plan, values, count, random, results);
    case Rounding::sr_a:
      return round_with<Rounding::sr_a>(plan, values, count, random, results);
    case Rounding::sr_b:
      return round_with<Rounding::sr_b>(plan, values, count, random, results);
    case Rounding::sr_c:
      return round_with<Rounding::sr_c>(plan, values, count, random, results);
    case Rounding::rntz:
      return round_with<Rounding::rntz>(plan, values, count, random, results);
    case Rounding::rnup:
      return round_with<Rounding::rnup>(plan, values, count, random, results);
    case Rounding::rndn:
      return round_with<Rounding::rndn>(plan, values, count, random, results);
    case Rounding::rnodd:
      return round_with<Rounding::rnodd>(plan, values, count, random, results);
  }
}

void random_bits_any(const ArrayRandom& random, size_t count, uint32_t* bits) {
  if (random.bits <= 16) {
    for_random_pieces<1>(random, count, [&](size_t begin, size_t length, const uint16_t* halves) HWY_ATTR {
      for (size_t i = 0; i < length; ++i)
        bits[begin + i] = static_cast<uint32_t>(halves[i]) >> (16 - random.bits);
    });
  } else {
    for_random_pieces<2>(random, count, [&](size_t begin, size_t length, const uint16_t* halves) HWY_ATTR {
      for (size_t i = 0; i < length; ++i) {
        const uint32_t word = static_cast<uint32_t>(halves[2 * i + 1]) << 16 | halves[2 * i];
        bits[begin + i] = word >> (32 - random.bits);
      }
    });
  }
}

void round_f32_f32(const RoundingPlan<float>& plan, const float* values, size_t count,
                   const ArrayRandom& random, float* results) {
  round_any(plan, values, count, random, results);
}
void round_f32_u8(const RoundingPlan<float>& plan, const float* values, size_t count,
                  const ArrayRandom& random, uint8_t* results) {
  round_any(plan, values, count, random, results);
}
void round_f32_u16(const RoundingPlan<float>& plan, const float* values, size_t count,
                   const ArrayRandom& random, uint16_t* results) {
  round_any(plan, values, count, random, results);
}
void round_f64_f64(const RoundingPlan<double>& plan, const double* values, size_t count,
                   const ArrayRandom& random, double* results) {
  round_any(plan, values, count, random, results);
}
void round_f64_u8(const RoundingPlan<double>& plan, const double* values, size_t count,
                  const ArrayRandom& random, uint8_t* results) {
  round_any(plan, values, count, random, results);
}
void round_f64_u16(const RoundingPlan<double>& plan, const double* values, size_t count,
                   const ArrayRandom& random, uint16_t* results) {
  round_any(plan, values, count, random, results);
}
void round_f64_u64(const RoundingPlan<double>& plan, const double* values, size_t count,
                   const ArrayRandom& random, uint64_t* results) {
  round_any(plan, values, count, random, results);
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
HWY_EXPORT(round_f64_u64);
HWY_EXPORT(random_bits_any);

void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, float* results) {
  if (plan.method != RoundingMethod::magnitude)
    return round_lanes_by_sums(plan, values, count, random, results);
  HWY_DYNAMIC_DISPATCH(round_f32_f32)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint8_t* results) {
  if (plan.method != RoundingMethod::magnitude)
    return round_lanes_by_sums(plan, values, count, random, results);
  HWY_DYNAMIC_DISPATCH(round_f32_u8)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint16_t* results) {
  if (plan.method != RoundingMethod::magnitude)
    return round_lanes_by_sums(plan, values, count, random, results);
  HWY_DYNAMIC_DISPATCH(round_f32_u16)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, double* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_f64)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, uint8_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_u8)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, uint16_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_u16)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<double>& plan, const double* values, size_t count,
                 const ArrayRandom& random, uint64_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f64_u64)(plan, values, count, random, results);
}

void random_bits(const ArrayRandom& random, size_t count, uint32_t* bits) {
  HWY_DYNAMIC_DISPATCH(random_bits_any)(random, count, bits);
}

}  // namespace assay
#endif
