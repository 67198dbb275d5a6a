#include "formats/conversion.h"

#include <array>
#include <utility>

#include "formats/words.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, Conversion>, 5> kConversions = {
    {{"ocp_sat", {Rounding::rne, Saturation::sat_finite, NanPolicy::by_kind, InfinityPolicy::by_saturation}},
     {"ocp_ovf", {Rounding::rne, Saturation::sat_none, NanPolicy::by_kind, InfinityPolicy::by_saturation}},
     {"nvidia_satfinite",
      {Rounding::rne, Saturation::sat_finite, NanPolicy::largest_finite, InfinityPolicy::by_saturation}},
     {"onnx", {Rounding::rne, Saturation::sat_finite, NanPolicy::by_kind, InfinityPolicy::nan_in_fnuz}},
     {"ml_dtypes",
      {Rounding::rne, Saturation::sat_none, NanPolicy::negative_zero, InfinityPolicy::by_saturation}}}};

constexpr std::array<std::pair<std::string_view, NanPolicy>, 5> kNanPolicies = {
    {{"by_kind", NanPolicy::by_kind},
     {"largest_finite", NanPolicy::largest_finite},
     {"zero", NanPolicy::zero},
     {"negative_zero", NanPolicy::negative_zero},
     {"error", NanPolicy::error}}};

constexpr std::array<std::pair<std::string_view, InfinityPolicy>, 3> kInfinityPolicies = {
    {{"by_saturation", InfinityPolicy::by_saturation},
     {"keep", InfinityPolicy::keep},
     {"nan_in_fnuz", InfinityPolicy::nan_in_fnuz}}};

uint64_t missing_nan(const Format& format, const Real& nan, const Conversion& conversion) {
  switch (conversion.nan) {
    case NanPolicy::by_kind:
      break;
    case NanPolicy::largest_finite:
      return largest_finite_code(format, false);
    case NanPolicy::zero:
      return zero_code(format, false);
    case NanPolicy::negative_zero:
      return zero_code(format, true);
    case NanPolicy::error:
      fail("NaN has no code in format {}", format.name);
  }
  return round_to_code(format, nan, conversion.rounding, conversion.saturation);
}

}  // namespace

Conversion parse_conversion(std::string_view name) {
  return value_of(kConversions, "conversion", name);
}

std::vector<std::string_view> named_conversions() {
  std::vector<std::string_view> names;
  names.reserve(std::size(kConversions));
  for (const auto& [name, conversion] : kConversions) names.push_back(name);
  return names;
}

uint64_t convert(const Format& format, const Real& value, const Conversion& conversion, RandomBits random) {
  const bool has_nan = format.nan != NanEncoding::none;
  if (value.kind == RealClass::nan && !has_nan) return missing_nan(format, value, conversion);
  if (value.kind == RealClass::infinity) {
    const bool fnuz = format.kind == FormatKind::floating && format.nan == NanEncoding::negative_zero;
    if (conversion.infinity == InfinityPolicy::nan_in_fnuz && fnuz) return canonical_nan(format);
    if (conversion.infinity == InfinityPolicy::keep) {
      return round_to_code(format, value, conversion.rounding, Saturation::sat_none);
    }
  }
  return round_to_code(format, value, conversion.rounding, conversion.saturation, random);
}

std::string_view to_string(NanPolicy policy) {
  return word_of(kNanPolicies, policy);
}
std::string_view to_string(InfinityPolicy policy) {
  return word_of(kInfinityPolicies, policy);
}
NanPolicy parse_nan_policy(std::string_view word) {
  return value_of(kNanPolicies, "NaN policy", word);
}
InfinityPolicy parse_infinity_policy(std::string_view word) {
  return value_of(kInfinityPolicies, "infinity policy", word);
}

}  // namespace assay
