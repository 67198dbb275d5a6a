// Two-dimensional convolution under a unit that accumulates.
#pragma once

#include <cstdint>

#include "arith/gemm.h"
#include "arith/unit.h"

namespace assay {

// Sizes in elements. Images are NCHW, filters are (output channel, input channel / groups, height, width), results are
// NCHW with `output_channels` channels; all are dense.
struct ConvolutionShape {
  int64_t images = 1;
  int64_t channels = 1;
  int64_t height = 1, width = 1;
  int64_t output_channels = 1;
  int64_t filter_height = 1, filter_width = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t padding_y = 0, padding_x = 0;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t groups = 1;

  int64_t output_height() const {
    return (height + 2 * padding_y - dilation_y * (filter_height - 1) - 1) / stride_y + 1;
  }
  int64_t output_width() const {
    return (width + 2 * padding_x - dilation_x * (filter_width - 1) - 1) / stride_x + 1;
  }
};

struct DenseArray {
  const void* data = nullptr;
  Element element = Element::float32;
};

// Every result is that of the unit's GEMM (arith/gemm.h) of the image's patches, operands a, and the filters, operands
// b: products in the order of (input channel, filter row, filter column), places in the padding being +0. `bias`, if
// its data is not null, holds an initial accumulator for each output channel, in the result's format. `results` are of
// the kind `element`. Random bits: M are the places of a result, N the output channels of a group, and the images are
// the batch; group g uses the stream options.stream + g. Throws Error if the shape or the unit makes no sense.
void convolve(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
              const DenseArray& filters, const DenseArray& bias, void* results, Element element,
              const GemmOptions& options = {});

}  // namespace assay
