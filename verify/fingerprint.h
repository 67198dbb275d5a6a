// What tells one verification from another, so that the states of different ones do not mix.
#pragma once

#include <string>

#include "verify/test_bench.h"

namespace assay {

// A hash of everything that decides what a vector of the bench does: the design after the preprocessor (so with what it
// includes and the defines) or its netlist and library, its parameters and connections, the timing, modes, contract and stimulus, and, with a
// netlist, its library. It does not depend on the machine. Files that a design reads while it runs ($readmemh) are not
// seen. Throws Error if the design cannot be read or connected.
std::string fingerprint(const TestBench& bench, bool with_netlist);

}  // namespace assay
