// The product of two operands under a unit's product rule.
#pragma once

#include <cstdint>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// product(a, b) of the unit's product rule as an exact value. Precondition: the unit has a product.
Real product_of(const Unit& unit, uint64_t a, uint64_t b);

}  // namespace assay
