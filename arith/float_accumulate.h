// Fast steps of the golden model in binary floating point: the same results as going through Real, in machine words.
#pragma once

#include <cstdint>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// Whether c + a b of a mac, sequential dot or fma can be asked of float_accumulate: exact products of at most 48 bits
// of signed binary floating-point operands with subnormals, c and a result of that kind, no stochastic rounding.
bool has_float_accumulate(const Unit& unit);

// Makes of c, a code of the accumulator's format (of an fma c's), the result's code for c + a b. False, with c as it was, where infinities, NaNs or a sum
// of zero ask for the rules of `add`.
bool float_accumulate(const Unit& unit, uint64_t a, uint64_t b, uint64_t& c);

}  // namespace assay
