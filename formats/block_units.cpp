#include "formats/block_units.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/parallel.h"
#include "formats/array_kernels.h"
#include "formats/block_scale.h"
#include "formats/quotient.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr uint32_t kInfinityBits = 0x7F800000;
constexpr size_t kElementsPerTask = 1 << 14;

// The numbers that are multiplied with the same factor: a sub-block, or a block if there are none. `extent`
// is the size of a unit, `grid` the number of units.
struct Units {
  MatrixShape extent;
  MatrixShape grid;
  std::vector<uint32_t> amax;       // bits of the largest finite magnitude
  std::vector<uint8_t> non_finite;  // whether there is an infinity or NaN
  std::vector<double> factors;      // 0: all codes are those of +0
};

Units units_of(const BlockFormat& format, MatrixShape shape, BlockAxis axis) {
  BlockFormat unit = format;
  if (format.sub_block_size > 0) unit.block_size = format.sub_block_size;
  Units units;
  units.grid = block_grid(unit, shape, axis);
  const auto size = static_cast<size_t>(unit.block_size);
  units.extent = {axis == BlockAxis::row ? 1
                  : size > 0             ? size
                                         : shape.rows,
                  axis == BlockAxis::column ? 1
                  : size > 0                ? size
                                            : shape.cols};
  units.amax.resize(units.grid.rows * units.grid.cols * units.grid.matrices);
  units.non_finite.resize(units.amax.size());
  units.factors.resize(units.amax.size());
  return units;
}

// Largest magnitudes of the units in one row of the grids of all matrices.
void find_largest(std::span<const float> values, MatrixShape shape, size_t grid_row, Units& units) {
  const size_t top = grid_row / units.grid.rows * shape.rows,
               first = grid_row % units.grid.rows * units.extent.rows;
  const size_t end = top + std::min(shape.rows, first + units.extent.rows);
  for (size_t row = top + first; row < end; ++row) {
    const std::span<const float> line = values.subspan(row * shape.cols, shape.cols);
    for (size_t unit = 0, col = 0; unit < units.grid.cols; ++unit) {
      const size_t stop = std::min(shape.cols, col + units.extent.cols);
      uint32_t largest = 0, largest_finite = 0;
      for (; col < stop; ++col) {
        const uint32_t magnitude = std::bit_cast<uint32_t>(line[col]) & 0x7FFFFFFF;
        largest = std::max(largest, magnitude);
        largest_finite = std::max(largest_finite, magnitude < kInfinityBits ? magnitude : 0);
      }
      const size_t place = grid_row * units.grid.cols + unit;
      units.amax[place] = std::max(units.amax[place], largest_finite);
      units.non_finite[place] |= static_cast<uint8_t>(largest >= kInfinityBits);
    }
  }
}

Real amax_of(uint32_t bits) {
  return real_from_float(std::bit_cast<float>(bits));
}

// The value of a float, also where the host takes subnormal numbers for zero.
double exact_double(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude >= 0x800000) return static_cast<double>(x);
  const double value = static_cast<double>(static_cast<int32_t>(magnitude)) * 0x1p-149;
  return bits >> 31 != 0 ? -value : value;
}

// Scale and factors of one block, whose units are at `places`.
struct BlockSetup {
  const BlockFormat& format;
  const TensorScaling& tensor;
  Units& units;
  BlockQuantized& result;

  void set(size_t block, std::span<const size_t> places) const {
    uint32_t bits = 0;
    bool non_finite = false;
    for (const size_t place : places) {
      bits = std::max(bits, units.amax[place]);
      non_finite = non_finite || units.non_finite[place] != 0;
    }
    if (non_finite && format.non_finite == NonFinite::nan_scale) {
      result.scales[block] = static_cast<uint32_t>(canonical_nan(format.scale));
    } else if (has_power_of_two_scale(format.scale_policy)) {
      set_power_of_two(block, places, amax_of(bits));
    } else {
      const BlockScaling scaling = absmax_scaling(format, tensor, amax_of(bits));
      result.scales[block] = static_cast<uint32_t>(scaling.code);
      units.factors[places[0]] = exact_double(scaling.multiplier);
    }
  }

  void set_power_of_two(size_t block, std::span<const size_t> places, const Real& amax) const {
    const uint64_t code =
        shared_exponent_code(format.scale, amax.kind == RealClass::zero ? zero_block_exponent(format)
                                                                        : shared_exponent(format, amax));
    result.scales[block] = static_cast<uint32_t>(code);
    if (code > max_finite_magnitude(format.scale)) return;
    const int exponent = static_cast<int>(code) - format.scale.exponent_bias;
    for (size_t i = 0; i < places.size(); ++i) {
      int below = 0;
      if (format.sub_block_size > 0) {
        below = sub_block_exponent(format, exponent, amax_of(units.amax[places[i]]));
        const auto count = static_cast<size_t>(format.block_size / format.sub_block_size);
        result.sub_exponents[block * count + i] = static_cast<uint8_t>(below);
      }
      units.factors[places[i]] = std::ldexp(1.0, below - exponent);
    }
  }
};

// The units of a block: itself, or its sub-blocks along the axis.
std::vector<size_t> units_of_block(const BlockFormat& format, const Units& units, MatrixShape grid,
                                   BlockAxis axis, size_t block) {
  if (format.sub_block_size == 0) return {block};
  const auto count = static_cast<size_t>(format.block_size / format.sub_block_size);
  const size_t matrix = block / grid.cols / grid.rows;
  const size_t row = block / grid.cols % grid.rows, col = block % grid.cols;
  std::vector<size_t> places;
  for (size_t i = 0; i < count; ++i) {
    const size_t unit_row = axis == BlockAxis::row ? row : row * count + i;
    const size_t unit_col = axis == BlockAxis::row ? col * count + i : col;
    if (unit_row < units.grid.rows && unit_col < units.grid.cols) {
      places.push_back((matrix * units.grid.rows + unit_row) * units.grid.cols + unit_col);
    }
  }
  return places;
}

// The products of one row with its factors; they are exact in double precision.
void scale_row(std::span<const float> line, size_t row, size_t rows, const Units& units,
               std::span<double> products) {
  const size_t grid_row = row / rows * units.grid.rows + row % rows / units.extent.rows;
  const double* factors = units.factors.data() + grid_row * units.grid.cols;
  for (size_t unit = 0, col = 0; unit < units.grid.cols; ++unit) {
    const double factor = factors[unit];
    const size_t stop = std::min(line.size(), col + units.extent.cols);
    for (; col < stop; ++col) products[col] = factor == 0.0 ? 0.0 : exact_double(line[col]) * factor;
  }
}

// x rounded to nearest float32, ties to even, at most the largest finite one; infinities and NaN stay.
double nearest_float32(double x) {
  constexpr uint64_t kSign = uint64_t{1} << 63, kDropped = (uint64_t{1} << 29) - 1;
  constexpr auto kLeastNormal = std::bit_cast<uint64_t>(0x1p-126);
  constexpr auto kLargest = std::bit_cast<uint64_t>(0x1.fffffep127);
  constexpr uint64_t kInfinity = 0x7FF0000000000000;
  const auto bits = std::bit_cast<uint64_t>(x);
  const uint64_t magnitude = bits & ~kSign;
  if (magnitude == 0 || magnitude >= kInfinity) return x;
  if (magnitude < kLeastNormal) return to_double(real_from_float(round_to_float(real_from_double(x))));
  const uint64_t half = (kDropped >> 1) + (magnitude >> 29 & 1);
  const uint64_t rounded = std::min((magnitude + half) & ~kDropped, kLargest);
  return std::bit_cast<double>(rounded | (bits & kSign));
}

// The codes of rows first..last - 1.
void encode_rows(std::span<const float> values, const BlockRounding& rounding, const Units& units,
                 size_t first, size_t last, BlockQuantized& result) {
  const size_t cols = result.shape.cols, begin = first * cols, count = (last - first) * cols;
  std::vector<double> products(count);
  for (size_t row = first; row < last; ++row) {
    scale_row(values.subspan(row * cols, cols), row, result.shape.rows, units,
              std::span(products).subspan((row - first) * cols, cols));
  }
  if (!has_power_of_two_scale(result.format.scale_policy)) {
    for (double& product : products) product = nearest_float32(product);
  }
  std::vector<uint16_t> codes(count);
  const ArrayRandom random{rounding.seed, rounding.stream, begin, rounding.random_bits};
  encode_array(result.format.element, rounding.rounding, rounding.saturation,
               std::span<const double>(products), std::span<uint16_t>(codes), random);
  std::copy(codes.begin(), codes.end(), result.codes.begin() + static_cast<std::ptrdiff_t>(begin));
}

Real tensor_amax(const Units& units) {
  const auto largest = std::max_element(units.amax.begin(), units.amax.end());
  return largest == units.amax.end() ? Real{} : amax_of(*largest);
}

}  // namespace

bool has_units(const BlockFormat& format) {
  // A product with a factor of 0 has to have code 0.
  const bool zero_is_zero = format.element.kind != FormatKind::code_book;
  return zero_is_zero && format.scale_policy != ScalePolicy::absmax && !has_offset(format.scale_policy);
}

BlockQuantized quantize_by_units(const BlockFormat& format, std::span<const float> values, MatrixShape shape,
                                 BlockAxis axis, const BlockRounding& rounding, int threads) {
  BlockQuantized result = prepare_blocks(format, values.size(), shape, axis, rounding);
  Units units = units_of(format, shape, axis);
  parallel_for(units.grid.rows * units.grid.matrices, threads,
               [&](size_t row) { find_largest(values, shape, row, units); });

  const TensorScaling tensor = tensor_scaling(format, tensor_amax(units));
  result.tensor_scale = tensor.decode;
  const MatrixShape grid = block_grid(format, shape, axis);
  const BlockSetup setup{format, tensor, units, result};
  parallel_for(grid.rows * grid.matrices, threads, [&](size_t row) {
    for (size_t block = row * grid.cols; block < (row + 1) * grid.cols; ++block) {
      setup.set(block, units_of_block(format, units, grid, axis, block));
    }
  });

  const size_t rows_per_task = std::max<size_t>(1, kElementsPerTask / std::max<size_t>(1, shape.cols));
  const size_t rows = shape.rows * shape.matrices;
  parallel_for((rows + rows_per_task - 1) / rows_per_task, threads, [&](size_t task) {
    const size_t first = task * rows_per_task;
    encode_rows(values, rounding, units, first, std::min(rows, first + rows_per_task), result);
  });
  return result;
}

}  // namespace assay
