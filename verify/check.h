// Holds devices (RTL, netlists) against the golden model of their specification.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rtl/stream_model.h"
#include "verify/coverage.h"
#include "verify/specification.h"
#include "verify/stimulus.h"

namespace assay {

// Sends a batch of vectors through one instance of a device, a transaction at a time. Where the outcome has a problem,
// results of the transactions from its place on mean nothing.
using DeviceFunction = std::function<StreamOutcome(const VectorBatch& vectors, ResultBatch& results,
                                                   const StreamOptions& stream)>;

// Something that computes what a specification says. `make` gives an instance of its own to each thread.
struct Device {
  std::string name;  // "RTL (Verilator)", "mapped netlist (bit-sliced)"
  std::function<DeviceFunction()> make;
  uint64_t sample = 1;  // of the batches of random vectors only every sample-th goes to this device
};

// One disagreement.
struct Mismatch {
  std::vector<uint64_t> operands;  // of the whole transaction: by slot, lane after lane
  uint32_t mode = 0;
  ModeResult expected, actual;
  uint64_t index = 0;  // of the transaction in the stimulus
  uint32_t lane = 0;   // that disagrees

  bool operator==(const Mismatch&) const = default;
};

// Where a stream stopped to be one.
struct StreamFailure {
  StreamOutcome outcome;
  uint64_t batch = 0;
};

struct CheckResult {
  std::string device;
  uint64_t vectors = 0;
  bool exhaustive = false;
  std::string stimulus;  // Stimulus::description
  uint64_t seed = 0;
  double seconds = 0;  // time spent in the device, summed over threads
  uint64_t mismatches = 0;
  std::vector<Mismatch> kept;        // some of the simplest, simplest first
  std::vector<uint64_t> batches;     // those with the most mismatches
  std::optional<Mismatch> smallest;  // after shrinking
  // `smallest` is right when it is given alone after a reset: it goes wrong after these vectors, under the stalls of
  // `context_seed`. None: only in the middle of its batch.
  bool needs_context = false;
  std::vector<Mismatch> context;
  uint64_t context_seed = 0;
  std::optional<StreamFailure> stream;

  bool is_shard = false;  // which may have no vectors for a device that takes only a sample

  bool passed() const { return (vectors > 0 || is_shard) && mismatches == 0 && !stream; }
  double vectors_per_second() const { return seconds > 0 ? static_cast<double>(vectors) / seconds : 0; }
};

struct CheckOptions {
  StimulusOptions stimulus;
  StreamOptions stream;
  int threads = 1;
  // Of every `shards` batches the shard-th is run.
  uint64_t shard = 0, shards = 1;
};

struct CheckOutcome {
  std::vector<CheckResult> devices;  // in their order
  Coverage coverage;  // of some 64 batches, the first and then some evenly spread, if there are more
};

// Vectors that go through a device in one stream, after a reset.
inline constexpr size_t kBatch = 1 << 14;
// And the transactions that they make.
size_t batch_length(const Specification& specification);

// What one device has shown so far. States of different shards merge to that of a run of both.
struct DeviceState {
  uint64_t vectors = 0, mismatches = 0;
  double seconds = 0;
  std::vector<Mismatch> simplest;
  std::vector<std::pair<uint64_t, uint64_t>> worst;  // mismatches and batch, most first
  std::optional<StreamFailure> stream;               // the first

  void merge(const DeviceState& other);
};

struct CheckState {
  std::vector<DeviceState> devices;
  Coverage coverage;
  uint64_t batches_done = 0;  // of the shard, in ascending order

  void merge(const CheckState& other);
};

// Runs the vectors of the stimulus, or of a shard of it, through the golden model and each device, beginning after
// `state.batches_done`, and adds to the state; calls `keep` with it now and then, for a run that may be interrupted. The
// state (but for the times) does not depend on the number of threads.
void run_check(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options,
               CheckState& state, const std::function<void(const CheckState&)>& keep = {});

// What a state says: the smallest failure of each device is searched for.
CheckOutcome conclude(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options,
                      CheckState state);

// All at once.
CheckOutcome check(const Golden& golden, const std::vector<Device>& devices, const CheckOptions& options);

// Batches of a stimulus.
uint64_t batch_count(const Specification& specification, const Stimulus& stimulus);

// The mismatch with bits of its operands cleared, one after another, as long as the device, given that vector alone,
// still disagrees with the golden model; as it was if it does not disagree then.
Mismatch shrink(const Golden& golden, const DeviceFunction& device, Mismatch mismatch,
                const StreamOptions& stream);

// A batch of some transactions and last the mismatch's.
VectorBatch vectors_of(const Specification& specification, const std::vector<Mismatch>& before,
                       const Mismatch& mismatch);

// The operands of the lane that disagrees, by slot.
std::span<const uint64_t> lane_operands(const Specification& specification, const Mismatch& mismatch);

// Whether the device, given those vectors and then this one after a reset, disagrees about it; sets what came.
bool fails_after(const Golden& golden, const DeviceFunction& device, const std::vector<Mismatch>& before,
                 Mismatch& mismatch, const StreamOptions& stream);

// For people: every operand's code and value, the exact result, what was expected and what came.
std::string explain(const Golden& golden, const Mismatch& mismatch);

}  // namespace assay
