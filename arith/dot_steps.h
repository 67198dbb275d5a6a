// What the ways of accumulating have in common: the terms of a sum, and the rounding of its steps.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "arith/dot.h"
#include "arith/unit.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// A product, or an exact sum of some, times its scales. The exponent is the one a window aligns.
struct DotTerm {
  Real value;
  int exponent = 0;
};

// The exponent of an operand in a window (arith/accumulation.h). `value` is its decoded code, finite.
int window_exponent(const Format& format, const Real& value);

// Rounds one step after the other into the format of an accumulator, by the unit's rounding, with the random bits of
// each step, and flushes subnormals if the unit does. Adds the exceptions to `raised` if it is not null.
class DotSteps {
 public:
  DotSteps(const Unit& unit, const Format& format, std::span<const RandomBits> random, DotFlags* raised);

  const Unit& unit() const { return unit_; }
  const Format& format() const { return format_; }

  uint64_t round(const Real& value);
  Real value(uint64_t code) const;
  Real rounded(const Real& exact) { return value(round(exact)); }

  // a + b, which is invalid if it is NaN and neither of them is.
  Real sum(const Real& a, const Real& b);

  DotFlags* raised() const { return raised_; }

 private:
  const Unit& unit_;
  const Format& format_;
  Saturation saturation_;
  void raise(const Format& format, const Real& exact, uint64_t code, RandomBits bits);

  std::span<const RandomBits> random_;
  DotFlags* raised_;
  size_t step_ = 0;
};

// A code of the accumulator's.
DotTerm accumulator_term(const DotSteps& steps, uint64_t code);

// The scales of a block, codes of `format`, as one factor.
DotTerm scale_term(const Format& format, uint64_t scale_a, uint64_t scale_b);
void multiply_by(DotTerm& term, const DotTerm& scale);

// `code`, but +0 for subnormals and zeros of binary floating point.
uint64_t without_subnormals(const Format& format, uint64_t code);

// units * 2^exponent; +0 for 0.
Real real_from_units(int128 units, int exponent);

// The exact or cut sum of a group of products and the accumulator, before its rounding; with `modulus` see ExactSum.
Real fused_sum(std::span<const DotTerm> terms, const Real& accumulator, Rounding rounding,
               std::optional<int> modulus = std::nullopt);
Real window_sum(std::span<const DotTerm> terms, const DotTerm& accumulator, const Unit& unit);

}  // namespace assay
