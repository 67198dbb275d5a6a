#include "verify/exhaustion.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

namespace assay {
namespace {

using Literal = AndInverterGraph::Literal;
using InputBits = std::map<std::string, bool>;

constexpr size_t kWords = 8;
constexpr size_t kInputsInside = 9;               // whose values all are in one block
constexpr double kMostSteps = uint64_t{1} << 32;  // nodes times blocks: some 20 s
using Block = std::array<uint64_t, kWords>;

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

// Input `place` of a block: its value in every bit.
Block pattern(size_t place) {
  constexpr std::array<uint64_t, 6> patterns = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                                0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
  Block block;
  for (size_t word = 0; word < kWords; ++word) {
    block[word] = place < patterns.size() ? patterns[place] : 0 - (word >> (place - patterns.size()) & 1);
  }
  return block;
}

struct Step {
  uint32_t self;
  Literal x, y;
};

uint64_t inverted(Literal literal) {
  return 0 - uint64_t{literal & 1};
}

void run(const std::vector<Step>& steps, std::vector<Block>& values) {
  for (const Step& step : steps) {
    const Block &x = values[step.x >> 1], &y = values[step.y >> 1];
    Block& self = values[step.self];
    const uint64_t not_x = inverted(step.x), not_y = inverted(step.y);
    for (size_t word = 0; word < kWords; ++word) self[word] = (x[word] ^ not_x) & (y[word] ^ not_y);
  }
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
  std::vector<Step> steps;
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (uses[i] == 0) continue;
    if (node.is_input) {
      inputs.push_back(i);
    } else {
      steps.push_back({static_cast<uint32_t>(i), node.x, node.y});
    }
  }
  const size_t outside = inputs.size() - std::min(inputs.size(), kInputsInside);
  if (outside > 40 ||
      static_cast<double>(steps.size()) * static_cast<double>(uint64_t{1} << outside) > kMostSteps) {
    return {};
  }
  std::vector<Block> values(graph.size());
  for (size_t i = 0; i < inputs.size() - outside; ++i) values[inputs[outside + i]] = pattern(i);
  for (uint64_t block = 0; block >> outside == 0; ++block) {
    for (size_t i = 0; i < outside; ++i) values[inputs[i]].fill(0 - (block >> i & 1));
    run(steps, values);
    for (size_t word = 0; word < kWords; ++word) {
      const uint64_t ones = values[output >> 1][word] ^ inverted(output);
      if (ones == 0) continue;
      InputBits bits = needed;
      for (const size_t input : inputs) {
        bits[graph.inputs()[graph.nodes()[input].x >> 1]] =
            (values[input][word] >> std::countr_zero(ones) & 1) != 0;
      }
      return {Verdict::different, port_values(bits), 0};
    }
  }
  return {Verdict::equal, {}, 0};
}

}  // namespace assay
