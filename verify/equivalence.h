// Proofs that two combinational designs compute the same, by Yosys (elaboration) and ABC (equivalence).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "verify/and_inverter_graph.h"
#include "verify/bench_wrapper.h"
#include "verify/test_bench.h"

namespace assay {

// Yosys commands, to be run in `folder`, that read the bench's design and its wrapper, writing the latter's texts and links
// to the folders of the former there, and make of them one flat module kBenchTop of word-level cells; what is undefined becomes 0.
std::string elaboration_commands(const TestBench& bench, const BenchWrapper& wrapper,
                                 const std::filesystem::path& folder);

// Yosys commands that write the flat current design as and-inverter graph, in BLIF, to a file.
std::string graph_commands(const std::filesystem::path& file);

// Runs commands in `folder`. Throws Error "what: " and Yosys's message.
void run_yosys_commands(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder);

enum class Verdict { equal, different, undecided };

struct Equivalence {
  Verdict verdict = Verdict::undecided;
  std::map<std::string, uint64_t> counterexample;  // of different: value by input port
  double seconds = 0;
};

// Compares two graphs with equally named ports. What is structurally the same is one node of their miter; the rest is for
// ABC's engines: the SAT solver Glucose, `iprove`, which simulates, merges inner nodes that are equal and rewrites, and
// `&cec`, which merges in another way; each has a quarter of the seconds, of processor time. If all are undecided,
// prove_by_cases has a quarter of them for each engine and case, and then prove_by_splitting all of them.
Equivalence prove_equal(const AndInverterGraph& a, const AndInverterGraph& b, int seconds);

// The same for each case of some input port of graphs with at most four: a case is its top bit and the place of the leading
// one of the others, and the first two engines have those seconds for it. So zero, infinity, a posit's NaR, and each length
// of a subnormal number are cases of their own, in which the graphs become simple, and most often the same.
Equivalence prove_by_cases(const AndInverterGraph& a, const AndInverterGraph& b, int seconds);

// Splits the operands by the value of the miter's most used node, most often a bit of a shift's distance, which so becomes
// a constant in each part. Glucose has a sixteenth of the seconds for each part, and what it does not decide is split again,
// at most three times for each of the seconds in all.
Equivalence prove_by_splitting(const AndInverterGraph& a, const AndInverterGraph& b, int seconds);

}  // namespace assay
