// ANDs and inverters for 512 values of their inputs at once.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "verify/and_inverter_graph.h"

namespace assay {

constexpr size_t kBlockWords = 8;
constexpr size_t kBlockInputs = 9;  // whose values all are in one block
struct alignas(64) GateBlock {
  std::array<uint64_t, kBlockWords> words{};
};

struct GateStep {
  uint32_t self;  // node
  AndInverterGraph::Literal x, y;
};

// Computes nodes, in this order, from those that they use: values[node].
void run_gates(std::span<const GateStep> steps, GateBlock* values);

// All values of some nodes of a graph, a block at a time.
class AllValues {
 public:
  // A graph of so many nodes.
  AllValues(size_t nodes, std::vector<size_t> inputs);

  static double blocks_of(size_t inputs) { return std::exp2(inputs - std::min(inputs, kBlockInputs)); }
  uint64_t blocks() const { return uint64_t{1} << (inputs_.size() - std::min(inputs_.size(), kBlockInputs)); }

  // Sets the inputs; then the nodes of some steps.
  void take(uint64_t block);
  void run(std::span<const GateStep> steps) { run_gates(steps, values_.data()); }

  // A literal in bits 64 `word` to 64 `word` + 63 of the block.
  uint64_t word_of(AndInverterGraph::Literal literal, size_t word) const {
    return values_[literal >> 1].words[word] ^ (0 - uint64_t{literal & 1});
  }

 private:
  std::vector<size_t> inputs_;
  std::vector<GateBlock> values_;  // [node]
};

}  // namespace assay
