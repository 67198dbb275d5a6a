// The inner loops over blocks, compiled for several instruction sets (Highway) and chosen at run time. They are to be
// called in the host's default floating-point mode (formats/host_mode.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "formats/block_plan.h"

namespace assay {

inline constexpr size_t kPanelLanes = 16;  // sizes of panels are multiples of this
inline constexpr size_t kMaxPanelBlocks = 512;

// Blocks next to each other in memory: number i of block b is
//   values[b * block_size + i], with a block_size that is a multiple of kPanelLanes; or, with blocks_are_columns,
//   values[i * count + b], with a count that is.
// count is at most kMaxPanelBlocks. `random` has a half-word for each number if the rounding is stochastic and is not
// read otherwise.
struct BlockPanel {
  const float* values = nullptr;
  const uint16_t* random = nullptr;
  size_t block_size = 0;
  size_t count = 0;
  bool blocks_are_columns = false;
};

// Codes of elements and scales.
void quantize_panel(const BlockPlan& plan, const BlockPanel& panel, uint8_t* codes, uint8_t* scales);

// The values of these codes; `results` may be the panel's values.
void quantize_dequantize_panel(const BlockPlan& plan, const BlockPanel& panel, float* results);

// The bits of the largest magnitude among the finite numbers.
uint32_t largest_finite_bits(const float* values, size_t count);

// The half-words of element_random_bits for elements batch * kRandomBatch and the following, kRandomBatch of them.
inline constexpr size_t kRandomBatch = 256;
void fill_random_batch(uint64_t seed, uint64_t stream, uint64_t batch, uint16_t* halves);

}  // namespace assay
