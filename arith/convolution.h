// Two-dimensional convolution and its gradients under a unit that accumulates (mac or dot).
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

// Throws Error unless sizes, strides, dilations and groups are at least 1 (images 0), paddings are not negative, the groups
// divide the channels, and the filter fits into the padded image.
void check_convolution(const ConvolutionShape& shape);

// Every element of a result is accumulate_dot (arith/dot.h) of the products below, in that order, the first index
// varying slowest. An operand that lies outside of its image is +0 and has its place in the order like any other, so
// that the groups of a dot unit are those of a matrix of patches. Place (y, x) of a result and element (fy, fx) of a
// filter meet in place (y stride_y + fy dilation_y - padding_y, the same for x) of an image. `element` is what the
// results are stored as. The result does not depend on the number of threads. All throw Error if the shape or the unit
// makes no sense.
//
// Random bits are those of gemm() on M x N outputs, a stream for each of a sequence from options.stream on.

// Images are operands a, filters operands b, summed over (input channel of the group, fy, fx). `bias`, if its data is not
// null, holds an initial accumulator for each output channel, in the unit's result format. Random bits: M places,
// N output channels of a group; image i of group g takes stream g images + i.
void convolve(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
              const DenseArray& filters, const DenseArray& bias, void* results, Element element,
              const GemmOptions& options = {});

// The gradient by the images (the transposed convolution). Gradients of the results are operands a, filters operands b,
// summed over (output channel of the group, fy, fx), of which only those fy and fx take part that the stride lets meet
// the place: y + padding_y - fy dilation_y is a multiple of stride_y, and so for x. A place met by none is +0. Random
// bits: M places with the same y modulo stride_y and x modulo stride_x, N input channels of a group; image i of group g
// takes stream ((g stride_y + y % stride_y) stride_x + x % stride_x) images + i.
void convolve_data_gradient(const Unit& unit, const ConvolutionShape& shape,
                            const DenseArray& result_gradients, const DenseArray& filters,
                            void* image_gradients, Element element, const GemmOptions& options = {});

// The gradient by the filters. Images are operands a, gradients of the results operands b, summed over (image, y, x of
// the result). Random bits: M = filter_height filter_width elements, N output channels of a group; input channel c takes
// stream c.
void convolve_filter_gradient(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
                              const DenseArray& result_gradients, void* filter_gradients, Element element,
                              const GemmOptions& options = {});

}  // namespace assay
