// Sums in two float64 parts rounded to float64 in the ways that the processor has no mode for.
#pragma once

#include <span>

#include "formats/array_kernels.h"
#include "formats/rounding.h"

namespace assay {

// sums[i] = sums[i] + rests[i] with one rounding, |rests[i]| less than a unit in the last place of sums[i]. Where the
// sum is no number, or would be rounded beyond the largest one, the result is NaN.
void round_to_float64(Rounding rounding, std::span<const double> rests, const ArrayRandom& random,
                      std::span<double> sums);

}  // namespace assay
