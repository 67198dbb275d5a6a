#include "formats/difference.h"

#include <algorithm>
#include <iterator>

#include "formats/inspect.h"
#include "formats/round.h"

namespace assay {
namespace {

const Parameter* find_parameter(const std::vector<Parameter>& list, std::string_view name) {
  const auto at = std::ranges::find(list, name, &Parameter::name);
  return at == list.end() ? nullptr : &*at;
}

std::vector<ParameterDifference> compare_parameters(const Format& a, const Format& b) {
  const std::vector<Parameter> of_a = parameters(a), of_b = parameters(b);
  std::vector<ParameterDifference> list;
  for (const Parameter& parameter : of_a) {
    const Parameter* other = find_parameter(of_b, parameter.name);
    if (other == nullptr || *other != parameter) {
      list.push_back({parameter.name, to_string(parameter), other == nullptr ? "-" : to_string(*other)});
    }
  }
  for (const Parameter& parameter : of_b) {
    if (find_parameter(of_a, parameter.name) == nullptr) {
      list.push_back({parameter.name, "-", to_string(parameter)});
    }
  }
  return list;
}

bool less(const Real& a, const Real& b) {
  return compare(a, b) < 0;
}

std::vector<Real> finite_values(const Format& format) {
  std::vector<Real> values;
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    Real value = decode(format, code);
    if (value.kind == RealClass::zero) value.negative = false;
    if (value.kind == RealClass::zero || value.kind == RealClass::finite) values.push_back(value);
  }
  std::ranges::sort(values, less);
  const auto same = [](const Real& x, const Real& y) { return compare(x, y) == 0; };
  values.erase(std::unique(values.begin(), values.end(), same), values.end());
  return values;
}

// The same number, the same zero or infinity with the same sign, or both NaN.
bool means_the_same(const Real& a, const Real& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == RealClass::nan) return true;
  return a.negative == b.negative && (a.kind != RealClass::finite || compare(a, b) == 0);
}

bool is_nan(const Real& value) {
  return value.kind == RealClass::nan;
}

bool is_zero(const Real& value) {
  return value.kind == RealClass::zero;
}

}  // namespace

ConversionOutcomes convert_all_codes(const Format& from, const Format& to, Saturation saturation) {
  ConversionOutcomes outcomes;
  outcomes.saturation = saturation;
  for (uint64_t code = 0; code <= code_mask(from.width); ++code) {
    const Real value = decode(from, code);
    const Real result = decode(to, round_to_code(to, value, Rounding::rne, saturation));
    const bool same_number =
        (is_zero(value) && is_zero(result)) || means_the_same(value, result);  // -0 may lose its sign
    const Real end = decode(to, largest_finite_code(to, value.negative));
    const bool beyond =
        value.kind == RealClass::infinity ||
        (!is_nan(value) && (value.negative ? compare(value, end) < 0 : compare(value, end) > 0));
    if (same_number) {
      ++outcomes.exact;
    } else if (is_nan(value)) {
      ++outcomes.nan_replaced;
    } else if (is_nan(result)) {
      ++outcomes.to_nan;
    } else if (result.kind == RealClass::infinity) {
      ++outcomes.to_infinity;
    } else if (beyond) {
      ++outcomes.clamped;
    } else {
      ++(is_zero(result) ? outcomes.to_zero : outcomes.rounded);
    }
  }
  return outcomes;
}

FormatDifference compare_formats(const Format& a, const Format& b) {
  FormatDifference difference;
  difference.parameters = compare_parameters(a, b);
  difference.same_width = a.width == b.width;
  difference.compared = a.width <= kMostComparedBits && b.width <= kMostComparedBits;
  if (!difference.compared) return difference;
  const std::vector<Real> of_a = finite_values(a), of_b = finite_values(b);
  std::ranges::set_difference(of_a, of_b, std::back_inserter(difference.only_in_a), less);
  std::ranges::set_difference(of_b, of_a, std::back_inserter(difference.only_in_b), less);
  std::ranges::set_intersection(of_a, of_b, std::back_inserter(difference.in_both), less);
  for (uint64_t code = 0; difference.same_width && code <= code_mask(a.width); ++code) {
    const CodeDifference codes{code, decode(a, code), decode(b, code)};
    if (!means_the_same(codes.a, codes.b)) difference.codes.push_back(codes);
  }
  for (const Saturation saturation : {Saturation::sat_none, Saturation::sat_finite}) {
    difference.conversions.push_back(convert_all_codes(a, b, saturation));
  }
  return difference;
}

}  // namespace assay
