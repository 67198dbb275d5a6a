// Cycles and energy of the GEMMs of a training step under one scheme.
#pragma once

#include <vector>

#include "experiment/scheme_cost.h"
#include "sim/array_timing.h"

namespace assay {

// Energies in J.
struct EnergySplit {
  double product = 0, accumulate = 0, registers = 0, clock = 0, leakage = 0, sram = 0, dram = 0;

  double total() const { return product + accumulate + registers + clock + leakage + sram + dram; }
  EnergySplit& operator+=(const EnergySplit& other);
};

struct GemmCost {
  Gemm gemm;
  int64_t macs = 0;  // of all `count` products
  int64_t cycles = 0;
  double utilisation = 0;  // 0..1
  EnergySplit energy;
};

struct StepCost {
  std::vector<GemmCost> gemms;
  int64_t macs = 0;
  int64_t cycles = 0;
  double utilisation = 0;
  EnergySplit energy;
};

// Each GEMM runs alone on the array, tile after tile. An operation costs what scheme_cost found for its
// phase; clock and leakage run in all elements in all cycles; every word at the array's edge is an access to
// an SRAM, every word of dram_words (sim/dram_traffic.h) one to DRAM as well. The buffer is shared equally by
// A, B and partial sums.
StepCost step_cost(const Experiment& experiment, const Scheme& scheme, const SchemeCost& cost);

}  // namespace assay
