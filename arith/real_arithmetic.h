// Exact arithmetic on real values, with the special cases of IEEE 754-2019.
#pragma once

#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// a * b, exact. The product of the significands may have at most 128 bits, and neither a sticky part (decoded codes
// always fit). NaN if an operand is NaN or one is zero and the other infinite; the sign is the exclusive or of the
// signs.
Real multiply(const Real& a, const Real& b);

// a + b of at most 127 significant bits each, exact but for bits more than 126 places below the leading one, which
// `sticky` stands for. At most one of the operands may be sticky, and then the other must be zero. infinity -
// infinity is NaN. An exact sum of zero from operands of different sign is +0, or -0 if rounding is rdn.
Real add(const Real& a, const Real& b, Rounding rounding);

}  // namespace assay
