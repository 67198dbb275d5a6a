// Statistics-aware weight binning (SAWB; Choi et al., SysML 2019) to 4-bit integers, with the coefficients of
// LUQ (Chmiel et al., ICLR 2023, arXiv 2112.10769): 12.1 and 12.2.
#pragma once

#include <span>

#include "formats/format.h"

namespace assay {

// clip = rms_coefficient * sqrt(mean(x^2)) - mean_coefficient * mean(|x|) over the finite elements, and
// scale = 2 clip / (number of steps between the least and the largest code):
//   int4, smint4  the 15 levels -7..7, scale = clip / 7. The published code also uses -8 and +8, which do not
//                 fit four bits together. A non-negative tensor uses only the codes 0..7 here;
//   uint4         the 16 levels 0..15, scale = 2 clip / 15, for activations after ReLU: the clip is that of
//                 a symmetric tensor, so the largest number is 2 clip. Negative elements become 0.
// Where all magnitudes are nearly equal (sqrt(mean(x^2)) at most 12.2 / 12.1 of mean(|x|)) the clip is not
// positive; then scale = absmax_scale(format). The clip may exceed max|x|, as in the paper.
// Sums are taken in double in the order of the elements; the result is rounded once to float32 and is at
// least kLeastScale (absmax.h).
float sawb_scale(const Format& format, double rms_coefficient, double mean_coefficient,
                 std::span<const float> values);

}  // namespace assay
