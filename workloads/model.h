// Network definitions as data, and the GEMMs that one training step makes of them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "workloads/workload.h"

namespace assay {

// A two-dimensional convolution over one image of input_height x input_width; stride, padding (on each
// side) and dilation are the same in both directions.
struct Convolution {
  std::string name;
  int64_t in_channels = 1;
  int64_t out_channels = 1;
  int64_t kernel_height = 1;
  int64_t kernel_width = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t dilation = 1;
  int64_t groups = 1;
  int64_t input_height = 1;
  int64_t input_width = 1;
};

// y = x W for `rows` vectors x a sample (the positions of a sequence; 1 for a classifier).
struct Linear {
  std::string name;
  int64_t in_features = 1;
  int64_t out_features = 1;
  int64_t rows = 1;
};

// `count` products C[m, n] = A[m, k] B[k, n] a sample, both operands computed by the network, as the scores
// and the context of attention.
struct BatchedMatmul {
  std::string name;
  int64_t m = 1;
  int64_t n = 1;
  int64_t k = 1;
  int64_t count = 1;
};

using Layer = std::variant<Convolution, Linear, BatchedMatmul>;

struct Model {
  std::string name;
  std::vector<Layer> layers;
  // The input of the first layer is data, not something learned (as an embedding is): training needs no
  // gradient by it, and training_step leaves out that layer's dgrad.
  bool first_input_is_data = true;
};

// floor((input + 2 padding - dilation (kernel - 1) - 1) / stride) + 1: positions of a window along one
// direction. Throws Error naming `name` if the padded input is smaller than the window.
int64_t window_positions(const std::string& name, int64_t input, int64_t kernel, int64_t stride,
                         int64_t padding, int64_t dilation);

int64_t output_height(const Convolution& layer);
int64_t output_width(const Convolution& layer);

// The GEMMs of one training step of `model` on `batch` samples: for each layer in order fwd, dgrad, wgrad.
//
// With P = batch x output positions (Linear: batch x rows), and a convolution lowered by im2col,
//   fwd    M = P      N = Cout/g          K = Cin/g x kernel   x = columns of the input, output = x W
//   dgrad  M = P      N = Cin/g x kernel  K = Cout/g           dx = dy W^T (col2im then adds into the input)
//   wgrad  M = Cin/g x kernel  N = Cout/g K = P                dW = x^T dy
// each `groups` times. For a batched product dgrad is the gradient by A (dC B^T) and wgrad the one by B
// (A^T dC): B stands where a weight stands, and so do the shapes and the reduction.
//
// Normalisation, activation functions, pooling, softmax, additions and the optimizer are no GEMMs and not
// listed. Throws Error naming the layer if a size is out of range or a product exceeds int64_t.
Workload training_step(const Model& model, int64_t batch);

}  // namespace assay
