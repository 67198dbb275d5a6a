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
  const uint64_t length = batch_length(golden.specification());
  std::set<uint64_t> batches(result.batches.begin(), result.batches.end());
  for (const Mismatch& mismatch : result.kept) {
    if (batches.size() < kBatches) batches.insert(mismatch.index / length);
  }
  std::vector<DiagnosisCase> cases;
  const DeviceFunction run = device.make();
  for (const uint64_t batch : batches) {
    VectorBatch vectors;
    ResultBatch expected, actual;
    const uint64_t first = batch * length;
    stimulus.fill(first, static_cast<size_t>(std::min<uint64_t>(length, stimulus.size() - first)), vectors);
    golden.evaluate(vectors, expected);
    StreamOptions again = stream;
    again.seed = batch;
    const StreamOutcome outcome = run(vectors, actual, again);
    const size_t each = vectors.transactions();
    const size_t count = outcome.problem == StreamProblem::none ? each : static_cast<size_t>(outcome.at);
    std::vector<size_t> failing, passing;
    for (size_t i = 0; i < vectors.size(); ++i) {
      if (i % each >= count) continue;
      const DiagnosisVector vector = vector_at(golden, vectors, expected, actual, i);
      (golden.accepts(vector.mode, vector.expected, vector.actual) ? passing : failing).push_back(i);
    }
    const auto add = [&](const std::vector<size_t>& indices, bool fails) {
      for (const size_t i : indices) {
        const auto at = [&](size_t j) { return vector_at(golden, vectors, expected, actual, j); };
        DiagnosisCase one{at(i), {}, {}, i / each, {}, fails, {}};
        for (size_t k = 1; k <= kNeighbours; ++k) {
          if (i % each >= k) one.before.push_back(at(i - k));
          if (i % each + k < count) one.after.push_back(at(i + k));
        }
        for (size_t j = i % each; vectors.lanes > 1 && j < vectors.size(); j += each)
          one.lanes.push_back(at(j));
        const std::optional<Unit> single = one_rounding(golden.unit(one.self.mode));
        if (single) {
          const auto operands = static_cast<size_t>(operand_count(*single));
          one.facts = case_facts(*single, std::span(one.self.operands).first(operands));
        }
        cases.push_back(std::move(one));
      }
    };
    std::set<size_t> lanes;
    for (const size_t i : failing) lanes.insert(i / each);
    std::erase_if(passing, [&](size_t i) { return !lanes.contains(i / each); });
    add(thinned(failing, kFailing / batches.size()), true);
    add(thinned(passing, kPassing / batches.size()), false);
  }
  return cases;
}

}  // namespace assay
