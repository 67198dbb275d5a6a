// Whether a fault shows: the miter of a design and the same with a fault, with all that must hold for it to show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "verify/and_inverter_graph.h"

namespace assay {

// The graph's output port `different` is 1 where any output of `graph` with an input port at 0 differs from that with the
// port at `value`. All that a difference needs is in it as constants: nodes through which each way from the fault to the
// outputs goes differ, and what follows from that forwards and backwards (the mandatory assignments of test generation).
// Often nothing is left: kFalse.
AndInverterGraph fault_miter(const AndInverterGraph& graph, const std::string& port, uint64_t value);

// The graph with other outputs: the last nodes on the ways of that fault to the outputs that depend on at most so many
// inputs. A fault that shows at none of them shows nowhere; one that does may still not show at the graph's own outputs.
// Nothing if some of the ways begin where there are more inputs.
std::optional<AndInverterGraph> outputs_near_fault(const AndInverterGraph& graph, const std::string& port,
                                                   uint64_t value, size_t inputs);

}  // namespace assay
