#include "verify/devices.h"

#include <span>

#include "base/error.h"
#include "base/file.h"
#include "power/gate_simulator.h"
#include "rtl/model_harness.h"

namespace assay {
namespace {

constexpr std::string_view kTop = "mac_unit";

// Position of each operand's port among the simulator's inputs.
std::vector<size_t> port_order(const Unit& unit, const GateSimulator& simulator) {
  std::vector<size_t> order;
  for (const Port& port : unit_ports(unit).operands) {
    size_t at = 0;
    while (at < simulator.inputs().size() && simulator.inputs()[at].name != port.name) ++at;
    if (at == simulator.inputs().size()) fail("netlist of {}: no input port {}", unit_name(unit), port.name);
    order.push_back(at);
  }
  return order;
}

}  // namespace

Device rtl_device(const CatalogEntry& entry, const std::filesystem::path& rtl,
                  const std::filesystem::path& cache) {
  const UnitPorts ports = unit_ports(entry.unit);
  ModelSources sources;
  sources.files = rtl_sources_of(entry.module, rtl);
  sources.generated = {{std::string(kTop) + ".sv", wrapper_verilog(entry, kTop)}};
  sources.top = kTop;
  sources.harness = combinational_harness(ports.operands, ports.result);
  auto model = VerilatedModel::build(sources, cache);
  return {"RTL (Verilator)", [model] { return batch_function(model); }};
}

MappedDesign map_entry(const CatalogEntry& entry, const std::filesystem::path& rtl,
                       const std::filesystem::path& liberty, const std::filesystem::path& cache,
                       bool flatten_all) {
  const std::filesystem::path wrapper = cache / "wrappers" / (entry.name + ".sv");
  write_file(wrapper, wrapper_verilog(entry, kTop));
  SynthesisJob job;
  job.sources = rtl_sources_of(entry.module, rtl);
  job.sources.push_back(wrapper);
  job.top = kTop;
  job.liberty = liberty;
  job.cache = cache;
  job.flatten_all = flatten_all;
  return synthesize(job);
}

Device netlist_device(const Unit& unit, const Netlist& netlist, const Liberty& liberty) {
  const auto prototype = std::make_shared<const GateSimulator>(netlist, liberty);
  const std::vector<size_t> order = port_order(unit, *prototype);
  return {"mapped netlist (bit-sliced)", [prototype, order] {
            auto simulator = std::make_shared<GateSimulator>(*prototype);
            return [simulator, order](size_t count, const uint64_t* const* operands, uint64_t* results) {
              std::vector<GateSimulator::Codes> codes(order.size());
              for (size_t i = 0; i < order.size(); ++i) codes[order[i]] = {operands[i], count};
              simulator->evaluate(codes, {{results, count}});
            };
          }};
}

}  // namespace assay
