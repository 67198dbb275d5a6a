#include "workloads/model.h"

#include <utility>

#include "base/error.h"

namespace assay {
namespace {

void require_at_least(int64_t minimum, const std::string& layer, const char* key, int64_t value) {
  if (value < minimum) fail("layer '{}': expected {} of at least {}, found {}", layer, key, minimum, value);
}

void check(const Convolution& layer) {
  const std::string& name = layer.name;
  require_at_least(1, name, "in_channels", layer.in_channels);
  require_at_least(1, name, "out_channels", layer.out_channels);
  require_at_least(1, name, "kernel_height", layer.kernel_height);
  require_at_least(1, name, "kernel_width", layer.kernel_width);
  require_at_least(1, name, "stride", layer.stride);
  require_at_least(0, name, "padding", layer.padding);
  require_at_least(1, name, "dilation", layer.dilation);
  require_at_least(1, name, "groups", layer.groups);
  require_at_least(1, name, "input_height", layer.input_height);
  require_at_least(1, name, "input_width", layer.input_width);
  if (layer.in_channels % layer.groups != 0 || layer.out_channels % layer.groups != 0) {
    fail("layer '{}': expected groups to divide {} input and {} output channels, found {}", name,
         layer.in_channels, layer.out_channels, layer.groups);
  }
}

// The forward product of a layer for `batch` samples; the other two follow from it.
Gemm forward(const Convolution& layer, int64_t batch) {
  check(layer);
  const int64_t rows = checked_product({batch, output_height(layer), output_width(layer)}, layer.name);
  const int64_t reduction = checked_product(
      {layer.in_channels / layer.groups, layer.kernel_height, layer.kernel_width}, layer.name);
  return {layer.name, Phase::fwd, rows, layer.out_channels / layer.groups, reduction, layer.groups};
}

Gemm forward(const Linear& layer, int64_t batch) {
  require_at_least(1, layer.name, "rows", layer.rows);
  const int64_t rows = checked_product({batch, layer.rows}, layer.name);
  return {layer.name, Phase::fwd, rows, layer.out_features, layer.in_features, 1};
}

Gemm forward(const BatchedMatmul& layer, int64_t batch) {
  require_at_least(1, layer.name, "count", layer.count);
  return {layer.name, Phase::fwd, layer.m,
          layer.n,    layer.k,    checked_product({batch, layer.count}, layer.name)};
}

}  // namespace

int64_t window_positions(const std::string& name, int64_t input, int64_t kernel, int64_t stride,
                         int64_t padding, int64_t dilation) {
  const std::string what = "layer '" + name + "': window";
  int64_t padded = 0;
  if (__builtin_add_overflow(input, checked_product({2, padding}, what), &padded)) {
    fail("layer '{}': the padded input is larger than 2^63 - 1", name);
  }
  const int64_t span = checked_product({dilation, kernel - 1}, what);
  if (span >= padded) {
    fail("layer '{}': a window of {} x dilation {} does not fit an input of {} with padding {}", name, kernel,
         dilation, input, padding);
  }
  return (padded - span - 1) / stride + 1;
}

int64_t output_height(const Convolution& layer) {
  return window_positions(layer.name, layer.input_height, layer.kernel_height, layer.stride, layer.padding,
                          layer.dilation);
}

int64_t output_width(const Convolution& layer) {
  return window_positions(layer.name, layer.input_width, layer.kernel_width, layer.stride, layer.padding,
                          layer.dilation);
}

Workload training_step(const Model& model, int64_t batch) {
  if (batch < 1) fail("model '{}': expected a batch of at least 1, found {}", model.name, batch);
  Workload workload{model.name, {}};
  for (const Layer& layer : model.layers) {
    const bool first = workload.gemms.empty();
    const Gemm fwd = std::visit([batch](const auto& one) { return forward(one, batch); }, layer);
    workload.gemms.push_back(fwd);
    if (!first || !model.first_input_is_data) workload.gemms.push_back(data_gradient(fwd));
    workload.gemms.push_back(weight_gradient(fwd));
  }
  mac_totals(workload);  // refuses sizes below 1 and sums beyond int64_t
  return workload;
}

}  // namespace assay
