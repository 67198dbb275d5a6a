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

// What the result of an operation that does not accumulate is before its one rounding.
Real exact_result(const Unit& unit, std::span<const uint64_t> operands);

}  // namespace assay
