#include "formats/block_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "formats/block_panels.h"
#include "formats/block_units.h"
#include "formats/host_mode.h"
#include "formats/quotient.h"

namespace assay {
namespace {

BlockLines lines_of(const BlockFormat& format, MatrixShape shape, BlockAxis axis) {
  BlockLines lines = axis == BlockAxis::row ? BlockLines{shape.matrices * shape.rows, shape.cols, 1}
                                            : BlockLines{shape.matrices, shape.rows, shape.cols};
  lines.block_size =
      format.block_size > 0 ? static_cast<size_t>(format.block_size) : std::max<size_t>(1, lines.length);
  return lines;
}

// What the loops over panels need, if they can do it. The scale of the tensor takes a pass over the numbers.
struct PanelCall {
  BlockPlan plan;
  BlockLines lines;
  TensorScaling tensor;
};

std::optional<PanelCall> make_panel_call(const BlockFormat& format, std::span<const float> values,
                                         MatrixShape shape, BlockAxis axis, const BlockRounding& rounding,
                                         int threads) {
  if (axis == BlockAxis::tile) return std::nullopt;
  const BlockLines lines = lines_of(format, shape, axis);
  if (lines.block_size > kMaxPanelBlockSize) return std::nullopt;
  std::optional<BlockPlan> plan = make_block_plan(format, rounding);
  if (!plan) return std::nullopt;
  PanelCall call{*plan, lines, {}};
  if (format.tensor_scale == TensorScale::float32) {
    const uint32_t amax = largest_finite_bits(values, threads);
    call.tensor = tensor_scaling(format, real_from_float(std::bit_cast<float>(amax)));
    set_tensor_scale(call.plan, call.tensor);
  }
  return call;
}

// Formats whose codes are bytes, and nothing but them.
void check_bytes(const BlockFormat& format) {
  constexpr int kByte = 8;
  if (format.element.width > kByte || format.scale.width > kByte || format.sub_block_size > 0 ||
      has_offset(format.scale_policy)) {
    fail(
        "block format '{}': expected elements and scales of at most 8 bits and nothing else for codes in bytes",
        format.name);
  }
}

void check_sizes(const BlockCodes& to, const BlockFormat& format, MatrixShape shape, BlockAxis axis) {
  const MatrixShape grid = block_grid(format, shape, axis);
  const size_t codes = shape.matrices * shape.rows * shape.cols;
  const size_t scales = grid.matrices * grid.rows * grid.cols;
  if (to.codes.size() == codes && to.scales.size() == scales) return;
  fail("block format '{}': expected room for {} codes and {} scales, found {} and {}", format.name, codes,
       scales, to.codes.size(), to.scales.size());
}

// The result of the paths that fill vectors.
BlockQuantized quantize_apart(const BlockFormat& format, std::span<const float> values, MatrixShape shape,
                              BlockAxis axis, const BlockRounding& rounding, int threads) {
  const auto quantize = has_units(format) ? quantize_by_units : quantize_blocks;
  return quantize(format, values, shape, axis, rounding, threads);
}

template <typename From, typename To>
void copy_as(const From& from, To&& to) {
  using Number = typename std::remove_cvref_t<To>::value_type;
  std::transform(from.begin(), from.end(), to.begin(), [](auto code) { return static_cast<Number>(code); });
}

}  // namespace

float quantize_blocks_to(const BlockCodes& to, const BlockFormat& format, std::span<const float> values,
                         MatrixShape shape, BlockAxis axis, const BlockRounding& rounding, int threads) {
  check_block_call(format, values.size(), shape, axis, rounding);
  check_bytes(format);
  check_sizes(to, format, shape, axis);
  if (const auto call = make_panel_call(format, values, shape, axis, rounding, threads)) {
    quantize_panels(call->plan, call->lines, rounding, threads, values.data(), to.codes.data(),
                    to.scales.data());
    return call->tensor.decode;
  }
  const BlockQuantized result = quantize_apart(format, values, shape, axis, rounding, threads);
  copy_as(result.codes, to.codes);
  copy_as(result.scales, to.scales);
  return result.tensor_scale;
}

void quantize_dequantize_blocks(const BlockFormat& format, std::span<float> values, MatrixShape shape,
                                BlockAxis axis, const BlockRounding& rounding, int threads) {
  check_block_call(format, values.size(), shape, axis, rounding);
  if (const auto call = make_panel_call(format, values, shape, axis, rounding, threads)) {
    quantize_dequantize_panels(call->plan, call->lines, rounding, threads, values.data());
    return;
  }
  const BlockQuantized result = quantize_apart(format, values, shape, axis, rounding, threads);
  const std::vector<double> exact = dequantize_blocks(result);
  const HostMode mode;
  std::transform(exact.begin(), exact.end(), values.begin(), [](double x) {
    return std::isnan(x) ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(x);
  });
}

BlockQuantized quantize_block_array(const BlockFormat& format, std::span<const float> values,
                                    MatrixShape shape, BlockAxis axis, const BlockRounding& rounding,
                                    int threads) {
  BlockQuantized result = prepare_blocks(format, values.size(), shape, axis, rounding);
  const auto call = make_panel_call(format, values, shape, axis, rounding, threads);
  if (!call) return quantize_apart(format, values, shape, axis, rounding, threads);
  std::vector<uint8_t> codes(result.codes.size()), scales(result.scales.size());
  quantize_panels(call->plan, call->lines, rounding, threads, values.data(), codes.data(), scales.data());
  copy_as(codes, result.codes);
  copy_as(scales, result.scales);
  result.tensor_scale = call->tensor.decode;
  return result;
}

}  // namespace assay
