// Proofs that two combinational designs compute the same, by ABC.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "verify/and_inverter_graph.h"

namespace assay {

enum class Verdict { equal, different, undecided };

struct Equivalence {
  Verdict verdict = Verdict::undecided;
  std::map<std::string, uint64_t> counterexample;  // of different: value by input port
  double seconds = 0;
};

// Whether the one output of a graph (miter, fault_miter) is never 1: for what is not a constant by structure there are ABC's
// engines: the SAT solver Glucose, `iprove`, which simulates, merges inner nodes that are equal and rewrites, and `&cec`,
// which merges in another way; each has a quarter of the seconds, of processor time. If all are undecided, all
// inputs are tried where there are few (exhaust); then prove_by_cases has a quarter of them for each engine and case.
Equivalence prove_equal(const AndInverterGraph& miter, int seconds);

// The same for each case of some input port of graphs with at most nine: a case is its top bit and the place of the leading
// one of the others, and the first two engines have those seconds for it. So zero, infinity, a posit's NaR, and each length
// of a subnormal number are cases of their own, in which the graphs become simple, and most often the same.
Equivalence prove_by_cases(const AndInverterGraph& miter, int seconds);

}  // namespace assay
