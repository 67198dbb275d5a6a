#include "verify/fault_miter.h"

#include <algorithm>
#include <array>
#include <boost/dynamic_bitset.hpp>
#include <map>
#include <optional>
#include <vector>

namespace assay {
namespace {

using Literal = AndInverterGraph::Literal;
using Literals = std::vector<Literal>;

bool is_constant(Literal literal) {
  return literal <= AndInverterGraph::kTrue;
}

// Nodes through which every way of the difference between two copies of a graph to its outputs goes, by what the nodes are
// in each copy. Constants that differ select the copy; what uses them is where the difference begins.
std::vector<size_t> passages(const AndInverterGraph& graph, const FaultyCopies& copies) {
  const Literals &good = copies.good, &bad = copies.bad;
  const std::vector<AndInverterGraph::Node>& nodes = graph.nodes();
  const std::vector<size_t> changed = changed_nodes(graph, copies);
  std::vector<size_t> last_use(nodes.size(), 0);
  std::vector<bool> differs(nodes.size(), false);
  size_t last_source = 0;
  for (const size_t i : changed) {
    differs[i] = true;
    bool is_source = true;
    if (!nodes[i].is_input) {
      const std::array<size_t, 2> used = {nodes[i].x >> 1, nodes[i].y >> 1};
      is_source =
          std::none_of(used.begin(), used.end(), [&](size_t j) { return differs[j]; }) ||
          std::any_of(used.begin(), used.end(), [&](size_t j) { return good[j] != bad[j] && !differs[j]; });
      for (const size_t j : used) last_use[j] = i;
    }
    if (is_source) last_source = i;
  }
  for (const auto& [name, literal] : graph.outputs()) {
    const size_t node = literal >> 1;
    if (good[node] != bad[node] && !differs[node]) return {};  // it always differs
    last_use[node] = nodes.size();
  }
  std::vector<size_t> found;
  size_t used_until = 0;
  for (const size_t i : changed) {
    if (i >= last_source && used_until <= i) found.push_back(i);
    used_until = std::max(used_until, last_use[i]);
  }
  return found;
}

// Values of nodes that follow from those of some.
class Implications {
 public:
  explicit Implications(const AndInverterGraph& graph)
      : nodes_(graph.nodes()), values_(nodes_.size()), users_(nodes_.size()) {
    for (size_t i = 1; i < nodes_.size(); ++i) {
      if (nodes_[i].is_input) continue;
      users_[nodes_[i].x >> 1].push_back(i);
      users_[nodes_[i].y >> 1].push_back(i);
    }
    assume(AndInverterGraph::kTrue);
  }

  void assume(Literal literal) { set(literal, true); }

  // False if the assumptions contradict each other.
  bool follow() {
    while (!news_.empty() && consistent_) {
      const size_t node = news_.back();
      news_.pop_back();
      if (!nodes_[node].is_input && node != 0) imply(node);
      for (const size_t user : users_[node]) imply(user);
    }
    return consistent_;
  }

  std::optional<bool> value(size_t node) const { return values_[node]; }

 private:
  std::optional<bool> value_of(Literal literal) const {
    const std::optional<bool> value = values_[literal >> 1];
    return value ? std::optional<bool>(*value != ((literal & 1) != 0)) : std::nullopt;
  }

  void set(Literal literal, bool value) {
    const bool of_node = value != ((literal & 1) != 0);
    std::optional<bool>& known = values_[literal >> 1];
    if (known) {
      consistent_ = consistent_ && *known == of_node;
      return;
    }
    known = of_node;
    news_.push_back(literal >> 1);
  }

  void imply(size_t node) {
    const Literal x = nodes_[node].x, y = nodes_[node].y, self = static_cast<Literal>(2 * node);
    const std::optional<bool> of_x = value_of(x), of_y = value_of(y), own = values_[node];
    if (of_x == false || of_y == false) set(self, false);
    if (of_x == true && of_y == true) set(self, true);
    if (own == true) {
      set(x, true);
      set(y, true);
    }
    if (own == false && of_x == true) set(y, false);
    if (own == false && of_y == true) set(x, false);
  }

  const std::vector<AndInverterGraph::Node>& nodes_;
  std::vector<std::optional<bool>> values_;
  std::vector<std::vector<size_t>> users_;
  std::vector<size_t> news_;
  bool consistent_ = true;
};

// Whether nodes have the values that follow from the assumptions, with these values as constants wherever they are used.
AndInverterGraph conditions(const AndInverterGraph& graph, const Implications& implied) {
  AndInverterGraph result;
  Literals here(graph.size());
  Literal all = AndInverterGraph::kTrue;
  for (size_t i = 1; i < here.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    const Literal self = node.is_input ? result.input(graph.inputs()[node.x >> 1])
                                       : result.conjunction(copy_of(here, node.x), copy_of(here, node.y));
    const std::optional<bool> value = implied.value(i);
    if (value) all = result.conjunction(all, *value ? self : self ^ 1);
    here[i] = !value ? self : *value ? AndInverterGraph::kTrue : AndInverterGraph::kFalse;
  }
  result.set_output("different", all);
  return result;
}

using Inputs = boost::dynamic_bitset<>;

// Which inputs each node depends on.
std::vector<Inputs> inputs_of_nodes(const AndInverterGraph& graph) {
  std::vector<Inputs> inputs(graph.size(), Inputs(graph.inputs().size()));
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (node.is_input) {
      inputs[i].set(node.x >> 1);
    } else {
      inputs[i] = inputs[node.x >> 1] | inputs[node.y >> 1];
    }
  }
  return inputs;
}

}  // namespace

FaultyCopies faulty_copies(const AndInverterGraph& graph, const std::string& port, uint64_t value) {
  FaultyCopies copies;
  copies.good = copies.both.add(graph, port_bits(graph, port, 0));
  copies.bad = copies.both.add(graph, port_bits(graph, port, value));
  return copies;
}

std::vector<size_t> changed_nodes(const AndInverterGraph& graph, const FaultyCopies& copies) {
  const std::vector<uint32_t> uses = graph.uses();
  std::vector<size_t> changed;
  for (size_t i = 1; i < graph.size(); ++i) {
    const Literal good = copies.good[i], bad = copies.bad[i];
    if (uses[i] != 0 && good != bad && !(is_constant(good) && is_constant(bad))) changed.push_back(i);
  }
  return changed;
}

std::optional<AndInverterGraph> outputs_near_fault(const AndInverterGraph& graph, const FaultyCopies& copies,
                                                   size_t inputs) {
  const Literals &good = copies.good, &bad = copies.bad;
  const std::vector<Inputs> needed = inputs_of_nodes(copies.both);
  const std::vector<uint32_t> uses = graph.uses();
  const auto differs = [&](size_t node) { return good[node] != bad[node]; };
  const auto is_near = [&](size_t node) {
    return (needed[good[node] >> 1] | needed[bad[node] >> 1]).count() <= inputs;
  };
  AndInverterGraph result = graph;
  for (const auto& [name, literal] : graph.outputs()) {
    if (differs(literal >> 1) && !is_near(literal >> 1)) result.remove_output(name);
  }
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (uses[i] == 0 || node.is_input || !differs(i) || is_near(i)) continue;
    bool comes_from_others = false;
    for (const Literal literal : {node.x, node.y}) {
      const size_t used = literal >> 1;
      if (!differs(used)) continue;
      if (is_constant(good[used]) && is_constant(bad[used])) return std::nullopt;
      comes_from_others = true;
      if (is_near(used)) result.set_output("node" + std::to_string(used), static_cast<Literal>(2 * used));
    }
    if (!comes_from_others) return std::nullopt;
  }
  return result;
}

AndInverterGraph fault_miter(const AndInverterGraph& graph, const FaultyCopies& copies,
                             const std::vector<Literal>& also_needed) {
  AndInverterGraph both = copies.both;
  const Literals &good = copies.good, &bad = copies.bad;
  Literal different = AndInverterGraph::kFalse;
  for (const auto& [name, literal] : graph.outputs()) {
    different = both.disjunction(different, both.exclusive_or(copy_of(good, literal), copy_of(bad, literal)));
  }
  Literals needed = {different};
  for (const size_t node : passages(graph, copies))
    needed.push_back(both.exclusive_or(good[node], bad[node]));
  Implications implied(both);
  for (const Literal literal : needed) implied.assume(literal);
  for (const Literal literal : also_needed) implied.assume(literal);
  AndInverterGraph result;
  if (implied.follow()) return conditions(both, implied);
  for (const std::string& name : both.inputs()) result.input(name);
  result.set_output("different", AndInverterGraph::kFalse);
  return result;
}

}  // namespace assay
