// The golden model of one unit for millions of operand vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "arith/evaluator.h"
#include "arith/unit.h"
#include "formats/array_kernels_plan.h"
#include "formats/rounding.h"

namespace assay {

// Float64 lanes for mac, fma, mul, add, sub and convert whose exact products are float64 and whose results are rounded
// deterministically to a format of at most 32 bits that formats/array_kernels.h has SIMD loops for; otherwise an
// Evaluator. May be used by several threads at once.
class BatchEvaluator {
 public:
  explicit BatchEvaluator(Unit unit);

  const Unit& unit() const { return evaluator_.unit(); }

  // For single vectors.
  const Evaluator& evaluator() const { return evaluator_; }

  // Whether the lanes compute it.
  bool has_lanes() const { return rounding_.has_value(); }

  // results[i] = evaluate(unit, {operands[0][i], operands[1][i], ...}, random) for i < count. There are
  // operand_count(unit) columns of operands; random has no entry, one for all i or one each.
  void operator()(std::span<const uint64_t* const> operands, size_t count, uint64_t* results,
                  std::span<const RandomBits> random = {}) const;

 private:
  static constexpr size_t kOperands = 3;

  void run_lanes(std::span<const uint64_t* const> operands, size_t first, size_t count,
                 uint64_t* results) const;

  Evaluator evaluator_;
  std::optional<RoundingPlan<double>> rounding_;
  std::optional<DecodingPlan<double>> decoding_[kOperands];
};

}  // namespace assay
