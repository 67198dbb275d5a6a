// Quotients and square roots of exact values, with the special cases of IEEE 754-2019.
#pragma once

#include "formats/real.h"

namespace assay {

// Results have at least 95 leading bits, the rest in `sticky`: enough for one correct rounding to 53 significant bits
// with up to 32 random bits. Operands are decoded codes: at most 64 significant bits, without sticky part.
//
// What a division by zero gives depends on whether zeros have signs in the format of the divisor. With signed zeros it
// is an infinity (IEEE 754); without, NaN, because its sign cannot be known (IEEE P3109).

// a / b. NaN for 0 / 0 and infinity / infinity; zero and infinity have the exclusive or of the signs.
Real quotient(const Real& a, const Real& b, bool signed_zeros);

// The square root of a: NaN below zero, but -0 of -0.
Real square_root(const Real& a);

// 1 / sqrt(a): NaN below zero, +0 of infinity; of a zero as for a quotient, with its sign.
Real reciprocal_square_root(const Real& a, bool signed_zeros);

}  // namespace assay
