// What the surroundings of a fault tell about it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "verify/fault_miter.h"

namespace assay {

// Literals of `copies.both` that are all 1 where the fault shows at an output of `graph`; kFalse alone if it never does.
// They hold for the fault's region: changed nodes that follow, in both copies, from at most so many nodes, wherever in the
// design these are (minimum_cut), all of whose values are tried. One of the literals, which is added to the copies, is that
// the region's last nodes differ; the others are what the values with a difference have in common. Nothing if there is no
// such region, or trying would take minutes.
std::optional<std::vector<AndInverterGraph::Literal>> needed_around_fault(const AndInverterGraph& graph,
                                                                          FaultyCopies& copies,
                                                                          size_t inputs);

}  // namespace assay
