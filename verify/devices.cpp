#include "verify/devices.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "power/clocked_simulator.h"
#include "power/gate_simulator.h"
#include "power/netlist_verilog.h"
#include "verify/design_netlist.h"
#include "verify/gate_stream.h"

namespace assay {
namespace {

constexpr std::string_view kEntryTop = "mac_unit";
constexpr int kMostPlainOperands = 3;

// The columns of a batch as a device's input ports have them: operand_ports, then pins.
class InputColumns {
 public:
  explicit InputColumns(const Specification& specification)
      : specification_(specification), ports_(operand_ports(specification)) {}

  const std::vector<const uint64_t*>& of(const VectorBatch& vectors) {
    columns_.clear();
    const size_t count = vectors.transactions();
    for (const OperandPort& port : ports_) {
      columns_.push_back(vectors.operands[port.slot].data() + port.lane * count);
    }
    pins_.resize(specification_.pins.size());
    for (size_t p = 0; p < pins_.size(); ++p) {
      pins_[p].resize(count);
      for (size_t i = 0; i < count; ++i) pins_[p][i] = specification_.modes[vectors.modes[i]].pins[p];
      columns_.push_back(pins_[p].data());
    }
    return columns_;
  }

 private:
  const Specification& specification_;
  std::vector<OperandPort> ports_;
  std::vector<std::vector<uint64_t>> pins_;
  std::vector<const uint64_t*> columns_;
};

// Room for the results, as the output ports have them: the lanes' results, then their flags.
class OutputColumns {
 public:
  const std::vector<uint64_t*>& of(const Specification& specification, const VectorBatch& vectors,
                                   ResultBatch& results) {
    const bool flags = specification.flags != 0;
    results.resize(vectors.size(), flags);
    const size_t count = vectors.transactions();
    columns_.clear();
    for (size_t lane = 0; lane < vectors.lanes; ++lane)
      columns_.push_back(results.codes.data() + lane * count);
    for (size_t lane = 0; flags && lane < vectors.lanes; ++lane) {
      columns_.push_back(results.flags.data() + lane * count);
    }
    return columns_;
  }

 private:
  std::vector<uint64_t*> columns_;
};

// One instance of a Verilated bench.
class RtlInstance {
 public:
  RtlInstance(const std::shared_ptr<const Specification>& specification,
              const std::shared_ptr<const VerilatedModel>& model)
      : specification_(specification), columns_(*specification_), model_(model) {}

  StreamOutcome run(const VectorBatch& vectors, ResultBatch& results, const StreamOptions& stream) {
    const std::vector<uint64_t*>& outputs = outputs_.of(*specification_, vectors, results);
    return model_.run(vectors.transactions(), columns_.of(vectors).data(), outputs.data(), stream);
  }
  void trace(const std::filesystem::path& file) { model_.trace(file.string()); }

 private:
  std::shared_ptr<const Specification> specification_;
  InputColumns columns_;
  OutputColumns outputs_;
  StreamModel model_;
};

ModelSources wrapped_sources(const TestBench& bench, const BenchWrapper& wrapper,
                             const std::filesystem::path& cache, bool trace) {
  ModelSources sources = bench.sources;
  sources.generated = wrapper.texts;
  if (!bench.netlist.empty()) {
    const Liberty liberty = read_liberty(library_of(bench));
    const Netlist netlist = bench_netlist(bench, wrapper, liberty, cache);
    sources.files.clear();
    sources.generated = {{fmt::format("{}.v", kBenchTop), netlist_verilog(netlist, liberty)}};
  }
  sources.top = kBenchTop;
  sources.parameters.clear();  // the wrapper sets them
  sources.harness = stream_harness(wrapper.ports, trace);
  sources.trace = trace;
  return sources;
}

// Position of each input of the specification among the simulator's.
std::vector<size_t> port_order(const Specification& specification, const GateSimulator& simulator) {
  std::vector<std::string> names;
  for (const OperandPort& port : operand_ports(specification)) names.push_back(port.name);
  for (const Pin& pin : specification.pins) names.push_back("pin_" + pin.name);
  std::vector<size_t> order;
  for (const std::string& name : names) {
    size_t at = 0;
    while (at < simulator.inputs().size() && simulator.inputs()[at].name != name &&
           simulator.inputs()[at].name != name + "_i") {
      ++at;
    }
    if (at == simulator.inputs().size()) fail("netlist of {}: no input port {}", specification.name, name);
    order.push_back(at);
  }
  return order;
}

// Where the lanes' results and then their flags are among the outputs; a netlist of one output has the result there.
std::vector<size_t> output_order(const Specification& specification, const GateSimulator& simulator) {
  if (simulator.outputs().size() == 1) return {0};
  std::vector<size_t> order;
  for (const std::string_view name : {"result", "flags"}) {
    for (size_t lane = 0; lane < static_cast<size_t>(specification.lanes); ++lane) {
      for (size_t at = 0; at < simulator.outputs().size(); ++at) {
        if (simulator.outputs()[at].name == lane_port(specification, name, lane)) order.push_back(at);
      }
    }
  }
  if (order.empty()) fail("netlist of {}: no output port result", specification.name);
  return order;
}

}  // namespace

Device rtl_device(const TestBench& bench, const BenchWrapper& wrapper, const std::filesystem::path& cache,
                  VerilatorOptimization optimization) {
  auto model = VerilatedModel::build(wrapped_sources(bench, wrapper, cache, false), cache, optimization);
  auto specification = std::make_shared<const Specification>(bench.specification);
  Device device;
  device.name = optimization == VerilatorOptimization::full ? "RTL (Verilator)" : "RTL (Verilator -O0)";
  device.make = [specification, model]() -> DeviceFunction {
    const auto instance = std::make_shared<RtlInstance>(specification, model);
    return [instance](const VectorBatch& vectors, ResultBatch& results, const StreamOptions& stream) {
      return instance->run(vectors, results, stream);
    };
  };
  return device;
}

Device rtl_device(const CatalogEntry& entry, const std::filesystem::path& rtl,
                  const std::filesystem::path& cache) {
  const TestBench bench = catalog_test_bench(entry, rtl);
  return rtl_device(bench, wrap(bench, module_ports(bench.sources)), cache);
}

void write_waveform(const TestBench& bench, const BenchWrapper& wrapper, const VectorBatch& vectors,
                    const StreamOptions& stream, const std::filesystem::path& cache,
                    const std::filesystem::path& file) {
  const auto specification = std::make_shared<const Specification>(bench.specification);
  RtlInstance instance(specification,
                       VerilatedModel::build(wrapped_sources(bench, wrapper, cache, true), cache));
  ResultBatch results;
  instance.trace(file);
  instance.run(vectors, results, stream);
}

MappedDesign map_entry(const CatalogEntry& entry, const std::filesystem::path& rtl,
                       const std::filesystem::path& liberty, const std::filesystem::path& cache,
                       bool flatten_all) {
  if (operand_count(entry.unit) > kMostPlainOperands || entry.random_bits > 0) {
    const TestBench bench = catalog_test_bench(entry, rtl);
    return map_bench(bench, wrap(bench, module_ports(bench.sources)), liberty, cache);
  }
  const std::filesystem::path wrapper = cache / "wrappers" / (entry.name + ".sv");
  write_file(wrapper, wrapper_verilog(entry, kEntryTop));
  SynthesisJob job;
  job.sources = rtl_sources_of(entry.module, rtl);
  job.sources.push_back(wrapper);
  job.top = kEntryTop;
  job.liberty = liberty;
  job.cache = cache;
  job.flatten_all = flatten_all;
  return synthesize(job);
}

MappedDesign map_bench(const TestBench& bench, const BenchWrapper& wrapper,
                       const std::filesystem::path& liberty, const std::filesystem::path& cache) {
  const TemporaryFolder folder;
  SynthesisJob job;
  job.sources = bench.sources.files;
  job.include_folders = bench.sources.include_folders;
  job.defines = bench.sources.defines;
  if (!bench.netlist.empty()) {
    write_file(folder.path() / "black_box.v", wrapper.black_box);
    job.sources.push_back(folder.path() / "black_box.v");
  }
  for (const auto& [name, text] : wrapper.texts) {
    write_file(folder.path() / name, text);
    job.sources.push_back(folder.path() / name);
  }
  job.top = kBenchTop;
  job.liberty = liberty;
  job.cache = cache;
  return synthesize(job);
}

Device netlist_device(const Specification& specification, const Netlist& netlist, const Liberty& liberty) {
  const auto prototype = std::make_shared<const GateSimulator>(netlist, liberty);
  const auto kept = std::make_shared<const Specification>(specification);
  const std::vector<size_t> order = port_order(specification, *prototype);
  const std::vector<size_t> output = output_order(specification, *prototype);
  Device device;
  device.name = "mapped netlist (bit-sliced)";
  device.make = [prototype, kept, order, output]() -> DeviceFunction {
    const auto simulator = std::make_shared<GateSimulator>(*prototype);
    const auto columns = std::make_shared<InputColumns>(*kept);
    return [simulator, columns, kept, order, output](const VectorBatch& vectors, ResultBatch& results,
                                                     const StreamOptions&) {
      const size_t count = vectors.transactions();
      results.resize(vectors.size(), kept->flags != 0);
      const std::vector<const uint64_t*>& inputs = columns->of(vectors);
      std::vector<GateSimulator::Codes> codes(simulator->inputs().size());
      for (size_t i = 0; i < order.size(); ++i) codes[order[i]] = {inputs[i], count};
      std::vector<GateSimulator::Results> outputs(simulator->outputs().size());
      for (size_t i = 0; i < output.size(); ++i) {
        const size_t lane = i % vectors.lanes;
        uint64_t* const to = i < vectors.lanes ? results.codes.data() : results.flags.data();
        outputs[output[i]] = {to + lane * count, count};
      }
      simulator->evaluate(codes, outputs);
      return StreamOutcome{StreamProblem::none, count, count};
    };
  };
  return device;
}

Device netlist_device(const Specification& specification, const StreamPorts& ports, const Netlist& netlist,
                      const Liberty& liberty) {
  if (!ports.clock) return netlist_device(specification, netlist, liberty);
  const auto prototype = std::make_shared<const GateStream>(ClockedSimulator(netlist, liberty), ports);
  const auto kept = std::make_shared<const Specification>(specification);
  Device device;
  device.name = "mapped netlist (bit-sliced)";
  device.make = [prototype, kept]() -> DeviceFunction {
    const auto gates = std::make_shared<GateStream>(*prototype);
    const auto inputs = std::make_shared<InputColumns>(*kept);
    const auto outputs = std::make_shared<OutputColumns>();
    return [gates, inputs, outputs, kept](const VectorBatch& vectors, ResultBatch& results,
                                          const StreamOptions& stream) {
      return gates->run(vectors.transactions(), inputs->of(vectors).data(),
                        outputs->of(*kept, vectors, results).data(), stream);
    };
  };
  return device;
}

}  // namespace assay
