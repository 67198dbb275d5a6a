#include "arith/evaluate.h"

#include <algorithm>

#include "arith/dot.h"
#include "arith/exact_sum.h"
#include "arith/float_accumulate.h"
#include "arith/integer_accumulate.h"
#include "arith/product.h"
#include "arith/real_arithmetic.h"
#include "arith/real_division.h"
#include "arith/selection.h"
#include "arith/wrapping_sum.h"
#include "formats/round.h"

namespace assay {
namespace {

Real faa(const Unit& unit, std::span<const uint64_t> operands) {
  BitRange all = bit_range(unit.a);
  for (const Format* format : {&unit.b, &unit.c}) {
    const BitRange range = bit_range(*format);
    all = {std::min(all.least, range.least), std::max(all.greatest, range.greatest)};
  }
  ExactSum sum(all.least, all.greatest);
  for (int i = 0; i < 3; ++i) sum.add(decode(operand_format(unit, i), operands[static_cast<size_t>(i)]));
  return sum.value(unit.rounding, modulus_exponent(unit));
}

// a sa, b sb combined.
Real scaled(const Unit& unit, std::span<const uint64_t> operands) {
  const Real a = multiply(decode(unit.a, operands[0]), decode(unit.c, operands[2]));
  Real b = multiply(decode(unit.b, operands[1]), decode(unit.c, operands[3]));
  if (unit.operation == Operation::scaled_mul) return multiply(a, b);
  if (unit.operation == Operation::scaled_sub) b.negative = !b.negative;
  return sum_of(unit, a, b, unit.rounding);
}

Real unary(const Unit& unit, uint64_t code) {
  static const Real one{RealClass::finite, false, 0, 1, false};
  const Real a = decode(unit.a, code);
  const bool signed_zeros = has_negative_zero(unit.a);
  if (unit.operation == Operation::sqrt) return square_root(a);
  if (unit.operation == Operation::recip) return quotient(one, a, signed_zeros);
  if (unit.operation == Operation::rsqrt) return reciprocal_square_root(a, signed_zeros);
  return a;
}

Real binary(const Unit& unit, uint64_t code_a, uint64_t code_b) {
  const Real a = decode(unit.a, code_a);
  Real b = decode(unit.b, code_b);
  if (unit.operation == Operation::div) return quotient(a, b, has_negative_zero(unit.b));
  if (unit.operation == Operation::compare) return real_from_double(static_cast<double>(order_of(a, b)));
  if (unit.operation == Operation::sub) b.negative = !b.negative;
  if (unit.operation == Operation::add || unit.operation == Operation::sub)
    return sum_of(unit, a, b, unit.rounding);
  return select(unit.operation, a, b);
}

}  // namespace

Real exact_result(const Unit& unit, std::span<const uint64_t> operands) {
  switch (unit.operation) {
    case Operation::fma:
      return sum_of(unit, multiply(decode(unit.a, operands[0]), decode(unit.b, operands[1])),
                    decode(unit.c, operands[2]), unit.rounding);
    case Operation::faa:
      return faa(unit, operands);
    case Operation::scaled_add:
    case Operation::scaled_sub:
    case Operation::scaled_mul:
      return scaled(unit, operands);
    case Operation::mul:
      return product_of(unit, operands[0], operands[1]);
    default:
      if (unit.product != ProductRule::exact) return piecewise_affine_result(unit, operands);
      return facts_of(unit.operation).operands == 1 ? unary(unit, operands[0])
                                                    : binary(unit, operands[0], operands[1]);
  }
}

uint64_t evaluate(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  if (is_multiply_add(unit.operation)) {
    uint64_t sum = operands[2];
    if (has_float_accumulate(unit)) {
      if (FloatAccumulator(unit)(operands[0], operands[1], sum)) return sum;
    } else if (has_integer_accumulate(unit)) {
      return IntegerAccumulator(unit)(operands[0], operands[1], sum);
    }
  }
  if (accumulates(unit.operation)) return evaluate_dot(unit, operands, random);
  return round_to_code(unit.result, exact_result(unit, operands), unit.rounding, unit.saturation, random);
}

}  // namespace assay
