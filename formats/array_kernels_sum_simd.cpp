// As in array_kernels_simd.cpp.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/array_kernels_sum_simd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <algorithm>
#include <cfenv>
#include <type_traits>

#include "formats/array_kernels_outcome-inl.h"
#include "formats/array_kernels_sum_simd.h"
#include "formats/host_mode.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

using Layout = FloatLayout<float>;
using Vector = LaneVector<float>;
using FloatVector = hn::Vec<FloatTag<float>>;

constexpr int kHalfWord = 16;

HWY_INLINE FloatVector as_floats(Vector bits) {
  return hn::BitCast(FloatTag<float>(), bits);
}
HWY_INLINE Vector bits_of(FloatVector x) {
  return hn::BitCast(LaneTag<float>(), x);
}

// RoundingMethod::sum. The processor rounds the sum with a power of two whose last place is that of the format: to
// nearest even, or toward zero for the stochastic roundings. For those the random bits, as a number of the last one's
// units, are added before; a sum that is cut off twice, the second time at a coarser place, is the sum cut off once.
//
// kOneBinade: of integers, which are multiples of one unit.
template <Rounding kRounding, bool kOneBinade>
struct SumRounder {
  static constexpr bool kMayLackZero = false;

  int shift;
  int random_shift;
  Vector beyond;  // instead of whatever is greater
  Vector tiny;    // instead of whatever is less, so that no product is subnormal
  Vector least_normal;
  Vector to_power;
  Vector to_random_unit;
  FloatVector half;

  explicit HWY_INLINE SumRounder(const RoundingPlan<float>& plan)
      : shift(plan.placement.shift),
        random_shift(kHalfWord - plan.random_bits),
        beyond(broadcast<float>(plan.beyond_limit)),
        tiny(broadcast<float>(least_normal_bits(plan) - random_unit(plan) -
                              (RoundingPlan<float>::kFarBelow << Layout::kFractionWidth))),
        least_normal(broadcast<float>(least_normal_bits(plan))),
        to_power(broadcast<float>(shift << Layout::kFractionWidth)),
        to_random_unit(broadcast<float>(random_unit(plan))),
        half(hn::Set(FloatTag<float>(), 0.5F)) {}

  template <bool kToValues>
  static BySign<Lane<float>> limit(const RoundingPlan<float>& plan) {
    return kToValues ? plan.value_limit : plan.magnitude_limit;
  }

  template <bool /*kPlain*/, bool kToValues>
  HWY_INLINE Rounded<float> rounded(Vector absolute, Vector /*negative*/, Vector half_words) const {
    const Vector x = hn::Min(absolute, beyond);
    const Vector binade =
        kOneBinade ? least_normal : hn::Max(hn::And(x, broadcast<float>(Layout::kInfinity)), least_normal);
    const Vector power = hn::Add(binade, to_power);
    const FloatVector sum = rounded_sum(as_floats(x), as_floats(power), binade, half_words);
    Vector result;
    if constexpr (kToValues) {
      result = bits_of(hn::Sub(sum, as_floats(power)));
    } else {
      // Units of the last place, and those of the binades below.
      result = hn::Sub(bits_of(sum), power);
      if (!kOneBinade) result = hn::Add(result, hn::ShiftRightSame(hn::Sub(binade, least_normal), shift));
    }
    return {result, result};
  }

 private:
  static int32_t least_normal_bits(const RoundingPlan<float>& plan) {
    return plan.placement.exponent_offset + (1 << Layout::kFractionWidth);
  }
  // From a binade down to the unit of the last random bit.
  static int32_t random_unit(const RoundingPlan<float>& plan) {
    return (Layout::kFractionWidth - plan.placement.shift + plan.random_bits) << Layout::kFractionWidth;
  }

  HWY_INLINE FloatVector rounded_sum(FloatVector x, FloatVector power, Vector binade,
                                     Vector half_words) const {
    if constexpr (kRounding == Rounding::rne) return hn::Add(x, power);
    const FloatTag<float> d;
    const Vector unit = hn::Sub(binade, to_random_unit);
    FloatVector random = hn::ConvertTo(d, hn::ShiftRightSame(half_words, random_shift));
    if constexpr (kRounding == Rounding::sr_b) random = hn::Add(random, half);
    if constexpr (kRounding == Rounding::sr_c) {
      const Vector inverse =
          hn::Sub(broadcast<float>(2 * Layout::kExponentBias << Layout::kFractionWidth), unit);
      const FloatVector large = as_floats(hn::Max(bits_of(x), tiny));
      const FloatVector multiple = hn::Round(hn::Mul(large, as_floats(inverse)));  // ties to even in any mode
      return hn::MulAdd(hn::Add(multiple, random), as_floats(unit), power);
    }
    return hn::Add(hn::MulAdd(random, as_floats(unit), x), power);
  }
};

// RoundingMethod::linear: whatever is below the last place is added to the bits.
template <Rounding kRounding>
struct LinearRounder {
  static constexpr bool kMayLackZero = false;

  int shift;
  Vector value_mask;
  int random_shift;
  Vector random_mask;
  Vector constant;
  // To nearest even: the place whose parity decides, if any.
  int parity_shift;
  Vector parity_mask;

  static int random_bits(const RoundingPlan<float>& plan) {
    return kRounding == Rounding::rne ? 0 : plan.random_bits;
  }
  // How many bits are below the last random one.
  static int below_random(const RoundingPlan<float>& plan) {
    return std::max(plan.placement.shift - random_bits(plan), 0);
  }
  // Half of that place, or the least difference less.
  static int32_t half_place(const RoundingPlan<float>& plan) {
    if (kRounding == Rounding::sr_a || below_random(plan) == 0) return 0;
    return (1 << (below_random(plan) - 1)) - (kRounding == Rounding::sr_b ? 0 : 1);
  }
  static bool has_parity(const RoundingPlan<float>& plan) {
    return below_random(plan) > 0 && (kRounding == Rounding::rne || plan.random_bits > 0);
  }

  explicit HWY_INLINE LinearRounder(const RoundingPlan<float>& plan)
      : shift(plan.placement.shift),
        value_mask(broadcast<float>(-(1 << shift))),
        random_shift(shift - kHalfWord),
        random_mask(broadcast<float>(((1 << random_bits(plan)) - 1) << (shift - random_bits(plan)))),
        constant(broadcast<float>(half_place(plan))),
        parity_shift(below_random(plan)),
        parity_mask(broadcast<float>(has_parity(plan) ? 1 : 0)) {}

  template <bool kToValues>
  static BySign<Lane<float>> limit(const RoundingPlan<float>& plan) {
    return kToValues ? plan.value_limit : plan.magnitude_limit;
  }

  template <bool /*kPlain*/, bool kToValues>
  HWY_INLINE Rounded<float> rounded(Vector absolute, Vector /*negative*/, Vector half_words) const {
    Vector sum = hn::Add(absolute, constant);
    if constexpr (kRounding == Rounding::rne || kRounding == Rounding::sr_c) {
      sum = hn::Add(sum, hn::And(hn::ShiftRightSame(absolute, parity_shift), parity_mask));
    }
    if constexpr (kRounding != Rounding::rne) {
      sum = hn::Add(sum, hn::And(hn::ShiftLeftSame(half_words, random_shift), random_mask));
    }
    const Vector result = kToValues ? hn::And(sum, value_mask) : hn::ShiftRightSame(sum, shift);
    return {result, result};
  }
};

template <typename Round, RandomLayout kLayout, typename Result>
void round_by(const RoundingPlan<float>& plan, const float* values, size_t count, const ArrayRandom& random,
              Result* results) {
  constexpr bool kToValues = std::is_same_v<float, Result>;
  const auto run = [&]<RoundingEnds kEnds>() {
    round_loop<Rounder<Round, kEnds, kToValues, float>, kLayout>(plan, values, count, random, results);
  };
  switch (plan.ends) {
    case RoundingEnds::plain:
      return run.template operator()<RoundingEnds::plain>();
    case RoundingEnds::unsigned_zero:
      return run.template operator()<RoundingEnds::unsigned_zero>();
    case RoundingEnds::complement:
      return run.template operator()<RoundingEnds::complement>();
    case RoundingEnds::any:
      return run.template operator()<RoundingEnds::any>();
  }
}

template <Rounding kRounding, typename Result>
void round_with(const RoundingPlan<float>& plan, const float* values, size_t count, const ArrayRandom& random,
                Result* results) {
  constexpr RandomLayout kLayout = kRounding == Rounding::rne ? RandomLayout::none : RandomLayout::low_halves;
  if (plan.method == RoundingMethod::linear) {
    round_by<LinearRounder<kRounding>, kLayout>(plan, values, count, random, results);
  } else if (plan.is_integer) {
    round_by<SumRounder<kRounding, true>, kLayout>(plan, values, count, random, results);
  } else {
    round_by<SumRounder<kRounding, false>, kLayout>(plan, values, count, random, results);
  }
}

template <typename Result>
void round_any(const RoundingPlan<float>& plan, const float* values, size_t count, const ArrayRandom& random,
               Result* results) {
  switch (plan.rounding) {
    case Rounding::sr_a:
      return round_with<Rounding::sr_a>(plan, values, count, random, results);
    case Rounding::sr_b:
      return round_with<Rounding::sr_b>(plan, values, count, random, results);
    case Rounding::sr_c:
      return round_with<Rounding::sr_c>(plan, values, count, random, results);
    default:
      return round_with<Rounding::rne>(plan, values, count, random, results);
  }
}

void sums_to_f32(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, float* results) {
  round_any(plan, values, count, random, results);
}
void sums_to_u8(const RoundingPlan<float>& plan, const float* values, size_t count, const ArrayRandom& random,
                uint8_t* results) {
  round_any(plan, values, count, random, results);
}
void sums_to_u16(const RoundingPlan<float>& plan, const float* values, size_t count,
                 const ArrayRandom& random, uint16_t* results) {
  round_any(plan, values, count, random, results);
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(sums_to_f32);
HWY_EXPORT(sums_to_u8);
HWY_EXPORT(sums_to_u16);

namespace {

int direction(const RoundingPlan<float>& plan) {
  return is_stochastic(plan.rounding) ? FE_TOWARDZERO : FE_TONEAREST;
}

}  // namespace

void round_lanes_by_sums(const RoundingPlan<float>& plan, const float* values, size_t count,
                         const ArrayRandom& random, float* results) {
  const HostMode mode(direction(plan));
  HWY_DYNAMIC_DISPATCH(sums_to_f32)(plan, values, count, random, results);
}
void round_lanes_by_sums(const RoundingPlan<float>& plan, const float* values, size_t count,
                         const ArrayRandom& random, uint8_t* results) {
  const HostMode mode(direction(plan));
  HWY_DYNAMIC_DISPATCH(sums_to_u8)(plan, values, count, random, results);
}
void round_lanes_by_sums(const RoundingPlan<float>& plan, const float* values, size_t count,
                         const ArrayRandom& random, uint16_t* results) {
  const HostMode mode(direction(plan));
  HWY_DYNAMIC_DISPATCH(sums_to_u16)(plan, values, count, random, results);
}

}  // namespace assay
#endif
