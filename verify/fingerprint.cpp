#include "verify/fingerprint.h"

#include <fmt/ranges.h>

#include "base/file.h"
#include "base/hash.h"
#include "power/liberty.h"
#include "verify/bench_wrapper.h"

namespace assay {
namespace {

std::string preprocessed(const ModelSources& sources) {
  const TemporaryFolder folder;
  return run_verilator(sources, {"-E", "-P"}, folder.path());
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
  hash.add(preprocessed(bench.sources));
  // The wrapper holds connections, parameters, and the ports of clock, reset and handshake.
  for (const auto& [name, text] : wrap(bench, module_ports(bench.sources)).texts) hash.add(text);
  for (const Mode& mode : bench.specification.modes) {
    hash.add(unit_name(mode.unit) + describe(bench.specification.contract, mode.unit));
    hash.add(fmt::format("{}", fmt::join(mode.pins, " ")));
  }
  add_stimulus(bench, hash);
  if (with_netlist) hash.add(read_file(bench.liberty.empty() ? default_liberty() : bench.liberty));
  return hash.hex();
}

}  // namespace assay
