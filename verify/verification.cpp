#include "verify/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "power/liberty.h"
#include "power/netlist.h"
#include "verify/bench_wrapper.h"
#include "verify/check_state.h"
#include "verify/design_netlist.h"
#include "verify/devices.h"
#include "verify/directed_test.h"
#include "verify/elaboration.h"
#include "verify/fingerprint.h"

namespace assay {
namespace {

constexpr uint64_t kUnoptimizedSample =
    16;  // of so many batches one goes to the simulation without optimization
// Of so many batches of random vectors one goes to Verilator where the RTL's gates have all.
constexpr uint64_t kElaboratedSample = 64;
constexpr int kLatenciesTried = 16;  // beyond the one that was said
constexpr size_t kLatencyVectors = 2048;
constexpr size_t kOptimized = 0, kUnoptimized = 1;  // devices of RTL

Device gates_of(const TestBench& bench, const BenchWrapper& wrapper, const VerificationOptions& options) {
  const Liberty liberty = read_liberty(library_of(bench));
  const Netlist netlist = bench_netlist(bench, wrapper, liberty, options.cache);
  try {
    return netlist_device(bench.specification, wrapper.ports, netlist, liberty);
  } catch (const Error& error) {
    fail("{}: timing.clock: {}", bench.place, error.what());
  }
}

Device elaborated_rtl(const TestBench& bench, const BenchWrapper& wrapper) {
  const std::string& name = bench.specification.name;
  if (!bench.timing.clock.empty()) fail("{}: only a combinational design is elaborated to gates", name);
  const std::filesystem::path library = library_of(bench);
  const Liberty liberty = read_liberty(library);
  const TemporaryFolder work;
  const Netlist netlist =
      map_unoptimized(name, elaboration_commands(bench, wrapper, work.path()), work.path(), library, liberty);
  Device device = netlist_device(bench.specification, netlist, liberty);
  device.name = "RTL elaborated by Yosys (bit-sliced)";
  return device;
}

// RTL with and without optimization, as elaborated if that is wanted, then the gates; or the gates alone.
std::vector<Device> build_devices(const TestBench& bench, const std::vector<ModulePort>& ports,
                                  const VerificationOptions& options) {
  const BenchWrapper wrapper = wrap(bench, ports);
  if (!bench.netlist.empty()) {
    if (options.elaborate)
      fail("{}: a netlist is gates already; only RTL is elaborated to gates", bench.specification.name);
    return {gates_of(bench, wrapper, options)};
  }
  std::vector<std::function<Device()>> builds = {
      [&] { return rtl_device(bench, wrapper, options.cache); },
      [&] { return rtl_device(bench, wrapper, options.cache, VerilatorOptimization::none); }};
  if (options.elaborate) builds.push_back([&] { return elaborated_rtl(bench, wrapper); });
  if (options.with_netlist) builds.push_back([&] { return gates_of(bench, wrapper, options); });
  std::vector<Device> devices(builds.size());
  parallel_for(devices.size(), options.threads, [&](size_t i) { devices[i] = builds[i](); });
  devices[kOptimized].sample = options.elaborate ? kElaboratedSample : 1;
  devices[kUnoptimized].sample = devices[kOptimized].sample * kUnoptimizedSample;
  return devices;
}

// Whether all of some vectors are right at that latency.
bool right_at(const Golden& golden, const Device& device, const VectorBatch& vectors, StreamOptions stream,
              int latency) {
  stream.latency = latency;
  ResultBatch expected, actual;
  golden.evaluate(vectors, expected);
  if (device.make()(vectors, actual, stream).problem != StreamProblem::none) return false;
  return actual.codes == expected.codes && actual.flags == expected.flags;
}

bool has_fixed_latency(const TestBench& bench) {
  const Timing& timing = bench.timing;
  return !timing.clock.empty() && timing.in_ready.empty() && timing.out_ready.empty() &&
         (timing.out_valid.empty() || !timing.in_valid.empty());
}

// Throws Error if another latency is right for a sample of vectors, and the one that was said is not.
void check_latency(const Golden& golden, const TestBench& bench, const Device& device) {
  if (!has_fixed_latency(bench)) return;
  const Stimulus stimulus(golden.specification(), bench.stimulus);
  VectorBatch vectors;
  const uint64_t count = std::min<uint64_t>(kLatencyVectors, stimulus.size());
  stimulus.fill(stimulus.size() - count, static_cast<size_t>(count), vectors);
  const int said = bench.stream.latency;
  if (right_at(golden, device, vectors, bench.stream, said)) return;
  for (int latency = 0; latency <= said + kLatenciesTried; ++latency) {
    if (latency != said && right_at(golden, device, vectors, bench.stream, latency)) {
      fail("{}: timing.latency: outputs match at latency {}, not {}", bench.place, latency, said);
    }
  }
}

CheckState run_or_merge(const TestBench& bench, const Golden& golden, const std::vector<Device>& devices,
                        const CheckOptions& check_options, const VerificationOptions& options) {
  CheckState state{{}, Coverage(golden)};
  if (options.merge.empty() && options.state.empty()) {
    run_check(golden, devices, check_options, state);
    return state;
  }
  std::string print = fingerprint(bench, options.with_netlist);
  if (options.elaborate) print += " elaborated";
  const CheckStateKey key{print, options.shard, options.shards};
  if (!options.merge.empty()) {
    const Stimulus stimulus(golden.specification(), check_options.stimulus);
    return merge_check_states(options.merge, key.fingerprint, golden,
                              batch_count(bench.specification, stimulus));
  }
  if (std::filesystem::exists(options.state)) state = read_check_state(options.state, key, golden);
  run_check(golden, devices, check_options, state,
            [&](const CheckState& seen) { write_check_state(options.state, key, seen); });
  return state;
}

// A design that hangs cannot be judged.
void check_progress(const TestBench& bench, const std::vector<CheckResult>& checks) {
  for (const CheckResult& result : checks) {
    if (result.stream && result.stream->outcome.problem == StreamProblem::hang) {
      fail("{}: {}: {}", bench.place, result.device, describe(result.stream->outcome));
    }
  }
}

// Whether the simulation of RTL with optimizations shows something else than the one without.
bool simulators_differ(const Golden& golden, const std::vector<Device>& devices,
                       const std::vector<CheckResult>& checks, const TestBench& bench) {
  const CheckResult& optimized = checks[kOptimized];
  if (optimized.passed()) return !checks[kUnoptimized].passed();
  if (!optimized.smallest || optimized.needs_context) return false;
  Mismatch again = *optimized.smallest;
  return !fails_after(golden, devices[kUnoptimized].make(), {}, again, bench.stream);
}

// The cycles in which a device shows its smallest failure; none if it has no clock.
std::vector<StreamCycle> cycles_of_failure(const Device& device, const TestBench& bench,
                                           const CheckResult& result) {
  std::vector<StreamCycle> cycles;
  if (!result.smallest) return cycles;
  StreamOptions stream = bench.stream;
  stream.seed = result.context_seed;
  stream.cycles = &cycles;
  ResultBatch results;
  device.make()(vectors_of(bench.specification, result.context, *result.smallest), results, stream);
  return cycles;
}

}  // namespace

bool Verification::passed() const {
  return !checks.empty() &&
         std::all_of(checks.begin(), checks.end(), [](const CheckResult& c) { return c.passed(); });
}

Verification verify(const TestBench& bench, const VerificationOptions& options) {
  if (!bench.captured.empty() && !bench.stimulus.captured) {
    fail("{}: stimulus.captured: {} has not been read", bench.place, bench.captured.string());
  }
  const Golden golden(bench.specification);
  const std::vector<ModulePort> ports = design_ports(bench, options.cache);
  const std::vector<Device> devices = build_devices(bench, ports, options);
  const bool is_rtl = bench.netlist.empty();
  check_latency(golden, bench, devices[is_rtl ? kUnoptimized : 0]);
  const CheckOptions check_options = {bench.stimulus, bench.stream, options.threads, options.shard,
                                      options.shards};
  CheckOutcome outcome =
      conclude(golden, devices, check_options, run_or_merge(bench, golden, devices, check_options, options));
  Verification verification{
      bench.specification, std::move(outcome.devices), std::move(outcome.coverage), {}, {}};
  check_progress(bench, verification.checks);
  if (is_rtl) verification.simulators_differ = simulators_differ(golden, devices, verification.checks, bench);
  for (size_t d = 0; d < devices.size(); ++d) {
    if (verification.checks[d].mismatches == 0) continue;
    verification.diagnosis =
        diagnose(golden, devices[d], bench.stimulus, bench.stream, verification.checks[d]);
    verification.directed_test = directed_test(bench, ports, golden, verification.checks[d],
                                               cycles_of_failure(devices[d], bench, verification.checks[d]));
    break;
  }
  return verification;
}

void write_failure_waveform(const TestBench& bench, const Verification& verification,
                            const std::filesystem::path& cache, const std::filesystem::path& file) {
  const auto failed = std::find_if(verification.checks.begin(), verification.checks.end(),
                                   [](const CheckResult& check) { return check.smallest.has_value(); });
  if (failed == verification.checks.end()) fail("{}: there is no failure to draw", file.string());
  StreamOptions stream = bench.stream;
  stream.seed = failed->context_seed;
  write_waveform(bench, wrap(bench, design_ports(bench, cache)),
                 vectors_of(bench.specification, failed->context, *failed->smallest), stream, cache, file);
}

}  // namespace assay
