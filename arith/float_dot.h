// Tree and Kahan dot products in binary floating point, in machine words.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "arith/float_accumulate.h"
#include "arith/unit.h"

namespace assay {

// Whether a FloatDot can be asked: a dot of one group, tree or kahan, whose products and sums a FloatAccumulator does
// (float_accumulate.h), with a result that has -0 and 1.
bool has_float_dot(const Unit& unit);

// Precondition: has_float_dot(unit). The unit must outlive it.
class FloatDot {
 public:
  explicit FloatDot(const Unit& unit);

  // evaluate(unit, operands), or nothing where infinities and NaNs ask for the rules of evaluate_dot.
  std::optional<uint64_t> operator()(std::span<const uint64_t> operands) const;

 private:
  std::optional<uint64_t> tree(std::span<const uint64_t> operands) const;
  std::optional<uint64_t> kahan(std::span<const uint64_t> operands) const;

  AccumulationKind kind_;
  std::shared_ptr<const Unit> sum_unit_;
  FloatAccumulator product_, sum_;
  uint64_t one_, sign_, neutral_zero_;
};

}  // namespace assay
