// How far a combinational design is known to be right: proved, tried with all operands, or sampled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verify/test_bench.h"

namespace assay {

enum class Assurance {
  proved,     // by equivalence of the two circuits, for all operands
  exhausted,  // all combinations of operands were simulated
  sampled,    // some were
  undecided,  // a proof did not end in its time
  refuted,    // there are operands for which it does not hold
};

// "proved", "exhausted", ...
std::string_view assurance_name(Assurance assurance);

// Two things that compute the same, and how that is known.
struct ProofStep {
  std::string what;  // "netlist = golden model"
  Assurance how = Assurance::undecided;
  uint64_t vectors = 0;  // simulated
  double seconds = 0;
  std::string detail;  // the vectors' description, or operands that refute it
};

struct ProofReport {
  std::string name;
  std::vector<ProofStep> steps;
  std::string rtl, netlist;  // in words, what follows for each device

  bool refuted() const;
};

struct ProofOptions {
  std::filesystem::path cache;
  int seconds = 300;      // of processor time, for each proof
  int exhaust_bits = 32;  // operands of at most so many bits are exhausted in the netlist
  int threads = 1;
};

// The test bench of an independent, plainly written design of the same unit: the module of the same name in
// <rtl>/reference, with the entry's parameters. None if there is no such module.
std::optional<TestBench> reference_bench(const Unit& unit, const std::filesystem::path& rtl);

// Steps, each found out by itself:
//   netlist = golden model      bit-sliced simulation of bench.liberty's (or the default library's) gates
//   netlist = RTL               ABC, of what Yosys reads the RTL and the library's cell functions as
//   reference = golden model    simulation of the reference by Verilator, if there is one
//   RTL = reference             ABC
// The last two name where a proof for all operands rests on a sampled reference. A misreading of SystemVerilog by Yosys
// that is common to RTL and reference escapes the last, but not the first step.
//
// Throws Error if the design is not combinational or cannot be built.
ProofReport prove(const TestBench& bench, const std::optional<TestBench>& reference,
                  const ProofOptions& options);

// For people.
std::string describe(const ProofStep& step);
std::string describe(const ProofReport& report);

}  // namespace assay
