// Zero-delay simulation of a netlist with flip-flops, cycle by cycle: 512 independent circuits side by side, one a lane.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "power/gate_kernels.h"
#include "power/gate_simulator.h"
#include "power/liberty.h"
#include "power/netlist.h"

namespace assay {

// Bit of a lane in a LaneBlock.
inline bool lane_bit(const LaneBlock& block, size_t lane) {
  return (block.words[lane % kLaneWords] >> (lane / kLaneWords) & 1) != 0;
}
inline void set_lane_bit(LaneBlock& block, size_t lane, bool value) {
  const uint64_t bit = uint64_t{1} << (lane / kLaneWords);
  uint64_t& word = block.words[lane % kLaneWords];
  word = value ? word | bit : word & ~bit;
}

// Copies are independent and share the compiled program: give each thread its own.
class ClockedSimulator {
 public:
  using Port = GateSimulator::Port;

  // Throws Error if a port is wider than 64 bits, or naming the register if one is not clocked by an input port as it is
  // or inverted, or by another than the others.
  ClockedSimulator(const Netlist& netlist, const Liberty& liberty);

  const std::vector<Port>& inputs() const { return model_->inputs; }
  const std::vector<Port>& outputs() const { return model_->outputs; }
  // The input port that is the clock, or -1 if there are no registers.
  int clock() const { return model_->clock; }

  // Gives the registers random values, a function of the seed; the clock is low then.
  void start(uint64_t seed);

  // Sets an input port, not the clock, in all lanes: a code a lane (bits above the width are ignored), or the bit of a
  // port of one.
  void set(size_t input, const uint64_t* codes);
  void set(size_t input, const LaneBlock& bits);

  // The clock falls, if it is high; the outputs become those of the inputs and the registers. Throws Error if
  // asynchronous sets and resets do not come to rest.
  void fall();
  // The clock rises. Outputs and inputs of registers are taken as fall() left them.
  void rise();

  void get(size_t output, uint64_t* codes) const;
  const LaneBlock& get(size_t output) const;  // of a port of one bit

 private:
  struct Model {
    GateProgram program;
    std::vector<Port> inputs, outputs;
    std::vector<uint32_t> input_slots;                // of each port's first bit
    std::vector<std::vector<uint32_t>> output_slots;  // [port][bit]
    std::vector<uint32_t> controls;  // distinct slots of asynchronous sets and resets, but constant 0
    int clock = -1;
    uint32_t clock_slot = 0;
    bool has_falling = false;  // registers that change when the clock falls
  };

  static std::shared_ptr<const Model> make_model(const Netlist& netlist, const Liberty& liberty);
  void settle();
  bool apply_controls();
  void clock_registers(bool falling);
  void set_clock(bool high);

  std::shared_ptr<const Model> model_;
  std::vector<LaneBlock> slots_;
  std::vector<LaneBlock> next_;  // [register]
  bool high_ = false;
};

}  // namespace assay
