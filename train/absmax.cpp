#include "train/absmax.h"

#include <algorithm>
#include <cmath>

#include "formats/quotient.h"

namespace assay {
namespace {

// The least power of two that is not below `value`, within the normal numbers of float32.
float next_power_of_two(const Real& value) {
  const int leading = floor_log2(value.significand);
  const bool is_power = value.significand == uint128{1} << leading && !value.sticky;
  const int exponent = value.exponent + leading + (is_power ? 0 : 1);
  return std::ldexp(1.0F, std::clamp(exponent, -126, 127));
}

}  // namespace

float finite_absmax(std::span<const float> values) {
  float largest = 0.0F;
  for (const float x : values) {
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  }
  return largest;
}

float absmax_scale(const Format& format, bool power_of_two, std::span<const float> values) {
  const float absmax = finite_absmax(values);
  if (absmax == 0.0F) return 1.0F;
  const Real ratio = divide(real_from_float(absmax), decode(format, max_finite_magnitude(format)));
  return std::max(kLeastScale, power_of_two ? next_power_of_two(ratio) : round_to_float(ratio));
}

}  // namespace assay
