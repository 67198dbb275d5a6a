// Proofs that two combinational designs compute the same, by Yosys (elaboration) and ABC (equivalence).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "verify/bench_wrapper.h"
#include "verify/test_bench.h"

namespace assay {

// Yosys commands, to be run in `folder`, that read the bench's design and its wrapper, writing the latter's texts and links
// to the folders of the former there, and make of them one flat module kBenchTop of word-level cells; what is undefined becomes 0.
std::string elaboration_commands(const TestBench& bench, const BenchWrapper& wrapper,
                                 const std::filesystem::path& folder);

// Yosys commands that write the flat current design as and-inverter graph, in BLIF, to a file.
std::string graph_commands(const std::filesystem::path& file);

// The graph with an input port's bits set to those of `value`.
std::string with_constant(const std::string& blif, const std::string& port, uint64_t value);

// Runs commands in `folder`. Throws Error "what: " and Yosys's message.
void run_yosys_commands(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder);

enum class Verdict { equal, different, undecided };

struct Equivalence {
  Verdict verdict = Verdict::undecided;
  std::map<std::string, uint64_t> counterexample;  // of different: value by input port
  double seconds = 0;
};

// Compares two graphs (BLIF) with equally named ports by ABC's `cec`, which simulates, merges inner nodes that are equal,
// and gives the rest to a SAT solver, and then by its `&cec`, which does it in another way; each has half of the seconds,
// of processor time. If both are undecided, prove_by_cases has half of them for each case. Throws Error if ABC says
// neither.
Equivalence prove_equal(const std::filesystem::path& a, const std::filesystem::path& b, int seconds);

// The same for each case of some input port of graphs with at most four: a case is its top bit and the place of the leading
// one of the others, and both engines have those seconds for it. So zero, infinity, a posit's NaR, and each length of a
// subnormal number are cases of their own, in which the graphs become simple.
Equivalence prove_by_cases(const std::filesystem::path& a, const std::filesystem::path& b, int seconds);

}  // namespace assay
