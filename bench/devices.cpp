// Operations a second of everything that computes a unit: the golden model, the RTL under Verilator, and the mapped
// netlist under the bit-sliced simulator, with and without toggle counts. Peer: std::fma of the host for fp32.
#include <benchmark/benchmark.h>

#include <array>
#include <bit>
#include <cmath>

#include "arith/evaluate.h"
#include "base/cache.h"
#include "power/gate_simulator.h"
#include "rtl/catalog.h"
#include "verify/devices.h"
#include "verify/stimulus.h"

namespace {

using namespace assay;

constexpr size_t kVectors = 1 << 14;
constexpr std::array<const char*, 5> kUnits = {"mac-e4m3-e4m3-fp32", "mac-fp16-fp16-fp16",
                                               "mac-fp32-fp32-fp32", "mac-int8-int8-int32",
                                               "mul-bf16-bf16-bf16-pam"};

// Directed random operands of a unit, one column an operand.
struct Operands {
  explicit Operands(const Unit& unit) {
    const UnitStimulus stimulus(unit, {1, kVectors, 0});
    stimulus.fill(stimulus.size() - kVectors, kVectors, batch.operands);
    batch.modes.assign(kVectors, 0);
  }
  VectorBatch batch;
  const std::vector<std::vector<uint64_t>>& columns = batch.operands;
};

void count(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kVectors));
}

void golden(benchmark::State& state, const char* name) {
  const Unit unit = parse_unit(name);
  const Operands operands(unit);
  for (auto _ : state) {
    for (size_t i = 0; i < kVectors; ++i) {
      std::array<uint64_t, 3> one{};
      for (size_t j = 0; j < operands.columns.size(); ++j) one[j] = operands.columns[j][i];
      benchmark::DoNotOptimize(evaluate(unit, std::span(one).first(operands.columns.size())));
    }
  }
  count(state);
}

void host_fma(benchmark::State& state) {
  const Operands operands(parse_unit("mac-fp32-fp32-fp32"));
  const auto number = [&](size_t j, size_t i) {
    return std::bit_cast<float>(static_cast<uint32_t>(operands.columns[j][i]));
  };
  for (auto _ : state) {
    for (size_t i = 0; i < kVectors; ++i)
      benchmark::DoNotOptimize(std::fma(number(0, i), number(1, i), number(2, i)));
  }
  count(state);
}

void device(benchmark::State& state, const Unit& unit, const Device& made) {
  const Operands operands(unit);
  const DeviceFunction run = made.make();
  ResultBatch results;
  for (auto _ : state) run(operands.batch, results, {});
  count(state);
}

void rtl(benchmark::State& state, const char* name) {
  const CatalogEntry entry = find_in_catalog(parse_unit(name)).value();
  device(state, entry.unit, rtl_device(entry, rtl_folder(), cache_folder()));
}

Netlist mapped(const CatalogEntry& entry, const Liberty& liberty) {
  return read_netlist(map_entry(entry, rtl_folder(), default_liberty(), cache_folder()).json, liberty);
}

void netlist(benchmark::State& state, const char* name) {
  const CatalogEntry entry = find_in_catalog(parse_unit(name)).value();
  const Liberty liberty = read_liberty(default_liberty());
  device(state, entry.unit, netlist_device(specification_of(entry.unit), mapped(entry, liberty), liberty));
}

void netlist_with_toggles(benchmark::State& state, const char* name) {
  const CatalogEntry entry = find_in_catalog(parse_unit(name)).value();
  const Liberty liberty = read_liberty(default_liberty());
  GateSimulator simulator(mapped(entry, liberty), liberty);
  const Operands operands(entry.unit);
  std::vector<GateSimulator::Codes> codes(operands.columns.begin(), operands.columns.end());
  std::vector<uint64_t> results(kVectors);
  for (auto _ : state) simulator.evaluate_and_count(codes, {results});
  count(state);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("host std::fma fp32", host_fma);
  for (const char* name : kUnits) {
    const std::string unit = name;
    benchmark::RegisterBenchmark((unit + " golden").c_str(), golden, name);
    benchmark::RegisterBenchmark((unit + " RTL").c_str(), rtl, name);
    benchmark::RegisterBenchmark((unit + " netlist").c_str(), netlist, name);
    benchmark::RegisterBenchmark((unit + " netlist with toggles").c_str(), netlist_with_toggles, name);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
