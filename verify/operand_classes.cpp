#include "verify/operand_classes.h"

#include <algorithm>
#include <array>
#include <bit>

#include "formats/real.h"

namespace assay {
namespace {

constexpr int kTableWidth = 16;

enum FloatClass : uint8_t {
  zero,
  least_subnormal,
  subnormal,
  greatest_subnormal,
  least_normal,
  power_of_two,
  all_ones,
  normal,
  greatest,
  infinity,
  quiet_nan,
  signalling_nan
};

constexpr std::array<std::string_view, 12> kFloatNames = {
    "zero",         "least subnormal",      "subnormal", "greatest subnormal", "least normal",
    "power of two", "all-ones significand", "normal",    "greatest",           "infinity",
    "quiet NaN",    "signalling NaN"};

enum NumberClass : uint8_t {
  number_zero,
  one,
  minus_one,
  least,
  number_greatest,
  number_power_of_two,
  positive,
  negative,
  number_infinity,
  not_a_number
};

constexpr std::array<std::string_view, 10> kNumberNames = {
    "zero",         "one",      "minus one", "least",    "greatest",
    "power of two", "positive", "negative",  "infinity", "NaN"};

// The least and the greatest number of formats whose codes are not in the order of their values are found one by one.
bool is_extreme(const Format& format, uint64_t code, bool greatest_one) {
  const Real value = decode(format, code);
  if (format.kind == FormatKind::code_book) return false;
  const uint64_t top = max_finite_magnitude(format);
  const bool minus = format.is_signed && value.negative;
  if (greatest_one) return !minus && code == top;
  switch (format.kind) {
    case FormatKind::twos_complement:
      return code ==
             (format.is_symmetric ? (~top + 1) & code_mask(format.width) : uint64_t{1} << (format.width - 1));
    case FormatKind::posit:
      return code == ((~top + 1) & code_mask(format.width));
    default:
      return minus && (code & code_mask(magnitude_width(format))) == top;
  }
}

}  // namespace

OperandClasses::OperandClasses(const Format& format) : format_(format) {
  if (format.kind == FormatKind::floating) {
    names_ = kFloatNames;
  } else {
    names_ = kNumberNames;
  }
  if (format.width > kTableWidth) return;
  table_.resize(uint64_t{1} << format.width);
  for (uint64_t code = 0; code < table_.size(); ++code) table_[code] = static_cast<uint8_t>(classify(code));
}

bool OperandClasses::exists(size_t operand_class) const {
  if (!table_.empty()) return std::find(table_.begin(), table_.end(), operand_class) != table_.end();
  if (format_.kind != FormatKind::floating) {
    return operand_class < number_infinity ||
           (operand_class == not_a_number && format_.nan != NanEncoding::none);
  }
  switch (operand_class) {
    case infinity:
      return format_.has_infinity;
    case quiet_nan:
      return format_.nan != NanEncoding::none;
    case signalling_nan:
      return format_.nan == NanEncoding::ieee && format_.fraction_width > 1;
    default:
      return true;
  }
}

size_t OperandClasses::classify_float(uint64_t code) const {
  const uint64_t magnitude = code & code_mask(magnitude_width(format_));
  const uint64_t fraction = magnitude & code_mask(format_.fraction_width);
  const uint64_t normal_one = uint64_t{1} << format_.fraction_width;
  const uint64_t top = max_finite_magnitude(format_);
  if (format_.nan == NanEncoding::negative_zero && format_.is_signed && magnitude == 0 && code != 0)
    return quiet_nan;
  if (magnitude > top) {
    if (format_.has_infinity && magnitude == top + 1) return infinity;
    const bool quiet = format_.nan != NanEncoding::ieee || fraction >> (format_.fraction_width - 1) != 0;
    return quiet ? quiet_nan : signalling_nan;
  }
  if (magnitude == 0 && format_.has_subnormals) return zero;
  if (magnitude < normal_one && format_.has_subnormals) {
    if (magnitude == 1) return least_subnormal;
    return magnitude == normal_one - 1 ? greatest_subnormal : subnormal;
  }
  if (magnitude == top) return greatest;
  if (magnitude == normal_one) return least_normal;
  if (fraction == 0) return power_of_two;
  return fraction == normal_one - 1 ? all_ones : normal;
}

size_t OperandClasses::classify(uint64_t code) const {
  if (format_.kind == FormatKind::floating) return classify_float(code);
  code &= code_mask(format_.width);
  const Real value = decode(format_, code);
  if (value.kind == RealClass::zero) return number_zero;
  if (value.kind == RealClass::infinity) return number_infinity;
  if (value.kind == RealClass::nan) return not_a_number;
  if (is_extreme(format_, code, false)) return least;
  if (is_extreme(format_, code, true)) return number_greatest;
  const int top_bit = floor_log2(value.significand);
  const bool power = value.significand == uint128{1} << top_bit && !value.sticky;
  if (power && value.exponent + top_bit == 0) return value.negative ? minus_one : one;
  if (power) return number_power_of_two;
  return value.negative ? negative : positive;
}

}  // namespace assay
