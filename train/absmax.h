// Scales from the largest magnitude of a tensor: FP8 and INT8 per-tensor scaling (Micikevicius et al. 2022,
// arXiv 2209.05433).
#pragma once

#include <span>

#include "formats/format.h"

namespace assay {

// The smallest scale in use; also the smallest normal float32.
inline constexpr float kLeastScale = 0x1p-126F;

// The largest |x| among the finite elements; 0 if there is none.
float finite_absmax(std::span<const float> values);

// finite_absmax(values) / largest finite number of the format (INT8: 127), rounded to nearest float32 or, if
// power_of_two, up to a power of two, so that then nothing is clipped. At least kLeastScale; 1 if
// finite_absmax is 0.
float absmax_scale(const Format& format, bool power_of_two, std::span<const float> values);

}  // namespace assay
