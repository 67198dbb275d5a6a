// GEMM topologies of the systolic-array simulator SCALE-Sim (option `-i gemm`): a header, then one line
// `layer, M, N, K,` for each GEMM, the last comma required.
//
// The format has no column for phase or count. They are written into the layer's name: `conv1/fwd`, and
// `block0.attention.scores/dgrad/x12` for a count of 12. SCALE-Sim simulates one such GEMM; the cycles of a
// workload are its cycles times the count.
#pragma once

#include <string>
#include <string_view>

#include "workloads/workload.h"

namespace assay {

// The text of a topology file. Throws Error if a layer's name is not of printable ASCII without commas.
std::string scale_sim_csv(const Workload& workload);

// The workload in the text of a topology file, named as `file` without folder and extension. A name that
// does not end in a phase, as in files of others, is a forward GEMM with a count of 1. A sparsity column is
// accepted where it says dense (N:N). Throws Error naming file and line.
Workload parse_scale_sim_csv(std::string_view text, const std::string& file);

}  // namespace assay
