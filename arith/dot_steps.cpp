#include "arith/dot_steps.h"

#include <algorithm>
#include <limits>

#include "arith/exact_sum.h"
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

Real fused_sum(std::span<const DotTerm> terms, const Real& accumulator, Rounding rounding,
               std::optional<int> modulus) {
  int least = std::numeric_limits<int>::max(), greatest = std::numeric_limits<int>::min();
  const auto cover = [&](const Real& value) {
    if (value.kind != RealClass::finite) return;
    least = std::min(least, value.exponent);
    greatest = std::max(greatest, value.exponent + floor_log2(value.significand));
  };
  cover(accumulator);
  for (const DotTerm& term : terms) cover(term.value);
  if (least > greatest) least = greatest = 0;
  ExactSum sum(least, greatest);
  sum.add(accumulator);
  for (const DotTerm& term : terms) sum.add(term.value);
  return sum.value(rounding, modulus);
}

}  // namespace assay
