#include "verify/check.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <mutex>
#include <utility>

#include "base/parallel.h"
#include "base/progress.h"

namespace assay {
namespace {

constexpr size_t kMostKept = 64;          // mismatches that compete for the smallest
constexpr size_t kWorstKept = 4;          // batches with the most mismatches
constexpr uint64_t kBatchesCovered = 32;  // at the beginning, and as many beyond

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Fewer ones first, then smaller codes, then the place in the stimulus.
bool simpler(const Mismatch& a, const Mismatch& b) {
  const auto ones = [](const Mismatch& m) {
    int count = 0;
    for (const uint64_t operand : m.operands) count += std::popcount(operand);
    return count;
  };
  const int ones_a = ones(a), ones_b = ones(b);
  if (ones_a != ones_b) return ones_a < ones_b;
  return a.operands != b.operands ? a.operands < b.operands : a.index < b.index;
}

// What one device has shown so far.
struct Tally {
  double seconds = 0;
  uint64_t vectors = 0;
  uint64_t mismatches = 0;
  std::vector<Mismatch> simplest;
  std::vector<std::pair<uint64_t, uint64_t>> worst;  // mismatches and batch, most first
  std::optional<StreamFailure> stream;               // the first

  void add(Mismatch mismatch) {
    ++mismatches;
    simplest.push_back(std::move(mismatch));
    if (simplest.size() < 2 * kMostKept) return;
    keep_simplest();
  }
  void add(const StreamFailure& failure) {
    if (!stream || failure.batch < stream->batch) stream = failure;
  }
  void add_batch(uint64_t batch, uint64_t count) {
    if (count == 0) return;
    worst.emplace_back(count, batch);
    keep_worst();
  }
  void keep_worst() {
    std::sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (worst.size() > kWorstKept) worst.resize(kWorstKept);
  }
  void keep_simplest() {
    std::sort(simplest.begin(), simplest.end(), simpler);
    if (simplest.size() > kMostKept) simplest.resize(kMostKept);
  }
  void merge(const Tally& other) {
    seconds += other.seconds;
    vectors += other.vectors;
    mismatches += other.mismatches;
    simplest.insert(simplest.end(), other.simplest.begin(), other.simplest.end());
    keep_simplest();
    worst.insert(worst.end(), other.worst.begin(), other.worst.end());
    keep_worst();
    if (other.stream) add(*other.stream);
  }
};

// The vectors, their golden results and the devices' for one batch at a time.
class Worker {
 public:
  Worker(const Golden& golden, const Stimulus& stimulus, const std::vector<Device>& devices,
         const StreamOptions& stream)
      : golden_(golden),
        stimulus_(stimulus),
        devices_(devices),
        stream_(stream),
        tallies_(devices.size()),
        coverage_(golden) {
    for (const Device& device : devices) functions_.push_back(device.make());
  }

  void run(uint64_t batch) {
    const uint64_t first = batch * kBatch;
    const auto count = static_cast<size_t>(std::min<uint64_t>(kBatch, stimulus_.size() - first));
    stimulus_.fill(first, count, vectors_);
    golden_.evaluate(vectors_, expected_);
    if (is_covered(batch)) coverage_.add(vectors_, expected_);
    stream_.seed = batch;
    for (size_t d = 0; d < functions_.size(); ++d) {
      if (first >= stimulus_.first_random() && batch % devices_[d].sample != 0) continue;
      const auto start = std::chrono::steady_clock::now();
      const StreamOutcome outcome = functions_[d](vectors_, actual_, stream_);
      tallies_[d].seconds += seconds_since(start);
      const size_t done = outcome.problem == StreamProblem::none ? count : static_cast<size_t>(outcome.at);
      tallies_[d].vectors += done;
      if (outcome.problem != StreamProblem::none) tallies_[d].add(StreamFailure{outcome, batch});
      const uint64_t before = tallies_[d].mismatches;
      compare(first, done, tallies_[d]);
      tallies_[d].add_batch(batch, tallies_[d].mismatches - before);
    }
  }

  const std::vector<Tally>& tallies() const { return tallies_; }
  const Coverage& coverage() const { return coverage_; }

 private:
  bool is_covered(uint64_t batch) const {
    const uint64_t batches = (stimulus_.size() + kBatch - 1) / kBatch;
    return batch < kBatchesCovered || batch % (batches / kBatchesCovered + 1) == 0;
  }
  void compare(uint64_t first, size_t count, Tally& tally) {
    const bool flags = !expected_.flags.empty();
    for (size_t i = 0; i < count; ++i) {
      if (actual_.codes[i] == expected_.codes[i] && (!flags || actual_.flags[i] == expected_.flags[i]))
          [[likely]]
        continue;
      Mismatch mismatch;
      mismatch.mode = vectors_.modes[i];
      mismatch.expected = {expected_.codes[i], flags ? static_cast<uint32_t>(expected_.flags[i]) : 0};
      mismatch.actual = {actual_.codes[i], flags ? static_cast<uint32_t>(actual_.flags[i]) : 0};
      if (golden_.accepts(mismatch.mode, mismatch.expected, mismatch.actual)) continue;
      for (const auto& column : vectors_.operands) mismatch.operands.push_back(column[i]);
      mismatch.index = first + i;
      tally.add(std::move(mismatch));
    }
  }

  const Golden& golden_;
  const Stimulus& stimulus_;
  const std::vector<Device>& devices_;
  StreamOptions stream_;
  std::vector<DeviceFunction> functions_;
  std::vector<Tally> tallies_;
  Coverage coverage_;
  VectorBatch vectors_;
  ResultBatch expected_, actual_;
};

// The smallest of the kept ones after shrinking; one that fails alone if there is any.
void find_smallest(const Golden& golden, const Device& device, const StreamOptions& stream,
                   CheckResult& result) {
  if (result.kept.empty()) return;
  const DeviceFunction run = device.make();
  result.needs_context = true;
  result.smallest = result.kept.front();
  for (Mismatch mismatch : result.kept) {
    if (!fails_alone(golden, run, mismatch, stream)) continue;
    mismatch = shrink(golden, run, std::move(mismatch), stream);
    if (result.needs_context || simpler(mismatch, *result.smallest)) result.smallest = mismatch;
    result.needs_context = false;
  }
}

}  // namespace

CheckOutcome check(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options) {
  const Stimulus stimulus(golden.specification(), options.stimulus);
  const uint64_t batches = (stimulus.size() + kBatch - 1) / kBatch;
  Progress progress(golden.specification().name, stimulus.size());
  std::vector<Tally> tallies(devices.size());
  CheckOutcome found{{}, Coverage(golden)};
  std::mutex mutex;
  std::atomic<uint64_t> next{0};
  parallel_for(static_cast<size_t>(options.threads), options.threads, [&](size_t) {
    Worker worker(golden, stimulus, devices, options.stream);
    for (uint64_t batch = next++; batch < batches; batch = next++) {
      worker.run(batch);
      progress.advance(std::min<uint64_t>(kBatch, stimulus.size() - batch * kBatch));
    }
    const std::lock_guard lock(mutex);
    for (size_t d = 0; d < devices.size(); ++d) tallies[d].merge(worker.tallies()[d]);
    found.coverage.merge(worker.coverage());
  });

  for (size_t d = 0; d < devices.size(); ++d) {
    CheckResult result;
    result.device = devices[d].name;
    result.vectors = tallies[d].vectors;
    result.exhaustive = stimulus.exhaustive();
    result.stimulus = stimulus.description();
    result.seed = options.stimulus.seed;
    result.seconds = tallies[d].seconds;
    result.mismatches = tallies[d].mismatches;
    result.stream = tallies[d].stream;
    for (const auto& [count, batch] : tallies[d].worst) result.batches.push_back(batch);
    result.kept = std::move(tallies[d].simplest);
    find_smallest(golden, devices[d], options.stream, result);
    found.devices.push_back(std::move(result));
  }
  return found;
}

}  // namespace assay
