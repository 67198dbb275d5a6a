// Exact arithmetic on real values, with the special cases of IEEE 754-2019.
#pragma once

#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// a * b, exact. The significands may have at most 64 bits each and no sticky part (decoded codes always do).
// NaN if an operand is NaN or one is zero and the other infinite; the sign is the exclusive or of the signs.
Real multiply(const Real& a, const Real& b);

// a + b, exact but for bits more than 126 places below the leading one, which `sticky` stands for. At most
// one of the operands may be sticky, and then the other must be zero. infinity - infinity is NaN. An exact
// sum of zero from operands of different sign is +0, or -0 if rounding is rdn.
Real add(const Real& a, const Real& b, Rounding rounding);

}  // namespace assay
