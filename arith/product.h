// The product of two operands under a unit's product rule.
#pragma once

#include <cstdint>
#include <span>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// product(a, b) by the unit's product rule as an exact value. Precondition: the unit has a product.
Real product_of(const Unit& unit, uint64_t a, uint64_t b);

// The result of div, sqrt, exp2 or log2 under a piecewise-affine rule, which is a number of the format a.
Real piecewise_affine_result(const Unit& unit, std::span<const uint64_t> operands);

}  // namespace assay
