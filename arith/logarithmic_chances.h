// Float64 values rounded to logarithmic formats, stochastically.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formats/array_kernels.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// What follows from a format and a rounding.
struct LogarithmicLanes {
  bool is_linear = false;  // the domain of the rounding
  double steps_an_octave = 0;
  double least = 0, largest = 0;  // magnitudes other than zero
  double offset = 0;   // random bits that are less than one by it always take a value away from zero
  int cell_shift = 0;  // an octave has cells in which at most one number lies
  std::vector<int64_t> fractions;  // of the numbers of an octave, and that of the next one's first
  std::vector<int64_t> last;       // [cell] the last number that is not beyond its first value
};

// The value's place between its neighbours, computed in float64, against the least place that the random bits take away
// from zero. The result is NaN where the two are nearer than the place's error could be, and outside the format's range.
// Values may be rounded to odd.
class LogarithmicChances {
 public:
  // Precondition: the rounding is stochastic.
  LogarithmicChances(const Format& format, Rounding rounding);

  // Whole vectors of values, in their places.
  void operator()(std::span<double> values, const ArrayRandom& random) const;

 private:
  LogarithmicLanes lanes_;
};

}  // namespace assay
