// Sums of products: the operations mac and dot, golden.
#pragma once

#include <cstdint>
#include <span>

#include "arith/unit.h"
#include "formats/rounding.h"

namespace assay {

// The result code of a unit that accumulates, for its operand codes (arith/operation.h). All roundings of one
// evaluation use the same random bits.
uint64_t evaluate_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random = {});

}  // namespace assay
