// Energy of on-chip and off-chip memories, from named publications and libraries.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// Energy per bit moved, and where the number comes from.
struct MemoryEnergy {
  double read = 0.0;   // pJ per bit
  double write = 0.0;  // pJ per bit
  std::string source;  // the measurement or publication, and the rule if it was scaled
  bool scaled = false;
};

// SRAM of a process of `feature_size` nm at `voltage` V. Base: the 8192 x 32 bit macro of IHP SG13G2 (130 nm,
// 1.2 V, 25 C; Liberty internal_power of its clock pin: 230.4 pJ a read, 239.3 pJ a write of 32 bits). Energy
// is taken as C V^2 with C proportional to the feature size. Throws Error unless both are positive.
MemoryEnergy sram_energy(double feature_size, double voltage);

// Off-chip memory by name: "hbm2" (3.97 pJ/bit: O'Connor et al., MICRO 2017) or "gddr5" (14.0 pJ/bit: the
// same paper). These are figures of the memory's own process, whatever the logic's. Throws Error listing the
// names.
MemoryEnergy dram_energy(std::string_view name);

}  // namespace assay
