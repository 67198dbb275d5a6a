#include "experiment/scheme_cost.h"

#include <algorithm>
#include <set>
#include <utility>

#include "train/quantizer.h"

namespace assay {

namespace {

enum class Tensor { activation, weight, gradient };

// The tensors behind A and B. Both backward phases use the same random sample of the quantized gradient.
std::pair<Tensor, Tensor> tensors_of(Phase phase) {
  if (phase == Phase::fwd) return {Tensor::activation, Tensor::weight};
  if (phase == Phase::dgrad) return {Tensor::gradient, Tensor::weight};
  return {Tensor::activation, Tensor::gradient};
}

}  // namespace

const PhaseScheme& phase_of(const Scheme& scheme, Phase phase) {
  return phase == Phase::fwd ? scheme.fwd : phase == Phase::dgrad ? scheme.dgrad : scheme.wgrad;
}

OperandStream captured_stream(const Experiment& experiment, const PhaseScheme& scheme, Phase phase) {
  OperandStream stream;
  const size_t captures = experiment.captures.size();
  const size_t share = (static_cast<size_t>(experiment.operations) + captures - 1) / captures;
  for (size_t i = 0; i < captures; ++i) {
    const GemmOperands operands = gemm_operands(experiment.captures[i], phase);
    const auto random_stream = [&](Tensor tensor) { return 3 * i + static_cast<uint64_t>(tensor); };
    const auto [tensor_a, tensor_b] = tensors_of(phase);
    const QuantizedTensor a = quantize(scheme.a, operands.a.values, experiment.seed, random_stream(tensor_a));
    const QuantizedTensor b = quantize(scheme.b, operands.b.values, experiment.seed, random_stream(tensor_b));
    const GemmCodes codes = {operands.a.rows, operands.b.cols, operands.a.cols, a.codes, b.codes};
    const OperandStream part =
        operand_stream(scheme.unit, scheme.swap, experiment.array.dataflow, codes, share);
    stream.a.insert(stream.a.end(), part.a.begin(), part.a.end());
    stream.b.insert(stream.b.end(), part.b.begin(), part.b.end());
    stream.c.insert(stream.c.end(), part.c.begin(), part.c.end());
  }
  return stream;
}

// Of an element's shadow registers: the next operand to be held, its valid bit, and the swap that passes by.
int shadow_bits(const SystolicArray& array, const PhaseScheme& scheme) {
  if (!array.double_buffered) return 0;
  const bool holds_unit_b = (array.dataflow == Dataflow::weight_stationary) != scheme.swap;
  return (holds_unit_b ? scheme.unit.b : scheme.unit.a).width + 2;
}

SchemeCost scheme_cost(const Experiment& experiment, const Scheme& scheme, const Technology& technology,
                       const FindUnit& find_unit) {
  SchemeCost cost;
  std::set<std::string> units;
  int register_bits = 0;
  for (const Phase phase : kPhases) {
    const PhaseScheme& quantized = phase_of(scheme, phase);
    const UnitAssay& unit = find_unit(unit_name(quantized.unit));
    const OperationCost operation =
        operation_cost(unit, technology, captured_stream(experiment, quantized, phase));
    cost.operation[static_cast<size_t>(phase)] = operation;
    register_bits =
        std::max(register_bits, operation.register_bits + shadow_bits(experiment.array, quantized));
    if (!units.insert(unit.entry.name).second) continue;
    cost.element.product_area += operation.product_area;
    cost.element.accumulate_area += operation.accumulate_area;
    cost.element.leakage += operation.leakage - operation.register_bits * technology.flip_flop.leakage;
    cost.element.period = std::max(cost.element.period, unit.path.delay);
  }
  cost.element.register_area = register_bits * technology.flip_flop.area;
  cost.element.leakage += register_bits * technology.flip_flop.leakage;
  cost.element.clock = register_bits * technology.flip_flop.clock_energy;
  return cost;
}

}  // namespace assay
