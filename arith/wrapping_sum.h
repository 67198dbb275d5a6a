// Sums of a unit, which need other bits than the leading ones where the result wraps.
#pragma once

#include <optional>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// The results of a unit that wraps are taken modulo two to this power; nothing for others.
std::optional<int> modulus_exponent(const Unit& unit);

// `add` of arith/real_arithmetic.h; where the result wraps, a number that wraps as the exact sum
// does (ExactSum::value).
Real sum_of(const Unit& unit, const Real& a, const Real& b, Rounding rounding);

}  // namespace assay
