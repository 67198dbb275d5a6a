// Operands that are solved for: the exact result lies on a rounding tie, next to one, or at a threshold.
#pragma once

#include <cstdint>

#include "arith/unit.h"

namespace assay {

// Whether constructed_operands knows the operation: convert, add, sub, mul, div, sqrt, recip, rsqrt, fma, and mac with
// an exact product, with operands and a result of binary floating point.
bool has_constructed_operands(const Unit& unit);

// Takes the middle between two neighbouring results (often the largest number and what would come after it, or ends of
// the subnormal range), moves it by nothing or by a small part of a place, and sets the operands so that the exact result
// is that or as close as the operands' formats allow. `random` decides all that is not determined so.
void constructed_operands(const Unit& unit, uint64_t random, uint64_t* operands);

}  // namespace assay
