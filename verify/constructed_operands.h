// Operands that are solved for: the exact result lies on a rounding tie, a single bit beside one or beside a result, or at
// a threshold.
#pragma once

#include <cstdint>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// Whether constructed_operands knows the operation: convert, add, sub, mul, div, sqrt, recip, rsqrt, fma, and mac with
// an exact product, with operands and a result of binary floating point or posits.
bool has_constructed_operands(const Unit& unit);

// Takes a result (often the largest number, an end of the subnormal range, or a subnormal number with any number of
// leading zeros), the middle between it and the next, or a number one bit beside these, and sets the operands so that the
// exact result is that or as close as the operands' formats allow. Which operand has the deciding bits below the result's
// last place is chosen, too: a product all of whose low bits are solved for, or whose last bit lies far below all others,
// the smaller term of a sum, or all of them.
// Factors are often subnormal. `random` decides all that is not determined so. The results meant are those of the unit's
// format with `more_bits` more bits of fraction, where stochastic rounding decides.
void constructed_operands(const Unit& unit, int more_bits, uint64_t random, uint64_t* operands);

// Whether constructed_accumulator knows the format: binary floating point with subnormal numbers, posits.
bool has_constructed_accumulator(const Format& format);

// An accumulator in the format of the result for a finite sum of products: such that all of it is as above because the
// accumulator decides about the sum, because the sum decides about the accumulator, or because both together do.
uint64_t constructed_accumulator(const Format& format, const Real& sum, uint64_t random);

}  // namespace assay
