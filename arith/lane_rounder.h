// A rounding of float64 lanes to a format, prepared once for many rows of them.
#pragma once

#include <optional>
#include <span>

#include "arith/logarithmic_chances.h"
#include "arith/logarithmic_rounder.h"
#include "arith/posit_rounder.h"
#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

class LaneRounder {
 public:
  // A logarithmic format needs more than a few million values to be rounded in sight: it takes seconds to prepare.
  LaneRounder(const Format& format, Rounding rounding, Saturation saturation, int random_bits);

  // quantize_dequantize of formats/array_kernels.h; `random.bits` is that of the constructor. The processor rounds to
  // nearest. There are whole vectors of values.
  //
  // Values with an odd last bit are rounded to odd. Of logarithmic formats see
  // arith/logarithmic_rounder.h and arith/logarithmic_chances.h.
  void operator()(std::span<double> values, const ArrayRandom& random = {}) const;

  const Format& format() const { return format_; }

 private:
  Format format_;
  Rounding rounding_;
  Saturation saturation_;
  bool is_float32_;
  std::optional<RoundingPlan<double>> plan_;
  std::optional<PositRounder> posit_;
  std::optional<LogarithmicRounder> logarithmic_;
  std::optional<LogarithmicChances> chances_;
};

// Whether a LaneRounder takes a few nanoseconds a lane.
bool has_fast_rounding(const Format& format, Rounding rounding, Saturation saturation, int random_bits);

}  // namespace assay
