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
  // Of RTL that is combinational: is mapped to bench.liberty (or the default library) and the gates checked, too.
  bool with_netlist = false;
};

struct Verification {
  Specification specification;
  std::vector<CheckResult> checks;
  Coverage coverage;
  Diagnosis diagnosis;  // of the first device that fails
  // The optimized simulation and the one without optimization do not agree; the latter decides.
  bool simulators_differ = false;

  bool passed() const;
};

// Throws Error if the design cannot be read, built or connected, if it hangs, or if its latency is another one.
Verification verify(const TestBench& bench, const VerificationOptions& options);

}  // namespace assay
