#include "arith/exception_flags.h"

#include "arith/dot.h"
#include "arith/evaluate.h"
#include "formats/real.h"
#include "formats/round.h"

namespace assay {
namespace {

bool is_signalling(const Format& format, uint64_t code) {
  if (format.nan != NanEncoding::ieee || format.fraction_width == 0) return false;
  return decode(format, code).kind == RealClass::nan && (code >> (format.fraction_width - 1) & 1) == 0;
}

// Exponent of the leading one.
int leading_exponent(const Real& x) {
  return x.exponent + floor_log2(x.significand);
}

Real scaled(Real x, int exponent) {
  if (x.kind == RealClass::finite) x.exponent += exponent;
  return x;
}

Real magnitude(Real x) {
  x.negative = false;
  return x;
}

// A finite value rounded to the precision of the format as if its exponent were unbounded: rounded where the format
// has normal numbers, an even number of binades away so that codes keep their parity.
Real round_unbounded(const Format& format, Rounding rounding, const Real& exact, RandomBits random) {
  const int away = leading_exponent(exact) & ~1;
  const uint64_t code = round_to_code(format, scaled(exact, -away), rounding, Saturation::sat_finite, random);
  return scaled(decode(format, code), away);
}

bool is_tiny(const Format& format, const Real& x) {
  return x.kind == RealClass::finite && leading_exponent(x) < 1 - format.exponent_bias;
}

bool same_value(const Real& exact, const Real& rounded) {
  if (exact.kind != rounded.kind) return false;
  if (exact.kind != RealClass::finite) return true;
  return !exact.sticky && exact.negative == rounded.negative && compare(exact, rounded) == 0;
}

// A finite number other than zero, or 1, divided by a zero.
bool is_pole(const Unit& unit, std::span<const uint64_t> operands) {
  if (unit.operation == Operation::recip || unit.operation == Operation::rsqrt) {
    return decode(unit.a, operands[0]).kind == RealClass::zero;
  }
  return unit.operation == Operation::div && decode(unit.a, operands[0]).kind == RealClass::finite &&
         decode(unit.b, operands[1]).kind == RealClass::zero;
}

// Whether the product of a fused multiply-add is NaN though its factors are not.
bool makes_nan(const Unit& unit, std::span<const uint64_t> operands) {
  if (unit.operation != Operation::fma) return false;
  const Real a = decode(unit.a, operands[0]), b = decode(unit.b, operands[1]);
  return (a.kind == RealClass::infinity && b.kind == RealClass::zero) ||
         (a.kind == RealClass::zero && b.kind == RealClass::infinity);
}

}  // namespace

ExceptionFlags rounding_flags(const Format& format, Rounding rounding, const Real& exact, uint64_t code,
                              RandomBits random, Tininess tininess) {
  ExceptionFlags flags;
  if (exact.kind != RealClass::finite) return flags;
  flags.inexact = !same_value(exact, decode(format, code));
  if (format.kind != FormatKind::floating) return flags;
  const Real unbounded = round_unbounded(format, rounding, exact, random);
  const Real largest = decode(format, largest_finite_code(format, false));
  flags.overflow = compare(magnitude(unbounded), largest) > 0;
  flags.inexact = flags.inexact || flags.overflow;
  const bool tiny = is_tiny(format, tininess == Tininess::before_rounding ? exact : unbounded);
  flags.underflow = tiny && flags.inexact;
  return flags;
}

FlaggedResult evaluate_with_flags(const Unit& unit, std::span<const uint64_t> operands, RandomBits random,
                                  FlagRules rules) {
  FlaggedResult result;
  if (accumulates(unit.operation)) {
    DotFlags raised{rules, {}};
    result = {evaluate_dot(unit, operands, {&random, 1}, &raised), raised.flags};
  } else {
    result.code = evaluate(unit, operands, random);
  }
  bool any_nan = false;
  for (int i = 0; i < operand_count(unit); ++i) {
    const uint64_t code = operands[static_cast<size_t>(i)];
    any_nan = any_nan || decode(operand_format(unit, i), code).kind == RealClass::nan;
    result.flags.invalid = result.flags.invalid || is_signalling(operand_format(unit, i), code);
  }
  if (accumulates(unit.operation)) return result;
  const Real exact = exact_result(unit, operands);
  if (exact.kind == RealClass::finite) {
    result.flags |= rounding_flags(unit.result, unit.rounding, exact, result.code, random, rules.tininess);
  } else if (is_pole(unit, operands)) {
    result.flags.divide_by_zero = true;
  } else if (exact.kind == RealClass::nan &&
             (!any_nan || (rules.invalid_beside_nan && makes_nan(unit, operands)))) {
    result.flags.invalid = true;
  }
  return result;
}

}  // namespace assay
