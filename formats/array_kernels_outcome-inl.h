// From a rounded magnitude to the result: sign, overflow, infinity and NaN. Included once for every instruction set.
#if defined(ASSAY_ARRAY_KERNELS_OUTCOME_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_ARRAY_KERNELS_OUTCOME_INL_H
#undef ASSAY_ARRAY_KERNELS_OUTCOME_INL_H
#else
#define ASSAY_ARRAY_KERNELS_OUTCOME_INL_H
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstdint>
#include <type_traits>

#include "formats/array_kernels_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

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

// What a rounding gives: the magnitude of the result, a code or the bits of a value, and what is compared with the
// limit to find whether the result is beyond the range.
template <typename Float>
struct Rounded {
  LaneVector<Float> magnitude;
  LaneVector<Float> compared;
};

// From the bits of a source value to the result: a code, or the bits of its value. `Round` has
//   kMayLackZero                      whether it takes formats without zero
//   limit<kToValues>(plan)            what compares greater is beyond the range
//   rounded<kHasZero, kToValues>(absolute, negative, random)
template <typename Round, RoundingEnds kEnds, bool kToValues, typename Float>
struct Rounder {
  using Vector = LaneVector<Float>;
  static constexpr bool kIsSymmetric = kEnds == RoundingEnds::plain || kEnds == RoundingEnds::unsigned_zero;

  Round round;
  SignSelect<Float> limit;
  SignSelect<Float> overflow;
  SignSelect<Float> infinity;
  Vector nan;
  Vector sign;
  Vector zero_mask;  // all ones if zeros keep their sign
  Vector code_mask;
  int sign_shift;  // from the sign of a float to that of a code
  bool twos_complement;
  bool infinity_apart;
  bool has_zero;

  explicit HWY_INLINE Rounder(const RoundingPlan<Float>& plan)
      : round(plan),
        limit(Round::template limit<kToValues>(plan)),
        overflow(outcomes(plan).overflow),
        infinity(outcomes(plan).infinity),
        nan(broadcast<Float>(outcomes(plan).nan)),
        sign(broadcast<Float>(outcomes(plan).sign)),
        zero_mask(broadcast<Float>(plan.keeps_negative_zero ? -1 : 0)),
        code_mask(broadcast<Float>(plan.code_mask)),
        sign_shift(kLaneWidth<Float> - std::popcount(static_cast<uint64_t>(plan.code_mask))),
        twos_complement(plan.twos_complement),
        infinity_apart(plan.infinity_apart),
        has_zero(plan.placement.has_zero) {}

  static const Outcomes<Lane<Float>>& outcomes(const RoundingPlan<Float>& plan) {
    return kToValues ? plan.values : plan.codes;
  }

  HWY_INLINE Vector operator()(Vector bits, Vector random) const {
    const LaneTag<Float> d;
    const Vector absolute = hn::And(bits, broadcast<Float>(hwy::LimitsMax<Lane<Float>>()));
    const Vector infinite = broadcast<Float>(FloatLayout<Float>::kInfinity);
    Vector negative = hn::BroadcastSignBit(bits);
    const Rounded<Float> rounded =
        round.template rounded<kEnds != RoundingEnds::any, kToValues>(absolute, negative, random);
    // Minus zero is not below zero.
    if (Round::kMayLackZero && kEnds == RoundingEnds::any && !has_zero) {
      negative = hn::IfThenZeroElse(hn::Eq(absolute, hn::Zero(d)), negative);
    }
    Vector result = rounded.magnitude;
    if (!kToValues &&
        (kEnds == RoundingEnds::complement || (kEnds == RoundingEnds::any && twos_complement))) {
      result = hn::And(hn::Sub(hn::Xor(result, negative), negative), code_mask);
    } else {
      // The sign of a source that does not become zero, where the difference is not negative either.
      Vector signs = bits;
      if constexpr (kEnds == RoundingEnds::any) {
        signs = hn::And(signs, hn::Or(hn::Sub(hn::Zero(d), rounded.compared), zero_mask));
      } else if constexpr (kEnds != RoundingEnds::plain) {
        signs = hn::And(signs, hn::Sub(hn::Zero(d), rounded.compared));
      }
      result = hn::OrAnd(result, kToValues ? signs : hn::ShiftRightSame(signs, sign_shift), sign);
    }
    const Vector greatest = kIsSymmetric ? limit.positive : limit(negative);
    result = hn::IfThenElse(hn::Gt(rounded.compared, greatest),
                            overflow(kIsSymmetric && kToValues ? bits : negative), result);
    if (kEnds == RoundingEnds::any && infinity_apart) {
      result = hn::IfThenElse(hn::Eq(absolute, infinite), infinity(negative), result);
    }
    return hn::IfThenElse(hn::Gt(absolute, infinite), nan, result);
  }
};

// Every value to what `Step` makes of its bits and the random bits of its element.
template <typename Step, RandomLayout kLayout, typename Float, typename Result>
void round_loop(const RoundingPlan<Float>& plan, const Float* values, size_t count, const ArrayRandom& random,
                Result* results) {
  const LaneTag<Float> d;
  const Step step(plan);
  const auto load = [&](const Float* from)
                        HWY_ATTR { return hn::BitCast(d, hn::LoadU(FloatTag<Float>(), from)); };
  if constexpr (kLayout == RandomLayout::none) {
    for_vectors(values, count, results, [&](const Float* from, size_t, Result* to) HWY_ATTR {
      store<Float>(step(load(from), hn::Zero(d)), to);
    });
  } else {
    constexpr size_t kHalvesEach = kLayout == RandomLayout::words ? 2 : 1;
    for_random_pieces<kHalvesEach>(
        random, count, [&](size_t begin, size_t length, const uint16_t* halves) HWY_ATTR {
          for_vectors(values + begin, length, results + begin,
                      [&](const Float* from, size_t at, Result* to) HWY_ATTR {
                        store<Float>(step(load(from), load_random<kLayout, Float>(halves + at * kHalvesEach)),
                                     to);
                      });
        });
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
