#include "arith/evaluator.h"

#include <utility>

#include "arith/evaluate.h"

namespace assay {

Evaluator::Evaluator(Unit unit) : unit_(std::make_shared<const Unit>(std::move(unit))) {
  if (has_fixed_point_dot(*unit_)) fixed_point_.emplace(*unit_);
  if (has_float_dot(*unit_)) float_dot_.emplace(*unit_);
  if (!is_multiply_add(unit_->operation)) return;
  if (has_float_accumulate(*unit_)) float_.emplace(*unit_);
  if (has_integer_accumulate(*unit_)) integer_.emplace(*unit_);
}

uint64_t Evaluator::evaluate_otherwise(std::span<const uint64_t> operands, RandomBits random) const {
  return evaluate(*unit_, operands, random);
}

}  // namespace assay
