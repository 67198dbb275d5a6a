// Float64 values rounded to logarithmic formats.
#pragma once

#include <memory>
#include <optional>

#include "arith/periodic_steps.h"
#include "formats/array_kernels_steps.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// Values with an odd last bit are rounded to odd, and the boundaries between logarithmic numbers may lie between such a
// value and what it stands for. Where they do the result is NaN, and so it is where a stochastic rounding depends on more
// digits of the value's place between its neighbours than float64 arithmetic has.
class LogarithmicRounder {
 public:
  // It takes seconds for wide formats, and is remembered for others.
  LogarithmicRounder(const Format& format, Rounding rounding, Saturation saturation);

  double operator()(double value, RandomBits random) const;

 private:
  // A rounding that is not stochastic.
  class Steps {
   public:
    Steps(const Format& format, Rounding rounding, Saturation saturation);
    double operator()(double value) const;

   private:
    std::shared_ptr<const StepTable<double>> table_;
    std::optional<PeriodicSteps> periodic_;
  };

  // (|value| - |near|) / (|far| - |near|) in the domain of the format's rounding, but for an error far below kDoubt.
  double place_between(double value, double near, double far) const;

  Rounding rounding_;
  bool is_linear_;
  double steps_an_octave_;
  Steps steps_;                  // of a stochastic rounding: downward
  std::optional<Steps> upward_;  // of a stochastic rounding
};

}  // namespace assay
