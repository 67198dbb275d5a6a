// Mutation testing: is a wrong design found? Small faults are put into a combinational design one at a time, and the
// design's own stimulus must tell each of them from the golden model, or a proof that it changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "verify/test_bench.h"

namespace assay {

enum class MutantFate {
  killed,      // a vector of the stimulus gives another result than the golden model accepts
  equivalent,  // proved to compute what the design computes
  exhausted,   // right for every combination of operands
  missed,      // wrong for operands that the stimulus does not have
  open,        // not killed, and neither proved
};

struct Mutant {
  std::string command;  // of Yosys: mutate -mode inv -cell ... -port Y -portbit 3 ...
  std::string change;   // in words: "invert or.Y[0] in u_decode, fp_decode.sv:54, wire exponent_o[0]"
  MutantFate fate = MutantFate::open;
  uint64_t vectors = 0;  // that were needed to kill it, or that did not
  std::string witness;   // of missed: operands
};

struct MutationOptions {
  int mutants = 500;       // at most; a small design has room for fewer
  int proof_seconds = 20;  // of processor time, for each mutant not killed
  int exhaust_bits = 32;   // what remains gets all combinations of at most so many operand bits
  int threads = 1;
};

struct MutationReport {
  std::string name;
  std::string stimulus;  // Stimulus::description
  uint64_t vectors = 0;  // of the stimulus
  std::vector<Mutant> mutants;
  double mapping_seconds = 0, simulation_seconds = 0, proof_seconds = 0;

  size_t count(MutantFate fate) const;
  // Of the mutants that are not known to be equivalent, how many were killed: 0 to 1; 1 of none.
  double share_killed() const;
};

// The mutants Yosys 0.23 chooses among all inverted, stuck or conditionally inverted bits of the design's word-level
// cells (its `mutate -list`, spread evenly over source lines, wires and cells; seed: that of the stimulus). All go into
// one netlist with an input that selects, which is mapped to bench.liberty (or the default library) and simulated, so
// that the fault is in the gates. With more than 20 operand bits the stimulus is that of the bench without exhaustion,
// and the bench's exhaustion decides what a proof leaves open.
//
// Throws Error if the design is not combinational, cannot be mapped, or is itself wrong.
MutationReport test_by_mutation(const TestBench& bench, const MutationOptions& options);

// "killed", "proved equivalent", ...
std::string_view fate_name(MutantFate fate);
// For people: counts, and every mutant that was neither killed nor shown to be equivalent.
std::string describe(const MutationReport& report);

}  // namespace assay
