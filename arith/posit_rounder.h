// Float64 values rounded to posits of any width.
#pragma once

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// What follows from a format and a saturation.
struct PositLanes {
  int width = 0, exponent_width = 0;
  double least = 0, largest = 0;
  double of_infinity[2] = {0, 0};  // by sign
  double of_nan = 0;
};

// Whole vectors, rounded to nearest even.
void round_posits_to_even(const PositLanes& posit, double* values, size_t count);

// The rule of formats/posit.h: the string of regime, exponent and fraction is cut, and what follows is the fraction of a
// unit. Regime and exponent are the number's exponent, so the string orders values, and counts them evenly between two
// regimes, as the bits of a float64 do.
class PositRounder {
 public:
  PositRounder(const Format& format, Rounding rounding, Saturation saturation);

  const PositLanes& lanes() const { return lanes_; }

  // The value of round_to_code's code for a value that is normal in float64.
  double operator()(double value, RandomBits random) const;

 private:
  Rounding rounding_;
  PositLanes lanes_;
};

}  // namespace assay
