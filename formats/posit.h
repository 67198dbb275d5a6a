// Posits (Posit Standard 2022; Gustafson and Yonemoto 2017), with any number of exponent bits.
#pragma once

#include "formats/split.h"

namespace assay {

Real decode_posit(const Format& format, uint64_t code);

// Where the magnitude of a finite value lies, on the bit string: the value's unending string of regime,
// exponent and fraction is cut after the format's bits, and what follows is the fraction of a unit that
// roundings look at. This is the linear distance except where exponent bits are cut off. Values beyond the
// largest posit have its magnitude, those below the least have 0; round_to_code clamps both.
Position posit_position(const Format& format, const Real& value);

}  // namespace assay
