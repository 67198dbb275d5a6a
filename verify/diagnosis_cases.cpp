#include "verify/diagnosis_cases.h"

#include <algorithm>
#include <set>

namespace assay {
namespace {

constexpr size_t kBatches = 6;
constexpr size_t kFailing = 600, kPassing = 2000;
constexpr size_t kNeighbours = 4;

DiagnosisVector vector_at(const Golden& golden, const VectorBatch& vectors, const ResultBatch& expected,
                          const ResultBatch& actual, size_t i) {
  DiagnosisVector vector;
  for (const auto& column : vectors.operands) vector.given.push_back(column[i]);
  vector.mode = vectors.modes[i];
  vector.operands = golden.well_boxed(vector.mode, vector.given);
  vector.expected = expected.at(i);
  vector.actual = actual.at(i);
  return vector;
}

// Every `step`-th of some indices, at most `most`.
std::vector<size_t> thinned(const std::vector<size_t>& all, size_t most) {
  std::vector<size_t> some;
  const size_t step = all.size() / most + 1;
  for (size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

}  // namespace

std::vector<DiagnosisCase> diagnosis_cases(const Golden& golden, const Device& device,
                                           const StimulusOptions& options, const StreamOptions& stream,
                                           const CheckResult& result) {
  const Stimulus stimulus(golden.specification(), options);
  std::set<uint64_t> batches(result.batches.begin(), result.batches.end());
  for (const Mismatch& mismatch : result.kept) {
    if (batches.size() < kBatches) batches.insert(mismatch.index / kBatch);
  }
  std::vector<DiagnosisCase> cases;
  const DeviceFunction run = device.make();
  for (const uint64_t batch : batches) {
    VectorBatch vectors;
    ResultBatch expected, actual;
    const uint64_t first = batch * kBatch;
    stimulus.fill(first, static_cast<size_t>(std::min<uint64_t>(kBatch, stimulus.size() - first)), vectors);
    golden.evaluate(vectors, expected);
    StreamOptions again = stream;
    again.seed = batch;
    const StreamOutcome outcome = run(vectors, actual, again);
    const size_t count =
        outcome.problem == StreamProblem::none ? vectors.size() : static_cast<size_t>(outcome.at);
    std::vector<size_t> failing, passing;
    for (size_t i = 0; i < count; ++i) {
      const DiagnosisVector vector = vector_at(golden, vectors, expected, actual, i);
      (golden.accepts(vector.mode, vector.expected, vector.actual) ? passing : failing).push_back(i);
    }
    const auto add = [&](const std::vector<size_t>& indices, bool fails) {
      for (const size_t i : indices) {
        DiagnosisCase one{vector_at(golden, vectors, expected, actual, i), {}, {}, fails, {}};
        for (size_t k = 1; k <= kNeighbours; ++k) {
          if (i >= k) one.before.push_back(vector_at(golden, vectors, expected, actual, i - k));
          if (i + k < count) one.after.push_back(vector_at(golden, vectors, expected, actual, i + k));
        }
        const std::optional<Unit> single = one_rounding(golden.unit(one.self.mode));
        if (single) {
          const auto operands = static_cast<size_t>(operand_count(*single));
          one.facts = case_facts(*single, std::span(one.self.operands).first(operands));
        }
        cases.push_back(std::move(one));
      }
    };
    add(thinned(failing, kFailing / batches.size()), true);
    add(thinned(passing, kPassing / batches.size()), false);
  }
  return cases;
}

}  // namespace assay
