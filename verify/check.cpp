#include "verify/check.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <utility>

#include "base/parallel.h"
#include "base/progress.h"
#include "base/seconds_since.h"

namespace assay {
namespace {

constexpr size_t kMostKept = 64;  // mismatches that compete for the smallest
constexpr uint64_t kBatchesBetweenKeeps = 512;
constexpr uint64_t kContextSeeds = 32;    // patterns of stalls tried
constexpr size_t kWorstKept = 4;          // batches with the most mismatches
constexpr uint64_t kBatchesCovered = 32;  // at the beginning, and as many beyond

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

void keep_simplest(DeviceState& state) {
  std::sort(state.simplest.begin(), state.simplest.end(), simpler);
  if (state.simplest.size() > kMostKept) state.simplest.resize(kMostKept);
}

void keep_worst(DeviceState& state) {
  std::sort(state.worst.begin(), state.worst.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  if (state.worst.size() > kWorstKept) state.worst.resize(kWorstKept);
}

void add_mismatch(DeviceState& state, Mismatch mismatch) {
  ++state.mismatches;
  state.simplest.push_back(std::move(mismatch));
  if (state.simplest.size() >= 2 * kMostKept) keep_simplest(state);
}

void add_failure(DeviceState& state, const StreamFailure& failure) {
  if (!state.stream || failure.batch < state.stream->batch) state.stream = failure;
}

std::vector<uint64_t> transaction_operands(const VectorBatch& vectors, size_t transaction) {
  std::vector<uint64_t> operands;
  for (size_t i = transaction; i < vectors.size(); i += vectors.transactions()) {
    for (const auto& column : vectors.operands) operands.push_back(column[i]);
  }
  return operands;
}

// The vectors, their golden results and the devices' for one batch at a time.
class Worker {
 public:
  Worker(const Golden& golden, const Stimulus& stimulus, const std::vector<Device>& devices,
         const StreamOptions& stream)
      : golden_(golden),
        stimulus_(stimulus),
        devices_(devices),
        stream_(stream),
        state_{{}, Coverage(golden)} {
    state_.devices.resize(devices.size());
    for (const Device& device : devices) functions_.push_back(device.make());
  }

  void run(uint64_t batch) {
    const uint64_t length = batch_length(golden_.specification()), first = batch * length;
    const auto count = static_cast<size_t>(std::min<uint64_t>(length, stimulus_.size() - first));
    stimulus_.fill(first, count, vectors_);
    golden_.evaluate(vectors_, expected_);
    if (is_covered(batch)) state_.coverage.add(vectors_, expected_);
    stream_.seed = batch;
    for (size_t d = 0; d < functions_.size(); ++d) {
      if (first >= stimulus_.first_random() && batch % devices_[d].sample != 0) continue;
      const auto start = std::chrono::steady_clock::now();
      const StreamOutcome outcome = functions_[d](vectors_, actual_, stream_);
      DeviceState& state = state_.devices[d];
      state.seconds += seconds_since(start);
      const size_t done = outcome.problem == StreamProblem::none ? count : static_cast<size_t>(outcome.at);
      state.vectors += done * vectors_.lanes;
      if (outcome.problem != StreamProblem::none) add_failure(state, StreamFailure{outcome, batch});
      const uint64_t before = state.mismatches;
      for (size_t lane = 0; lane < vectors_.lanes; ++lane) compare(first, lane, done, state);
      if (state.mismatches == before) continue;
      state.worst.emplace_back(state.mismatches - before, batch);
      keep_worst(state);
    }
  }

  // What was seen since the last call.
  CheckState take() {
    CheckState seen = state_;
    state_.devices.assign(state_.devices.size(), {});
    state_.coverage.clear();
    return seen;
  }

 private:
  bool is_covered(uint64_t batch) const {
    const uint64_t batches = batch_count(golden_.specification(), stimulus_);
    return batch < kBatchesCovered || batch % (batches / kBatchesCovered + 1) == 0;
  }
  void compare(uint64_t first, size_t lane, size_t count, DeviceState& state) {
    const bool flags = !expected_.flags.empty();
    const size_t begin = lane * vectors_.transactions();
    for (size_t i = begin; i < begin + count; ++i) {
      if (actual_.codes[i] == expected_.codes[i] && (!flags || actual_.flags[i] == expected_.flags[i]))
          [[likely]]
        continue;
      Mismatch mismatch;
      mismatch.mode = vectors_.modes[i];
      mismatch.expected = expected_.at(i);
      mismatch.actual = actual_.at(i);
      if (golden_.accepts(mismatch.mode, mismatch.expected, mismatch.actual)) continue;
      mismatch.operands = transaction_operands(vectors_, i - begin);
      mismatch.index = first + i - begin;
      mismatch.lane = static_cast<uint32_t>(lane);
      add_mismatch(state, std::move(mismatch));
    }
  }

  const Golden& golden_;
  const Stimulus& stimulus_;
  const std::vector<Device>& devices_;
  StreamOptions stream_;
  std::vector<DeviceFunction> functions_;
  CheckState state_;
  VectorBatch vectors_;
  ResultBatch expected_, actual_;
};

// The transactions of its batch before a mismatch, at most `count`, as mismatches of the same lane.
std::vector<Mismatch> vectors_before(const Golden& golden, const StimulusOptions& options,
                                     const Mismatch& mismatch, uint64_t count) {
  const Stimulus stimulus(golden.specification(), options);
  const uint64_t index = mismatch.index, length = batch_length(golden.specification());
  const uint64_t first = std::max(index / length * length, index - std::min(index, count));
  VectorBatch vectors;
  stimulus.fill(first, static_cast<size_t>(index - first), vectors);
  std::vector<Mismatch> found(vectors.transactions(), mismatch);
  for (size_t i = 0; i < found.size(); ++i) {
    found[i].operands = transaction_operands(vectors, i);
    found[i].mode = vectors.modes[i];
    found[i].index = first + i;
    found[i].expected = found[i].actual =
        golden.evaluate(found[i].mode, lane_operands(golden.specification(), found[i]));
  }
  return found;
}

// The fewest vectors before the mismatch after which it is wrong.
void find_context(const Golden& golden, const DeviceFunction& run, const CheckOptions& options,
                  CheckResult& result) {
  for (const uint64_t count : {1, 2, 4, 8, 16}) {
    const std::vector<Mismatch> before = vectors_before(golden, options.stimulus, *result.smallest, count);
    for (uint64_t seed = 0; seed < kContextSeeds; ++seed) {
      Mismatch mismatch = *result.smallest;
      StreamOptions stream = options.stream;
      stream.seed = seed;
      if (!fails_after(golden, run, before, mismatch, stream)) continue;
      result.smallest = mismatch;
      result.context = before;
      result.context_seed = seed;
      return;
    }
  }
}

// The smallest of the kept ones after shrinking; one that fails alone if there is any.
void find_smallest(const Golden& golden, const Device& device, const CheckOptions& options,
                   CheckResult& result) {
  if (result.kept.empty()) return;
  const DeviceFunction run = device.make();
  result.needs_context = true;
  result.smallest = result.kept.front();
  for (Mismatch mismatch : result.kept) {
    if (!fails_after(golden, run, {}, mismatch, options.stream)) continue;
    mismatch = shrink(golden, run, std::move(mismatch), options.stream);
    if (result.needs_context || simpler(mismatch, *result.smallest)) result.smallest = mismatch;
    result.needs_context = false;
  }
  if (result.needs_context) find_context(golden, run, options, result);
}

}  // namespace

void DeviceState::merge(const DeviceState& other) {
  seconds += other.seconds;
  vectors += other.vectors;
  mismatches += other.mismatches;
  simplest.insert(simplest.end(), other.simplest.begin(), other.simplest.end());
  keep_simplest(*this);
  worst.insert(worst.end(), other.worst.begin(), other.worst.end());
  keep_worst(*this);
  if (other.stream) add_failure(*this, *other.stream);
}

void CheckState::merge(const CheckState& other) {
  devices.resize(std::max(devices.size(), other.devices.size()));
  for (size_t d = 0; d < other.devices.size(); ++d) devices[d].merge(other.devices[d]);
  coverage.merge(other.coverage);
  batches_done += other.batches_done;
}

size_t batch_length(const Specification& specification) {
  return std::max<size_t>(kBatch / static_cast<size_t>(specification.lanes), 1);
}

uint64_t batch_count(const Specification& specification, const Stimulus& stimulus) {
  const uint64_t length = batch_length(specification);
  return (stimulus.size() + length - 1) / length;
}

void run_check(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options,
               CheckState& state, const std::function<void(const CheckState&)>& keep) {
  const Stimulus stimulus(golden.specification(), options.stimulus);
  const uint64_t all = batch_count(golden.specification(), stimulus);
  const uint64_t batches = (all + options.shards - 1 - options.shard) / options.shards;
  Progress progress(golden.specification().name, batches);
  progress.advance(state.batches_done);
  std::vector<Worker> workers;
  for (int i = 0; i < options.threads; ++i) workers.emplace_back(golden, stimulus, devices, options.stream);
  while (state.batches_done < batches) {
    const uint64_t end = std::min(batches, state.batches_done + kBatchesBetweenKeeps);
    std::atomic<uint64_t> next{state.batches_done};
    parallel_for(workers.size(), options.threads, [&](size_t i) {
      for (uint64_t batch = next++; batch < end; batch = next++) {
        workers[i].run(options.shard + batch * options.shards);
        progress.advance();
      }
    });
    for (Worker& worker : workers) state.merge(worker.take());
    state.batches_done = end;
    if (keep) keep(state);
  }
}

CheckOutcome conclude(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options,
                      CheckState state) {
  const Stimulus stimulus(golden.specification(), options.stimulus);
  CheckOutcome found{{}, std::move(state.coverage)};
  state.devices.resize(devices.size());
  for (size_t d = 0; d < devices.size(); ++d) {
    CheckResult result;
    result.device = devices[d].name;
    result.vectors = state.devices[d].vectors;
    result.is_shard = options.shards > 1;
    const uint64_t all = stimulus.size() * static_cast<uint64_t>(golden.specification().lanes);
    result.exhaustive = stimulus.exhaustive() && !result.is_shard && result.vectors == all;
    result.stimulus = stimulus.description();
    result.seed = options.stimulus.seed;
    result.seconds = state.devices[d].seconds;
    result.mismatches = state.devices[d].mismatches;
    result.stream = state.devices[d].stream;
    for (const auto& [count, batch] : state.devices[d].worst) result.batches.push_back(batch);
    result.kept = std::move(state.devices[d].simplest);
    find_smallest(golden, devices[d], options, result);
    found.devices.push_back(std::move(result));
  }
  return found;
}

CheckOutcome check(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options) {
  CheckState state{{}, Coverage(golden)};
  run_check(golden, devices, options, state);
  return conclude(golden, devices, options, std::move(state));
}

}  // namespace assay
