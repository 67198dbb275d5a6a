// Block formats by way of double precision and the array kernels: more formats and axes than block_panels.h, slower.
#pragma once

#include "formats/block.h"

namespace assay {

// Whether quantize_by_units can do this format: one with a power-of-two scale or a vendor's NVFP4.
bool has_units(const BlockFormat& format);

// The result of quantize_blocks.
BlockQuantized quantize_by_units(const BlockFormat& format, std::span<const float> values, MatrixShape shape,
                                 BlockAxis axis, const BlockRounding& rounding, int threads);

}  // namespace assay
