#include "verify/reachable.h"

#include <algorithm>

#include "formats/real.h"
#include "formats/round.h"

namespace assay {
namespace {

// Exponents of the bits of a term's numbers other than zero, and the most bits between a number's first and last one.
struct Term {
  int least = 0, greatest = 0;
  int bits = 0;
};

bool is_float(const Format& format) {
  return format.kind == FormatKind::floating;
}

bool is_known(const Format& format) {
  return is_float(format) || is_integer(format);
}

Term term_of(const Format& format) {
  const BitRange range = bit_range(format);
  const int bits = is_float(format) ? format.fraction_width + 1 : range.greatest - range.least + 1;
  return {range.least, range.greatest, bits};
}

Term product_of_terms(const Term& a, const Term& b, bool of_floats) {
  // The greatest integers in magnitude are powers of two or less than one: their product does not carry.
  return {a.least + b.least, a.greatest + b.greatest + (of_floats ? 1 : 0), a.bits + b.bits};
}

int greatest_exponent(const Format& format) {
  const Real greatest = decode(format, max_finite_magnitude(format));
  return greatest.exponent + floor_log2(greatest.significand);
}

// Exponent of the last place of the format's least numbers.
int last_place(const Format& format) {
  return is_float(format) ? 1 - format.exponent_bias - format.fraction_width : -format.fraction_width;
}

Reachable of_one_term(const Format& result, const Term& term) {
  Reachable can;
  can.tiny_inexact = is_float(result) && term.least < last_place(result);
  const bool fits = term.least >= last_place(result);
  const bool in_range = term.greatest < greatest_exponent(result);
  can.inexact = !(fits && in_range && (!is_float(result) || term.bits <= result.fraction_width + 1));
  can.overflow = can.above = !in_range;
  return can;
}

Reachable of_sum(const Format& result, const Term& first, const Term& second) {
  Reachable can;
  const int least = std::min(first.least, second.least);
  can.tiny_inexact = is_float(result) && least < last_place(result);
  can.inexact = is_float(result) || least < last_place(result);
  const int top = greatest_exponent(result);
  const int larger = std::max(first.greatest, second.greatest),
            smaller = std::min(first.greatest, second.greatest);
  can.above = larger + 1 >= top;
  // Less than a quarter of the greatest number's last place does not take a number of the format beyond it.
  const bool absorbed = is_float(result) && larger <= top && smaller < top - result.fraction_width - 2;
  can.overflow = can.above && !absorbed;
  can.least_alignment = first.least - second.greatest;
  can.greatest_alignment = first.greatest - second.least;
  can.cancellation = smaller + 1 - least;
  return can;
}

// Whether the result is always one of the operands, in a format that has them all.
bool selects(const Unit& unit) {
  const bool kept = unit.operation == Operation::convert ||
                    (unit.operation >= Operation::minimum && unit.operation <= Operation::maximum_finite);
  for (int i = 0; kept && i < operand_count(unit); ++i) {
    if (!(operand_format(unit, i) == unit.result)) return false;
  }
  return kept;
}

}  // namespace

Reachable reachable(const Unit& unit) {
  if (selects(unit)) return {false, false, false, false};
  bool known = is_known(unit.result) && unit.product == ProductRule::exact;
  for (int i = 0; i < operand_count(unit); ++i) known = known && is_known(operand_format(unit, i));
  if (!known) return {};
  const Term a = term_of(unit.a);
  if (unit.operation == Operation::convert) return of_one_term(unit.result, a);
  if (operand_count(unit) < 2) return {};
  const Term b = term_of(unit.b), product = product_of_terms(a, b, is_float(unit.a) || is_float(unit.b));
  switch (unit.operation) {
    case Operation::mul:
      return of_one_term(unit.result, product);
    case Operation::add:
    case Operation::sub:
      return of_sum(unit.result, a, b);
    case Operation::fma:
      return of_sum(unit.result, product, term_of(unit.c));
    default:
      return {};
  }
}

}  // namespace assay
