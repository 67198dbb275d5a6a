// As in array_kernels_simd.cpp.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/block_kernels_simd.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include "formats/array_kernels_random-inl.h"
#include "formats/block_kernels_simd.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Ints = hn::CappedTag<int32_t, kPanelLanes>;
using Floats = hn::RebindToFloat<Ints>;
using Words = hn::RebindToUnsigned<Ints>;
using IntVector = hn::Vec<Ints>;
using FloatVector = hn::Vec<Floats>;

constexpr int kFractionWidth = 23;
constexpr int kFloatBias = 127;
constexpr int32_t kHiddenOne = 1 << kFractionWidth;
constexpr int32_t kFraction = kHiddenOne - 1;
constexpr int32_t kOne = kFloatBias << kFractionWidth;
constexpr int32_t kMagnitude = 0x7fffffff;
constexpr int32_t kInfinity = 0x7f800000;
constexpr int32_t kQuietNan = 0x7fc00000;
constexpr int kWidth = 32;

HWY_INLINE IntVector broadcast(int32_t x) {
  return hn::Set(Ints(), x);
}
HWY_INLINE FloatVector broadcast(float x) {
  return hn::Set(Floats(), x);
}
HWY_INLINE IntVector bits_of(FloatVector x) {
  return hn::BitCast(Ints(), x);
}
HWY_INLINE FloatVector as_floats(IntVector bits) {
  return hn::BitCast(Floats(), bits);
}
template <typename Mask>
HWY_INLINE IntVector all_ones_where(Mask mask) {
  return hn::VecFromMask(Ints(), mask);
}

// Logical shifts by 0..31.
HWY_INLINE IntVector shift_right(IntVector x, IntVector by) {
  return hn::BitCast(Ints(), hn::BitCast(Words(), x) >> hn::BitCast(Words(), by));
}
HWY_INLINE IntVector shift_left(IntVector x, IntVector by) {
  return hn::BitCast(Ints(), hn::BitCast(Words(), x) << hn::BitCast(Words(), by));
}

// ---- magnitudes ----

// The bits of a magnitude as if float had more exponents: those of subnormal numbers are negative, and those of zero
// below them all, but not so far that an exponent could not be added. Conversion from an integer is exact.
HWY_INLINE IntVector normalized(IntVector magnitude) {
  constexpr int32_t kLeast = 149 * kHiddenOne, kZero = -128 * kHiddenOne;
  const IntVector from_integer = hn::Sub(bits_of(hn::ConvertTo(Floats(), magnitude)), broadcast(kLeast));
  return hn::IfThenElse(hn::Lt(magnitude, broadcast(kHiddenOne)), hn::Max(from_integer, broadcast(kZero)),
                        magnitude);
}

// From the magnitude of a code to the bits of its absolute value.
struct MagnitudeDecoder {
  int shift;
  IntVector exponent_offset;
  IntVector first_normal;
  FloatVector unit;

  explicit HWY_INLINE MagnitudeDecoder(const Placement<float>& at)
      : shift(at.shift),
        exponent_offset(broadcast(at.exponent_offset)),
        first_normal(broadcast(at.first_normal)),
        unit(broadcast(at.unit)) {}

  HWY_INLINE IntVector operator()(IntVector magnitude) const {
    const IntVector normal = hn::Add(hn::ShiftLeftSame(magnitude, shift), exponent_offset);
    const IntVector subnormal = bits_of(hn::Mul(hn::ConvertTo(Floats(), magnitude), unit));  // exact
    return hn::IfThenElse(hn::Lt(magnitude, first_normal), subnormal, normal);
  }
};

// A significand of 24 bits with the number of its bits below the last place of the format, which may be large.
struct Aligned {
  IntVector significand;
  IntVector shift;
};

struct Aligner {
  IntVector least_normal;
  IntVector last_shift;

  explicit HWY_INLINE Aligner(const Placement<float>& at)
      : least_normal(broadcast(at.exponent_offset + kHiddenOne)),
        last_shift(broadcast(at.shift + (at.exponent_offset >> kFractionWidth))) {}

  // Numbers at or above the least normal one keep their distance to it in the exponent field.
  HWY_INLINE Aligned operator()(IntVector magnitude) const {
    const IntVector exponent = hn::And(hn::Min(magnitude, least_normal), broadcast(kInfinity));
    const IntVector offset = hn::Sub(hn::Max(exponent, broadcast(kHiddenOne)), broadcast(kHiddenOne));
    return {hn::Sub(magnitude, offset), hn::Sub(last_shift, hn::ShiftRight<kFractionWidth>(offset))};
  }
};

// Significands that are shifted far are less than a quarter of a unit in any case.
HWY_INLINE IntVector near_shift(IntVector shift) {
  return hn::Min(shift, broadcast(kWidth - 1));
}

// ---- roundings: from the bits of an absolute value to the rounded magnitude of the code ----

// To nearest even, for numbers clamped to the largest. The sum with a power of two whose last place is that of the
// format is rounded by the processor.
struct NearestEven {
  IntVector least_normal;
  IntVector to_last_place;
  FloatVector largest;
  int shift;

  // `largest` is a number of the format.
  HWY_INLINE NearestEven(const Placement<float>& at, float largest_number)
      : least_normal(broadcast(at.exponent_offset + kHiddenOne)),
        to_last_place(broadcast(at.shift << kFractionWidth)),
        largest(broadcast(largest_number)),
        shift(at.shift) {}

  struct Sum {
    FloatVector sum;
    IntVector power;
    IntVector binade;
  };

  HWY_INLINE Sum add_power(FloatVector magnitude) const {
    const FloatVector x = hn::Min(magnitude, largest);
    const IntVector binade = hn::Max(hn::And(bits_of(x), broadcast(kInfinity)), least_normal);
    const IntVector power = hn::Add(binade, to_last_place);
    return {hn::Add(x, as_floats(power)), power, binade};
  }

  // The magnitude of the code: units of the last place, and those of the binades below.
  HWY_INLINE IntVector code(FloatVector magnitude) const {
    const Sum at = add_power(magnitude);
    const IntVector units = hn::Sub(bits_of(at.sum), at.power);
    return hn::Add(units, hn::ShiftRightSame(hn::Sub(at.binade, least_normal), shift));
  }

  HWY_INLINE FloatVector value(FloatVector magnitude) const {
    const Sum at = add_power(magnitude);
    return hn::Sub(at.sum, as_floats(at.power));
  }
};

// The others take the bits of a magnitude, whose exponent field is 0 if it is far below the least element, and give
// that of the code, unlimited.
struct ByRule {
  static constexpr bool kIsStochastic = false;
  static constexpr bool kTellsTinyFromZero = true;

  Aligner align;
  const RoundingRule& rule;

  explicit HWY_INLINE ByRule(const BlockPlan& plan) : align(plan.element.placement), rule(plan.rule) {}

  HWY_INLINE IntVector operator()(IntVector magnitude, IntVector negative, IntVector /*random*/) const {
    const Aligned at = align(magnitude);
    const IntVector shift = near_shift(at.shift);
    const IntVector ones =
        shift_right(broadcast(static_cast<int32_t>(rule.ones)), hn::Sub(broadcast(kWidth), shift));
    const IntVector odd =
        hn::Sub(hn::Zero(Ints()), hn::And(shift_right(at.significand, shift), broadcast(1)));
    const IntVector condition =
        hn::Xor(broadcast(rule.condition),
                hn::Or(hn::And(broadcast(rule.if_negative), negative), hn::And(broadcast(rule.if_odd), odd)));
    const IntVector addend = hn::Add(hn::And(ones, hn::Or(condition, broadcast(rule.always_add))),
                                     hn::And(condition, broadcast(rule.add_one)));
    return shift_right(hn::Add(at.significand, addend), shift);
  }
};

struct Stochastic {
  static constexpr bool kIsStochastic = true;
  static constexpr bool kTellsTinyFromZero = false;

  Aligner align;
  int random_bits;
  IntVector random_mask;
  IntVector half;      // sr_b: the bit below the random ones
  IntVector to_even;   // sr_c: first to the nearest multiple of the last random bit
  IntVector has_bits;  // 1 if there are random bits; without, all multiples are even

  explicit HWY_INLINE Stochastic(const BlockPlan& plan)
      : align(plan.element.placement),
        random_bits(plan.element.random_bits),
        random_mask(broadcast(static_cast<int32_t>(~(uint64_t{0xffffffff} >> random_bits)))),
        half(broadcast(plan.element.rounding == Rounding::sr_b
                           ? static_cast<int32_t>(uint32_t{0x80000000} >> random_bits)
                           : 0)),
        to_even(broadcast(plan.element.rounding == Rounding::sr_c ? -1 : 0)),
        has_bits(broadcast(random_bits > 0 ? 1 : 0)) {}

  // `random` has its bits in the most significant places. The shift is at least 17 (elements have up to 8 bits), more
  // than there are random bits, so that none of those gets lost.
  HWY_INLINE IntVector operator()(IntVector magnitude, IntVector /*negative*/, IntVector random) const {
    const Aligned at = align(magnitude);
    const IntVector shift = near_shift(at.shift);
    // What is shifted further loses its last bits before, and they are noted in the very last.
    const IntVector gap = hn::Min(hn::Sub(at.shift, shift), broadcast(kWidth - 1));
    const IntVector kept = shift_right(at.significand, gap);
    const IntVector lost = all_ones_where(hn::Ne(shift_left(kept, gap), at.significand));
    const IntVector near = hn::Or(kept, hn::And(lost, broadcast(1)));

    const IntVector rest = hn::Sub(broadcast(kWidth), shift);
    const IntVector addend = shift_right(hn::Or(hn::And(random, random_mask), half), rest);
    const IntVector random_place = hn::Sub(shift, broadcast(random_bits));
    const IntVector odd = hn::And(shift_right(near, random_place), has_bits);
    const IntVector below_half =
        hn::Sub(shift_left(broadcast(1), hn::Sub(random_place, broadcast(1))), broadcast(1));
    const IntVector to_nearest = hn::And(hn::Add(below_half, odd), to_even);
    return shift_right(hn::Add(hn::Add(near, addend), to_nearest), shift);
  }
};

// ---- scales ----

// For each block of a panel.
struct Scales {
  static constexpr size_t kSize = kMaxPanelBlocks;

  alignas(64)
      std::array<int32_t, kSize> amax;  // bits; at least those of infinity if there is something not finite
  alignas(64) std::array<int32_t, kSize> codes;
  alignas(64) std::array<int32_t, kSize> keep;  // all ones, or 0 if the scale is NaN
  alignas(64)
      std::array<int32_t, kSize> least;  // bits; any smaller magnitude becomes an element of 0, as this does
  alignas(64) std::array<float, kSize> multiplier;  // from numbers to elements
  alignas(64)
      std::array<int32_t, kSize> exponent;  // of a multiplier that is a power of two, in an exponent field
  // For Products::small: what the multiplier makes of the least normal number, if that is more, and the scale if it is
  // more than 1, or NaN.
  alignas(64) std::array<int32_t, kSize> limit;
  alignas(64) std::array<float, kSize> enlargement;
  alignas(64) std::array<float, kSize> scale;  // from elements to values, but for that of the tensor
  float tensor_scale = 1;
  bool any_small = false;  // some numbers or values may be subnormal
};

HWY_INLINE void store(IntVector x, int32_t* to) {
  hn::StoreU(x, Ints(), to);
}

HWY_INLINE void store(FloatVector x, float* to) {
  hn::StoreU(x, Floats(), to);
}
// NaN in place of x where `keep` is 0.
HWY_INLINE void store(FloatVector x, float* to, IntVector keep) {
  store(as_floats(hn::IfVecThenElse(keep, bits_of(x), broadcast(kQuietNan))), to);
}

// 2^exponent for exponents of -127..127.
HWY_INLINE FloatVector power_of_two(IntVector exponent) {
  const IntVector field = hn::Add(exponent, broadcast(kFloatBias));
  const IntVector normal = hn::ShiftLeft<kFractionWidth>(field);
  return as_floats(hn::IfThenElse(hn::Eq(field, hn::Zero(Ints())), broadcast(kHiddenOne / 2), normal));
}

// A magnitude whose product with a multiplier is far below all elements, so that with it in the place of smaller ones
// no product is subnormal; those make processors slow. 0 if the multiplier is so large that none can be.
HWY_INLINE IntVector least_magnitude(FloatVector multiplier) {
  constexpr int kLeastProduct = -62;
  const IntVector field = hn::ShiftRight<kFractionWidth>(bits_of(multiplier));
  const IntVector least = hn::Sub(broadcast(2 * kFloatBias + kLeastProduct), field);
  return hn::IfThenElseZero(hn::Gt(least, hn::Zero(Ints())), hn::ShiftLeft<kFractionWidth>(least));
}

void find_shared_exponents(const BlockPlan& plan, size_t count, Scales& scales) {
  constexpr int kSmallExponent = -64;
  const Ints d;
  IntVector any_small = hn::Zero(d);
  const SharedExponentPlan& shared = plan.shared;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const IntVector amax = hn::LoadU(d, scales.amax.data() + i);
    const IntVector bits = normalized(amax);
    const IntVector carry =
        all_ones_where(hn::Gt(hn::And(bits, broadcast(kFraction)), broadcast(shared.carry - 1)));
    IntVector code =
        hn::Sub(hn::Add(hn::ShiftRight<kFractionWidth>(bits), broadcast(shared.code_base)), carry);
    code = hn::IfThenZeroElse(hn::Lt(amax, broadcast(shared.first_above_least)), code);
    code = hn::IfThenElse(hn::Eq(amax, hn::Zero(d)), broadcast(shared.zero_code), code);
    code = hn::IfThenElse(hn::Gt(amax, broadcast(kInfinity - 1)), broadcast(shared.nan_code), code);
    code = hn::Min(code, broadcast(shared.nan_code));
    const IntVector keep = all_ones_where(hn::Lt(code, broadcast(shared.nan_code)));
    const IntVector exponent = hn::And(hn::Sub(code, broadcast(shared.exponent_bias)), keep);
    store(code, scales.codes.data() + i);
    store(keep, scales.keep.data() + i);
    const auto is_small = hn::And(hn::Lt(exponent, broadcast(kSmallExponent)), hn::Ne(amax, hn::Zero(d)));
    any_small = hn::Or(any_small, all_ones_where(is_small));
    const FloatVector multiplier = power_of_two(hn::Neg(exponent));
    store(multiplier, scales.multiplier.data() + i);
    store(least_magnitude(multiplier), scales.least.data() + i);
    const IntVector shift = hn::ShiftLeft<kFractionWidth>(hn::Neg(exponent));
    store(shift, scales.exponent.data() + i);
    store(hn::Add(broadcast(kHiddenOne), hn::Max(shift, hn::Zero(d))), scales.limit.data() + i);
    store(as_floats(hn::Sub(broadcast(kOne), hn::Min(shift, hn::Zero(d)))), scales.enlargement.data() + i,
          keep);
    store(power_of_two(exponent), scales.scale.data() + i, keep);
  }
  scales.any_small = !hn::AllFalse(d, hn::Ne(any_small, hn::Zero(d)));
}

// How numbers and values are multiplied with their scales, in single precision. Subnormal numbers are slow on some
// processors and are kept from them where there can be many.
//   usual   a product with the scale
//   small   the same for powers of two, with numbers or values that may be subnormal
//   tensor  values are products with the scale, which are exact, and with that of the tensor
//   tiny    the same with numbers and values that may be subnormal
enum class Products { usual, small, tensor, tiny };

// Numbers and values of a tensor of tiny ones are multiplied with a power of two: then none is subnormal.
constexpr int32_t kTinyShift = 64 * kHiddenOne;
constexpr float kTinyTensorScale = 0x1p-60F;

HWY_INLINE bool is_tiny(const BlockPlan& plan) {
  return HWY_NATIVE_FMA != 0 && plan.is_plain && plan.floating.tensor_decode < kTinyTensorScale;
}

// IEEE operations, but for overflow, which gives the largest float.
HWY_INLINE FloatVector limited(FloatVector x) {
  return hn::Min(x, broadcast(std::numeric_limits<float>::max()));
}

HWY_INLINE FloatVector scale_quotient(const FloatScalePlan& plan, FloatVector amax) {
  if (plan.is_transformer_engine) {
    const FloatVector factor =
        limited(hn::Mul(broadcast(plan.tensor_encode), broadcast(plan.element_reciprocal)));
    return limited(hn::Mul(amax, factor));
  }
  FloatVector quotient = hn::Div(amax, broadcast(plan.largest_element));
  if (plan.has_tensor_scale) quotient = limited(hn::Div(quotient, broadcast(plan.tensor_decode)));
  return hn::Min(hn::Max(quotient, broadcast(plan.least_quotient)), broadcast(plan.greatest_quotient));
}

HWY_INLINE FloatVector reciprocal_scale(const FloatScalePlan& plan, FloatVector scale) {
  if (!plan.is_transformer_engine) return limited(hn::Div(broadcast(plan.numerator), scale));
  // 1 / 0 is infinity, which becomes the largest float.
  return limited(hn::Div(broadcast(1.0F), limited(hn::Mul(scale, broadcast(plan.tensor_decode)))));
}

void find_float_scales(const BlockPlan& plan, size_t count, Scales& scales) {
  const Ints d;
  const FloatScalePlan& floating = plan.floating;
  const NearestEven round(floating.placement, floating.greatest_quotient);
  const FloatVector power = as_floats(broadcast(is_tiny(plan) ? kOne - kTinyShift : kOne));
  scales.tensor_scale = floating.tensor_decode / hn::GetLane(power);
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const IntVector amax = hn::LoadU(d, scales.amax.data() + i);
    const IntVector keep = all_ones_where(hn::Lt(amax, broadcast(kInfinity)));
    const FloatVector quotient = scale_quotient(floating, as_floats(hn::And(amax, keep)));
    const FloatVector scale = round.value(quotient);
    store(hn::IfVecThenElse(keep, round.code(quotient), broadcast(floating.nan_code)),
          scales.codes.data() + i);
    store(keep, scales.keep.data() + i);
    const FloatVector multiplier = reciprocal_scale(floating, scale);
    store(hn::Mul(multiplier, power), scales.multiplier.data() + i);
    store(least_magnitude(multiplier), scales.least.data() + i);
    store(scale, scales.scale.data() + i, keep);
  }
}

// The magnitude that was subnormal in `bits` before a shift of the exponent made it `shifted`: then it lacks the hidden
// one, and the exponent is one too small. `least` is the least normal number, shifted.
HWY_INLINE FloatVector without_hidden_one(FloatVector shifted, FloatVector least) {
  return hn::Min(shifted, hn::MulSub(shifted, broadcast(2.0F), least));
}

// The scale of one block in all lanes, or those of neighbouring blocks.
template <Products kProducts>
struct LaneScales {
  IntVector keep, exponent, least, limit;
  FloatVector multiplier, enlargement, scale, tensor_scale;

  static HWY_INLINE LaneScales same(const Scales& scales, size_t block) {
    LaneScales lanes;
    lanes.keep = broadcast(scales.keep[block]);
    lanes.exponent = broadcast(scales.exponent[block]);
    if (kProducts == Products::small) {
      lanes.limit = broadcast(scales.limit[block]);
      lanes.enlargement = broadcast(scales.enlargement[block]);
    }
    lanes.least = broadcast(scales.least[block]);
    lanes.multiplier = broadcast(scales.multiplier[block]);
    lanes.scale = broadcast(scales.scale[block]);
    lanes.tensor_scale = broadcast(scales.tensor_scale);
    return lanes;
  }

  static HWY_INLINE LaneScales each(const Scales& scales, size_t block) {
    const Ints d;
    LaneScales lanes;
    lanes.keep = hn::LoadU(d, scales.keep.data() + block);
    lanes.exponent = hn::LoadU(d, scales.exponent.data() + block);
    if (kProducts == Products::small) {
      lanes.limit = hn::LoadU(d, scales.limit.data() + block);
      lanes.enlargement = hn::LoadU(Floats(), scales.enlargement.data() + block);
    }
    lanes.least = hn::LoadU(d, scales.least.data() + block);
    lanes.multiplier = hn::LoadU(Floats(), scales.multiplier.data() + block);
    lanes.scale = hn::LoadU(Floats(), scales.scale.data() + block);
    lanes.tensor_scale = broadcast(scales.tensor_scale);
    return lanes;
  }

  // A magnitude times the multiplier, for rounding to nearest: what is far below the least element is something else
  // that is so.
  HWY_INLINE FloatVector descaled(IntVector magnitude) const {
    if constexpr (kProducts == Products::small) {
      const FloatVector shifted = as_floats(hn::Max(hn::Add(magnitude, exponent), hn::Zero(Ints())));
      return without_hidden_one(shifted, as_floats(limit));
    } else if constexpr (kProducts == Products::tiny) {
      const FloatVector shifted = as_floats(hn::Add(magnitude, broadcast(kTinyShift)));
      return hn::Mul(without_hidden_one(shifted, as_floats(broadcast(kTinyShift + kHiddenOne))), multiplier);
    } else {
      return hn::Mul(as_floats(hn::Max(magnitude, least)), multiplier);
    }
  }

  // Elements that are finite and not negative times their scale, rounded once; without a scale of the tensor the product
  // is exact but for overflow.
  HWY_INLINE FloatVector values(FloatVector elements) const {
    if constexpr (kProducts == Products::usual) return hn::Mul(elements, scale);
    if constexpr (kProducts == Products::small) return small_values(elements);
    if constexpr (kProducts == Products::tiny) return tiny_values(hn::Mul(elements, scale));
    return hn::Mul(hn::Mul(elements, scale), tensor_scale);
  }

  // The same for any elements.
  HWY_INLINE FloatVector values_of_any(FloatVector elements) const {
    if constexpr (kProducts != Products::small) return values(elements);
    const FloatVector magnitude = hn::Abs(elements);
    const auto is_finite = hn::Lt(magnitude, as_floats(broadcast(kInfinity)));
    const FloatVector value = hn::IfThenElse(is_finite, values(magnitude), hn::Mul(magnitude, scale));
    return hn::CopySignToAbs(value, elements);
  }

 private:
  // A sum with the least normal number is rounded to a multiple of the least subnormal one, and the bits of a subnormal
  // number are the integer it is a multiple by; they are greater than those that a normal number would have there.
  HWY_INLINE FloatVector small_values(FloatVector magnitude) const {
    const IntVector subnormal = hn::Sub(bits_of(hn::Add(magnitude, as_floats(limit))), limit);
    const IntVector reduction = hn::Sub(limit, broadcast(kHiddenOne));
    return as_floats(hn::Max(subnormal, hn::Sub(bits_of(hn::Mul(magnitude, enlargement)), reduction)));
  }

  // The same for magnitudes that are multiplied with the scale of the tensor, which has the power of two in it.
  HWY_INLINE FloatVector tiny_values(FloatVector magnitude) const {
    const IntVector least_normal = broadcast(kTinyShift + kHiddenOne);
    const IntVector subnormal =
        hn::Sub(bits_of(hn::MulAdd(magnitude, tensor_scale, as_floats(least_normal))), least_normal);
    const IntVector normal = hn::Sub(bits_of(hn::Mul(magnitude, tensor_scale)), broadcast(kTinyShift));
    return as_floats(hn::IfVecThenElse(keep, hn::Max(subnormal, normal), broadcast(kQuietNan)));
  }
};

// ---- elements ----

// Every one is rounded to nearest even, is not NaN, has a sign, and is at most the largest.
template <Products kProducts, bool kToValues>
class PlainQuantizer {
 public:
  static constexpr bool kIsStochastic = false;

  explicit HWY_INLINE PlainQuantizer(const BlockPlan& plan)
      : round_(plan.element.placement, plan.largest_element),
        sign_(broadcast(plan.element.codes.sign)),
        sign_shift_(kWidth - plan.element_width) {}

  HWY_INLINE IntVector operator()(IntVector all_bits, IntVector /*random*/,
                                  const LaneScales<kProducts>& scale) const {
    const IntVector bits = hn::And(all_bits, scale.keep);
    const FloatVector x = scale.descaled(hn::And(bits, broadcast(kMagnitude)));
    if constexpr (kToValues) {
      return hn::OrAnd(bits_of(scale.values(round_.value(x))), bits, broadcast(~kMagnitude));
    } else {
      return hn::OrAnd(round_.code(x), hn::ShiftRightSame(bits, sign_shift_), sign_);
    }
  }

 private:
  NearestEven round_;
  IntVector sign_;
  int sign_shift_;
};

HWY_INLINE IntVector by_sign(const BySign<int32_t>& at, IntVector negative) {
  return hn::Xor(broadcast(at.positive), hn::And(negative, broadcast(at.positive ^ at.negative)));
}

template <typename Round, bool kMultiplies, Products kProducts, bool kToValues>
class GeneralQuantizer {
 public:
  static constexpr bool kIsStochastic = Round::kIsStochastic;
  using Scale = LaneScales<kProducts>;

  explicit HWY_INLINE GeneralQuantizer(const BlockPlan& block_plan)
      : plan_(block_plan.element), round_(block_plan), decode_(plan_.placement) {}

  HWY_INLINE IntVector operator()(IntVector all_bits, IntVector random, const Scale& scale) const {
    const IntVector bits = hn::And(all_bits, scale.keep);
    const IntVector magnitude = hn::And(bits, broadcast(kMagnitude));
    const IntVector negative = hn::BroadcastSignBit(bits);
    const IntVector rounded = round_(descaled(magnitude, scale), negative, random);
    const IntVector result = outcome(magnitude, negative, rounded);
    if constexpr (kToValues) return bits_of(scale.values_of_any(as_floats(result)));
    return result;
  }

 private:
  // The bits of a magnitude over its scale. A power of two leaves 0 or, if it should be told from zero, 1 of what is
  // below all floats.
  static HWY_INLINE IntVector descaled(IntVector magnitude, const Scale& scale) {
    if constexpr (kMultiplies) return bits_of(limited(hn::Mul(as_floats(magnitude), scale.multiplier)));
    const IntVector least = Round::kTellsTinyFromZero ? hn::Min(magnitude, broadcast(1)) : hn::Zero(Ints());
    return hn::Max(hn::Add(normalized(magnitude), scale.exponent), least);
  }

  // The code, or the element's own value.
  HWY_INLINE IntVector outcome(IntVector magnitude, IntVector negative, IntVector rounded) const {
    const Outcomes<int32_t>& outcomes = kToValues ? plan_.values : plan_.codes;
    IntVector finite = kToValues ? decode_(rounded) : rounded;
    if (!kToValues && plan_.twos_complement) {
      finite = hn::And(hn::Sub(hn::Xor(finite, negative), negative), broadcast(plan_.code_mask));
    }
    const IntVector is_signed =
        hn::Or(broadcast(plan_.keeps_negative_zero ? -1 : 0), hn::Neg(rounded));  // its first bit
    const IntVector sign =
        hn::And(hn::BroadcastSignBit(hn::And(negative, is_signed)), broadcast(outcomes.sign));
    IntVector result = hn::IfThenElse(hn::Gt(rounded, by_sign(plan_.magnitude_limit, negative)),
                                      by_sign(outcomes.overflow, negative), hn::Or(finite, sign));
    result =
        hn::IfThenElse(hn::Eq(magnitude, broadcast(kInfinity)), by_sign(outcomes.infinity, negative), result);
    return hn::IfThenElse(hn::Gt(magnitude, broadcast(kInfinity)), broadcast(outcomes.nan), result);
  }

  const RoundingPlan<float>& plan_;
  Round round_;
  MagnitudeDecoder decode_;
};

// ---- panels ----

HWY_INLINE IntVector load_magnitude(const float* values, bool only_finite) {
  const IntVector magnitude = hn::And(bits_of(hn::LoadU(Floats(), values)), broadcast(kMagnitude));
  return only_finite ? hn::IfThenZeroElse(hn::Gt(magnitude, broadcast(kInfinity - 1)), magnitude) : magnitude;
}

#if HWY_TARGET != HWY_SCALAR
// The largest lanes of four vectors together take less shuffling than one by one: those of two vectors in turn, those of
// four in turn, and then those of the parts of 128 bits.
HWY_INLINE IntVector pairs_of_largest(IntVector a, IntVector b) {
  return hn::Max(hn::InterleaveLower(Ints(), a, b), hn::InterleaveUpper(Ints(), a, b));
}
HWY_INLINE IntVector fours_of_largest(IntVector first_two, IntVector last_two) {
  const hn::RepartitionToWide<Ints> wide;
  const auto a = hn::BitCast(wide, first_two), b = hn::BitCast(wide, last_two);
  return hn::Max(hn::BitCast(Ints(), hn::InterleaveLower(wide, a, b)),
                 hn::BitCast(Ints(), hn::InterleaveUpper(wide, a, b)));
}
template <class D>
HWY_INLINE void store_largest_four(D d, hn::Vec<D> fours, int32_t* to) {
  if constexpr (hn::MaxLanes(D()) > 4) {
    const hn::Half<D> half;
    store_largest_four(half, hn::Max(hn::LowerHalf(half, fours), hn::UpperHalf(half, fours)), to);
  } else {
    hn::StoreU(fours, d, to);
  }
}
#endif

template <bool kOnlyFinite>
void find_largest(const BlockPanel& panel, Scales& scales) {
  const Ints d;
  if (panel.blocks_are_columns) {
    for (size_t block = 0; block < panel.count; block += hn::Lanes(d)) {
      IntVector largest = hn::Zero(d);
      for (size_t i = 0; i < panel.block_size; ++i) {
        largest = hn::Max(largest, load_magnitude(panel.values + i * panel.count + block, kOnlyFinite));
      }
      store(largest, scales.amax.data() + block);
    }
    return;
  }
  const auto largest_of = [&](size_t block) HWY_ATTR {
    const float* values = panel.values + block * panel.block_size;
    IntVector largest = load_magnitude(values, kOnlyFinite);
    for (size_t i = hn::Lanes(d); i < panel.block_size; i += hn::Lanes(d)) {
      largest = hn::Max(largest, load_magnitude(values + i, kOnlyFinite));
    }
    return largest;
  };
  size_t block = 0;
#if HWY_TARGET != HWY_SCALAR
  // Longer blocks come from memory no faster so.
  const size_t end_of_fours = panel.block_size == hn::Lanes(d) ? panel.count / 4 * 4 : 0;
  for (; block < end_of_fours; block += 4) {
    // In the order of memory: arguments would be evaluated from the last on.
    const IntVector a = largest_of(block), b = largest_of(block + 1);
    const IntVector c = largest_of(block + 2), e = largest_of(block + 3);
    store_largest_four(d, fours_of_largest(pairs_of_largest(a, b), pairs_of_largest(c, e)),
                       scales.amax.data() + block);
  }
#endif
  for (; block < panel.count; ++block) {
    scales.amax[block] = hn::GetLane(hn::MaxOfLanes(d, largest_of(block)));
  }
}

void find_scales(const BlockPlan& plan, const BlockPanel& panel, Scales& scales) {
  if (plan.keeps_non_finite) {
    find_largest<true>(panel, scales);
  } else {
    find_largest<false>(panel, scales);
  }
  // Whole vectors of scales.
  for (size_t i = panel.count; i % kPanelLanes != 0; ++i) scales.amax[i] = 0;
  if (plan.multiplies) {
    find_float_scales(plan, panel.count, scales);
  } else {
    find_shared_exponents(plan, panel.count, scales);
  }
}

HWY_INLINE void store(IntVector result, uint8_t* to) {
  const hn::Rebind<uint8_t, Words> d8;
  hn::StoreU(hn::TruncateTo(d8, hn::BitCast(Words(), result)), d8, to);
}
HWY_INLINE void store(IntVector result, float* to) {
  store(as_floats(result), to);
}

template <typename Quantizer, Products kProducts, typename Result>
void quantize_elements(const BlockPlan& plan, const BlockPanel& panel, const Scales& scales,
                       Result* results) {
  using Scale = LaneScales<kProducts>;
  const Quantizer quantizer(plan);
  const Ints d;
  const size_t lanes = hn::Lanes(d);
  const auto step = [&](size_t i, const Scale& scale) HWY_ATTR {
    IntVector words = hn::Zero(d);
    if constexpr (Quantizer::kIsStochastic) {
      const hn::Rebind<uint16_t, Ints> d16;
      words = hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(Words(), hn::LoadU(d16, panel.random + i))));
    }
    store(quantizer(bits_of(hn::LoadU(Floats(), panel.values + i)), words, scale), results + i);
  };
  if (panel.blocks_are_columns) {
    for (size_t block = 0; block < panel.count; block += lanes) {
      const Scale scale = Scale::each(scales, block);
      for (size_t i = 0; i < panel.block_size; ++i) step(i * panel.count + block, scale);
    }
    return;
  }
  for (size_t block = 0; block < panel.count; ++block) {
    const Scale scale = Scale::same(scales, block);
    const size_t end = (block + 1) * panel.block_size;
    for (size_t i = block * panel.block_size; i < end; i += lanes) {
      // The next panel, which memory can bring meanwhile; behind the last one this does nothing.
      hwy::Prefetch(panel.values + i + panel.count * panel.block_size);
      step(i, scale);
    }
  }
}

template <bool kMultiplies, Products kProducts, typename Result>
void quantize_with(const BlockPlan& plan, const BlockPanel& panel, const Scales& scales, Result* results) {
  constexpr bool kToValues = std::is_same_v<Result, float>;
  if (plan.is_plain) {
    quantize_elements<PlainQuantizer<kProducts, kToValues>, kProducts>(plan, panel, scales, results);
  } else if (plan.is_stochastic) {
    using Quantizer = GeneralQuantizer<Stochastic, kMultiplies, kProducts, kToValues>;
    quantize_elements<Quantizer, kProducts>(plan, panel, scales, results);
  } else {
    using Quantizer = GeneralQuantizer<ByRule, kMultiplies, kProducts, kToValues>;
    quantize_elements<Quantizer, kProducts>(plan, panel, scales, results);
  }
}

template <typename Result>
void quantize_any(const BlockPlan& plan, const BlockPanel& panel, Scales& scales, Result* results) {
  constexpr bool kToValues = std::is_same_v<Result, float>;
  find_scales(plan, panel, scales);
  if (!plan.multiplies && !scales.any_small) {
    quantize_with<false, Products::usual>(plan, panel, scales, results);
  } else if (!plan.multiplies) {
    quantize_with<false, Products::small>(plan, panel, scales, results);
  } else if (is_tiny(plan)) {
    quantize_elements<PlainQuantizer<Products::tiny, kToValues>, Products::tiny>(plan, panel, scales,
                                                                                 results);
  } else if (plan.floating.has_tensor_scale && kToValues) {
    quantize_with<true, Products::tensor>(plan, panel, scales, results);
  } else {
    quantize_with<true, Products::usual>(plan, panel, scales, results);
  }
}

void panel_codes(const BlockPlan& plan, const BlockPanel& panel, uint8_t* codes, uint8_t* scale_codes) {
  Scales scales;
  quantize_any(plan, panel, scales, codes);
  std::transform(scales.codes.begin(), scales.codes.begin() + static_cast<std::ptrdiff_t>(panel.count),
                 scale_codes, [](int32_t code) { return static_cast<uint8_t>(code); });
}

void panel_values(const BlockPlan& plan, const BlockPanel& panel, float* results) {
  Scales scales;
  quantize_any(plan, panel, scales, results);
}

uint32_t largest_finite(const float* values, size_t count) {
  const Ints d;
  const size_t lanes = hn::Lanes(d);
  constexpr size_t kAhead = 1024;  // numbers; one stream of loads is slower than memory
  IntVector largest = hn::Zero(d), others = hn::Zero(d);
  size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    hwy::Prefetch(values + std::min(i + kAhead, count - 1));
    largest = hn::Max(largest, load_magnitude(values + i, true));
    others = hn::Max(others, load_magnitude(values + i + lanes, true));
  }
  largest = hn::Max(largest, others);
  for (; i < count; i += lanes) {
    std::array<float, kPanelLanes> last{};
    std::copy_n(values + i, std::min(lanes, count - i), last.begin());
    largest = hn::Max(largest, load_magnitude(last.data(), true));
  }
  return static_cast<uint32_t>(hn::GetLane(hn::MaxOfLanes(d, largest)));
}

void batch_of_halves(uint64_t seed, uint64_t stream, uint64_t batch, uint16_t* halves) {
  static_assert(kRandomHalves == kRandomBatch);
  alignas(HWY_MAX_BYTES) RandomHalves all;
  Philox(seed, stream).fill(batch * kCounters, all);
  std::copy_n(all.begin(), kRandomBatch, halves);
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
HWY_EXPORT(panel_codes);
HWY_EXPORT(panel_values);
HWY_EXPORT(largest_finite);
HWY_EXPORT(batch_of_halves);

void quantize_panel(const BlockPlan& plan, const BlockPanel& panel, uint8_t* codes, uint8_t* scales) {
  HWY_DYNAMIC_DISPATCH(panel_codes)(plan, panel, codes, scales);
}

void quantize_dequantize_panel(const BlockPlan& plan, const BlockPanel& panel, float* results) {
  HWY_DYNAMIC_DISPATCH(panel_values)(plan, panel, results);
}

uint32_t largest_finite_bits(const float* values, size_t count) {
  return HWY_DYNAMIC_DISPATCH(largest_finite)(values, count);
}

void fill_random_batch(uint64_t seed, uint64_t stream, uint64_t batch, uint16_t* halves) {
  HWY_DYNAMIC_DISPATCH(batch_of_halves)(seed, stream, batch, halves);
}

}  // namespace assay
#endif
