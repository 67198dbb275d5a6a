// Zero-delay simulation of a combinational netlist on streams of operand codes: exact output bits, and how often each net
// changes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "power/gate_kernels.h"
#include "power/gate_program.h"
#include "power/liberty.h"
#include "power/netlist.h"

namespace assay {

// Activity of the nets over all vectors counted so far. Zero delay: a net changes at most once per vector, so
// glitches are not part of it.
struct Activity {
  uint64_t vectors = 0;           // vectors applied
  uint64_t transitions = 0;       // pairs of consecutive vectors
  std::vector<uint64_t> toggles;  // [net] changes between consecutive vectors
  std::vector<uint64_t>
      ones;  // [net] vectors in which the net was 1; ones / vectors is its static probability
};

// Simulates 512 vectors at a time with bitwise operations. Copies are independent and share the compiled
// program: give each thread its own.
class GateSimulator {
 public:
  struct Port {
    std::string name;
    size_t width = 0;  // bits, at most 64
  };

  // Throws Error naming the port if one is wider than 64 bits.
  static std::vector<Port> shapes(const std::vector<NetlistPort>& ports);

  // Throws Error if a port is wider than 64 bits, or if the netlist has registers.
  GateSimulator(const Netlist& netlist, const Liberty& liberty);

  const std::vector<Port>& inputs() const { return model_->inputs; }
  const std::vector<Port>& outputs() const { return model_->outputs; }

  // The codes of one port over the stream, one a vector.
  using Codes = std::span<const uint64_t>;
  using Results = std::span<uint64_t>;

  // Outputs for a stream of operand codes: codes[p][t] is input port p in vector t; results[p][t] becomes
  // output port p. Bits of a code above the port's width are ignored. An empty span in `results` leaves that
  // output out. Throws Error if the number of ports or the lengths do not fit.
  void evaluate(const std::vector<Codes>& codes, const std::vector<Results>& results);

  // The same, and adds to the activity. The first vector follows the last vector of the previous call, unless
  // begin_stream() was called in between.
  void evaluate_and_count(const std::vector<Codes>& codes, const std::vector<Results>& results);

  // The next vector has no predecessor; what was counted stays.
  void begin_stream() { has_predecessor_ = false; }
  Activity activity() const;
  void clear_activity();

 private:
  // What does not change and copies share.
  struct Model {
    GateProgram program;
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    std::vector<uint32_t> output_slots;  // bits of all output ports, in order
    std::vector<uint32_t> observed;      // slots that are nets, constants left out
  };

  static std::shared_ptr<const Model> make_model(const Netlist& netlist, const Liberty& liberty);
  size_t check_lengths(const std::vector<Codes>& codes, const std::vector<Results>& results) const;
  void load_codes(const std::vector<Codes>& codes, size_t first, size_t count);
  void store_results(const std::vector<Results>& results, size_t first, size_t count);
  void count_block(size_t count);

  std::shared_ptr<const Model> model_;
  std::vector<LaneBlock> slots_;
  std::vector<SlotActivity> activity_;  // parallel to Model::observed
  std::vector<uint64_t> last_words_;    // parallel to Model::observed; bit 63 is the last vector's value
  uint64_t vectors_ = 0;
  uint64_t transitions_ = 0;
  bool has_predecessor_ = false;
};

}  // namespace assay
