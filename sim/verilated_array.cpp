#include "sim/verilated_array.h"

#include <string>
#include <vector>

#include "base/error.h"

namespace assay {
namespace {

constexpr const char* kUnitModule = "mac_unit";

ModelSources array_sources(const SystolicArray& array, const CatalogEntry& mac,
                           const std::filesystem::path& rtl) {
  if (mac.unit.operation != Operation::mac) fail("array: expected a mac unit, found {}", mac.name);
  check_array(array);
  ModelSources sources;
  const bool output_stationary = array.dataflow == Dataflow::output_stationary;
  sources.top = output_stationary ? "systolic_array_os" : "systolic_array_ws";
  sources.files = rtl_sources_of(sources.top, rtl);
  for (auto& file : rtl_sources_of(mac.module, rtl)) sources.files.push_back(std::move(file));
  sources.generated[std::string(kUnitModule) + ".sv"] = wrapper_verilog(mac, kUnitModule);
  sources.parameters = {{"Rows", array.rows},
                        {"Columns", array.columns},
                        {"AWidth", mac.unit.a.width},
                        {"BWidth", mac.unit.b.width},
                        {"AccWidth", mac.unit.result.width}};
  if (!output_stationary) {
    sources.parameters["HoldsA"] = array.dataflow == Dataflow::input_stationary ? 1 : 0;
    sources.parameters["DoubleBuffered"] = array.double_buffered ? 1 : 0;
  }
  const ArrayPorts ports = array_ports(array, mac.unit);
  sources.harness = clocked_harness(ports.inputs, ports.outputs);
  return sources;
}

}  // namespace

VerilatedArray::VerilatedArray(const SystolicArray& array, const CatalogEntry& mac,
                               const std::filesystem::path& cache_folder, VerilatorOptimization optimization,
                               const std::filesystem::path& rtl)
    : array_(array),
      mac_(mac.unit),
      model_(VerilatedModel::build(array_sources(array, mac, rtl), cache_folder, optimization)),
      instance_(std::make_unique<ClockedModel>(model_)) {}

void VerilatedArray::run_cycles(ArrayFeeder& feeder) {
  PortValues outputs = zero_values(array_ports(array_, mac_).outputs);
  std::vector<const uint64_t*> input_lanes;
  std::vector<uint64_t*> output_lanes;
  for (auto& lanes : outputs.lanes) output_lanes.push_back(lanes.data());
  while (!feeder.done()) {
    input_lanes.clear();
    for (const auto& lanes : feeder.begin_cycle().lanes) input_lanes.push_back(lanes.data());
    instance_->cycle(input_lanes, output_lanes);
    feeder.end_cycle(outputs);
  }
}

ArrayRun VerilatedArray::run(int64_t m, int64_t n, int64_t k, std::span<const uint64_t> a,
                             std::span<const uint64_t> b) {
  ArrayFeeder feeder(array_, mac_, m, n, k, a, b);
  try {
    run_cycles(feeder);
  } catch (...) {
    instance_ = std::make_unique<ClockedModel>(model_);
    throw;
  }
  return feeder.take();
}

}  // namespace assay
