// The golden model of one unit, for loops: what follows from the unit is worked out once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "arith/fixed_point_dot.h"
#include "arith/float_accumulate.h"
#include "arith/float_dot.h"
#include "arith/integer_accumulate.h"
#include "arith/unit.h"
#include "formats/rounding.h"

namespace assay {

// evaluate(unit, operands, random) of arith/evaluate.h, several times as fast for units that fixed_point_dot.h,
// float_accumulate.h, float_dot.h or integer_accumulate.h know; others go to evaluate. May be used by several threads at once.
class Evaluator {
 public:
  explicit Evaluator(Unit unit);

  const Unit& unit() const { return *unit_; }

  uint64_t operator()(std::span<const uint64_t> operands, RandomBits random = {}) const {
    if (float_) {
      uint64_t sum = operands[2];
      if ((*float_)(operands[0], operands[1], sum)) return sum;
    } else if (integer_) {
      return (*integer_)(operands[0], operands[1], operands[2]);
    } else if (fixed_point_) {
      if (const std::optional<uint64_t> sum = (*fixed_point_)(operands, random)) return *sum;
    } else if (float_dot_) {
      if (const std::optional<uint64_t> sum = (*float_dot_)(operands)) return *sum;
    }
    return evaluate_otherwise(operands, random);
  }

 private:
  uint64_t evaluate_otherwise(std::span<const uint64_t> operands, RandomBits random) const;

  std::shared_ptr<const Unit> unit_;
  std::optional<FloatAccumulator> float_;
  std::optional<IntegerAccumulator> integer_;
  std::optional<FixedPointDot> fixed_point_;
  std::optional<FloatDot> float_dot_;
};

}  // namespace assay
