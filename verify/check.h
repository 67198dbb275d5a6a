// Holds devices (RTL, netlists) against the golden model of their unit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arith/unit.h"
#include "rtl/model_harness.h"
#include "verify/stimulus.h"

namespace assay {

// Something that computes a unit. `make` gives an evaluator of its own to each thread.
struct Device {
  std::string name;  // "RTL (Verilator)", "mapped netlist (bit-sliced)"
  std::function<BatchFunction()> make;
};

// One disagreement.
struct Mismatch {
  std::vector<uint64_t> operands;
  uint64_t expected = 0;
  uint64_t actual = 0;
};

struct CheckResult {
  std::string device;
  uint64_t vectors = 0;
  bool exhaustive = false;
  std::string stimulus;  // Stimulus::description
  uint64_t seed = 0;
  double seconds = 0;  // time spent in the device's evaluator, summed over threads
  uint64_t mismatches = 0;
  std::optional<Mismatch> smallest;  // after shrinking

  bool passed() const { return vectors > 0 && mismatches == 0; }
  double vectors_per_second() const { return seconds > 0 ? static_cast<double>(vectors) / seconds : 0; }
};

// Runs every vector of the stimulus through the golden model and each device on `threads` threads. The result
// (but for the times) does not depend on the number of threads.
std::vector<CheckResult> check(const Unit& unit, const std::vector<Device>& devices,
                               const StimulusOptions& options, int threads);

// The mismatch with bits of its operands cleared, one after another, as long as the device still disagrees
// with the golden model.
Mismatch shrink(const Unit& unit, const BatchFunction& device, Mismatch mismatch);

// For people: every operand's code and value, the exact result, what was expected and what came.
std::string explain(const Unit& unit, const Mismatch& mismatch);

}  // namespace assay
