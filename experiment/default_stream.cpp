#include "experiment/default_stream.h"

#include "experiment/scheme_cost.h"

namespace assay {
Quantizer usual_quantizer(const Format& format) {
  Quantizer quantizer;
  quantizer.format = format;
  const bool integer = format.kind != FormatKind::floating;
  if (format.name == "e3m0") {
    quantizer.kind = QuantizerKind::luq;
  } else if (integer && format.width == 4) {
    quantizer.kind = QuantizerKind::sawb;
  } else if (integer || format.width <= 8) {
    quantizer.kind = QuantizerKind::absmax;
  }
  return quantizer;
}

namespace {

bool takes_gradients(const Unit& unit) {
  return unit.b.name == "e3m0";
}

}  // namespace

OperandStream default_stream(const Experiment& experiment, const Unit& unit) {
  PhaseScheme phase;
  phase.unit = unit;
  if (unit.operation == Operation::mul) {
    const bool integer = unit.result.kind != FormatKind::floating;
    phase.unit.operation = Operation::mac;
    phase.unit.result = parse_format(integer ? "int32" : "fp32");
  }
  phase.a = usual_quantizer(unit.a);
  phase.b = usual_quantizer(unit.b);
  return captured_stream(experiment, phase, takes_gradients(unit) ? Phase::wgrad : Phase::fwd);
}

std::string default_stream_name(const Unit& unit) {
  return takes_gradients(unit) ? "weight gradient operands" : "forward operands";
}

}  // namespace assay
