// A whole verification: a design's devices built, checked, and what is wrong with it found out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "verify/check.h"
#include "verify/diagnosis.h"
#include "verify/test_bench.h"

namespace assay {

struct VerificationOptions {
  std::filesystem::path cache;
  int threads = 1;
  // RTL is mapped to bench.liberty (or the default library) and the gates checked, too.
  bool with_netlist = false;
  // RTL is checked as Yosys elaborates it, too, simulated as gates. These are faster than Verilator, which then has one in
  // 64 batches of the random vectors. Of combinational designs.
  bool elaborate = false;
  // Of every `shards` batches of vectors the shard-th is run.
  uint64_t shard = 0, shards = 1;
  // Where the run's state is kept, so that it can be gone on with or merged; empty: nowhere.
  std::filesystem::path state;
  // States of all shards, which are merged; nothing is run then but what explains failures.
  std::vector<std::filesystem::path> merge;
};

struct Verification {
  Specification specification;
  std::vector<CheckResult> checks;
  Coverage coverage;
  Diagnosis diagnosis;        // of the first device that fails
  std::string directed_test;  // of its smallest failure
  // The optimized simulation and the one without optimization do not agree; the latter decides.
  bool simulators_differ = false;

  bool passed() const;
};

// Throws Error if the design cannot be read, built or connected, if it hangs, or if its latency is another one.
Verification verify(const TestBench& bench, const VerificationOptions& options);

// Writes the first device's smallest failure, with the vectors it needs before it, to an FST file. Throws Error if there
// is none.
void write_failure_waveform(const TestBench& bench, const Verification& verification,
                            const std::filesystem::path& cache, const std::filesystem::path& file);

}  // namespace assay
