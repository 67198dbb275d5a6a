// From a real value to a code: the one place of the project where rounding, overflow, NaN, signed zero and
// subnormals are decided.
#pragma once

#include "formats/format.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// The code of `value` rounded once into `format` (P3109's order: round with an unbounded exponent range, then
// saturate, then encode); the table in formats/rounding.h says what becomes of values out of range. A result
// of zero keeps its sign if the format has a minus zero. In a format without zero (E8M0) whatever is below
// the least number becomes the least number. In a code book the neighbours of a value are those on the number
// line, "toward zero" is the neighbour on the side of zero, and even codes are those with a last bit of 0.
// `random` is read by the stochastic roundings only.
uint64_t round_to_code(const Format& format, const Real& value, Rounding rounding, Saturation saturation,
                       RandomBits random = {});

// The code of a double or float, which is decoded exactly first.
uint64_t encode(const Format& format, double value, Rounding rounding = Rounding::rne,
                Saturation saturation = Saturation::sat_none, RandomBits random = {});

// The code for infinity; without one, for the finite value nearest to it.
uint64_t infinity_code(const Format& format, bool negative);

// The code of the finite value nearest to infinity.
uint64_t largest_finite_code(const Format& format, bool negative);

// The code for zero, with that sign if the format has it; in a format without zero, the value nearest to it.
uint64_t zero_code(const Format& format, bool negative);

}  // namespace assay
