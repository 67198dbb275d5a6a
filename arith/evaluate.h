// The golden model: the exact result of one operation of a unit.
#pragma once

#include <cstdint>
#include <span>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// The result's code for operand codes in the order of operand_count (unit.h). Bits of a code above its
// format's width are ignored. Exact, and independent of the host's floating-point environment. The random
// bits are used by every stochastic rounding of the operation.
uint64_t evaluate(const Unit& unit, std::span<const uint64_t> operands, RandomBits random = {});

// The product of a and b by the unit's rule, as the value that is added or rounded next.
Real product_of(const Unit& unit, uint64_t a, uint64_t b);

}  // namespace assay
