#include "arith/dot.h"

#include <algorithm>

#include "arith/exact_sum.h"
#include "arith/product.h"
#include "arith/real_arithmetic.h"
#include "formats/round.h"

namespace assay {
namespace {

uint64_t round_to(const Unit& unit, const Real& value, RandomBits random) {
  return round_to_code(unit.result, value, unit.rounding, unit.saturation, random);
}

uint64_t fused_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  const BitRange a = bit_range(unit.a), b = bit_range(unit.b), c = bit_range(unit.result);
  ExactSum sum(std::min(a.least + b.least, c.least), std::max(a.greatest + b.greatest + 1, c.greatest));
  for (size_t at = 0; at + 1 < operands.size(); at += 2) {
    sum.add(product_of(unit, operands[at], operands[at + 1]));
  }
  sum.add(decode(unit.result, operands.back()));
  return round_to(unit, sum.value(unit.rounding), random);
}

uint64_t sequential_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  uint64_t accumulator = operands.back();
  for (size_t at = 0; at + 1 < operands.size(); at += 2) {
    const Real product = product_of(unit, operands[at], operands[at + 1]);
    accumulator = round_to(unit, add(product, decode(unit.result, accumulator), unit.rounding), random);
  }
  return accumulator;
}

}  // namespace

uint64_t evaluate_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  return unit.accumulation.kind == AccumulationKind::fused ? fused_dot(unit, operands, random)
                                                           : sequential_dot(unit, operands, random);
}

}  // namespace assay
