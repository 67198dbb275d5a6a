// The array three ways - closed form, SystemC, Verilated RTL - on captured operands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/experiment.h"

namespace assay {

struct ArrayCheck {
  std::string unit;
  SystolicArray array;
  int cases = 0;
  bool cycles_equal = true;
  bool bits_equal = true;  // of SystemC, RTL and the golden gemm
};

// For every unit of the experiment's schemes: products of several sizes, ragged at the edges, of quantized
// captured operands on a small array of the experiment's kind. `cache` keeps Verilator's builds.
std::vector<ArrayCheck> check_arrays(const Experiment& experiment, const std::filesystem::path& cache,
                                     int threads);

}  // namespace assay
