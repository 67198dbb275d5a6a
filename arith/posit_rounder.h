// Float64 values rounded to posits of any width, one by one.
#pragma once

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// The rule of formats/posit.h: the string of regime, exponent and fraction is cut, and what follows is the fraction of a
// unit. Regime and exponent are the number's exponent, so the string orders values, and counts them evenly between two
// regimes, as the bits of a float64 do.
class PositRounder {
 public:
  PositRounder(const Format& format, Rounding rounding, Saturation saturation);

  // The value of round_to_code's code for a value that is normal in float64.
  double operator()(double value, RandomBits random) const;

 private:
  Rounding rounding_;
  int width_, exponent_width_;
  double least_, largest_;
  double of_infinity_[2], of_nan_;  // by sign
};

}  // namespace assay
