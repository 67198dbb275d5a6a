#include "arith/evaluate.h"

#include <algorithm>

#include "arith/exact_sum.h"
#include "arith/mfbprop.h"
#include "arith/piecewise_affine.h"
#include "arith/real_arithmetic.h"
#include "formats/round.h"

namespace assay {
namespace {

uint64_t round_result(const Unit& unit, const Real& value, RandomBits random) {
  return round_to_code(unit.result, value, unit.rounding, unit.saturation, random);
}

uint64_t fused_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  const BitRange a = bit_range(unit.a), b = bit_range(unit.b), c = bit_range(unit.result);
  ExactSum sum(std::min(a.least + b.least, c.least), std::max(a.greatest + b.greatest + 1, c.greatest));
  for (size_t at = 0; at + 1 < operands.size(); at += 2) {
    sum.add(product_of(unit, operands[at], operands[at + 1]));
  }
  sum.add(decode(unit.result, operands.back()));
  return round_result(unit, sum.value(unit.rounding), random);
}

uint64_t sequential_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  uint64_t accumulator = operands.back();
  for (size_t at = 0; at + 1 < operands.size(); at += 2) {
    const Real product = product_of(unit, operands[at], operands[at + 1]);
    accumulator = round_result(unit, add(product, decode(unit.result, accumulator), unit.rounding), random);
  }
  return accumulator;
}

}  // namespace

Real product_of(const Unit& unit, uint64_t a, uint64_t b) {
  switch (unit.product) {
    case ProductRule::exact:
      break;
    case ProductRule::pam:
      return decode(unit.a, pam_multiply(unit.a, a, b));
    case ProductRule::mfbprop: {
      static const Format e4m2 = parse_format("e4m2");
      return decode(e4m2, mfbprop_multiply(a, b));
    }
    case ProductRule::via: {
      const Real product = multiply(decode(unit.a, a), decode(unit.b, b));
      const Format& via = unit.product_format;
      return decode(via, round_to_code(via, product, Rounding::rne, default_saturation(via)));
    }
  }
  return multiply(decode(unit.a, a), decode(unit.b, b));
}

uint64_t evaluate(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  switch (unit.operation) {
    case Operation::add:
      return round_result(unit, add(decode(unit.a, operands[0]), decode(unit.b, operands[1]), unit.rounding),
                          random);
    case Operation::mul:
      return round_result(unit, product_of(unit, operands[0], operands[1]), random);
    case Operation::fma:
    case Operation::mac: {
      const Real c = decode(operand_format(unit, 2), operands[2]);
      return round_result(unit, add(product_of(unit, operands[0], operands[1]), c, unit.rounding), random);
    }
    case Operation::dot:
      return unit.accumulation == Accumulation::fused ? fused_dot(unit, operands, random)
                                                      : sequential_dot(unit, operands, random);
    case Operation::convert:
      break;
  }
  return round_result(unit, decode(unit.a, operands[0]), random);
}

}  // namespace assay
