// Dot products of narrow formats whose products are summed exactly, in integers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arith/unit.h"
#include "formats/rounding.h"

namespace assay {

// Whether a FixedPointDot can be asked: a dot or block_dot with exact products of operands of at most 12 bits, fused or
// of a window with `exact` (arith/accumulation.h), all in one group, whose sums of products fit 126 bits, with their scales'
// significands, in units of the product of the operands' least bits.
bool has_fixed_point_dot(const Unit& unit);

// Precondition: has_fixed_point_dot(unit). The unit must outlive it.
class FixedPointDot {
 public:
  explicit FixedPointDot(const Unit& unit);

  // evaluate(unit, operands, random), or nothing where an infinity or NaN among the products or a sum of zero asks for the
  // rules of evaluate_dot.
  std::optional<uint64_t> operator()(std::span<const uint64_t> operands, RandomBits random) const;

 private:
  const Unit& unit_;
  std::vector<int64_t> a_, b_;  // by code
  int least_exponent_;          // of their products
};

}  // namespace assay
