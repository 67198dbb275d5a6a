// Combinational modules as functions of many vectors, for tests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "rtl/stream_model.h"
#include "rtl/verilated_model.h"

namespace assay {

// results[i] = the module's result for operands[j][i], i < count. Not to be called by two threads at a time.
using BatchFunction = std::function<void(size_t count, const uint64_t* const* operands, uint64_t* results)>;

// A new instance of the sources' top module, which has these ports.
inline BatchFunction combinational_model(ModelSources sources, std::vector<Port> operands, const Port& result,
                                         const std::filesystem::path& cache,
                                         VerilatorOptimization optimization = VerilatorOptimization::full) {
  StreamPorts ports;
  ports.inputs = std::move(operands);
  ports.outputs = {result};
  sources.harness = stream_harness(ports);
  const auto model = std::make_shared<StreamModel>(VerilatedModel::build(sources, cache, optimization));
  return [model](size_t count, const uint64_t* const* inputs, uint64_t* results) {
    model->run(count, inputs, &results, {});
  };
}

}  // namespace assay
