#include "verify/case_facts.h"

#include <algorithm>

#include "arith/evaluate.h"
#include "arith/real_arithmetic.h"
#include "formats/format.h"
#include "formats/round.h"

namespace assay {
namespace {

int leading_exponent(const Real& value) {
  return value.exponent + floor_log2(value.significand);
}

bool is_number(const Real& value) {
  return value.kind == RealClass::finite;
}

// Bit `at` (an exponent) of a value's magnitude, and whether anything is below it.
bool bit_at(const Real& value, int at) {
  const int place = at - value.exponent;
  return place >= 0 && place < 128 && (value.significand >> place & 1) != 0;
}

bool any_below(const Real& value, int at) {
  if (value.sticky) return true;
  const int place = at - value.exponent;
  if (place <= 0) return false;
  return place >= 128 || (value.significand & ((uint128{1} << place) - 1)) != 0;
}

std::optional<RoundingFacts> rounding_facts(const Format& format, const Real& exact) {
  if (!is_number(exact)) return std::nullopt;
  const bool is_float = format.kind == FormatKind::floating;
  if (!is_float && !is_integer(format)) return std::nullopt;
  RoundingFacts facts;
  facts.negative = exact.negative;
  const int leading = leading_exponent(exact), least_normal = 1 - format.exponent_bias;
  const int last =
      is_float ? std::max(leading, least_normal) - format.fraction_width : -format.fraction_width;
  facts.last = bit_at(exact, last);
  facts.guard = bit_at(exact, last - 1);
  facts.sticky = any_below(exact, last - 1);
  facts.tiny = is_float && leading < least_normal;
  const bool up = facts.guard && (facts.sticky || facts.last);
  bool all_ones = up;
  for (int at = last; at <= leading && all_ones; ++at) all_ones = bit_at(exact, at);
  facts.carries = up && all_ones;
  const Real greatest = decode(format, largest_finite_code(format, exact.negative));
  Real magnitude = exact, bound = greatest;
  magnitude.negative = bound.negative = false;
  magnitude.sticky = false;
  if (is_number(bound)) {
    const int order = compare(magnitude, bound);
    const bool above = order > 0 || (order == 0 && exact.sticky);
    const bool same_binade = leading == leading_exponent(bound);
    facts.overflows = above && (!same_binade || up || !is_float);
    facts.at_overflow = above && is_float && same_binade;
  }
  return facts;
}

// The two terms of a sum, if the operation is one.
std::optional<SumFacts> sum_facts(const Unit& unit, std::span<const uint64_t> operands, const Real& exact) {
  Real first, second;
  const auto value = [&](int i) { return decode(operand_format(unit, i), operands[static_cast<size_t>(i)]); };
  if (unit.operation == Operation::add || unit.operation == Operation::sub) {
    first = value(0);
    second = value(1);
    if (unit.operation == Operation::sub) second.negative = !second.negative;
  } else if (unit.operation == Operation::fma) {
    first = multiply(value(0), value(1));
    second = value(2);
  } else {
    return std::nullopt;
  }
  if (!is_number(first) || !is_number(second)) return std::nullopt;
  SumFacts facts;
  const int a = leading_exponent(first), b = leading_exponent(second);
  facts.alignment = a - b;
  facts.opposite = first.negative != second.negative;
  facts.exact_zero = exact.kind == RealClass::zero;
  if (is_number(exact)) facts.cancellation = std::max(0, std::max(a, b) - leading_exponent(exact));
  return facts;
}

}  // namespace

std::optional<Unit> one_rounding(const Unit& unit) {
  Unit single = unit;
  if (unit.operation == Operation::mac && unit.product == ProductRule::exact && !unit.accumulation.partial &&
      !unit.accumulation.flush_subnormals) {
    single.operation = Operation::fma;
    single.c = unit.result;
  }
  if (accumulates(single.operation)) return std::nullopt;
  return single;
}

CaseFacts case_facts(const Unit& unit, std::span<const uint64_t> operands) {
  CaseFacts facts;
  facts.exact = exact_result(unit, operands);
  facts.rounding = rounding_facts(unit.result, facts.exact);
  facts.sum = sum_facts(unit, operands, facts.exact);
  return facts;
}

}  // namespace assay
