// Why a device is wrong: hypotheses about it that reproduce its wrong results, and what its failures have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verify/check.h"

namespace assay {

// A way of being wrong, "ties go away from zero", and how well it fits: results that fail and are exactly what it
// predicts, and results that are right although it predicts other ones.
struct Cause {
  std::string what;
  uint64_t explained = 0;
  uint64_t contradicted = 0;
};

// A property of vectors, and how many of those that fail and that pass have it.
struct CommonProperty {
  std::string what;
  uint64_t failing = 0, passing = 0;
};

struct Diagnosis {
  uint64_t failing = 0, passing = 0;   // vectors looked at, of the lanes that fail
  std::vector<size_t> lanes;           // that fail, of a design with several, of which not all do
  std::vector<Cause> causes;           // those that explain something, best first
  std::vector<CommonProperty> common;  // that all failures have and not all right results do, rarest first
  std::vector<CommonProperty>
      kinds;  // how failing results differ: "only the sign of zero", "one code away", ...
};

// Runs the device again on some batches in which it failed, and on their neighbours.
Diagnosis diagnose(const Golden& golden, const Device& device, const StimulusOptions& stimulus,
                   const StreamOptions& stream, const CheckResult& result);

// For people.
std::string describe(const Diagnosis& diagnosis);

}  // namespace assay
