#include "formats/block_plan.h"

#include <bit>
#include <limits>

#include "formats/quotient.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr int kFractionWidth = FloatLayout<float>::kFractionWidth;
constexpr int kFloatBias = FloatLayout<float>::kExponentBias;
constexpr int32_t kInfinity = FloatLayout<float>::kInfinity;
constexpr int kMaxRandomBits = 16;
constexpr int kMaxWidth = 8;
// The loops take products below 2^-126 for something between zero and the least element.
constexpr float kLeastUnit = 0x1p-60F;
constexpr float kGreatestNumber = 0x1p60F;

Real amax_of(int32_t bits) {
  return real_from_float(std::bit_cast<float>(bits));
}

// The least number in [low, high] for which `holds`, which is monotonic; high if there is none.
template <typename Predicate>
int32_t first_where(int32_t low, int32_t high, const Predicate& holds) {
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

SharedExponentPlan make_shared(const BlockFormat& format) {
  constexpr int32_t kOne = kFloatBias << kFractionWidth;
  constexpr int32_t kNever = 1 << kFractionWidth;
  const auto exponent = [&](int32_t amax) { return shared_exponent(format, amax_of(amax)); };
  const auto code = [&](int e) { return static_cast<int32_t>(shared_exponent_code(format.scale, e)); };
  const int at_one = exponent(kOne);

  SharedExponentPlan plan;
  plan.exponent_bias = format.scale.exponent_bias;
  plan.code_base = at_one - kFloatBias + plan.exponent_bias;
  plan.carry = first_where(1, kNever, [&](int32_t fraction) { return exponent(kOne | fraction) > at_one; });
  plan.first_above_least = first_where(1, kInfinity, [&](int32_t amax) { return code(exponent(amax)) > 0; });
  plan.zero_code = code(zero_block_exponent(format));
  plan.nan_code = static_cast<int32_t>(canonical_nan(format.scale));
  return plan;
}

// The sum with a power of two is rounded to an even significand, which is an even code if there is a fraction.
bool rounds_to_even_codes(const Format& format) {
  return is_integer(format) || format.fraction_width > 0;
}

std::optional<FloatScalePlan> make_floating(const BlockFormat& format) {
  const Format& scale = format.scale;
  const auto rounding = make_rounding_plan<float>(scale, Rounding::rne, Saturation::sat_finite, 0);
  if (!rounding || rounding->placement.first_normal == 0 || rounding->placement.unit < kLeastUnit ||
      !rounds_to_even_codes(scale)) {
    return std::nullopt;
  }
  const Real one{RealClass::finite, false, 0, 1, false};
  FloatScalePlan plan;
  plan.is_transformer_engine = format.scale_policy == ScalePolicy::absmax_transformer_engine;
  plan.has_tensor_scale = format.tensor_scale == TensorScale::float32;
  plan.largest_element = round_to_float(largest_of(format.element));
  plan.element_reciprocal = round_to_float(divide(one, largest_of(format.element)));
  plan.least_quotient = round_to_float(decode(scale, uint64_t{1} << scale.fraction_width));
  plan.greatest_quotient = round_to_float(largest_of(scale));
  if (plan.greatest_quotient > kGreatestNumber) return std::nullopt;
  plan.placement = rounding->placement;
  plan.nan_code = scale.nan == NanEncoding::none ? 0 : static_cast<int32_t>(canonical_nan(scale));
  return plan;
}

RoundingRule rule_of(Rounding rounding) {
  constexpr uint32_t kBelowHalf = 0x7fffffff, kBelowOne = 0xffffffff;
  switch (rounding) {
    case Rounding::rna:
      return {kBelowHalf, -1, 1, -1, 0, 0};
    case Rounding::rntz:
      return {kBelowHalf, -1, 1, 0, 0, 0};
    case Rounding::rnup:
      return {kBelowHalf, -1, 1, -1, -1, 0};
    case Rounding::rndn:
      return {kBelowHalf, -1, 1, 0, -1, 0};
    case Rounding::rnodd:
      return {kBelowHalf, -1, 1, -1, 0, -1};
    case Rounding::rtz:
      return {kBelowOne, 0, 0, 0, 0, 0};
    case Rounding::rup:
      return {kBelowOne, 0, 0, -1, -1, 0};
    case Rounding::rdn:
      return {kBelowOne, 0, 0, 0, -1, 0};
    case Rounding::odd:
      return {kBelowOne, 0, 0, -1, 0, -1};
    default:
      return {kBelowHalf, -1, 1, 0, 0, -1};
  }
}

bool is_clamped(const RoundingPlan<float>& plan) {
  return plan.ends == RoundingEnds::plain && plan.codes.overflow.positive == plan.magnitude_limit.positive &&
         plan.codes.overflow.negative == (plan.magnitude_limit.positive | plan.codes.sign);
}

// Whether every element under every scale is a float32, as far as small ones are concerned.
bool values_are_floats(const BlockFormat& format, float unit) {
  return std::bit_cast<int32_t>(unit) >> kFractionWidth >= format.scale.exponent_bias - kFractionWidth + 1;
}

}  // namespace

std::optional<BlockPlan> make_block_plan(const BlockFormat& format, const BlockRounding& rounding) {
  const bool is_shared = has_power_of_two_scale(format.scale_policy);
  const bool is_vendor = format.scale_policy == ScalePolicy::absmax_torchao ||
                         format.scale_policy == ScalePolicy::absmax_transformer_engine;
  if ((!is_shared && !is_vendor) || format.sub_block_size > 0 || format.element.width > kMaxWidth ||
      format.scale.width > kMaxWidth) {
    return std::nullopt;
  }
  if (is_stochastic(rounding.rounding) && rounding.random_bits > kMaxRandomBits) return std::nullopt;
  const auto element =
      make_rounding_plan<float>(format.element, rounding.rounding, rounding.saturation, rounding.random_bits);
  if (!element || element->placement.first_normal == 0 || element->placement.unit < kLeastUnit ||
      to_double(largest_of(format.element)) > double{kGreatestNumber} ||
      (is_shared && !values_are_floats(format, element->placement.unit))) {
    return std::nullopt;
  }

  BlockPlan plan;
  plan.element = *element;
  plan.element_width = format.element.width;
  plan.largest_element = round_to_float(largest_of(format.element));
  plan.rule = rule_of(rounding.rounding);
  plan.is_stochastic = is_stochastic(rounding.rounding);
  plan.keeps_non_finite = format.non_finite == NonFinite::elements;
  plan.is_plain = rounding.rounding == Rounding::rne && !plan.keeps_non_finite && is_clamped(*element) &&
                  rounds_to_even_codes(format.element);
  plan.multiplies = is_vendor;
  if (is_shared) {
    plan.shared = make_shared(format);
  } else if (const auto floating = make_floating(format)) {
    plan.floating = *floating;
  } else {
    return std::nullopt;
  }
  return plan;
}

void set_tensor_scale(BlockPlan& plan, const TensorScaling& tensor) {
  const Real one{RealClass::finite, false, 0, 1, false};
  plan.floating.tensor_decode = tensor.decode;
  plan.floating.tensor_encode = tensor.encode;
  plan.floating.numerator = round_to_float(divide(one, real_from_float(tensor.decode)));
}

}  // namespace assay
