#include "formats/array_kernels_plan.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "formats/round.h"

namespace assay {
namespace {

const Format& fp32() {
  static const Format format = parse_format("fp32");
  return format;
}
const Format& fp64() {
  static const Format format = parse_format("fp64");
  return format;
}
const Format& format_of(float /*type*/) {
  return fp32();
}
const Format& format_of(double /*type*/) {
  return fp64();
}

template <typename Float>
Placement<Float> placement_of(int fraction_width, int least_normal_exponent) {
  using Layout = FloatLayout<Float>;
  using Lane = typename Layout::Lane;
  Placement<Float> at;
  at.shift = Layout::kFractionWidth - fraction_width;
  at.exponent_offset = Lane{least_normal_exponent - 1} << Layout::kFractionWidth;
  if (least_normal_exponent > 1) {
    at.first_normal = Lane{1} << fraction_width;
    at.unit = std::bit_cast<Float>(Lane{least_normal_exponent - fraction_width} << Layout::kFractionWidth);
  }
  return at;
}

// As multiples of one unit, which is a normal value of Float.
template <typename Float>
std::optional<Placement<Float>> place_integer(const Format& format) {
  using Layout = FloatLayout<Float>;
  constexpr int kFractionWidth = Layout::kFractionWidth - 1;
  constexpr int kGreatestScale = 64;
  if (format.width >= kFractionWidth || std::abs(format.fraction_width) > kGreatestScale) return std::nullopt;
  return placement_of<Float>(kFractionWidth, Layout::kExponentBias + kFractionWidth - format.fraction_width);
}

// Nothing unless every finite value of the format is a value of Float, and its subnormals are normal in Float or
// coincide with those of Float: the loops scale them by a multiplication, and hosts can be set to flush subnormals.
template <typename Float>
std::optional<Placement<Float>> place_floating(const Format& format) {
  using Layout = FloatLayout<Float>;
  const int least = Layout::kExponentBias + 1 - format.exponent_bias;
  constexpr int kLaneWidth = 8 * sizeof(Float);
  if (format.width >= kLaneWidth || format.fraction_width >= Layout::kFractionWidth) return std::nullopt;
  if (least < 1 || (least != 1 && least <= format.fraction_width)) return std::nullopt;
  const auto exponents = static_cast<int>(max_finite_magnitude(format) >> format.fraction_width);
  if (exponents + least - 1 > 2 * Layout::kExponentBias) return std::nullopt;
  return placement_of<Float>(format.fraction_width, least);
}

template <typename Float>
std::optional<Placement<Float>> place_without_zero(const Format& format) {
  using Layout = FloatLayout<Float>;
  const int least = Layout::kExponentBias - format.exponent_bias;
  const auto exponents = static_cast<int>(max_finite_magnitude(format) >> format.fraction_width);
  const bool fits = format.width <= 16 && !format.is_signed && !format.has_infinity && least >= 0 &&
                    exponents + least <= 2 * Layout::kExponentBias;
  if (!fits) return std::nullopt;
  Placement<Float> at;
  at.shift = Layout::kFractionWidth - format.fraction_width;
  at.exponent_offset = typename Layout::Lane{least} << Layout::kFractionWidth;
  at.has_zero = false;
  return at;
}

template <typename Float>
std::optional<Placement<Float>> place(const Format& format) {
  if (is_integer(format)) return place_integer<Float>(format);
  if (format.kind == FormatKind::floating && !format.has_subnormals) return place_without_zero<Float>(format);
  return format.kind == FormatKind::floating ? place_floating<Float>(format) : std::nullopt;
}

// Greatest rounded magnitudes that do not overflow.
template <typename Lane>
BySign<Lane> magnitude_limit(const Format& format, Saturation saturation) {
  const auto largest = static_cast<Lane>(max_finite_magnitude(format));
  // Without zero whatever is below it overflows, otherwise what is rounded to something else.
  if (!format.is_signed) return {largest, format.has_subnormals ? 0 : -1};
  const bool has_least = format.kind == FormatKind::twos_complement && !format.is_symmetric &&
                         saturation != Saturation::sat_symmetric;
  return {largest, largest + (has_least ? 1 : 0)};
}

// The bits of the value of a magnitude.
template <typename Float>
typename FloatLayout<Float>::Lane bits_of_magnitude(const Placement<Float>& at,
                                                    typename FloatLayout<Float>::Lane magnitude) {
  using Lane = typename FloatLayout<Float>::Lane;
  if (magnitude < at.first_normal) return std::bit_cast<Lane>(static_cast<Float>(magnitude) * at.unit);
  return (magnitude << at.shift) + at.exponent_offset;
}

RoundingMethod method_of(const RoundingPlan<float>& plan) {
  constexpr int kHalfWord = 16;
  constexpr int kFractionWidth = FloatLayout<float>::kFractionWidth;
  const Placement<float>& at = plan.placement;
  const bool is_random = is_stochastic(plan.rounding);
  if ((!is_random && plan.rounding != Rounding::rne) || (is_random && plan.random_bits > kHalfWord) ||
      plan.wraps || !at.has_zero) {
    return RoundingMethod::magnitude;
  }
  if (at.first_normal == 0) {
    return !is_random || at.shift >= kHalfWord ? RoundingMethod::linear : RoundingMethod::magnitude;
  }
  // A code without a fraction is not even where its significand is, and without random bits all of their multiples
  // count as even.
  if (plan.rounding == Rounding::rne && at.shift == kFractionWidth) return RoundingMethod::magnitude;
  if (plan.rounding == Rounding::sr_c && plan.random_bits == 0) return RoundingMethod::magnitude;
  const auto field = [](int32_t bits) { return bits >> kFractionWidth; };
  const int least_unit = field(at.exponent_offset) + 1 - (kFractionWidth - at.shift) - plan.random_bits;
  const int greatest_power = std::max(field(plan.beyond_limit), field(at.exponent_offset) + 1) + at.shift;
  const bool are_normal = (!is_random || least_unit > RoundingPlan<float>::kFarBelow) &&
                          greatest_power <= 2 * FloatLayout<float>::kExponentBias;
  return are_normal ? RoundingMethod::sum : RoundingMethod::magnitude;
}
RoundingMethod method_of(const RoundingPlan<double>& /*plan*/) {
  return RoundingMethod::magnitude;
}

template <typename Float>
RoundingEnds ends_of(const RoundingPlan<Float>& plan) {
  if (plan.infinity_apart || plan.wraps || !plan.placement.has_zero) return RoundingEnds::any;
  if (plan.twos_complement) return RoundingEnds::complement;
  const auto flip = plan.values.overflow.positive ^ plan.values.overflow.negative;
  const bool is_symmetric = plan.magnitude_limit.positive == plan.magnitude_limit.negative;
  if (!is_symmetric || (flip != 0 && flip != plan.values.sign)) return RoundingEnds::any;
  return plan.keeps_negative_zero ? RoundingEnds::plain : RoundingEnds::unsigned_zero;
}

Real special(RealClass kind, bool negative) {
  Real value;
  value.kind = kind;
  value.negative = negative;
  return value;
}

// Beyond every format.
Real huge(bool negative) {
  Real value = special(RealClass::finite, negative);
  value.exponent = 1 << 24;
  value.significand = 1;
  return value;
}

template <typename Float>
typename FloatLayout<Float>::Lane value_bits(const Format& format, uint64_t code) {
  return std::bit_cast<typename FloatLayout<Float>::Lane>(nearest_float<Float>(decode(format, code)));
}

}  // namespace

Real real_of(float value) {
  return decode(fp32(), std::bit_cast<uint32_t>(value));
}

Real real_of(double value) {
  return decode(fp64(), std::bit_cast<uint64_t>(value));
}

template <typename Float>
Float nearest_float(const Real& value) {
  using Lane = typename FloatLayout<Float>::Lane;
  return std::bit_cast<Float>(
      static_cast<Lane>(round_to_code(format_of(Float{}), value, Rounding::rne, Saturation::sat_none)));
}

template <typename Float>
std::optional<RoundingPlan<Float>> make_rounding_plan(const Format& format, Rounding rounding,
                                                      Saturation saturation, int random_bits) {
  using Layout = FloatLayout<Float>;
  using Lane = typename Layout::Lane;
  const std::optional<Placement<Float>> at = place<Float>(format);
  const bool wraps = saturation == Saturation::wrap && is_integer(format);
  if (!at || (wraps && format.kind == FormatKind::sign_magnitude)) return std::nullopt;
  constexpr int kLaneWidth = 8 * sizeof(Lane);
  const bool keeps_rest = rounding == Rounding::sr_b || rounding == Rounding::sr_c;
  if (keeps_rest && random_bits > kLaneWidth - 2) return std::nullopt;

  const auto code = [&](const Real& value) { return round_to_code(format, value, rounding, saturation); };
  const auto by_sign = [&](auto outcome, RealClass kind) {
    const auto of = [&](bool negative) {
      return outcome(code(kind == RealClass::finite ? huge(negative) : special(kind, negative)));
    };
    return BySign<Lane>{of(false), of(true)};
  };
  const auto as_code = [](uint64_t c) { return static_cast<Lane>(c); };
  const auto as_value = [&](uint64_t c) { return value_bits<Float>(format, c); };

  RoundingPlan<Float> plan;
  plan.rounding = rounding;
  plan.random_bits = random_bits;
  plan.placement = *at;
  plan.is_integer = is_integer(format);
  plan.twos_complement = format.kind == FormatKind::twos_complement;
  plan.magnitude_limit = magnitude_limit<Lane>(format, saturation);
  plan.wraps = wraps;
  if (at->has_zero) {
    const auto& [positive, negative] = plan.magnitude_limit;
    plan.value_limit = {bits_of_magnitude(*at, positive), bits_of_magnitude(*at, negative)};
    plan.beyond_limit = bits_of_magnitude(*at, std::max(positive, negative) + 1);
  }
  plan.method = method_of(plan);
  plan.keeps_negative_zero = has_negative_zero(format);
  plan.code_mask = static_cast<Lane>(code_mask(format.width));
  plan.codes = {by_sign(as_code, RealClass::finite), by_sign(as_code, RealClass::infinity),
                as_code(code(special(RealClass::nan, false))),
                format.is_signed && !plan.twos_complement ? Lane{1} << (format.width - 1) : 0};
  plan.values = {by_sign(as_value, RealClass::finite), by_sign(as_value, RealClass::infinity),
                 as_value(code(special(RealClass::nan, false))),
                 static_cast<Lane>(uint64_t{1} << (kLaneWidth - 1))};

  const Lane magnitude_of_infinity = (Layout::kInfinity - at->exponent_offset) >> at->shift;
  plan.infinity_apart =
      plan.codes.overflow != plan.codes.infinity || magnitude_of_infinity <= plan.magnitude_limit.negative;
  plan.ends = ends_of(plan);
  return plan;
}

template <typename Float>
std::optional<DecodingPlan<Float>> make_decoding_plan(const Format& format) {
  using Lane = typename FloatLayout<Float>::Lane;
  const std::optional<Placement<Float>> at = place<Float>(format);
  if (!at) return std::nullopt;

  DecodingPlan<Float> plan;
  plan.placement = *at;
  plan.twos_complement = format.kind == FormatKind::twos_complement;
  plan.code_mask = static_cast<Lane>(code_mask(format.width));
  plan.sign_code = format.is_signed ? Lane{1} << (format.width - 1) : 0;
  plan.magnitude_limit = static_cast<Lane>(max_finite_magnitude(format) + (plan.twos_complement ? 1 : 0));
  if (format.has_infinity) plan.infinity_magnitude = plan.magnitude_limit + 1;
  plan.negative_zero = value_bits<Float>(format, static_cast<uint64_t>(plan.sign_code));
  return plan;
}

template float nearest_float<float>(const Real& value);
template double nearest_float<double>(const Real& value);
template std::optional<RoundingPlan<float>> make_rounding_plan(const Format&, Rounding, Saturation, int);
template std::optional<RoundingPlan<double>> make_rounding_plan(const Format&, Rounding, Saturation, int);
template std::optional<DecodingPlan<float>> make_decoding_plan(const Format&);
template std::optional<DecodingPlan<double>> make_decoding_plan(const Format&);

}  // namespace assay
