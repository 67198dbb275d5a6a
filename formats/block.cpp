#include "formats/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "formats/block_scale.h"
#include "formats/host_mode.h"
#include "formats/quotient.h"
#include "formats/random_bits.h"
#include "formats/round.h"
#include "formats/words.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, BlockAxis>, 3> kAxes = {
    {{"row", BlockAxis::row}, {"column", BlockAxis::column}, {"tile", BlockAxis::tile}}};

constexpr uint32_t kInfinityBits = 0x7F800000;

bool is_finite(float x) {
  return (std::bit_cast<uint32_t>(x) & kInfinityBits) != kInfinityBits;
}

uint32_t magnitude_bits(float x) {
  return std::bit_cast<uint32_t>(x) & 0x7FFFFFFF;
}

// Extent of a whole block.
MatrixShape block_extent(const BlockFormat& format, MatrixShape shape, BlockAxis axis) {
  const auto size = static_cast<size_t>(format.block_size);
  const auto along = [size](size_t length) { return size == 0 ? std::max<size_t>(length, 1) : size; };
  return {axis == BlockAxis::row ? 1 : along(shape.rows), axis == BlockAxis::column ? 1 : along(shape.cols)};
}

// Row-major places of the numbers of a block, in order along the axis.
std::vector<size_t> places_of(MatrixShape shape, MatrixShape extent, MatrixShape grid, size_t block) {
  const size_t per_matrix = grid.rows * grid.cols;
  const size_t first = block / per_matrix * shape.rows * shape.cols;
  const size_t row = block % per_matrix / grid.cols * extent.rows, col = block % grid.cols * extent.cols;
  const size_t row_end = std::min(row + extent.rows, shape.rows);
  const size_t col_end = std::min(col + extent.cols, shape.cols);
  std::vector<size_t> places;
  places.reserve((row_end - row) * (col_end - col));
  for (size_t r = row; r < row_end; ++r) {
    for (size_t c = col; c < col_end; ++c) places.push_back(first + r * shape.cols + c);
  }
  return places;
}

// What all blocks of a call have in common.
struct Call {
  const BlockFormat& format;
  std::span<const float> values;
  const BlockRounding& rounding;
  TensorScaling tensor;
};

using Places = std::span<const size_t>;

Real value_at(const Call& call, size_t place) {
  return real_from_float(call.values[place]);
}

bool all_finite(const Call& call, Places places) {
  return std::all_of(places.begin(), places.end(),
                     [&](size_t place) { return is_finite(call.values[place]); });
}

// The largest magnitude among the finite numbers.
Real largest_magnitude(const Call& call, Places places) {
  uint32_t largest = 0;
  for (const size_t place : places) {
    if (is_finite(call.values[place])) largest = std::max(largest, magnitude_bits(call.values[place]));
  }
  return real_from_float(std::bit_cast<float>(largest));
}

// The code of x in `target`, with the random bits of element `place`.
uint64_t round_element(const Call& call, const Format& target, const Real& x, Saturation saturation,
                       size_t place) {
  RandomBits random;
  if (is_stochastic(call.rounding.rounding)) {
    random = element_random_bits(call.rounding.seed, call.rounding.stream, place, call.rounding.random_bits);
  }
  return round_to_code(target, x, call.rounding.rounding, saturation, random);
}

uint32_t element_code(const Call& call, const Real& x, size_t place) {
  return static_cast<uint32_t>(round_element(call, call.format.element, x, call.rounding.saturation, place));
}

// A block whose scale is NaN.
void set_nan_block(const BlockFormat& format, Places places, size_t block, BlockQuantized& result) {
  const uint64_t zero = round_to_code(format.element, Real{}, Rounding::rne, Saturation::sat_finite);
  result.scales[block] = static_cast<uint32_t>(canonical_nan(format.scale));
  for (const size_t place : places) result.codes[place] = static_cast<uint32_t>(zero);
}

void quantize_power_of_two(const Call& call, Places places, size_t block, BlockQuantized& result) {
  const BlockFormat& format = call.format;
  const Real amax = largest_magnitude(call, places);
  const uint64_t code =
      shared_exponent_code(format.scale, amax.kind == RealClass::zero ? zero_block_exponent(format)
                                                                      : shared_exponent(format, amax));
  if (code > max_finite_magnitude(format.scale)) return set_nan_block(format, places, block, result);
  result.scales[block] = static_cast<uint32_t>(code);
  const int exponent = static_cast<int>(code) - format.scale.exponent_bias;

  const bool has_sub_blocks = format.sub_block_size > 0;
  const size_t sub_size = has_sub_blocks ? static_cast<size_t>(format.sub_block_size) : places.size();
  const size_t sub_count = has_sub_blocks ? static_cast<size_t>(format.block_size) / sub_size : 1;
  for (size_t first = 0, sub = 0; first < places.size(); first += sub_size, ++sub) {
    const Places part = places.subspan(first, std::min(sub_size, places.size() - first));
    const int below =
        has_sub_blocks ? sub_block_exponent(format, exponent, largest_magnitude(call, part)) : 0;
    if (has_sub_blocks) result.sub_exponents[block * sub_count + sub] = static_cast<uint8_t>(below);
    for (const size_t place : part) {
      Real x = value_at(call, place);
      x.exponent -= exponent - below;
      result.codes[place] = element_code(call, x, place);
    }
  }
}

void quantize_absmax(const Call& call, Places places, size_t block, BlockQuantized& result) {
  const BlockScaling scaling = absmax_scaling(call.format, call.tensor, largest_magnitude(call, places));
  result.scales[block] = static_cast<uint32_t>(scaling.code);
  for (const size_t place : places) {
    result.codes[place] = element_code(call, scaled(call.format, scaling, value_at(call, place)), place);
  }
}

// The least and the greatest finite number; zero for both without one.
std::pair<float, float> limits_of(const Call& call, Places places) {
  std::pair<float, float> limits{0.0F, 0.0F};
  bool any = false;
  for (const size_t place : places) {
    const float x = call.values[place];
    if (!is_finite(x)) continue;
    const Real exact = real_from_float(x);
    if (!any || compare(exact, real_from_float(limits.first)) < 0) limits.first = x;
    if (!any || compare(exact, real_from_float(limits.second)) > 0) limits.second = x;
    any = true;
  }
  return limits;
}

// x / scale rounded to an integer, moved by the zero point and clamped.
uint32_t zero_point_code(const Call& call, const OffsetScaling& scaling, const Real& x, size_t place) {
  static const Format wide = parse_format("int32");
  const Format& element = call.format.element;
  const Real quotient = divide(x, real_from_float(scaling.scale));
  const auto steps = static_cast<int32_t>(round_element(call, wide, quotient, Saturation::sat_finite, place));
  const int64_t least = element.is_signed ? -(int64_t{1} << (element.width - 1)) : 0;
  const int64_t greatest = least + static_cast<int64_t>(code_mask(element.width));
  const int64_t code = std::clamp(int64_t{steps} + scaling.zero_point, least, greatest);
  return static_cast<uint32_t>(static_cast<uint64_t>(code) & code_mask(element.width));
}

uint32_t minimum_code(const Call& call, const OffsetScaling& scaling, const Real& least, const Real& x,
                      size_t place) {
  const Real above =
      x.kind == RealClass::nan || x.kind == RealClass::infinity ? x : float_difference(x, least);
  const Real quotient = divide(above, real_from_float(scaling.scale));
  return static_cast<uint32_t>(
      round_element(call, call.format.element, quotient, Saturation::sat_finite, place));
}

void quantize_offset(const Call& call, Places places, size_t block, BlockQuantized& result) {
  const auto [least, greatest] = limits_of(call, places);
  const Real least_value = real_from_float(least);
  const OffsetScaling scaling = offset_scaling(call.format, least_value, real_from_float(greatest));
  const bool has_zero_point = call.format.scale_policy == ScalePolicy::zero_point;
  result.scales[block] = std::bit_cast<uint32_t>(scaling.scale);
  if (has_zero_point) result.zero_points[block] = scaling.zero_point;
  if (!has_zero_point) result.minimums[block] = least_value.kind == RealClass::zero ? 0.0F : least;
  for (const size_t place : places) {
    const Real x = value_at(call, place);
    result.codes[place] = has_zero_point ? zero_point_code(call, scaling, x, place)
                                         : minimum_code(call, scaling, least_value, x, place);
  }
}

void quantize_block(const Call& call, Places places, size_t block, BlockQuantized& result) {
  const BlockFormat& format = call.format;
  if (format.non_finite == NonFinite::nan_scale && !all_finite(call, places)) {
    set_nan_block(format, places, block, result);
  } else if (has_power_of_two_scale(format.scale_policy)) {
    quantize_power_of_two(call, places, block, result);
  } else if (has_offset(format.scale_policy)) {
    quantize_offset(call, places, block, result);
  } else {
    quantize_absmax(call, places, block, result);
  }
}

Real tensor_amax(const Call& call) {
  uint32_t largest = 0;
  for (const float x : call.values) {
    if (is_finite(x)) largest = std::max(largest, magnitude_bits(x));
  }
  return real_from_float(std::bit_cast<float>(largest));
}

// The value of every element code but for its scale.
std::vector<double> element_values(const Format& element) {
  std::vector<double> values(size_t{1} << element.width);
  for (size_t code = 0; code < values.size(); ++code) values[code] = to_double(decode(element, code));
  return values;
}

// All values of a block, written to `values`.
void dequantize_block(const BlockQuantized& matrix, std::span<const double> elements, Places places,
                      size_t block, std::vector<double>& values) {
  const BlockFormat& format = matrix.format;
  const double scale =
      to_double(decode(format.scale, matrix.scales[block])) * to_double(real_from_float(matrix.tensor_scale));
  const auto sub_size = static_cast<size_t>(format.sub_block_size);
  const size_t sub_count = sub_size > 0 ? static_cast<size_t>(format.block_size) / sub_size : 0;
  for (size_t i = 0; i < places.size(); ++i) {
    const double element = elements[matrix.codes[places[i]]];
    double value = element * scale;
    if (sub_size > 0) value = std::ldexp(value, -int{matrix.sub_exponents[block * sub_count + i / sub_size]});
    if (format.scale_policy == ScalePolicy::zero_point) value = (element - matrix.zero_points[block]) * scale;
    if (format.scale_policy == ScalePolicy::minimum) {
      value = std::fma(element, scale, to_double(real_from_float(matrix.minimums[block])));
    }
    values[places[i]] = value;
  }
}

}  // namespace

BlockView blocks_along(std::span<const size_t> extents, size_t axis) {
  if (axis >= extents.size()) fail("axis {} of blocks in an array of {} dimensions", axis, extents.size());
  const auto product = [](std::span<const size_t> some) {
    return std::accumulate(some.begin(), some.end(), size_t{1}, std::multiplies<>());
  };
  const size_t outer = product(extents.first(axis)), inner = product(extents.subspan(axis + 1));
  if (axis + 1 == extents.size()) return {{outer, extents[axis]}, BlockAxis::row};
  return {{extents[axis], inner, outer}, BlockAxis::column};
}

MatrixShape block_grid(const BlockFormat& format, MatrixShape shape, BlockAxis axis) {
  const MatrixShape extent = block_extent(format, shape, axis);
  return {(shape.rows + extent.rows - 1) / extent.rows, (shape.cols + extent.cols - 1) / extent.cols,
          shape.matrices};
}

void check_block_call(const BlockFormat& format, size_t value_count, MatrixShape shape, BlockAxis axis,
                      const BlockRounding& rounding) {
  check_block_format(format);
  if (value_count != shape.rows * shape.cols * shape.matrices) {
    const std::string what = shape.matrices == 1 ? "a matrix" : fmt::format("{} matrices", shape.matrices);
    fail("block format '{}': {} numbers for {} of {} x {}", format.name, value_count, what, shape.rows,
         shape.cols);
  }
  if (rounding.saturation == Saturation::wrap) {
    fail("block format '{}': saturation wrap expects an integer without scale", format.name);
  }
  if (rounding.random_bits < 0 || rounding.random_bits > 32) {
    fail("block format '{}': {} random bits, expected 0..32", format.name, rounding.random_bits);
  }
  if (format.sub_block_size > 0 && axis == BlockAxis::tile) {
    fail("block format '{}': sub-blocks expect axis row or column, found tile", format.name);
  }
}

BlockQuantized prepare_blocks(const BlockFormat& format, size_t value_count, MatrixShape shape,
                              BlockAxis axis, const BlockRounding& rounding) {
  check_block_call(format, value_count, shape, axis, rounding);
  BlockQuantized result;
  result.format = format;
  result.shape = shape;
  result.axis = axis;
  const MatrixShape grid = block_grid(format, shape, axis);
  const size_t blocks = grid.rows * grid.cols * grid.matrices;
  result.codes.resize(value_count);
  result.scales.resize(blocks);
  if (format.sub_block_size > 0) {
    result.sub_exponents.resize(blocks * static_cast<size_t>(format.block_size / format.sub_block_size));
  }
  if (format.scale_policy == ScalePolicy::zero_point) result.zero_points.resize(blocks);
  if (format.scale_policy == ScalePolicy::minimum) result.minimums.resize(blocks);
  return result;
}

BlockQuantized quantize_blocks(const BlockFormat& format, std::span<const float> values, MatrixShape shape,
                               BlockAxis axis, const BlockRounding& rounding, int threads) {
  BlockQuantized result = prepare_blocks(format, values.size(), shape, axis, rounding);
  Call call{format, values, rounding, {}};
  call.tensor = tensor_scaling(format, tensor_amax(call));
  result.tensor_scale = call.tensor.decode;

  const MatrixShape extent = block_extent(format, shape, axis), grid = block_grid(format, shape, axis);
  constexpr size_t kBlocksPerTask = 256;
  const size_t blocks = result.scales.size();
  parallel_for((blocks + kBlocksPerTask - 1) / kBlocksPerTask, threads, [&](size_t task) {
    const size_t end = std::min(blocks, (task + 1) * kBlocksPerTask);
    for (size_t block = task * kBlocksPerTask; block < end; ++block) {
      quantize_block(call, places_of(shape, extent, grid, block), block, result);
    }
  });
  return result;
}

std::vector<double> dequantize_blocks(const BlockQuantized& matrix) {
  const HostMode mode;
  const MatrixShape extent = block_extent(matrix.format, matrix.shape, matrix.axis);
  const MatrixShape grid = block_grid(matrix.format, matrix.shape, matrix.axis);
  const std::vector<double> elements = element_values(matrix.format.element);
  std::vector<double> values(matrix.codes.size());
  for (size_t block = 0; block < matrix.scales.size(); ++block) {
    dequantize_block(matrix, elements, places_of(matrix.shape, extent, grid, block), block, values);
  }
  return values;
}

size_t storage_bits(const BlockFormat& format, MatrixShape shape, BlockAxis axis) {
  const MatrixShape grid = block_grid(format, shape, axis);
  const auto element_width = static_cast<size_t>(format.element.width);
  auto block_bits = static_cast<size_t>(format.scale.width);
  if (format.sub_block_size > 0) {
    block_bits += static_cast<size_t>(format.block_size / format.sub_block_size * format.sub_exponent_width);
  }
  if (format.scale_policy == ScalePolicy::zero_point) block_bits += element_width;
  if (format.scale_policy == ScalePolicy::minimum) block_bits += 32;
  const size_t tensor_bits = format.tensor_scale == TensorScale::float32 ? 32 : 0;
  const size_t matrix_bits = shape.rows * shape.cols * element_width + grid.rows * grid.cols * block_bits;
  return shape.matrices * matrix_bits + tensor_bits;
}

std::string_view to_string(BlockAxis axis) {
  return word_of(kAxes, axis);
}
BlockAxis parse_block_axis(std::string_view word) {
  return value_of(kAxes, "block axis", word);
}

}  // namespace assay
