// Large arrays in block formats. Every result is that of quantize_blocks, bit for bit, whatever the instruction set,
// the number of threads and the floating-point mode of the host.
//
// At the speed of memory: blocks of up to 4096 numbers along a row or column, that is along any axis of an array
// (blocks_along), whose elements are floating-point numbers or integers of at most 8 bits under a power-of-two scale
// or NVFP4 in either vendor's order, with any rounding but a stochastic one of more than 16 bits. Tiles, sub-blocks
// and wider elements take about ten times as long; formats with an offset or a scale of policy absmax go through
// quantize_blocks.
#pragma once

#include <cstdint>
#include <span>

#include "formats/block.h"

namespace assay {

// Where codes go: one for each number, in the order of the array, and one for each block, in that of `scales` of
// BlockQuantized.
struct BlockCodes {
  std::span<uint8_t> codes;
  std::span<uint8_t> scales;
};

// Writes codes to `to` and returns the scale of the tensor, 1 without one. Throws Error as quantize_blocks does, and
// if elements or scales have more than 8 bits, blocks have more than a scale (sub-blocks, offsets), or `to` has other
// sizes.
float quantize_blocks_to(const BlockCodes& to, const BlockFormat& format, std::span<const float> values,
                         MatrixShape shape, BlockAxis axis, const BlockRounding& rounding = {},
                         int threads = 1);

// Replaces each number by the value of its code as dequantize_blocks has it, rounded to nearest float32, ties to
// even (infinity beyond the range, the quiet NaN for every NaN). All of them are float32 numbers but for products
// with a scale of the tensor, some of the largest under policies that round the scale up, and offsets. Throws Error
// as quantize_blocks does.
void quantize_dequantize_blocks(const BlockFormat& format, std::span<float> values, MatrixShape shape,
                                BlockAxis axis, const BlockRounding& rounding = {}, int threads = 1);

// The result of quantize_blocks. Throws Error as it does.
BlockQuantized quantize_block_array(const BlockFormat& format, std::span<const float> values,
                                    MatrixShape shape, BlockAxis axis, const BlockRounding& rounding = {},
                                    int threads = 1);

}  // namespace assay
