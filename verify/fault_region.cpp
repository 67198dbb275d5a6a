#include "verify/fault_region.h"

#include <algorithm>
#include <bit>

#include "verify/gate_blocks.h"
#include "verify/minimum_cut.h"

namespace assay {
namespace {

using Literal = AndInverterGraph::Literal;

constexpr double kMostSteps = 0x1p37;  // nodes times blocks: three minutes with wide registers

// The nodes of a graph that follow from some of them.
std::vector<bool> follow_from(const AndInverterGraph& graph, const std::vector<size_t>& given) {
  std::vector<bool> follows(graph.size(), false);
  follows[0] = true;
  for (const size_t node : given) follows[node] = true;
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (!node.is_input && follows[node.x >> 1] && follows[node.y >> 1]) follows[i] = true;
  }
  return follows;
}

class Region {
 public:
  Region(const AndInverterGraph& graph, const FaultyCopies& copies, size_t most_inputs)
      : graph_(graph),
        copies_(copies),
        most_inputs_(most_inputs),
        users_(users_of(copies.both)),
        is_changed_(graph.size(), false),
        is_inside_(graph.size(), false),
        is_of_fault_(copies.both.size(), false),
        follows_(follow_from(copies.both, {})) {
    const std::vector<size_t> changed = changed_nodes(graph, copies);
    for (const size_t i : changed) {
      is_changed_[i] = is_of_fault_[copies.good[i] >> 1] = is_of_fault_[copies.bad[i] >> 1] = true;
    }
    for (size_t i = 0; i < graph.size(); ++i) {
      if (copies.good[i] == copies.bad[i]) is_of_fault_[copies.good[i] >> 1] = false;
    }
    for (const size_t i : changed) is_inside_[i] = add(i);
  }

  const std::vector<size_t>& inputs() const { return inputs_; }

  // Its nodes that others which differ, or outputs, use.
  std::vector<size_t> ends() const {
    std::vector<bool> is_end(graph_.size(), false);
    for (size_t i = 1; i < graph_.size(); ++i) {
      const AndInverterGraph::Node& node = graph_.nodes()[i];
      if (node.is_input || !is_changed_[i] || is_inside_[i]) continue;
      is_end[node.x >> 1] = is_end[node.y >> 1] = true;
    }
    for (const auto& [name, literal] : graph_.outputs()) is_end[literal >> 1] = true;
    std::vector<size_t> nodes;
    for (size_t i = 1; i < graph_.size(); ++i) {
      if (is_end[i] && is_inside_[i]) nodes.push_back(i);
    }
    return nodes;
  }

  // Whether the fault begins in it alone: no node outside differs without one that it uses.
  bool has_all_sources() const {
    for (size_t i = 1; i < graph_.size(); ++i) {
      const AndInverterGraph::Node& node = graph_.nodes()[i];
      if (is_changed_[i] && !is_inside_[i] && (node.is_input || is_source(i))) return false;
    }
    return true;
  }

 private:
  bool is_source(size_t i) const {
    const AndInverterGraph::Node& node = graph_.nodes()[i];
    const auto selects = [&](Literal literal) {
      return !is_changed_[literal >> 1] && copies_.good[literal >> 1] != copies_.bad[literal >> 1];
    };
    return selects(node.x) || selects(node.y) || (!is_changed_[node.x >> 1] && !is_changed_[node.y >> 1]);
  }

  // Whether changed node `i` can be in it, and then what it follows from is.
  bool add(size_t i) {
    const AndInverterGraph::Node& node = graph_.nodes()[i];
    if (node.is_input) return false;
    for (const Literal literal : {node.x, node.y}) {
      if (is_changed_[literal >> 1] && !is_inside_[literal >> 1]) return false;
    }
    std::vector<size_t> targets = targets_;
    bool is_new = false;
    for (const Literal literal : {copies_.good[i], copies_.bad[i]}) {
      for (const size_t target : shared_before(literal >> 1)) {
        targets.push_back(target);
        is_new = is_new || !follows_[target];
      }
    }
    if (is_new) {
      const auto cut = minimum_cut(copies_.both, users_, targets, most_inputs_);
      if (!cut) return false;
      inputs_ = *cut;
      follows_ = follow_from(copies_.both, inputs_);
    }
    targets_ = std::move(targets);
    return true;
  }

  // Nodes that the fault does not change, from which one follows by nodes that it does.
  std::vector<size_t> shared_before(size_t start) const {
    std::vector<size_t> found, stack = {start};
    std::vector<bool> seen(copies_.both.size(), false);
    while (!stack.empty()) {
      const size_t i = stack.back();
      stack.pop_back();
      if (seen[i]) continue;
      seen[i] = true;
      const AndInverterGraph::Node& node = copies_.both.nodes()[i];
      if (!is_of_fault_[i] || node.is_input) {
        found.push_back(i);
      } else {
        stack.push_back(node.x >> 1);
        stack.push_back(node.y >> 1);
      }
    }
    return found;
  }

  const AndInverterGraph& graph_;
  const FaultyCopies& copies_;
  const size_t most_inputs_;
  const std::vector<std::vector<size_t>> users_;
  std::vector<bool> is_changed_, is_inside_;  // of the design's nodes
  std::vector<bool> is_of_fault_, follows_;   // of the copies' nodes
  std::vector<size_t> targets_, inputs_;      // of the copies' nodes
};

// The steps that compute nodes from given ones, first those that one of them needs.
struct Steps {
  std::vector<GateStep> needed, others;
};

Steps steps_of(const AndInverterGraph& graph, const std::vector<size_t>& given, Literal wanted) {
  const std::vector<bool> follows = follow_from(graph, given);
  std::vector<bool> is_needed(graph.size(), false), is_given(graph.size(), false);
  for (const size_t node : given) is_given[node] = true;
  is_needed[wanted >> 1] = true;
  for (size_t i = graph.size(); i-- > 1;) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (is_needed[i] && !is_given[i] && !node.is_input)
      is_needed[node.x >> 1] = is_needed[node.y >> 1] = true;
  }
  Steps steps;
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (!follows[i] || is_given[i] || node.is_input) continue;
    (is_needed[i] ? steps.needed : steps.others).push_back({static_cast<uint32_t>(i), node.x, node.y});
  }
  return steps;
}

// What is 1 whenever `wanted` is.
std::optional<std::vector<Literal>> common(const AndInverterGraph& graph, const std::vector<size_t>& given,
                                           Literal wanted) {
  const Steps steps = steps_of(graph, given, wanted);
  if (AllValues::blocks_of(given.size()) * static_cast<double>(steps.needed.size()) > kMostSteps)
    return std::nullopt;
  std::vector<Literal> candidates;
  const auto add_candidates = [&](size_t node) {
    candidates.push_back(static_cast<Literal>(2 * node));
    candidates.push_back(static_cast<Literal>(2 * node + 1));
  };
  for (const size_t node : given) add_candidates(node);
  for (const std::vector<GateStep>* some : {&steps.needed, &steps.others}) {
    for (const GateStep& step : *some) add_candidates(step.self);
  }
  AllValues all(graph.size(), given);
  bool any = false;
  for (uint64_t block = 0; block < all.blocks(); ++block) {
    all.take(block);
    all.run(steps.needed);
    uint64_t ones = 0;
    for (size_t word = 0; word < kBlockWords; ++word) ones |= all.word_of(wanted, word);
    if (ones == 0) continue;
    any = true;
    all.run(steps.others);
    std::erase_if(candidates, [&](Literal literal) {
      for (size_t word = 0; word < kBlockWords; ++word) {
        if ((all.word_of(wanted, word) & ~all.word_of(literal, word)) != 0) return true;
      }
      return false;
    });
    if (candidates.size() == 1) break;  // itself
  }
  if (!any) return std::vector<Literal>{AndInverterGraph::kFalse};
  return candidates;
}

}  // namespace

std::optional<std::vector<Literal>> needed_around_fault(const AndInverterGraph& graph, FaultyCopies& copies,
                                                        size_t inputs) {
  const Region region(graph, copies, inputs);
  const std::vector<size_t> ends = region.ends();
  if (ends.empty() || !region.has_all_sources()) return std::nullopt;
  Literal differs = AndInverterGraph::kFalse;
  for (const size_t node : ends) {
    differs = copies.both.disjunction(differs, copies.both.exclusive_or(copies.good[node], copies.bad[node]));
  }
  if (differs <= AndInverterGraph::kTrue) return std::vector<Literal>{differs};
  return common(copies.both, region.inputs(), differs);
}

}  // namespace assay
