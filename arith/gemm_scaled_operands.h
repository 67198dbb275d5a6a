// The operands of a block_dot times their scales, where these products are float32.
#pragma once

#include <optional>
#include <vector>

#include "arith/gemm.h"

namespace assay {

// A dot of float32 with the terms, roundings and result of a block_dot.
Unit without_block_scales(const Unit& unit);

// Such a dot and its operands.
struct ScaledOperands {
  Unit unit;
  std::vector<float> a, b;
  GemmProblem problem;  // refers to a and b
};

// Nothing unless each product has a rounding of its own, the panels have a kernel for it, and every operand times its
// scale is a float32.
std::optional<ScaledOperands> scale_operands(const Unit& unit, const GemmProblem& problem, int threads);

}  // namespace assay
