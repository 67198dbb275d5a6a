#include "arith/dot_steps.h"

#include <algorithm>
#include <limits>

#include "arith/exact_sum.h"
#include "arith/real_arithmetic.h"
#include "arith/wrapping_sum.h"
#include "formats/round.h"

namespace assay {
namespace {

// The unit's saturation, unless it is only what is usual for results in another kind of format.
Saturation saturation_in(const Unit& unit, const Format& format) {
  if (&format == &unit.result) return unit.saturation;
  return unit.saturation == default_saturation(unit.result) ? default_saturation(format) : unit.saturation;
}

bool overflows_to_infinity(Saturation saturation) {
  return saturation == Saturation::sat_none || saturation == Saturation::sat_none_v40;
}

// Whether a value is so far beyond the largest number that a rounding toward zero would have to come back to it.
bool is_beyond(const Format& format, const Real& value) {
  if (value.kind != RealClass::finite || format.kind != FormatKind::floating) return false;
  Real limit = decode(format, max_finite_magnitude(format));
  ++limit.significand;  // the next number, were there one
  Real magnitude = value;
  magnitude.negative = false;
  return compare(magnitude, limit) >= 0;
}

// A zero or finite value; its last bit is not below that of the unit, nor its first above the 126th.
int128 in_units(const Real& value, int unit_exponent) {
  if (value.kind == RealClass::zero) return 0;
  const auto units = static_cast<int128>(value.significand << (value.exponent - unit_exponent));
  return value.negative ? -units : units;
}

}  // namespace

int window_exponent(const Format& format, const Real& value) {
  // Floats are decoded with all their fraction bits, so this is the exponent their code says.
  if (format.kind == FormatKind::floating) return value.exponent + format.fraction_width;
  return value.exponent + floor_log2(value.significand);
}

uint64_t without_subnormals(const Format& format, uint64_t code) {
  if (format.kind != FormatKind::floating || !format.has_subnormals) return code;
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  const bool is_nan = magnitude == 0 && format.nan == NanEncoding::negative_zero;
  return magnitude >> format.fraction_width == 0 && !is_nan ? 0 : code;
}

DotSteps::DotSteps(const Unit& unit, const Format& format, std::span<const RandomBits> random,
                   DotFlags* raised)
    : unit_(unit),
      format_(format),
      saturation_(saturation_in(unit, format)),
      random_(random),
      raised_(raised) {}

void DotSteps::raise(const Format& format, const Real& exact, uint64_t code, RandomBits bits) {
  if (raised_ == nullptr) return;
  raised_->flags |= rounding_flags(format, unit_.rounding, exact, code, bits, raised_->rules.tininess);
}

Real DotSteps::sum(const Real& a, const Real& b) {
  const Real result = sum_of(unit_, a, b, unit_.rounding);
  const bool is_made = result.kind == RealClass::nan && a.kind != RealClass::nan && b.kind != RealClass::nan;
  if (raised_ != nullptr && is_made) raised_->flags.invalid = true;
  return result;
}

uint64_t DotSteps::round(const Real& value) {
  const RandomBits bits = random_.empty() ? RandomBits{} : random_[random_.size() == 1 ? 0 : step_++];
  const Accumulation& how = unit_.accumulation;
  const bool through_sum = how.sum && &format_ == &unit_.result;
  const Format& first = through_sum ? *how.sum : format_;
  uint64_t code = 0;
  if (how.kind == AccumulationKind::window && overflows_to_infinity(saturation_) && is_beyond(first, value)) {
    const Real infinity{RealClass::infinity, value.negative, 0, 0, false};
    code = round_to_code(first, infinity, unit_.rounding, saturation_);
  } else {
    code = round_to_code(first, value, unit_.rounding, saturation_, bits);
  }
  raise(first, value, code, bits);
  if (through_sum) {
    const Real sum = decode(first, code);
    code = round_to_code(format_, sum, unit_.rounding, saturation_);
    raise(format_, sum, code, {});
  }
  if (!how.flush_subnormals || without_subnormals(format_, code) == code) return code;
  if (raised_ != nullptr && decode(format_, code).kind == RealClass::finite) {
    raised_->flags.underflow = raised_->flags.inexact = true;
  }
  return zero_code(format_, value.negative);
}

Real DotSteps::value(uint64_t code) const {
  return decode(format_, unit_.accumulation.flush_subnormals ? without_subnormals(format_, code) : code);
}

DotTerm accumulator_term(const DotSteps& steps, uint64_t code) {
  DotTerm term;
  term.value = steps.value(code);
  if (term.value.kind == RealClass::finite) {
    term.exponent = window_exponent(steps.format(), term.value);
  }
  return term;
}

DotTerm scale_term(const Format& format, uint64_t scale_a, uint64_t scale_b) {
  const Real x = decode(format, scale_a), y = decode(format, scale_b);
  DotTerm scale;
  scale.value = multiply(x, y);
  if (scale.value.kind == RealClass::finite) {
    scale.exponent = window_exponent(format, x) + window_exponent(format, y);
  }
  return scale;
}

void multiply_by(DotTerm& term, const DotTerm& scale) {
  // Numbers of code books have 53 bits, of which most are zeros.
  while (term.value.significand >> 64 != 0 && (term.value.significand & 0xff) == 0) {
    term.value.significand >>= 8;
    term.value.exponent += 8;
  }
  term.value = multiply(term.value, scale.value);
  term.exponent += scale.exponent;
}

Real real_from_units(int128 units, int exponent) {
  if (units == 0) return {};
  const bool negative = units < 0;
  return {RealClass::finite, negative, exponent, static_cast<uint128>(negative ? -units : units), false};
}

Real fused_sum(std::span<const DotTerm> terms, const Real& accumulator, Rounding rounding,
               std::optional<int> modulus) {
  int least = std::numeric_limits<int>::max(), greatest = std::numeric_limits<int>::min();
  bool is_special = false;
  const auto cover = [&](const Real& value) {
    if (value.kind != RealClass::finite) {
      is_special = is_special || value.kind != RealClass::zero;
      return;
    }
    least = std::min(least, value.exponent);
    greatest = std::max(greatest, value.exponent + floor_log2(value.significand));
  };
  cover(accumulator);
  for (const DotTerm& term : terms) cover(term.value);
  if (least > greatest) least = greatest = 0;
  const int count_bits = floor_log2(terms.size()) + 1;
  if (!is_special && !modulus && greatest - least + 1 + count_bits < 127) {
    int128 units = in_units(accumulator, least);
    for (const DotTerm& term : terms) units += in_units(term.value, least);
    // The sign of a zero is ExactSum's to find.
    if (units != 0) return real_from_units(units, least);
  }
  ExactSum sum(least, greatest);
  sum.add(accumulator);
  for (const DotTerm& term : terms) sum.add(term.value);
  return sum.value(rounding, modulus);
}

}  // namespace assay
