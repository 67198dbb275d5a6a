// Matrices in block formats: the scalar reference.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formats/block_format.h"
#include "formats/rounding.h"

namespace assay {

// `matrices` matrices of rows x cols numbers one after the other, each row-major. No block has numbers of two.
struct MatrixShape {
  size_t rows = 0;
  size_t cols = 0;
  size_t matrices = 1;

  bool operator==(const MatrixShape&) const = default;
};

// What the numbers of a block have in common. The last block of a line may be shorter.
//   row     a block is block_size neighbours in a row (the last axis)
//   column  block_size neighbours in a column
//   tile    block_size x block_size numbers
enum class BlockAxis { row, column, tile };

// An array of any number of dimensions, row-major, with blocks along one of them, as matrices.
struct BlockView {
  MatrixShape shape;
  BlockAxis axis = BlockAxis::row;

  bool operator==(const BlockView&) const = default;
};

// The matrices of an array with these extents and blocks along `axis`, 0 the first. Codes are in the order of the
// array, and scales in that of an array whose extent along the axis is the number of blocks there. Blocks along the
// last axis are those of rows, the others of columns. Throws Error if there is no such axis.
BlockView blocks_along(std::span<const size_t> extents, size_t axis);

// How elements are rounded. Scales are always rounded as their policy says. Element i in the order of memory has
// element_random_bits(seed, stream, i, random_bits) of formats/random_bits.h; `random_bits` is 0..32. Under
// saturations other than sat_finite, numbers beyond the largest element become what round_to_code makes of them;
// `wrap` is not possible.
struct BlockRounding {
  Rounding rounding = Rounding::rne;
  Saturation saturation = Saturation::sat_finite;
  uint64_t seed = 0;
  uint64_t stream = 0;
  int random_bits = 16;
};

// Matrices in codes. Element (r, c) of the first has codes[r * cols + c]. The blocks of a matrix form a grid, see
// block_grid, and a block's entry in `scales`, `zero_points` and `minimums` is at its row-major place in the grid.
// The next matrix follows. `sub_exponents` has block_size / sub_block_size entries for each block, in the same order; those of
// sub-blocks beyond the end of the matrix are 0. Vectors the format has no use for are empty.
struct BlockQuantized {
  BlockFormat format;
  MatrixShape shape;
  BlockAxis axis = BlockAxis::row;
  std::vector<uint32_t> codes;
  std::vector<uint32_t> scales;        // codes of the scale format
  std::vector<uint8_t> sub_exponents;  // with sub-blocks
  std::vector<int32_t> zero_points;    // scale policy zero_point
  std::vector<float> minimums;         // scale policy minimum
  float tensor_scale = 1.0F;
};

// Number of blocks along columns and rows: `rows` is how many there are one below the other in a matrix.
MatrixShape block_grid(const BlockFormat& format, MatrixShape shape, BlockAxis axis);

// Throws Error as quantize_blocks does for these arguments.
void check_block_call(const BlockFormat& format, size_t value_count, MatrixShape shape, BlockAxis axis,
                      const BlockRounding& rounding);

// A result with all its vectors in their sizes and nothing in them. Throws Error as quantize_blocks.
BlockQuantized prepare_blocks(const BlockFormat& format, size_t value_count, MatrixShape shape,
                              BlockAxis axis, const BlockRounding& rounding);

// The codes of a row-major matrix. Each element is rounded once: x divided by its scale is exact, unless the
// policy prescribes float32 operations. A zero keeps its sign if the element format has a minus zero. Two's
// complement elements are symmetric only if their format is (symint8, not int8). The result is a function of
// the arguments but `threads`. Throws Error if the format is not one (check_block_format), `values` does not
// have as many numbers as the shape, the rounding is `wrap` or has too many random bits, or sub-blocks are asked for
// in tiles.
BlockQuantized quantize_blocks(const BlockFormat& format, std::span<const float> values, MatrixShape shape,
                               BlockAxis axis, const BlockRounding& rounding = {}, int threads = 1);

// The values of all elements, row-major: element * 2^-sub_exponent * scale * tensor scale, exact (every block
// with a NaN scale is NaN); (code - zero point) * scale, exact; code * scale + minimum, rounded once to
// double.
std::vector<double> dequantize_blocks(const BlockQuantized& matrix);

// Bits in memory: elements, scales, sub-block exponents, zero points (as wide as an element), minimums and
// the scale of the tensor, without padding.
size_t storage_bits(const BlockFormat& format, MatrixShape shape, BlockAxis axis);

// The words used in TOML files and on the command line. parse_block_axis throws Error listing what is known.
std::string_view to_string(BlockAxis axis);
BlockAxis parse_block_axis(std::string_view word);

}  // namespace assay
