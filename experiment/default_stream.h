// Captured operands for a unit that no scheme speaks of.
#pragma once

#include "experiment/experiment.h"
#include "experiment/operand_stream.h"

namespace assay {

// The quantizer that is usual for an operand's format: LUQ for e3m0, SAWB for 4-bit integers, absmax for other
// integers and floats of at most 8 bits, a cast for the rest.
Quantizer usual_quantizer(const Format& format);

// As captured_stream (scheme_cost.h), with the usual quantizer of each operand's format.
// Operands are those of the forward pass, or of the weight gradient if b is e3m0, a format for gradients. A
// mul sees the a and b of a mac.
OperandStream default_stream(const Experiment& experiment, const Unit& unit);

// "forward operands" or "weight gradient operands".
std::string default_stream_name(const Unit& unit);

}  // namespace assay
