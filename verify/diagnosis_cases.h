// Vectors with what a device made of them and with their neighbours in the stream: what a diagnosis looks at.
#pragma once

#include <optional>
#include <vector>

#include "verify/case_facts.h"
#include "verify/check.h"

namespace assay {

struct DiagnosisVector {
  std::vector<uint64_t> operands;  // by slot; one that is not boxed is the NaN it counts as
  std::vector<uint64_t> given;     // as they came
  uint32_t mode = 0;
  ModeResult expected, actual;
};

struct DiagnosisCase {
  DiagnosisVector self;
  std::vector<DiagnosisVector> before, after;  // of the same lane, nearest first
  size_t lane = 0;
  std::vector<DiagnosisVector> lanes;  // the whole transaction, if there are several
  bool fails = false;
  std::optional<CaseFacts> facts;
};

// Failing and passing vectors of some batches in which the device failed, evenly chosen; of several lanes those of the
// ones that fail.
std::vector<DiagnosisCase> diagnosis_cases(const Golden& golden, const Device& device,
                                           const StimulusOptions& stimulus, const StreamOptions& stream,
                                           const CheckResult& result);

// A result as a fault would have it. Without flags the fault says nothing about them.
struct Predicted {
  uint64_t code = 0;
  std::optional<uint32_t> flags;
};

// What a design with a certain fault would give; nothing where the fault says nothing.
struct Hypothesis {
  std::string what;
  std::function<std::optional<Predicted>(const Golden&, const DiagnosisCase&)> predict;
};

std::vector<Hypothesis> hypotheses(const Golden& golden, const std::vector<DiagnosisCase>& cases);

// A property of a vector that faults may hang on.
struct Property {
  std::string what;
  std::function<bool(const Golden&, const DiagnosisCase&)> holds;
};

std::vector<Property> properties(const Golden& golden, const std::vector<DiagnosisCase>& cases);

}  // namespace assay
