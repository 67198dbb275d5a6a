// Clocked Verilated models (verilated_model.h), a cycle a call; rtl/stream_model.h sends whole streams of vectors.
// Registers without a reset start with random values, the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rtl/verilated_model.h"

namespace assay {

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
