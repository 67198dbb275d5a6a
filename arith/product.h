// The product of two operands under a unit's product rule.
#pragma once

#include <cstdint>
#include <span>

#include "arith/piecewise_affine.h"
#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// product(a, b) by the unit's product rule as an exact value. Precondition: the unit has a product.
Real product_of(const Unit& unit, uint64_t a, uint64_t b);

// The same of codes of the format that a, b and the product share, for loops. Precondition: is_piecewise_affine(rule).
class PiecewiseAffineProduct {
 public:
  explicit PiecewiseAffineProduct(const Unit& unit);

  uint64_t operator()(uint64_t a, uint64_t b) const;

  // products[i] = the code for a and b[i].
  void operator()(uint32_t a, std::span<const uint32_t> b, std::span<uint32_t> products) const;

 private:
  const Unit& unit_;
  PiecewiseAffineFormat format_;
  int64_t offset_;
};

// The result of div, sqrt, exp2 or log2 under a piecewise-affine rule, which is a number of the format a.
Real piecewise_affine_result(const Unit& unit, std::span<const uint64_t> operands);

}  // namespace assay
