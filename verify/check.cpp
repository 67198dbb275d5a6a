#include "verify/check.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <mutex>

#include "arith/evaluator.h"
#include "base/parallel.h"
#include "base/progress.h"

namespace assay {
namespace {

constexpr size_t kBatch = 1 << 14;
constexpr size_t kMostKept = 64;  // mismatches that compete for the smallest

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Fewer ones first, then smaller codes.
bool simpler(const Mismatch& a, const Mismatch& b) {
  const auto ones = [](const Mismatch& m) {
    int count = 0;
    for (const uint64_t operand : m.operands) count += std::popcount(operand);
    return count;
  };
  return ones(a) != ones(b) ? ones(a) < ones(b) : a.operands < b.operands;
}

// What one device has shown so far.
struct Tally {
  double seconds = 0;
  uint64_t mismatches = 0;
  std::vector<Mismatch> simplest;

  void add(Mismatch mismatch) {
    ++mismatches;
    simplest.push_back(std::move(mismatch));
    if (simplest.size() < 2 * kMostKept) return;
    keep_simplest();
  }
  void keep_simplest() {
    std::sort(simplest.begin(), simplest.end(), simpler);
    if (simplest.size() > kMostKept) simplest.resize(kMostKept);
  }
  void merge(const Tally& other) {
    seconds += other.seconds;
    mismatches += other.mismatches;
    simplest.insert(simplest.end(), other.simplest.begin(), other.simplest.end());
    keep_simplest();
  }
};

// The vectors, their golden results and the devices' for one batch at a time.
class Worker {
 public:
  Worker(const Unit& unit, const Stimulus& stimulus, const std::vector<Device>& devices)
      : golden_of_(unit), stimulus_(stimulus), tallies_(devices.size()), golden_(kBatch), actual_(kBatch) {
    for (const Device& device : devices) evaluators_.push_back(device.make());
  }

  void run(uint64_t first, size_t count) {
    stimulus_.fill(first, count, operands_);
    std::vector<uint64_t> one(operands_.size());
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < one.size(); ++j) one[j] = operands_[j][i];
      golden_[i] = golden_of_(one);
    }
    std::vector<const uint64_t*> columns;
    for (const auto& column : operands_) columns.push_back(column.data());
    for (size_t d = 0; d < evaluators_.size(); ++d) {
      const auto start = std::chrono::steady_clock::now();
      evaluators_[d](count, columns.data(), actual_.data());
      tallies_[d].seconds += seconds_since(start);
      for (size_t i = 0; i < count; ++i) {
        if (actual_[i] == golden_[i]) continue;
        for (size_t j = 0; j < one.size(); ++j) one[j] = operands_[j][i];
        tallies_[d].add({one, golden_[i], actual_[i]});
      }
    }
  }

  const std::vector<Tally>& tallies() const { return tallies_; }

 private:
  const Evaluator golden_of_;
  const Stimulus& stimulus_;
  std::vector<BatchFunction> evaluators_;
  std::vector<Tally> tallies_;
  std::vector<std::vector<uint64_t>> operands_;
  std::vector<uint64_t> golden_, actual_;
};

}  // namespace

std::vector<CheckResult> check(const Unit& unit, const std::vector<Device>& devices,
                               const StimulusOptions& options, int threads) {
  const Stimulus stimulus(unit, options);
  const uint64_t batches = (stimulus.size() + kBatch - 1) / kBatch;
  Progress progress(unit_name(unit), stimulus.size());
  std::vector<Tally> tallies(devices.size());
  std::mutex mutex;
  std::atomic<uint64_t> next{0};
  parallel_for(static_cast<size_t>(threads), threads, [&](size_t) {
    Worker worker(unit, stimulus, devices);
    for (uint64_t batch = next++; batch < batches; batch = next++) {
      const uint64_t first = batch * kBatch;
      const auto count = static_cast<size_t>(std::min<uint64_t>(kBatch, stimulus.size() - first));
      worker.run(first, count);
      progress.advance(count);
    }
    const std::lock_guard lock(mutex);
    for (size_t d = 0; d < devices.size(); ++d) tallies[d].merge(worker.tallies()[d]);
  });

  std::vector<CheckResult> results;
  for (size_t d = 0; d < devices.size(); ++d) {
    CheckResult result;
    result.device = devices[d].name;
    result.vectors = stimulus.size();
    result.exhaustive = stimulus.exhaustive();
    result.stimulus = stimulus.description();
    result.seed = options.seed;
    result.seconds = tallies[d].seconds;
    result.mismatches = tallies[d].mismatches;
    if (!tallies[d].simplest.empty()) {
      const BatchFunction device = devices[d].make();
      std::vector<Mismatch> shrunk;
      for (const Mismatch& mismatch : tallies[d].simplest) shrunk.push_back(shrink(unit, device, mismatch));
      result.smallest = *std::min_element(shrunk.begin(), shrunk.end(), simpler);
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace assay
