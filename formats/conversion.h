// How a whole software stack or standard converts to a format: rounding, saturation, and what becomes of NaN
// and infinities, under one name.
#pragma once

#include <string_view>
#include <vector>

#include "formats/round.h"

namespace assay {

// What NaN becomes in a format that has none. With NaN, it becomes the canonical one.
//   by_kind         the largest finite number; 0 in integer formats
//   largest_finite  the largest finite number
//   zero            0
//   negative_zero   -0, or 0 where there is no -0
//   error           an Error is thrown
enum class NanPolicy { by_kind, largest_finite, zero, negative_zero, error };

// What infinity becomes.
//   by_saturation  as the table in formats/rounding.h says
//   keep           infinity, else NaN, else the largest finite number, whatever becomes of finite overflow
//   nan_in_fnuz    NaN where it stands in the place of -0, otherwise by saturation
enum class InfinityPolicy { by_saturation, keep, nan_in_fnuz };

struct Conversion {
  Rounding rounding = Rounding::rne;
  Saturation saturation = Saturation::sat_none;
  NanPolicy nan = NanPolicy::by_kind;
  InfinityPolicy infinity = InfinityPolicy::by_saturation;

  bool operator==(const Conversion&) const = default;
};

// The conversions with a name. All round to nearest, ties to even.
//
//                     overflow, infinity        NaN without NaN code   from
//   ocp_sat           max, max                  by kind                OCP OFP8 1.0, saturating
//   ocp_ovf           infinity, else NaN        by kind                OCP OFP8 1.0, non-saturating
//   nvidia_satfinite  max, max                  largest finite         CUDA __NV_SATFINITE, PTX .satfinite
//   onnx              max, max (FNUZ: max, NaN) by kind                ONNX Cast with saturate = 1 (opset 19)
//   ml_dtypes         infinity, else NaN,       -0                     ml_dtypes 0.6 astype
//                     else max
//
// ml_dtypes gives a negative NaN the other sign of zero; signs of NaN are not modelled here. It breaks the
// ties of E8M0 upward (rounding rna), and makes zeros NaN there (docs/format_differences.md).
Conversion parse_conversion(std::string_view name);
std::vector<std::string_view> named_conversions();

// The code of a value. Throws Error only under NanPolicy::error.
uint64_t convert(const Format& format, const Real& value, const Conversion& conversion,
                 RandomBits random = {});

// The words of TOML files and the command line. Throw Error listing what is known.
std::string_view to_string(NanPolicy policy);
std::string_view to_string(InfinityPolicy policy);
NanPolicy parse_nan_policy(std::string_view word);
InfinityPolicy parse_infinity_policy(std::string_view word);

}  // namespace assay
