#include "arith/lane_rounder.h"

#include <algorithm>

#include "arith/lane_random.h"
#include "formats/array_kernels_simd.h"
#include "formats/array_kernels_tables.h"

namespace assay {
namespace {

// Whether quantize_dequantize uses a table where it has no SIMD loops (formats/array_kernels.h).
bool has_table(const Format& format, Rounding rounding, Saturation saturation) {
  return format.width <= (is_stochastic(rounding) ? 8 : 16) && saturation != Saturation::wrap;
}

void round_posits(const PositRounder& rounder, bool is_stochastic, const ArrayRandom& random,
                  std::span<double> values) {
  if (!is_stochastic) {
    for (double& value : values) value = rounder(value, {});
    return;
  }
  const uint32_t* bits = lane_random_bits(random, values.size());
  for (size_t i = 0; i < values.size(); ++i) values[i] = rounder(values[i], RandomBits{random.bits, bits[i]});
}

}  // namespace

LaneRounder::LaneRounder(const Format& format, Rounding rounding, Saturation saturation, int random_bits)
    : format_(format),
      rounding_(rounding),
      saturation_(saturation),
      is_float32_(rounding == Rounding::rne && saturation == Saturation::sat_none &&
                  format == parse_format("fp32")),
      plan_(make_rounding_plan<double>(format, rounding, saturation, random_bits)) {
  if (format.kind == FormatKind::posit &&
      (rounding == Rounding::rne || !has_table(format, rounding, saturation))) {
    posit_.emplace(format, rounding, saturation);
  }
  if (format.kind == FormatKind::logarithmic) {
    if (is_stochastic(rounding)) {
      chances_.emplace(format, rounding);
    } else {
      logarithmic_.emplace(format, rounding, saturation);
    }
  }
}

void LaneRounder::operator()(std::span<double> values, const ArrayRandom& random) const {
  if (is_float32_) {
    std::ranges::transform(values, values.begin(),
                           [](double value) { return static_cast<double>(static_cast<float>(value)); });
  } else if (plan_) {
    round_lanes(*plan_, values.data(), values.size(), random, values.data());
  } else if (posit_ && rounding_ == Rounding::rne) {
    round_posits_to_even(posit_->lanes(), values.data(), values.size());
  } else if (posit_) {
    round_posits(*posit_, is_stochastic(rounding_), random, values);
  } else if (logarithmic_) {
    for (double& value : values) value = (*logarithmic_)(value);
  } else if (chances_) {
    (*chances_)(values, random);
  } else {
    quantize_dequantize(format_, rounding_, saturation_, values, random);
  }
}

bool has_fast_rounding(const Format& format, Rounding rounding, Saturation saturation, int random_bits) {
  if (format.kind == FormatKind::posit) return true;
  if (make_rounding_plan<double>(format, rounding, saturation, random_bits)) return true;
  return has_table(format, rounding, saturation);
}

}  // namespace assay
