// Speed of the gate simulator on a mapped netlist, in million vectors per second on one core.
// Usage: bench_gate_simulator NETLIST.json [LIBERTY] [VECTORS]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "base/error.h"
#include "power/gate_simulator.h"

namespace {

constexpr int kRepetitions = 5;

// Best of several runs, in vectors per second.
template <typename Run>
double best_rate(size_t vectors, Run run) {
  double best = 0.0;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(vectors) / taken.count());
  }
  return best;
}

std::vector<std::vector<uint64_t>> random_streams(size_t ports, size_t vectors) {
  std::mt19937_64 generator(1);
  std::vector<std::vector<uint64_t>> streams(ports, std::vector<uint64_t>(vectors));
  for (auto& stream : streams) std::generate(stream.begin(), stream.end(), generator);
  return streams;
}

void measure(const char* json, const std::filesystem::path& library, size_t vectors) {
  const assay::Liberty liberty = assay::read_liberty(library);
  const assay::Netlist netlist = assay::read_netlist(json, liberty);
  assay::GateSimulator simulator(netlist, liberty);
  const auto streams = random_streams(simulator.inputs().size(), vectors);
  auto results = random_streams(simulator.outputs().size(), vectors);
  const std::vector<assay::GateSimulator::Codes> codes(streams.begin(), streams.end());
  const std::vector<assay::GateSimulator::Results> outputs(results.begin(), results.end());
  const double bits = best_rate(vectors, [&] { simulator.evaluate(codes, outputs); });
  const double toggles = best_rate(vectors, [&] { simulator.evaluate_and_count(codes, outputs); });
  fmt::print("{}: {} cells, {} nets: {:.1f} Mvectors/s bits only, {:.1f} Mvectors/s with toggle counts\n",
             netlist.top, netlist.cells.size(), netlist.nets.size(), bits / 1e6, toggles / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} NETLIST.json [LIBERTY] [VECTORS]\n", argv[0]);
    return 2;
  }
  try {
    const std::filesystem::path library = argc > 2 ? argv[2] : assay::default_liberty();
    measure(argv[1], library, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : size_t{1} << 21);
  } catch (const assay::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
