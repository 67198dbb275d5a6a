// Exact quotients, for values divided by their scale.
#pragma once

#include "formats/real.h"

namespace assay {

// a / b with at least 73 leading bits, the rest in `sticky`: enough for one correct rounding of a quotient to
// float32, to any narrower format and to integers of up to 32 bits, with up to 32 random bits. a may be
// anything; b is finite and positive. Both significands have at most 53 bits and no sticky part; but a may
// have a sticky part if it has 126 or more bits.
Real divide(const Real& a, const Real& b);

// The exact value of a float.
Real real_from_float(float value);

// The finite `value` rounded to nearest float32, at most the largest finite one.
float round_to_float(const Real& value);

}  // namespace assay
