#include "verify/minimum_cut.h"

#include <algorithm>

namespace assay {
namespace {

// Ways from inputs to targets that share no node. Each node is two of the flow network, its entry and its exit, with an
// edge of capacity one between them.
class DisjointWays {
 public:
  DisjointWays(const AndInverterGraph& graph, const std::vector<std::vector<size_t>>& users,
               const std::vector<size_t>& targets)
      : nodes_(graph.nodes()),
        users_(users),
        is_target_(nodes_.size(), false),
        is_above_(nodes_.size(), false),
        before_(nodes_.size(), kNone) {
    for (const size_t target : targets) is_target_[target] = is_above_[target] = target != 0;
    for (size_t i = nodes_.size(); i-- > 1;) {
      if (!is_above_[i]) continue;
      if (nodes_[i].is_input) {
        inputs_.push_back(i);
      } else {
        is_above_[nodes_[i].x >> 1] = is_above_[nodes_[i].y >> 1] = true;
      }
    }
  }

  // Whether there is one way more.
  bool add_one() {
    from_.assign(2 * nodes_.size(), kNone);
    stack_.clear();
    for (const size_t input : inputs_) reach(entry(input), kStart);
    while (!stack_.empty()) {
      const size_t place = stack_.back(), node = place / 2;
      stack_.pop_back();
      if (place == entry(node)) {
        if (before_[node] == kNone) {
          reach(leave(node), place);
        } else if (before_[node] != kStart) {
          reach(leave(before_[node]), place);  // the way that comes from there may go elsewhere
        }
      } else if (is_target_[node]) {
        take(place);
        return true;
      } else {
        for (const size_t user : users_[node]) {
          if (is_above_[user]) reach(entry(user), place);
        }
        if (before_[node] != kNone) reach(entry(node), place);
      }
    }
    return false;
  }

  // Once there is none more: nodes that can be entered but not left.
  std::vector<size_t> cut() const {
    std::vector<size_t> nodes;
    for (size_t i = 1; i < nodes_.size(); ++i) {
      if (from_[entry(i)] != kNone && from_[leave(i)] == kNone) nodes.push_back(i);
    }
    return nodes;
  }

 private:
  static constexpr size_t kNone = ~size_t{0}, kStart = ~size_t{1};
  static size_t entry(size_t node) { return 2 * node; }
  static size_t leave(size_t node) { return 2 * node + 1; }

  void reach(size_t place, size_t from) {
    if (from_[place] != kNone) return;
    from_[place] = from;
    stack_.push_back(place);
  }

  // The way that was found to the exit `place`, and others where it takes their nodes.
  void take(size_t place) {
    while (place != kStart) {
      const size_t from = from_[place], node = place / 2;
      if (place == entry(node))
        before_[node] = from == kStart ? kStart : from == leave(node) ? kNone : from / 2;
      place = from;
    }
  }

  const std::vector<AndInverterGraph::Node>& nodes_;
  const std::vector<std::vector<size_t>>& users_;
  std::vector<bool> is_target_, is_above_;  // above: a target follows from it
  std::vector<size_t> inputs_;
  std::vector<size_t> before_;  // of a node in a way: the one before it, or kStart
  std::vector<size_t> from_;    // of a place of the search
  std::vector<size_t> stack_;
};

}  // namespace

std::vector<std::vector<size_t>> users_of(const AndInverterGraph& graph) {
  std::vector<std::vector<size_t>> users(graph.size());
  for (size_t i = 1; i < graph.size(); ++i) {
    const AndInverterGraph::Node& node = graph.nodes()[i];
    if (node.is_input) continue;
    users[node.x >> 1].push_back(i);
    users[node.y >> 1].push_back(i);
  }
  return users;
}

std::optional<std::vector<size_t>> minimum_cut(const AndInverterGraph& graph,
                                               const std::vector<std::vector<size_t>>& users,
                                               const std::vector<size_t>& targets, size_t most) {
  DisjointWays ways(graph, users, targets);
  for (size_t found = 0; ways.add_one(); ++found) {
    if (found == most) return std::nullopt;
  }
  return ways.cut();
}

}  // namespace assay
