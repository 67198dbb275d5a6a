// What a scheme costs per operation and per cycle, under operands of real training.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "experiment/experiment.h"
#include "experiment/unit_assay.h"

namespace assay {

const PhaseScheme& phase_of(const Scheme& scheme, Phase phase);

// The operands that the phase's unit sees when the experiment's captures, quantized as the scheme says, run
// through the array; `operations` of the experiment in all.
OperandStream captured_stream(const Experiment& experiment, const PhaseScheme& scheme, Phase phase);

// A processing element that can do all three phases: the datapaths of all units the scheme uses, side by
// side, and one set of registers, as wide as the widest needs.
struct ElementCost {
  double product_area = 0, accumulate_area = 0, register_area = 0;  // um2
  double leakage = 0;                                               // W
  double clock = 0;                                                 // pJ per cycle
  double period = 0;                                                // ns: the slowest unit's critical path
};

struct SchemeCost {
  std::array<OperationCost, 3> operation;  // by Phase
  ElementCost element;
};

// Finds the assay of a unit by its name.
using FindUnit = std::function<const UnitAssay&(const std::string& name)>;

SchemeCost scheme_cost(const Experiment& experiment, const Scheme& scheme, const Technology& technology,
                       const FindUnit& find_unit);

}  // namespace assay
