#include "arith/lane_rounder.h"

#include <algorithm>

#include "formats/array_kernels_simd.h"

namespace assay {

LaneRounder::LaneRounder(const Format& format, Rounding rounding, Saturation saturation, int random_bits)
    : format_(format),
      rounding_(rounding),
      saturation_(saturation),
      is_float32_(rounding == Rounding::rne && saturation == Saturation::sat_none &&
                  format == parse_format("fp32")),
      plan_(make_rounding_plan<double>(format, rounding, saturation, random_bits)) {}

void LaneRounder::operator()(std::span<double> values, const ArrayRandom& random) const {
  if (is_float32_) {
    std::ranges::transform(values, values.begin(),
                           [](double value) { return static_cast<double>(static_cast<float>(value)); });
  } else if (plan_) {
    round_lanes(*plan_, values.data(), values.size(), random, values.data());
  } else {
    quantize_dequantize(format_, rounding_, saturation_, values, random);
  }
}

bool LaneRounder::is_fast() const {
  const int widest_table = is_stochastic(rounding_) ? 8 : 16;  // formats/array_kernels.h
  return plan_ || (format_.width <= widest_table && saturation_ != Saturation::wrap);
}

}  // namespace assay
