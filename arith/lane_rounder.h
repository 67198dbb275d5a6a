// A rounding of float64 lanes to a format, prepared once for many rows of them.
#pragma once

#include <optional>
#include <span>

#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

class LaneRounder {
 public:
  LaneRounder(const Format& format, Rounding rounding, Saturation saturation, int random_bits);

  // quantize_dequantize of formats/array_kernels.h; `random.bits` is that of the constructor. The processor rounds to
  // nearest.
  void operator()(std::span<double> values, const ArrayRandom& random = {}) const;

  const Format& format() const { return format_; }

  // Whether it takes a few nanoseconds a lane.
  bool is_fast() const;

 private:
  Format format_;
  Rounding rounding_;
  Saturation saturation_;
  bool is_float32_;
  std::optional<RoundingPlan<double>> plan_;
};

}  // namespace assay
