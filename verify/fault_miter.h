// Whether a fault shows: the miter of a design and the same with a fault, with all that must hold for it to show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verify/and_inverter_graph.h"

namespace assay {

// A design and the same with a fault in one graph, where they share what the fault does not change.
struct FaultyCopies {
  AndInverterGraph both;
  std::vector<AndInverterGraph::Literal> good, bad;  // what each node of the design is in it
};

// The copies of `graph` with an input port at 0 and at `value`.
FaultyCopies faulty_copies(const AndInverterGraph& graph, const std::string& port, uint64_t value);

// Nodes of the design that differ in the copies, other than constants that select the copy, and that outputs depend on.
std::vector<size_t> changed_nodes(const AndInverterGraph& graph, const FaultyCopies& copies);

// The graph's output port `different` is 1 where any output of the design differs in the copies. All that a difference needs is in it as constants: nodes through which each way from the fault to the
// outputs goes differ, and what follows from that forwards and backwards (the mandatory assignments of test generation).
// Often nothing is left: kFalse.
// `also_needed`: literals of the copies that are 1 where the fault shows (needed_around_fault).
AndInverterGraph fault_miter(const AndInverterGraph& graph, const FaultyCopies& copies,
                             const std::vector<AndInverterGraph::Literal>& also_needed = {});

// The graph with other outputs: the last nodes on the ways of that fault to the outputs that depend on at most so many
// inputs. A fault that shows at none of them shows nowhere; one that does may still not show at the graph's own outputs.
// Nothing if some of the ways begin where there are more inputs.
std::optional<AndInverterGraph> outputs_near_fault(const AndInverterGraph& graph, const FaultyCopies& copies,
                                                   size_t inputs);

}  // namespace assay
