// From a real value to a code: the one place of the project where rounding, overflow, NaN, signed zero and
// subnormals are decided.
#pragma once

#include "formats/format.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// The code of `value` rounded once into `format` (P3109's order: round with an unbounded exponent range, then
// saturate, then encode). A negative value in an unsigned format becomes NaN under sat_none if the format has
// one, and the least number otherwise. A result of zero keeps its sign if the format has a minus zero. In a
// format without zero (E8M0) whatever is below the least number becomes the least number.
// `random` is read by the stochastic roundings only.
uint64_t round_to_code(const Format& format, const Real& value, Rounding rounding, Saturation saturation,
                       RandomBits random = {});

// The code of a double or float, which is decoded exactly first.
uint64_t encode(const Format& format, double value, Rounding rounding = Rounding::rne,
                Saturation saturation = Saturation::sat_none, RandomBits random = {});

}  // namespace assay
