// C++ harnesses for Verilated models (verilated_model.h), and what calls them. Registers without a reset
// start with random values, the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rtl/catalog.h"
#include "rtl/verilated_model.h"

namespace assay {

// ---- Combinational modules: many vectors a call.

// Source of a harness for a combinational module with these ports, of at most 64 bits each. It defines
//   void* create_model();
//   void destroy_model(void* model);
//   void evaluate(void* model, size_t count, const uint64_t* const* operands, uint64_t* results);
// where evaluate sets results[i] to the module's result for operands[j][i], i < count; bits above a port's
// width are ignored.
std::string combinational_harness(const std::vector<Port>& operands, const Port& result);

// results[i] = the result for operands[j][i], i < count.
using BatchFunction = std::function<void(size_t count, const uint64_t* const* operands, uint64_t* results)>;

// A new instance of a model with a combinational_harness. The function (and its copies) must not be called by
// two threads at a time; make one for each thread. It keeps the model loaded.
BatchFunction batch_function(const std::shared_ptr<const VerilatedModel>& model);

// ---- Clocked modules: a cycle a call.

// Ports of a clocked module, each carrying `lanes` numbers of `width` bits (at most 64) side by side, lane 0
// in the least significant bits.
struct LanePort {
  std::string name;
  int lanes = 1;
  int width = 1;
};

// Source of a harness for a module with one clock `clk_i`, an active-low reset `rst_ni` and these ports. It
// defines
//   void* create_model();           the model after a reset
//   void destroy_model(void* model);
//   void cycle(void* model, const uint64_t* const* inputs, uint64_t* const* outputs);
// where cycle holds the inputs for one clock cycle, inputs[p][i] being lane i of port p, reads the outputs at
// its end, and then gives the rising edge.
std::string clocked_harness(const std::vector<LanePort>& inputs, const std::vector<LanePort>& outputs);

// An instance of a model with a clocked_harness.
class ClockedModel {
 public:
  explicit ClockedModel(std::shared_ptr<const VerilatedModel> model);

  void cycle(std::span<const uint64_t* const> inputs, std::span<uint64_t* const> outputs) {
    cycle_(instance_.get(), inputs.data(), outputs.data());
  }

 private:
  std::shared_ptr<const VerilatedModel> model_;
  std::shared_ptr<void> instance_;
  void (*cycle_)(void*, const uint64_t* const*, uint64_t* const*);
};

}  // namespace assay
