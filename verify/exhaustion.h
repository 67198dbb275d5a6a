// Combinational logic tried with all values of its inputs.
#pragma once

#include "verify/and_inverter_graph.h"
#include "verify/equivalence.h"

namespace assay {

// Whether the one output of a graph is never 1 (equal), by simulation of all values of the inputs that it depends on and
// that are not one certain value whenever it is 1. Undecided if there are so many that this would take minutes.
Equivalence exhaust(const AndInverterGraph& graph);

}  // namespace assay
