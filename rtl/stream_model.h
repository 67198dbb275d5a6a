// Streams of vectors through a Verilated module: combinational, clocked with a fixed latency, or with handshakes and
// stalls.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rtl/catalog.h"
#include "rtl/verilated_model.h"

namespace assay {

// The module under a stream has the ports below, each of at most 64 bits, and, as far as they are true here,
//   clk        the clock, whose rising edge counts       rst        the reset, active high
//   in_valid   an input: the operands are a vector       in_ready   an output: and are taken at the next edge
//   out_valid  an output: the result is one              out_ready  an input: and is taken at the next edge
// Without out_valid, and with in_valid but neither of the ready ports, results come a fixed latency after their
// vectors; with an out_valid too, it must say so.
struct StreamPorts {
  std::vector<Port> inputs, outputs;
  bool clock = false, reset = false;
  bool in_valid = false, in_ready = false, out_valid = false, out_ready = false;

  bool handshake() const { return in_ready || out_ready; }
};

// What a run decides in a cycle after the reset, whatever the design does.
struct StreamCycle {
  bool may_offer = true, may_take = true;  // in_valid may rise, out_ready is high
  uint64_t noise = 0;                      // gives the inputs while no vector is offered: noise_at_port
};

// What input port `port` has in a cycle without a vector; bits above its width are ignored.
inline uint64_t noise_at_port(uint64_t noise, size_t port) {
  return noise * (2 * port + 1) ^ noise >> (port % 32);
}

struct StreamOptions {
  int latency = 0;  // cycles from a vector to its result, of clocked modules without handshake
  int reset_cycles = 2;
  double stalls = 0.25;       // share of cycles without in_valid, and of those without out_ready
  uint64_t seed = 0;          // of the stalls
  uint64_t timeout = 10'000;  // cycles without any vector or result taken
  std::vector<StreamCycle>* cycles = nullptr;  // if any, those of the run are added
};

enum class StreamProblem {
  none,
  hang,             // no vector and no result was taken for `timeout` cycles
  result_missing,   // out_valid is low where the result of vector `at` is due
  result_too_many,  // out_valid is high where no result is due, after `at` results
  result_unstable   // result `at` changed, or out_valid fell, while out_ready was low
};

struct StreamOutcome {
  StreamProblem problem = StreamProblem::none;
  uint64_t at = 0;
  uint64_t cycles = 0;
};

// "after 12 results out_valid is high where no result is due", ...
std::string describe(const StreamOutcome& outcome);

// Source of the harness that StreamModel calls. Throws Error if a port is wider than 64 bits.
std::string stream_harness(const StreamPorts& ports, bool trace = false);

// An instance of a model with a stream_harness. Not to be called by two threads at a time.
class StreamModel {
 public:
  explicit StreamModel(std::shared_ptr<const VerilatedModel> model);

  // Resets the module, sends `count` vectors through it and sets outputs[p][i] to output port p for vector i, whose
  // input port p is inputs[p][i]; bits above a port's width are ignored. Inputs have random values while in_valid
  // is low. After a problem the outputs from `at` on are not set.
  StreamOutcome run(size_t count, const uint64_t* const* inputs, uint64_t* const* outputs,
                    const StreamOptions& options);

  // Writes what run does from now on to an FST file, until the end of the object. Only if the model was built with it.
  void trace(const std::string& file);

 private:
  struct Call;

  std::shared_ptr<const VerilatedModel> model_;
  std::shared_ptr<void> instance_;
  void (*run_)(void*, Call*);
};

}  // namespace assay
