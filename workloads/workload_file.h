// Workloads written in TOML. Either a model by name,
//
//   model = "resnet18"    # see model_list.h
//   batch = 32            # samples a step, default 1
//   image_size = 224      # models of images
//   sequence = 1024       # language models: tokens a sample
//   lm_head = true        # language models: with the product with the vocabulary
//
// or its GEMMs one by one, C[m, n] = A[m, k] B[k, n],
//
//   name = "two layers"   # optional, also beside `model`
//   [[gemm]]
//   layer = "conv1"
//   phase = "fwd"         # fwd (the default), dgrad or wgrad
//   m = 12544
//   n = 64
//   k = 147
//   count = 1             # products of this shape, default 1
#pragma once

#include <filesystem>
#include <string>

#include "workloads/workload.h"

namespace assay {

class TomlTable;

// The workload that `table` describes, as the root of a file of its own or embedded in another. The
// name of that file without folder and extension is that of a workload of GEMMs that states none. Throws
// Error naming file, line and key: an unknown or missing key, a wrong type, a size below 1, an unknown model
// or phase, both or none of model and gemm, or multiply-accumulates beyond int64_t.
Workload parse_workload(const TomlTable& table);

// Reads a file of these keys, or a SCALE-Sim GEMM CSV if its name ends in ".csv" (see scale_sim_csv.h).
Workload read_workload(const std::filesystem::path& path);

}  // namespace assay
