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

#include "formats/array_kernels_random-inl.h"
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

// The same by any count that may also be negative: 0 where the count is none of 0 .. width - 1.
template <typename Float>
HWY_INLINE LaneVector<Float> shift_right_or_clear(LaneVector<Float> x, LaneVector<Float> by) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return shift_right<Float>(x, by);  // as the instructions do
#else
  const auto last = hn::Set(UnsignedTag<Float>(), kLaneWidth<Float> - 1);
  const auto clears = hn::Gt(to_unsigned<Float>(by), last);
  const auto shift = hn::BitCast(LaneTag<Float>(), hn::Min(to_unsigned<Float>(by), last));
  return hn::IfThenZeroElse(hn::RebindMask(LaneTag<Float>(), clears), shift_right<Float>(x, shift));
#endif
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

// The same for a stochastic rounding with so few random bits that `kept_width` bits below the unit decide.
template <Rounding kRounding>
struct ShortMagnitudeRounder {
  using Layout = FloatLayout<float>;
  using Vector = LaneVector<float>;
  static constexpr bool kRoundsFirst = kRounding == Rounding::sr_c;

  int width;
  int random_shift;
  bool keeps_all;
  int further;  // than what shifts normal magnitudes
  bool widens;
  Vector exponent_offset;
  Vector least_normal;
  Vector last_shift;
  Vector greatest;
  Vector random_mask;
  Vector below_random;  // half of the last random bit for sr_b, the least bit less than that for sr_c
  // For the rounding to a multiple of the last random bit that comes first in sr_c: where its last place is, if any.
  int unit_shift;
  Vector unit_mask;

  explicit HWY_INLINE ShortMagnitudeRounder(const RoundingPlan<float>& plan)
      : width(plan.kept_width),
        random_shift(width - 16),
        keeps_all(plan.placement.first_normal == 0),
        further(width - plan.placement.shift),
        widens(further > 0),
        exponent_offset(
            broadcast<float>(has_normal(plan) ? plan.placement.exponent_offset : Layout::kInfinity)),
        least_normal(broadcast<float>(plan.placement.exponent_offset + (1 << Layout::kFractionWidth))),
        last_shift(broadcast<float>((plan.placement.exponent_offset >> Layout::kFractionWidth) + 1 +
                                    (widens ? kWidening - further : 0))),
        greatest(broadcast<float>(plan.beyond_limit)),
        random_mask(broadcast<float>(((1 << plan.random_bits) - 1) << (width - plan.random_bits))),
        below_random(broadcast<float>(kRoundsFirst ? std::max(half_unit(plan) - 1, 0) : half_unit(plan))),
        unit_shift(width - plan.random_bits),
        unit_mask(broadcast<float>(plan.random_bits > 0 && plan.random_bits < width ? 1 : 0)) {}

  template <bool /*kHasZero*/>
  HWY_INLINE Vector rounded(Vector absolute, Vector /*negative*/, Vector half_word) const {
    const LaneTag<float> d;
    Vector base = absolute;
    Vector lost = hn::Zero(d);
    if (!keeps_all) {
      // From the least normal number on, magnitudes are linear in the bits; below, significands are shifted to its
      // unit, which makes them the greater of the two. A subnormal source is far below every random bit and may be
      // given a hidden one.
      const Vector limited = widens ? hn::Min(absolute, greatest) : absolute;
      Vector normal = hn::Sub(limited, exponent_offset);
      Vector significand = hn::OrAnd(broadcast<float>(1 << Layout::kFractionWidth), limited,
                                     broadcast<float>((1 << Layout::kFractionWidth) - 1));
      if (widens) {
        normal = hn::ShiftLeftSame(hn::Max(normal, hn::Zero(d)), further);
        significand = hn::ShiftLeft<kWidening>(significand);
      }
      const Vector nearest = kRoundsFirst || widens ? hn::Min(limited, least_normal) : limited;
      const Vector shift = hn::Sub(last_shift, logical_shift(nearest, Layout::kFractionWidth));
      const Vector subnormal = shift_right_or_clear<float>(significand, shift);
      base = widens ? hn::BitCast(d, hn::Max(to_unsigned<float>(normal), to_unsigned<float>(subnormal)))
                    : hn::Max(normal, subnormal);
      if constexpr (kRoundsFirst) {
        const auto differs = hn::Ne(shift_left<float>(subnormal, shift), significand);
        lost = hn::IfThenElseZero(differs, broadcast<float>(1));
      }
    }
    Vector addend = hn::And(hn::ShiftLeftSame(half_word, random_shift), random_mask);
    if constexpr (kRounding != Rounding::sr_a) addend = hn::Or(addend, below_random);
    Vector sum = hn::Add(base, addend);
    if constexpr (kRoundsFirst) {
      sum = hn::Add(sum, hn::OrAnd(lost, logical_shift(base, unit_shift), unit_mask));
    }
    return logical_shift(sum, width);
  }

 private:
  // Left of a significand of 24 bits in a lane of 32.
  static constexpr int kWidening = 8;

  // Whether a source that is not limited can have a normal magnitude; integers have none.
  static bool has_normal(const RoundingPlan<float>& plan) {
    return plan.beyond_limit >= plan.placement.exponent_offset;
  }
  static int32_t half_unit(const RoundingPlan<float>& plan) {
    return plan.random_bits < plan.kept_width ? 1 << (plan.kept_width - plan.random_bits - 1) : 0;
  }
  static HWY_INLINE Vector logical_shift(Vector x, int by) {
    return hn::BitCast(LaneTag<float>(), hn::ShiftRightSame(to_unsigned<float>(x), by));
  }
};

// From the bits of a source value to the result: a code, or the bits of its value.
template <typename Round, bool kPlain, bool kToValues, typename Float>
struct Rounder {
  using Vector = LaneVector<Float>;

  Round round;
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
  bool wraps;
  bool has_zero;
  Vector sign_code;    // the place of the sign in two's complement
  Vector first_whole;  // bits of the least value from which on all of Float are whole units

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
        infinity_apart(plan.infinity_apart),
        wraps(plan.wraps),
        has_zero(plan.placement.has_zero),
        sign_code(broadcast<Float>(plan.twos_complement ? plan.code_mask ^ (plan.code_mask >> 1) : 0)),
        first_whole(broadcast<Float>(plan.placement.exponent_offset +
                                     (Lane<Float>{2} << FloatLayout<Float>::kFractionWidth))) {}

  static const Outcomes<Lane<Float>>& outcomes(const RoundingPlan<Float>& plan) {
    return kToValues ? plan.values : plan.codes;
  }

  HWY_INLINE Vector operator()(Vector bits, Vector random) const {
    const LaneTag<Float> d;
    const Vector absolute = hn::And(bits, broadcast<Float>(hwy::LimitsMax<Lane<Float>>()));
    const Vector infinite = broadcast<Float>(FloatLayout<Float>::kInfinity);
    Vector negative = hn::BroadcastSignBit(bits);
    const Vector rounded = round.template rounded<kPlain>(absolute, negative, random);
    if constexpr (!kPlain) {
      if (wraps) return wrapped(absolute, negative, rounded);
      // Minus zero is not below zero.
      if (!has_zero) negative = hn::IfThenZeroElse(hn::Eq(absolute, hn::Zero(d)), negative);
    }
    Vector magnitude = rounded;
    if constexpr (kToValues) magnitude = decode.template value_bits<kPlain>(rounded);

    // The sign of a value is where that of the source is.
    Vector signs = kToValues ? bits : negative;
    if constexpr (!kPlain) {
      if (!kToValues && twos_complement) {
        magnitude = hn::And(hn::Sub(hn::Xor(magnitude, negative), negative), code_mask);
      }
      // The difference is negative unless the result is zero.
      const Vector keeps_sign = hn::Or(hn::Sub(hn::Zero(d), rounded), zero_mask);
      signs = hn::And(signs, kToValues ? keeps_sign : hn::BroadcastSignBit(keeps_sign));
    }
    const Vector greatest = kPlain ? limit.positive : limit(negative);
    Vector result = hn::OrAnd(magnitude, signs, sign);
    result =
        hn::IfThenElse(hn::Gt(rounded, greatest), overflow(kPlain && kToValues ? bits : negative), result);
    if (!kPlain && infinity_apart) {
      result = hn::IfThenElse(hn::Eq(absolute, infinite), infinity(negative), result);
    }
    return hn::IfThenElse(hn::Gt(absolute, infinite), nan, result);
  }

 private:
  // The low bits of an integer. Those from first_whole on are not rounded: there the significand is shifted left.
  HWY_INLINE Vector wrapped(Vector absolute, Vector negative, Vector rounded) const {
    constexpr int kFractionWidth = FloatLayout<Float>::kFractionWidth;
    constexpr Lane<Float> kHiddenOne = Lane<Float>{1} << kFractionWidth;
    const Vector distance =
        hn::ShiftRight<kFractionWidth>(hn::Sub(hn::Max(absolute, first_whole), first_whole));
    const Vector shift = hn::Min(distance, broadcast<Float>(kLaneWidth<Float> - 1));
    const Vector significand =
        hn::OrAnd(broadcast<Float>(kHiddenOne), absolute, broadcast<Float>(kHiddenOne - 1));
    const Vector whole = shift_left<Float>(significand, shift);
    const Vector integer = hn::IfThenElse(hn::Lt(absolute, first_whole), rounded, whole);
    Vector result = hn::And(hn::Sub(hn::Xor(integer, negative), negative), code_mask);
    if constexpr (kToValues) {
      const Vector value = hn::Sub(hn::Xor(result, sign_code), sign_code);
      result = hn::OrAnd(decode.template value_bits<true>(hn::Abs(value)), value, sign);
    }
    return hn::IfThenZeroElse(hn::Gt(absolute, broadcast<Float>(FloatLayout<Float>::kInfinity - 1)), result);
  }
};

// How the random bits of consecutive elements are loaded: half-words into the least or the most significant bits of
// the lanes, or words (two half-words, the low one first) into the most significant ones.
enum class RandomLayout { none, low_halves, high_halves, words };

template <RandomLayout kLayout, typename Float>
HWY_INLINE LaneVector<Float> load_random(const uint16_t* from) {
  const LaneTag<Float> d;
  const hn::Rebind<uint32_t, LaneTag<Float>> d32;
  const hn::Rebind<uint16_t, LaneTag<Float>> d16;
  auto bits = hn::Zero(d32);
  if constexpr (kLayout != RandomLayout::words) {
    bits = hn::PromoteTo(d32, hn::LoadU(d16, from));
    if constexpr (kLayout == RandomLayout::high_halves) bits = hn::ShiftLeft<16>(bits);
  } else {
#if HWY_TARGET == HWY_SCALAR
    bits = hn::Set(d32, static_cast<uint32_t>(from[0]) | static_cast<uint32_t>(from[1]) << 16);
#else
    bits = hn::BitCast(d32, hn::LoadU(hn::Repartition<uint16_t, decltype(d32)>(), from));
#endif
  }
  if constexpr (sizeof(Float) == 4) {
    return hn::BitCast(d, bits);
  } else {
    return hn::ShiftLeft<32>(hn::BitCast(d, hn::PromoteTo(UnsignedTag<Float>(), bits)));
  }
}

template <typename Float, typename Result>
HWY_INLINE void store(LaneVector<Float> result, Result* to) {
  if constexpr (std::is_same_v<Float, Result>) {
    hn::StoreU(hn::BitCast(FloatTag<Float>(), result), FloatTag<Float>(), to);
  } else if constexpr (sizeof(Float) == sizeof(Result)) {
    hn::StoreU(to_unsigned<Float>(result), UnsignedTag<Float>(), to);
  } else {
    const hn::Rebind<Result, UnsignedTag<Float>> dr;
    hn::StoreU(hn::TruncateTo(dr, to_unsigned<Float>(result)), dr, to);
  }
}

// Calls step(from, i, to) for vectors of values: `i` is the place of the first.
template <typename Float, typename Result, typename Step>
HWY_INLINE void for_vectors(const Float* values, size_t count, Result* results, const Step& step) {
  const size_t lanes = hn::Lanes(LaneTag<Float>());
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) step(values + i, i, results + i);
  if (i == count) return;

  constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(Float);
  std::array<Float, kMaxLanes> last_values{};
  std::array<Result, kMaxLanes> last_results;
  std::copy(values + i, values + count, last_values.begin());
  step(last_values.data(), i, last_results.data());
  std::copy_n(last_results.begin(), count - i, results + i);
}

// Calls piece(begin, length, halves) for pieces of the elements [0, count), with kHalvesEach half-words for each
// element. Vectors may be loaded from the last half-word on.
template <size_t kHalvesEach, typename Piece>
HWY_INLINE void for_random_pieces(const ArrayRandom& random, size_t count, const Piece& piece) {
  constexpr size_t kElements = kRandomHalves / kHalvesEach;
  const Philox philox(random.seed, random.stream);
  alignas(HWY_MAX_BYTES) RandomHalves halves{};
  for (size_t begin = 0; begin < count;) {
    const uint64_t index = random.first_index + begin;
    const size_t skip = index % kElements;
    const size_t length = std::min(kElements - skip, count - begin);
    philox.fill(index / kElements * kCounters, halves);
    piece(begin, length, halves.data() + skip * kHalvesEach);
    begin += length;
  }
}

template <typename Round, RandomLayout kLayout, bool kPlain, typename Float, typename Result>
void round_loop(const RoundingPlan<Float>& plan, const Float* values, size_t count, const ArrayRandom& random,
                Result* results) {
  const LaneTag<Float> d;
  const Rounder<Round, kPlain, std::is_same_v<Float, Result>, Float> rounder(plan);
  const auto load = [&](const Float* from)
                        HWY_ATTR { return hn::BitCast(d, hn::LoadU(FloatTag<Float>(), from)); };
  if constexpr (kLayout == RandomLayout::none) {
    for_vectors(values, count, results, [&](const Float* from, size_t, Result* to) HWY_ATTR {
      store<Float>(rounder(load(from), hn::Zero(d)), to);
    });
  } else {
    constexpr size_t kHalvesEach = kLayout == RandomLayout::words ? 2 : 1;
    for_random_pieces<kHalvesEach>(
        random, count, [&](size_t begin, size_t length, const uint16_t* halves) HWY_ATTR {
          for_vectors(values + begin, length, results + begin,
                      [&](const Float* from, size_t at, Result* to) HWY_ATTR {
                        store<Float>(
                            rounder(load(from), load_random<kLayout, Float>(halves + at * kHalvesEach)), to);
                      });
        });
  }
}

template <typename Round, RandomLayout kLayout, typename Float, typename Result>
void round_by(const RoundingPlan<Float>& plan, const Float* values, size_t count, const ArrayRandom& random,
              Result* results) {
  if constexpr (std::is_same_v<Float, float>) {
    if (plan.plain) return round_loop<Round, kLayout, true>(plan, values, count, random, results);
  }
  round_loop<Round, kLayout, false>(plan, values, count, random, results);
}

template <Rounding kRounding, typename Float, typename Result>
void round_with(const RoundingPlan<Float>& plan, const Float* values, size_t count, const ArrayRandom& random,
                Result* results) {
  using Round = MagnitudeRounder<kRounding, Float>;
  if constexpr (!Round::kStochastic) {
    round_by<Round, RandomLayout::none>(plan, values, count, random, results);
  } else {
    if constexpr (std::is_same_v<Float, float>) {
      if (plan.kept_width > 0) {
        return round_by<ShortMagnitudeRounder<kRounding>, RandomLayout::low_halves>(plan, values, count,
                                                                                    random, results);
      }
    }
    if (plan.random_bits <= 16) {
      round_by<Round, RandomLayout::high_halves>(plan, values, count, random, results);
    } else {
      round_by<Round, RandomLayout::words>(plan, values, count, random, results);
    }
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
    const Vector finite = hn::Or(decode.template value_bits<false>(magnitude), sign);
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

HWY_EXPORT(round_f32_f32);
HWY_EXPORT(round_f32_u8);
HWY_EXPORT(round_f32_u16);
HWY_EXPORT(round_f64_f64);
HWY_EXPORT(round_f64_u8);
HWY_EXPORT(round_f64_u16);
HWY_EXPORT(round_f64_u64);
HWY_EXPORT(random_bits_any);
HWY_EXPORT(decode_u8_f32);
HWY_EXPORT(decode_u16_f32);
HWY_EXPORT(decode_u8_f64);
HWY_EXPORT(decode_u16_f64);
HWY_EXPORT(decode_u64_f64);

void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, float* results) {
  HWY_DYNAMIC_DISPATCH(round_f32_f32)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint8_t* results) {
  HWY_DYNAMIC_DISPATCH(round_f32_u8)(plan, values, count, random, results);
}
void round_lanes(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint16_t* results) {
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

void random_bits(const ArrayRandom& random, size_t count, uint32_t* bits) {
  HWY_DYNAMIC_DISPATCH(random_bits_any)(random, count, bits);
}

}  // namespace assay
#endif
