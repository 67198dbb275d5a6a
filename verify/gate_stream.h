// Streams of vectors through a clocked netlist of gates, 512 of them side by side, by the protocols of
// rtl/stream_model.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "power/clocked_simulator.h"
#include "rtl/stream_model.h"

namespace assay {

// Vectors that one lane takes after a reset. For one of so many seeds a single lane takes them all: faults that show only
// after many vectors are looked for, too, though a vector costs 512 times as much there.
inline constexpr size_t kLaneVectors = 32;
inline constexpr uint64_t kSeedsALongStream = 1024;

// Not to be called by two threads at a time.
class GateStream {
 public:
  // Throws Error naming the port if the netlist does not have those ports, or is clocked by another.
  GateStream(const ClockedSimulator& simulator, const StreamPorts& ports);

  // As StreamModel::run, but lanes take kLaneVectors consecutive vectors each, after a reset of their own. What registers
  // hold before it and when a lane stalls are functions of options.seed and the lane.
  StreamOutcome run(size_t count, const uint64_t* const* inputs, uint64_t* const* outputs,
                    const StreamOptions& options);

 private:
  // Ports of the simulator for those of StreamPorts; only those that are there are used.
  struct Places {
    std::vector<size_t> inputs, outputs;
    size_t reset = 0, in_valid = 0, in_ready = 0, out_valid = 0, out_ready = 0;
  };
  class Run;

  ClockedSimulator simulator_;
  StreamPorts ports_;
  Places places_;
};

}  // namespace assay
