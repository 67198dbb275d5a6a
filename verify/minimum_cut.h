// Fewest nodes that separate a part of a graph from its inputs.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "verify/and_inverter_graph.h"

namespace assay {

// Users of each node.
std::vector<std::vector<size_t>> users_of(const AndInverterGraph& graph);

// As few nodes as possible from which `targets` follow, those nearest the inputs of the graph; nothing if they are more than
// `most`. By Menger's theorem as many ways without a common node lead from inputs to the targets (Ford and Fulkerson, 1956).
std::optional<std::vector<size_t>> minimum_cut(const AndInverterGraph& graph,
                                               const std::vector<std::vector<size_t>>& users,
                                               const std::vector<size_t>& targets, size_t most);

}  // namespace assay
