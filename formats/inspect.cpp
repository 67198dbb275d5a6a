#include "formats/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "formats/block.h"
#include "formats/round.h"

namespace assay {
namespace {

bool has_subnormal_numbers(const Format& format) {
  return format.kind == FormatKind::floating && format.has_subnormals && format.fraction_width > 0;
}

uint64_t least_normal_code(const Format& format) {
  return format.has_subnormals ? uint64_t{1} << format.fraction_width : 0;
}

// (next - value) / value, both positive.
double relative_distance(const Real& value, const Real& next) {
  constexpr int kMostShift = 60;  // significands have at most 63 bits
  const int base = std::min(value.exponent, next.exponent);
  if (value.exponent - base > kMostShift || next.exponent - base > kMostShift) {
    return std::exp2(log2_of(next) - log2_of(value)) - 1;
  }
  const uint128 low = value.significand << (value.exponent - base);
  const uint128 high = next.significand << (next.exponent - base);
  return static_cast<double>(high - low) / static_cast<double>(low);
}

DynamicRange range_of(double ratio_log2) {
  return {ratio_log2, 20 * std::log10(2.0) * ratio_log2};
}

Real power_of_two(int exponent) {
  return {RealClass::finite, false, exponent, 1, false};
}

int floor_log2_of(const Real& value) {
  return value.exponent + floor_log2(value.significand);
}

// Whether the decimal expansion has at most 17 significant digits.
bool has_few_digits(const Real& value) {
  constexpr uint128 kLimit = 100'000'000'000'000'000;
  uint128 digits = value.significand;
  int exponent = value.exponent;
  for (; digits % 2 == 0; digits /= 2) ++exponent;
  for (; exponent > 0 && digits % 5 == 0; --exponent) digits /= 5;  // times 2 over 10: a zero at the end
  for (; exponent != 0 && digits<kLimit; exponent += exponent> 0 ? -1 : 1) digits *= exponent > 0 ? 2 : 5;
  return exponent == 0 && digits < kLimit;
}

std::string repeated(char letter, int count) {
  return std::string(static_cast<size_t>(std::max(count, 0)), letter);
}

// " * 2^-6", nothing for 2^0.
std::string times_power(int exponent) {
  return exponent == 0 ? "" : fmt::format(" * 2^{}", exponent);
}

std::string exponent_minus(std::string_view symbol, int bias) {
  if (bias == 0) return std::string(symbol);
  return fmt::format("({} {} {})", symbol, bias > 0 ? '-' : '+', std::abs(bias));
}

std::string floating_formula(const Format& format) {
  const std::string sign = format.is_signed ? "(-1)^s * " : "";
  const std::string fraction = format.fraction_width > 0 ? " * 1.m" : "";
  std::string text = fmt::format("{}2^{}{}", sign, exponent_minus("e", format.exponent_bias), fraction);
  if (!format.has_subnormals) return text;
  return text + (format.fraction_width > 0
                     ? fmt::format("; where e = 0: {}2^{} * 0.m", sign, 1 - format.exponent_bias)
                     : "; where e = 0: 0");
}

}  // namespace

std::vector<Parameter> parameters(const Format& format) {
  std::vector<Parameter> list = {
      {"kind", std::string(to_string(format.kind))}, {"width", format.width}, {"signed", format.is_signed}};
  switch (format.kind) {
    case FormatKind::floating:
      list.push_back({"exponent_width", format.exponent_width});
      list.push_back({"fraction_width", format.fraction_width});
      list.push_back({"exponent_bias", format.exponent_bias});
      list.push_back({"subnormals", has_subnormal_numbers(format)});
      break;
    case FormatKind::twos_complement:
      list.push_back({"symmetric", format.is_symmetric});
      [[fallthrough]];
    case FormatKind::unsigned_integer:
    case FormatKind::sign_magnitude:
      list.push_back({"fraction_width", format.fraction_width});
      break;
    case FormatKind::posit:
      list.push_back({"exponent_width", format.exponent_width});
      list.push_back({"quire_width", quire_width(format)});
      break;
    case FormatKind::logarithmic:
      list.push_back({"exponent_width", format.exponent_width});
      list.push_back({"fraction_width", format.fraction_width});
      list.push_back({"exponent_bias", format.exponent_bias});
      list.push_back({"rounding_domain", std::string(to_string(format.rounding_domain))});
      break;
    case FormatKind::code_book:
      break;
  }
  list.push_back({"infinity", format.has_infinity});
  list.push_back({"nan", std::string(to_string(format.nan))});
  list.push_back({"minus_zero", has_negative_zero(format)});
  return list;
}

std::string to_string(const Parameter& parameter) {
  if (const bool* flag = std::get_if<bool>(&parameter.value)) return *flag ? "yes" : "no";
  if (const int* number = std::get_if<int>(&parameter.value)) return std::to_string(*number);
  return std::get<std::string>(parameter.value);
}

std::string bit_layout(const Format& format) {
  const std::string sign = format.is_signed ? "s" : "";
  const auto joined = [](std::initializer_list<std::string> parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() || part.empty() ? "" : " ") + part;
    return text;
  };
  switch (format.kind) {
    case FormatKind::floating:
      return joined({sign, repeated('e', format.exponent_width), repeated('m', format.fraction_width)});
    case FormatKind::twos_complement:
    case FormatKind::unsigned_integer:
      return repeated('i', format.width);
    case FormatKind::sign_magnitude:
      return joined({sign, repeated('i', format.width - 1)});
    case FormatKind::posit:
      return joined({sign, "r..r", repeated('e', format.exponent_width), "m..m"});
    case FormatKind::logarithmic:
      return joined({sign, repeated('e', format.exponent_width) + (format.fraction_width > 0 ? "." : "") +
                               repeated('e', format.fraction_width)});
    case FormatKind::code_book:
      break;
  }
  return repeated('c', format.width);
}

std::string value_formula(const Format& format) {
  switch (format.kind) {
    case FormatKind::floating:
      return floating_formula(format);
    case FormatKind::twos_complement:
      return "i" + times_power(-format.fraction_width) + ", i in two's complement";
    case FormatKind::unsigned_integer:
      return "i" + times_power(-format.fraction_width);
    case FormatKind::sign_magnitude:
      return "(-1)^s * i" + times_power(-format.fraction_width);
    case FormatKind::posit:
      return fmt::format("2^({} k{}) * 1.m, the run r says k; negative: two's complement",
                         1 << format.exponent_width, format.exponent_width > 0 ? " + e" : "");
    case FormatKind::logarithmic:
      return fmt::format("(-1)^s * 2^{}; where e = 0: 0", exponent_minus("e", format.exponent_bias));
    case FormatKind::code_book:
      break;
  }
  return fmt::format("entry c of a table of {}", format.book->values.size());
}

std::vector<NotableCode> notable_codes(const Format& format) {
  std::vector<NotableCode> list;
  const auto add = [&](std::string_view what, uint64_t code) {
    list.push_back({what, code, decode(format, code)});
  };
  const uint64_t zero = zero_code(format, false);
  if (decode(format, zero).kind == RealClass::zero) add("zero", zero);
  if (has_negative_zero(format)) add("minus zero", zero_code(format, true));
  const PositiveValues positive(format);
  if (has_subnormal_numbers(format)) {
    add("least subnormal", positive.code(0));
    add("greatest subnormal", std::min(least_normal_code(format) - 1, max_finite_magnitude(format)));
  }
  if (format.kind != FormatKind::floating) {
    add("least positive", positive.code(0));
  } else if (least_normal_code(format) <= max_finite_magnitude(format)) {
    add("least normal", least_normal_code(format));
  }
  const Real one = power_of_two(0);
  const uint64_t one_code = round_to_code(format, one, Rounding::rne, Saturation::sat_finite);
  if (const Real value = decode(format, one_code);
      value.kind == RealClass::finite && compare(value, one) == 0) {
    add("one", one_code);
  }
  add("largest finite", largest_finite_code(format, false));
  if (format.is_signed) add("most negative", largest_finite_code(format, true));
  if (format.has_infinity) {
    add("infinity", infinity_code(format, false));
    if (format.is_signed) add("minus infinity", infinity_code(format, true));
  }
  if (format.nan != NanEncoding::none) add("NaN", canonical_nan(format));
  return list;
}

uint64_t nan_code_count(const Format& format) {
  const uint64_t signs = format.is_signed ? 2 : 1;
  switch (format.nan) {
    case NanEncoding::none:
      return 0;
    case NanEncoding::ieee:
      return signs * code_mask(format.fraction_width);
    case NanEncoding::all_ones:
      return signs;
    case NanEncoding::negative_zero:
      return 1;
    case NanEncoding::listed:
      break;
  }
  return static_cast<uint64_t>(
      std::ranges::count_if(format.book->values, [](double value) { return std::isnan(value); }));
}

uint64_t finite_value_count(const Format& format) {
  if (format.kind == FormatKind::code_book) return format.book->ascending.size();
  const uint64_t infinities = !format.has_infinity ? 0 : format.is_signed ? 2 : 1;
  // 2^64 codes wrap to 0; what is taken away brings the difference back into range.
  const uint64_t codes = code_mask(format.width) + 1;
  return codes - nan_code_count(format) - infinities - (has_negative_zero(format) ? 1 : 0);
}

PositiveValues::PositiveValues(const Format& format) : format_(format) {
  if (format.kind != FormatKind::code_book) {
    first_ = decode(format, 0).kind == RealClass::zero ? 1 : 0;
    count_ = max_finite_magnitude(format) + 1 - first_;
    return;
  }
  for (const uint32_t code : format.book->ascending) {
    if (format.book->values[code] > 0) codes_.push_back(code);
  }
  count_ = codes_.size();
}

uint64_t PositiveValues::below(const Real& bound) const {
  uint64_t first = 0;
  for (uint64_t count = count_; count > 0;) {
    const uint64_t half = count / 2;
    if (compare((*this)[first + half], bound) < 0) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

std::vector<Binade> binades(const Format& format) {
  const PositiveValues positive(format);
  std::vector<Binade> list;
  if (positive.count() == 0) return list;
  const int last = floor_log2_of(positive[positive.count() - 1]);
  std::optional<int> least_normal;
  if (has_subnormal_numbers(format)) least_normal = 1 - format.exponent_bias;
  uint64_t begin = 0;
  for (int exponent = floor_log2_of(positive[0]); exponent <= last; ++exponent) {
    const uint64_t end = positive.below(power_of_two(exponent + 1));
    Binade binade{exponent, end - begin, 0, least_normal && exponent < *least_normal};
    if (end > begin && begin + 1 < positive.count()) {
      binade.relative_step = relative_distance(positive[begin], positive[begin + 1]);
    }
    list.push_back(binade);
    begin = end;
  }
  return list;
}

DynamicRange dynamic_range(const Format& format) {
  const PositiveValues positive(format);
  if (positive.count() == 0) return {};
  return range_of(log2_of(positive[positive.count() - 1]) - log2_of(positive[0]));
}

bool is_block_format_name(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kBeginnings = {"mx",      "nvfp",    "msfp",   "bfp",
                                                                  "absmax_", "affine_", "minmax_"};
  if (name.ends_with(".toml")) return false;
  return std::ranges::any_of(kBeginnings,
                             [&](std::string_view beginning) { return name.starts_with(beginning); });
}

BlockFacts block_facts(const BlockFormat& format) {
  const PositiveValues elements(format.element), scales(format.scale);
  const auto last = [](const PositiveValues& values) { return values[values.count() - 1]; };
  const int most_below =
      format.sub_block_size > 0 ? static_cast<int>(code_mask(format.sub_exponent_width)) : 0;
  BlockFacts facts;
  if (format.block_size == 0) {
    facts.bits_per_element = format.element.width;
  } else {
    BlockFormat without_tensor = format;
    without_tensor.tensor_scale = TensorScale::none;
    const auto size = static_cast<size_t>(format.block_size);
    facts.bits_per_element = static_cast<double>(storage_bits(without_tensor, {1, size}, BlockAxis::row)) /
                             static_cast<double>(size);
  }
  facts.largest = to_double(last(elements)) * to_double(last(scales));
  facts.least_positive = std::ldexp(to_double(elements[0]) * to_double(scales[0]), -most_below);
  facts.within_block = dynamic_range(format.element);
  facts.range = range_of(log2_of(last(elements)) + log2_of(last(scales)) -
                         (log2_of(elements[0]) + log2_of(scales[0]) - most_below));
  return facts;
}

double log2_of(const Real& value) {
  return value.exponent + std::log2(static_cast<double>(value.significand));
}

std::string to_decimal(const Real& value) {
  if (value.kind == RealClass::nan) return "nan";
  if (value.kind == RealClass::infinity) return value.negative ? "-inf" : "inf";
  if (value.kind == RealClass::zero) return value.negative ? "= -0" : "= 0";
  const double number = to_double(value);
  if (std::isfinite(number) && number != 0 && compare(real_from_double(number), value) == 0) {
    return has_few_digits(value) ? fmt::format("= {:.17g}", number) : fmt::format("~ {:.6g}", number);
  }
  const double power = log2_of(value) * std::log10(2.0);
  return fmt::format("~ {}{:.4f}e{:+}", value.negative ? "-" : "", std::pow(10.0, power - std::floor(power)),
                     static_cast<int>(std::floor(power)));
}

}  // namespace assay
