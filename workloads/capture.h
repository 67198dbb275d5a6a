// Operands recorded from real training runs, as tools/capture_operands.py writes them: a folder with a
// manifest.json and float32 matrices in .npy files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "workloads/matrix.h"
#include "workloads/workload.h"

namespace assay {

// One layer at one training step.
struct LayerCapture {
  std::string model;
  std::string layer;
  int64_t step = 0;
  Matrix
      activation;   // M x K: input of the layer (a convolution's im2col matrix), a subset of the batch's rows
  Matrix weight;    // K x N
  Matrix gradient;  // M x N: gradient of the loss by the layer's output, the same rows

  int64_t m() const { return activation.rows; }
  int64_t n() const { return weight.cols; }
  int64_t k() const { return activation.cols; }
};

// Reads the captures that folder/manifest.json lists, in its order. Throws Error naming the file and key: a
// manifest of another format or version, a missing or mistyped key, a matrix that is not float32 or not of
// the stated shape, no captures at all.
std::vector<LayerCapture> read_captures(const std::filesystem::path& folder);

struct GemmOperands {
  Matrix a;
  Matrix b;
};

// The factors of the layer's GEMM of that phase, C = A B:
//   fwd    A = activation (M x K)      B = weight (K x N)
//   dgrad  A = gradient (M x N)        B = weight^T (N x K)
//   wgrad  A = activation^T (K x M)    B = gradient (M x N)
GemmOperands gemm_operands(const LayerCapture& capture, Phase phase);

// The three GEMMs of each capture, its layer called `model.layer.stepS`.
Workload capture_workload(const std::string& name, const std::vector<LayerCapture>& captures);

}  // namespace assay
