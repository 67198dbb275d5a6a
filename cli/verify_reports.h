// What `assay verify` prints beyond a check of vectors: mutation tests and proofs.
#pragma once

#include "cli/verbs.h"
#include "verify/mutation.h"
#include "verify/proof.h"

namespace assay {

// Share of the mutants that must be killed for exit status 0.
inline constexpr double kLeastKilled = 0.995;

void report_mutation(const TestBench& bench, const MutationOptions& options, Program& program);
void report_proof(const TestBench& bench, const ProofOptions& options, Program& program);

}  // namespace assay
