#include "verify/diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "arith/real_arithmetic.h"
#include "formats/real.h"
#include "verify/diagnosis_cases.h"

namespace assay {
namespace {

constexpr size_t kCausesTold = 3, kCommonTold = 4;

bool is_number(const Real& value) {
  return value.kind == RealClass::zero || value.kind == RealClass::finite;
}

// How a wrong result differs from the right one.
std::string difference(const Golden& golden, const DiagnosisVector& vector) {
  if (vector.expected.code == vector.actual.code) {
    return fmt::format("only flags: {} instead of {}", exception_names(vector.actual.flags),
                       exception_names(vector.expected.flags));
  }
  const Format& format = golden.unit(vector.mode).result;
  if (((vector.expected.code ^ vector.actual.code) & code_mask(format.width)) == 0) {
    return "only the bits above the result, which is not boxed";
  }
  const Real expected = decode(format, vector.expected.code), actual = decode(format, vector.actual.code);
  if (expected.kind == RealClass::nan) {
    return actual.kind == RealClass::nan ? "another NaN" : "a number instead of NaN";
  }
  if (actual.kind == RealClass::nan) return "NaN instead of a number";
  if (expected.kind == RealClass::zero && actual.kind == RealClass::zero) return "only the sign of zero";
  if (expected.kind == RealClass::infinity)
    return actual.kind == RealClass::infinity ? "infinity of the other sign" : "a number instead of infinity";
  if (actual.kind == RealClass::infinity) return "infinity instead of a number";
  const uint64_t distance = vector.expected.code > vector.actual.code
                                ? vector.expected.code - vector.actual.code
                                : vector.actual.code - vector.expected.code;
  if (distance == 1) return "one code away";
  if (actual.kind == RealClass::zero) return "zero instead of a number";
  if (expected.kind == RealClass::zero) return "a number instead of zero";
  if (is_number(expected) && is_number(actual) && expected.negative != actual.negative) {
    Real flipped = actual;
    flipped.negative = expected.negative;
    return compare(flipped, expected) == 0 ? "only the sign" : "another number of the other sign";
  }
  return "another number";
}

// Whether the result is the predicted one. A fault that says nothing about flags must at least have changed the code
// to explain a failure.
bool explains(const Predicted& predicted, const DiagnosisVector& vector) {
  if (predicted.code != vector.actual.code) return false;
  return predicted.flags ? *predicted.flags == vector.actual.flags : predicted.code != vector.expected.code;
}

bool contradicts(const Predicted& predicted, const DiagnosisVector& vector) {
  return predicted.code != vector.actual.code ||
         predicted.flags.value_or(vector.actual.flags) != vector.actual.flags;
}

Cause judge(const Golden& golden, const Hypothesis& hypothesis, const std::vector<DiagnosisCase>& cases) {
  Cause cause{hypothesis.what};
  for (const DiagnosisCase& c : cases) {
    const std::optional<Predicted> predicted = hypothesis.predict(golden, c);
    if (!predicted) continue;
    if (c.fails) {
      cause.explained += explains(*predicted, c.self) ? 1 : 0;
    } else {
      cause.contradicted += contradicts(*predicted, c.self) ? 1 : 0;
    }
  }
  return cause;
}

CommonProperty measure(const Golden& golden, const Property& property,
                       const std::vector<DiagnosisCase>& cases) {
  CommonProperty found{property.what};
  for (const DiagnosisCase& c : cases) {
    if (property.holds(golden, c)) ++(c.fails ? found.failing : found.passing);
  }
  return found;
}

}  // namespace

Diagnosis diagnose(const Golden& golden, const Device& device, const StimulusOptions& stimulus,
                   const StreamOptions& stream, const CheckResult& result) {
  Diagnosis diagnosis;
  const std::vector<DiagnosisCase> cases = diagnosis_cases(golden, device, stimulus, stream, result);
  for (const DiagnosisCase& c : cases) ++(c.fails ? diagnosis.failing : diagnosis.passing);
  if (diagnosis.failing == 0) return diagnosis;
  std::set<size_t> lanes;
  for (const DiagnosisCase& c : cases) lanes.insert(c.lane);
  if (lanes.size() < static_cast<size_t>(golden.specification().lanes)) {
    diagnosis.lanes.assign(lanes.begin(), lanes.end());
  }
  for (const Hypothesis& hypothesis : hypotheses(golden, cases)) {
    const Cause cause = judge(golden, hypothesis, cases);
    // A fault that should have shown more often than it explains is not this one.
    if (cause.explained > cause.contradicted) diagnosis.causes.push_back(cause);
  }
  std::stable_sort(diagnosis.causes.begin(), diagnosis.causes.end(), [](const Cause& a, const Cause& b) {
    return a.explained - a.contradicted > b.explained - b.contradicted;
  });
  for (const Property& property : properties(golden, cases)) {
    const CommonProperty found = measure(golden, property, cases);
    if (found.failing == diagnosis.failing && 4 * found.passing < 3 * diagnosis.passing) {
      diagnosis.common.push_back(found);
    }
  }
  std::stable_sort(diagnosis.common.begin(), diagnosis.common.end(),
                   [](const CommonProperty& a, const CommonProperty& b) { return a.passing < b.passing; });
  for (const DiagnosisCase& c : cases) {
    if (!c.fails) continue;
    const std::string what = difference(golden, c.self);
    const auto found = std::find_if(diagnosis.kinds.begin(), diagnosis.kinds.end(),
                                    [&](const CommonProperty& kind) { return kind.what == what; });
    if (found == diagnosis.kinds.end()) {
      diagnosis.kinds.push_back({what, 1, 0});
    } else {
      ++found->failing;
    }
  }
  std::stable_sort(diagnosis.kinds.begin(), diagnosis.kinds.end(),
                   [](const CommonProperty& a, const CommonProperty& b) { return a.failing > b.failing; });
  return diagnosis;
}

std::string describe(const Diagnosis& diagnosis) {
  if (diagnosis.failing == 0) return "";
  std::string text = fmt::format("diagnosis, from {} failing and {} passing vectors\n", diagnosis.failing,
                                 diagnosis.passing);
  if (!diagnosis.lanes.empty()) {
    text +=
        fmt::format("  only {} {} of the lanes fail{}\n", diagnosis.lanes.size() > 1 ? "numbers" : "number",
                    fmt::join(diagnosis.lanes, ", "), diagnosis.lanes.size() > 1 ? "" : "s");
  }
  for (size_t i = 0; i < std::min(diagnosis.kinds.size(), kCausesTold); ++i) {
    text += fmt::format("  {:>6} failures: {}\n", diagnosis.kinds[i].failing, diagnosis.kinds[i].what);
  }
  if (diagnosis.causes.empty()) text += "  no known fault explains them\n";
  for (size_t i = 0; i < std::min(diagnosis.causes.size(), kCausesTold); ++i) {
    const Cause& cause = diagnosis.causes[i];
    const bool whole = cause.explained == diagnosis.failing && cause.contradicted == 0;
    text +=
        fmt::format("  {}: {}\n      explains {} of {} failures, contradicts {} of {} right results\n",
                    i > 0                                           ? "or"
                    : 10 * cause.explained >= 9 * diagnosis.failing ? "likely cause"
                                                                    : "perhaps",
                    cause.what, cause.explained, diagnosis.failing, cause.contradicted, diagnosis.passing);
    if (whole) break;
  }
  for (size_t i = 0; i < std::min(diagnosis.common.size(), kCommonTold); ++i) {
    text += fmt::format("  in all failures {} (in {} of {} right results)\n", diagnosis.common[i].what,
                        diagnosis.common[i].passing, diagnosis.passing);
  }
  return text;
}

}  // namespace assay
