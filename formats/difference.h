// Two formats side by side: what they are, which numbers they have, what codes mean in them, and what becomes of the
// numbers of the one in the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// Numbers and codes are compared one by one in formats of at most this width.
inline constexpr int kMostComparedBits = 16;

// A parameter (formats/inspect.h) that is not the same; "-" where a format does not have it.
struct ParameterDifference {
  std::string_view name;
  std::string a;
  std::string b;
};

struct CodeDifference {
  uint64_t code = 0;
  Real a;
  Real b;
};

// What rounding to nearest even makes of the codes of A in B. Each code counts once.
struct ConversionOutcomes {
  Saturation saturation = Saturation::sat_none;
  uint64_t exact = 0;         // the same value; NaN and infinities that stay what they are
  uint64_t rounded = 0;       // another number
  uint64_t to_zero = 0;       // a number that is not zero becomes zero
  uint64_t clamped = 0;       // a number or infinity beyond the range becomes its nearest end
  uint64_t to_infinity = 0;   // a number becomes infinity
  uint64_t to_nan = 0;        // a number or infinity becomes NaN
  uint64_t nan_replaced = 0;  // NaN becomes a number
};

struct FormatDifference {
  std::vector<ParameterDifference> parameters;
  // The rest is there if neither format is wider than kMostComparedBits.
  bool compared = false;
  std::vector<Real> only_in_a;  // finite numbers in ascending order, 0 and -0 being one
  std::vector<Real> only_in_b;
  std::vector<Real> in_both;
  std::vector<CodeDifference> codes;  // if the widths are the same: what means something else, in order
  bool same_width = false;
  std::vector<ConversionOutcomes> conversions;  // of A to B: sat_none, sat_finite
};

FormatDifference compare_formats(const Format& a, const Format& b);

ConversionOutcomes convert_all_codes(const Format& from, const Format& to, Saturation saturation);

}  // namespace assay
