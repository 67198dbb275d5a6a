#include "verify/fingerprint.h"

#include <fmt/ranges.h>

#include "base/file.h"
#include "base/hash.h"
#include "power/liberty.h"
#include "verify/bench_wrapper.h"
#include "verify/design_netlist.h"

namespace assay {
namespace {

std::string preprocessed(const ModelSources& sources) {
  const TemporaryFolder folder;
  return run_verilator(sources, {"-E", "-P"}, folder.path());
}

void add_rtl(const TestBench& bench, ContentHash& hash) {
  hash.add(preprocessed(bench.sources));
  // The wrapper holds connections, parameters, and the ports of clock, reset and handshake.
  for (const auto& [name, text] : wrap(bench, module_ports(bench.sources)).texts) hash.add(text);
}

void add_gates(const TestBench& bench, ContentHash& hash) {
  hash.add(read_file(bench.netlist));
  hash.add(bench.sources.top);
  for (const auto& file : bench.sources.files) hash.add(read_file(file));
  for (const auto& connections : {bench.inputs, bench.outputs}) {
    for (const auto& [name, text] : connections) hash.add(fmt::format("{}={}", name, text));
  }
  const Timing& timing = bench.timing;
  hash.add(fmt::format("{} {} {} {} {} {} {} {}", timing.clock, timing.rising_edge, timing.reset,
                       timing.reset_high, timing.in_valid, timing.in_ready, timing.out_valid,
                       timing.out_ready));
}

void add_stimulus(const TestBench& bench, ContentHash& hash) {
  const StimulusOptions& stimulus = bench.stimulus;
  hash.add(fmt::format("{} {} {}", stimulus.seed, stimulus.random_vectors, stimulus.exhaustive_bits));
  if (stimulus.captured) {
    for (const auto& mode : *stimulus.captured) {
      for (const auto& column : mode) hash.add(fmt::format("{:x}", fmt::join(column, " ")));
    }
  }
  const StreamOptions& stream = bench.stream;
  hash.add(fmt::format("{} {} {} {}", stream.latency, stream.reset_cycles, stream.stalls, stream.timeout));
}

}  // namespace

std::string fingerprint(const TestBench& bench, bool with_netlist) {
  ContentHash hash;
  bench.netlist.empty() ? add_rtl(bench, hash) : add_gates(bench, hash);
  for (const Mode& mode : bench.specification.modes) {
    hash.add(unit_name(mode.unit) + describe(bench.specification.contract, mode.unit));
    hash.add(fmt::format("{}", fmt::join(mode.pins, " ")));
  }
  add_stimulus(bench, hash);
  if (with_netlist || !bench.netlist.empty()) hash.add(read_liberty_text(library_of(bench)));
  return hash.hex();
}

}  // namespace assay
