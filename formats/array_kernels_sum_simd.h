// The shorter of the inner loops of the array kernels, those of RoundingMethod::sum and linear; see
// formats/array_kernels_simd.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"

namespace assay {

void round_lanes_by_sums(const RoundingPlan<float>& plan, const float* values, size_t count,
                         const ArrayRandom& random, float* results);
void round_lanes_by_sums(const RoundingPlan<float>& plan, const float* values, size_t count,
                         const ArrayRandom& random, uint8_t* results);
void round_lanes_by_sums(const RoundingPlan<float>& plan, const float* values, size_t count,
                         const ArrayRandom& random, uint16_t* results);

}  // namespace assay
