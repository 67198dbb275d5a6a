// Logarithmic number systems: a code holds the sign and, in fixed point, the base-2 logarithm.
//
// What is exact. The ideal values 2^(m / 2^F) are irrational for most codes, so a format's values are defined
// as the doubles nearest to them (relative distance at most 2^-53; the neighbouring codes are at least 2^-21
// apart). Decoding gives these doubles, correctly rounded; equality, the neighbours of a value, directed
// roundings and the linear domain of RoundingDomain refer to them and are exact. In the logarithmic domain
// the place of a value x between two codes is the fraction of 2^F log2(x), whose bits are computed with as
// much precision as it takes to prove them; ties occur at no rational number. A sticky value counts as its
// lower end and an infinitesimal: a boundary inside the last of its 126 bits goes unseen.
//
// The logarithm e is stored with a bias, so that the codes of magnitudes are ordered as a float's are:
// e - exponent_bias in two's complement is e with its top bit inverted.
#pragma once

#include "formats/split.h"

namespace assay {

// The double nearest to 2^(magnitude / 2^fraction_width - exponent_bias), as a positive value. `magnitude`
// may be one more than the largest code, or 0, to name what would follow.
Real logarithmic_value(const Format& format, int64_t magnitude);

// Where the magnitude of a finite value lies. In the logarithmic domain the gap below the least magnitude, 1,
// begins at what magnitude 0 would stand for, and everything below that rounds to zero (unless upward); in
// the linear domain it begins at zero.
Position logarithmic_position(const Format& format, const Real& value);

}  // namespace assay
