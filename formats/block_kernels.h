// Large matrices in block formats.
#pragma once

#include "formats/block.h"

namespace assay {

// The result of quantize_blocks, bit for bit, whatever the number of threads and the floating-point mode of
// the host. Formats with a power-of-two scale and NVFP4 in either vendor's order go through the SIMD kernels
// of formats/array_kernels.h on any axis; the others are left to quantize_blocks. Throws as quantize_blocks
// does.
BlockQuantized quantize_block_array(const BlockFormat& format, std::span<const float> values,
                                    MatrixShape shape, BlockAxis axis, const BlockRounding& rounding = {},
                                    int threads = 1);

}  // namespace assay
