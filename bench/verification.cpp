// Speed of a verification against a bare loop: the same Verilated module, driven by a hand-written loop with a cheap
// random number generator that looks at nothing, and by check() with stimulus, golden model, comparison and coverage.
// Both on one thread, in turn, by the processor's time; best of several. Then the same of the unit's gates (osu018).
//
//   bench_verification [repetitions] [random vectors] [unit ...]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/cache.h"
#include "power/liberty.h"
#include "rtl/module_ports.h"
#include "verify/bench_wrapper.h"
#include "verify/check.h"
#include "verify/design_netlist.h"
#include "verify/devices.h"

using namespace assay;

namespace {

double seconds(const std::function<void()>& body) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  body();
  return now() - start;
}

// What a designer would write around Verilator's class.
std::string bare_loop(const StreamPorts& ports) {
  std::string text = R"(
#include <cstdint>
#define EXPORTED extern "C" __attribute__((visibility("default")))
EXPORTED uint64_t bare_loop(uint64_t count) {
  VerilatedContext context;
  Vmodel top{&context, ""};
  uint64_t state = 0x9e3779b97f4a7c15, sum = 0;
  for (uint64_t i = 0; i < count; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
)";
  int shift = 0;
  for (const Port& port : ports.inputs) {
    text += fmt::format("    top.{} = (state * {}u >> {}) & {}u;\n", port.name, 2 * shift + 1,
                        (shift * 11) % 24, (uint64_t{1} << port.width) - 1);
    ++shift;
  }
  return text + "    top.eval();\n    sum += top.result;\n  }\n  top.final();\n  return sum;\n}\n";
}

// Seconds of check() a vector: stimulus, golden model, the device, comparison and coverage.
double checked_seconds(const Golden& golden, const Device& device, const CheckOptions& options,
                       uint64_t& checked) {
  const double time = seconds([&] {
    CheckState state{{}, Coverage(golden)};
    run_check(golden, {device}, options, state);
    checked = state.devices[0].vectors;
  });
  return time / static_cast<double>(checked);
}

void measure(const std::string& name, int repetitions, uint64_t vectors) {
  const CatalogEntry entry = find_in_catalog(parse_unit(name)).value();
  const TestBench bench = catalog_test_bench(entry, rtl_folder());
  const BenchWrapper wrapper = wrap(bench, module_ports(bench.sources));
  ModelSources sources = bench.sources;
  sources.generated = wrapper.texts;
  sources.top = kBenchTop;
  sources.parameters.clear();
  sources.harness = bare_loop(wrapper.ports);
  const auto bare_model = VerilatedModel::build(sources, cache_folder());
  auto* const bare = bare_model->function<uint64_t(uint64_t)>("bare_loop");
  const Device rtl = rtl_device(bench, wrapper, cache_folder());
  const Liberty liberty = read_liberty(default_liberty());
  const Device gates = netlist_device(bench.specification, wrapper.ports,
                                      bench_netlist(bench, wrapper, liberty, cache_folder()), liberty);
  const Golden golden(bench.specification);
  CheckOptions options;
  options.stimulus = {1, vectors, 0};
  double best_bare = std::numeric_limits<double>::infinity(), best = best_bare, best_gates = best_bare;
  uint64_t checked = 0, sum = 0;
  for (int i = 0; i < repetitions; ++i) {
    best_bare = std::min(best_bare, seconds([&] { sum += bare(vectors); }) / static_cast<double>(vectors));
    best = std::min(best, checked_seconds(golden, rtl, options, checked));
    best_gates = std::min(best_gates, checked_seconds(golden, gates, options, checked));
  }
  fmt::print("  {:28} bare loop {:6.1f} ns   checked {:6.1f} ns a vector   ratio {:.2f}   ({} vectors{})\n",
             name, 1e9 * best_bare, 1e9 * best, best_bare / best, checked, sum == 0 ? " " : "");
  fmt::print("  {:28} gates checked {:5.1f} ns a vector, {:.1f} M/s\n", "", 1e9 * best_gates,
             1e-6 / best_gates);
}

}  // namespace

int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::atoi(argv[1]) : 3;
  const uint64_t vectors = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000'000;
  std::vector<std::string> units(argv + std::min(argc, 3), argv + argc);
  if (units.empty()) units = {"mac-e4m3-e4m3-fp32", "mac-fp16-fp16-fp16", "mac-fp32-fp32-fp32"};
  fmt::print("verification on one thread, best of {}\n", repetitions);
  for (const std::string& unit : units) measure(unit, repetitions, vectors);
}
