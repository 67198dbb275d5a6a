// The ports of a systolic array: what goes into and comes out of it in one cycle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "arith/unit.h"
#include "rtl/model_harness.h"
#include "sim/array_timing.h"

namespace assay {

// Indices into the ports of array_ports; the names are those of the RTL without the suffix.
enum HeldOperandInput : size_t {  // weight_stationary, input_stationary
  kHeldLoad,
  kHeldFirst,
  kHeldSwap,
  kHeld,
  kStreamed,
  kPartialSum,
  kPartialSumValid
};
enum OutputStationaryInput : size_t { kA, kAValid, kB, kBValid, kDrain };
enum ArrayOutput : size_t { kResult, kResultValid };

struct ArrayPorts {
  std::vector<LanePort> inputs;
  std::vector<LanePort> outputs;
};

// The ports of the array in the order of the enumerations above, one lane per row or column.
ArrayPorts array_ports(const SystolicArray& array, const Unit& mac);

// A value for every lane of every port.
struct PortValues {
  std::vector<std::vector<uint64_t>> lanes;  // [port][lane]

  std::vector<uint64_t>& operator[](size_t port) { return lanes[port]; }
  const std::vector<uint64_t>& operator[](size_t port) const { return lanes[port]; }
  bool operator==(const PortValues&) const = default;
};

// All lanes zero.
PortValues zero_values(const std::vector<LanePort>& ports);

// In hex, for traces.
std::ostream& operator<<(std::ostream& out, const PortValues& values);

}  // namespace assay
