// Arrays of any shape in panels for the loops of formats/block_kernels_simd.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/block_plan.h"

namespace assay {

// An array of outer x length x inner numbers in which blocks of `block_size` lie along the middle axis; the last
// block of a line may be shorter. Scales form an array of outer x blocks of a line x inner.
struct BlockLines {
  size_t outer = 0;
  size_t length = 0;
  size_t inner = 1;
  size_t block_size = 1;
};

// Larger blocks do not fit in a panel.
inline constexpr size_t kMaxPanelBlockSize = 4096;

// The codes of all elements, in the order of the array, and of all scales.
void quantize_panels(const BlockPlan& plan, const BlockLines& lines, const BlockRounding& rounding,
                     int threads, const float* values, uint8_t* codes, uint8_t* scales);

// The values of these codes, in the place of the numbers.
void quantize_dequantize_panels(const BlockPlan& plan, const BlockLines& lines, const BlockRounding& rounding,
                                int threads, float* values);

// The bits of the largest finite magnitude.
uint32_t largest_finite_bits(std::span<const float> values, int threads);

}  // namespace assay
