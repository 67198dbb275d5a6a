// Float64 values rounded to logarithmic formats.
#pragma once

#include <memory>
#include <optional>

#include "arith/periodic_steps.h"
#include "formats/array_kernels_steps.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// A rounding that is not stochastic.
//
// Values with an odd last bit are rounded to odd, and the boundaries between logarithmic numbers may lie between such a
// value and what it stands for. Where they do the result is NaN.
class LogarithmicRounder {
 public:
  // It takes seconds for wide formats, and is remembered for others.
  LogarithmicRounder(const Format& format, Rounding rounding, Saturation saturation);

  double operator()(double value) const {
    if (periodic_) {
      if (const std::optional<double> rounded = (*periodic_)(value)) return *rounded;
    }
    return by_table(value);
  }

 private:
  double by_table(double value) const;

  std::shared_ptr<const StepTable<double>> table_;
  std::optional<PeriodicSteps> periodic_;  // of the table
};

}  // namespace assay
