#include "verify/exhaustion.h"

#include <bit>
#include <vector>

#include "verify/gate_blocks.h"

namespace assay {
namespace {

using Literal = AndInverterGraph::Literal;
using InputBits = std::map<std::string, bool>;

constexpr double kMostSteps = 0x1p34;  // nodes times blocks: a minute without wide registers

// The inputs that have one value whenever the output is 1: those of the conjunction at its root.
InputBits needed_inputs(const AndInverterGraph& graph) {
  InputBits needed;
  std::vector<Literal> literals = {graph.outputs().begin()->second};
  while (!literals.empty()) {
    const Literal literal = literals.back();
    literals.pop_back();
    const AndInverterGraph::Node& node = graph.nodes()[literal >> 1];
    if (node.is_input) {
      needed[graph.inputs()[node.x >> 1]] = (literal & 1) == 0;
    } else if ((literal & 1) == 0 && literal != AndInverterGraph::kFalse) {
      literals.push_back(node.x);
      literals.push_back(node.y);
    }
  }
  return needed;
}

}  // namespace

Equivalence exhaust(const AndInverterGraph& whole) {
  InputBits needed;
  AndInverterGraph graph = whole;
  for (InputBits more = needed_inputs(graph); !more.empty(); more = needed_inputs(graph)) {
    needed.merge(more);
    graph = with_constants(whole, needed);
  }
  const Literal output = graph.outputs().begin()->second;
  if (output == AndInverterGraph::kFalse) return {Verdict::equal, {}, 0};

  const std::vector<uint32_t> uses = graph.uses();
  std::vector<size_t> inputs;
  std::vector<GateStep> steps;
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (uses[i] == 0) continue;
    if (node.is_input) {
      inputs.push_back(i);
    } else {
      steps.push_back({static_cast<uint32_t>(i), node.x, node.y});
    }
  }
  if (AllValues::blocks_of(inputs.size()) * static_cast<double>(steps.size()) > kMostSteps) return {};
  AllValues all(graph.size(), inputs);
  for (uint64_t block = 0; block < all.blocks(); ++block) {
    all.take(block);
    all.run(steps);
    for (size_t word = 0; word < kBlockWords; ++word) {
      const uint64_t ones = all.word_of(output, word);
      if (ones == 0) continue;
      InputBits bits = needed;
      for (const size_t input : inputs) {
        bits[graph.inputs()[graph.nodes()[input].x >> 1]] =
            (all.word_of(static_cast<Literal>(2 * input), word) >> std::countr_zero(ones) & 1) != 0;
      }
      return {Verdict::different, port_values(bits), 0};
    }
  }
  return {Verdict::equal, {}, 0};
}

}  // namespace assay
