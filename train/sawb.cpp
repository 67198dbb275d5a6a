#include "train/sawb.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "train/absmax.h"

namespace assay {

float sawb_scale(const Format& format, double rms_coefficient, double mean_coefficient,
                 std::span<const float> values) {
  double sum = 0.0, sum_of_squares = 0.0;
  int64_t count = 0;
  for (const float x : values) {
    if (!std::isfinite(x)) continue;
    sum += std::abs(double{x});
    sum_of_squares += double{x} * double{x};  // the product is exact
    ++count;
  }
  if (sum == 0.0) return 1.0F;
  const auto n = static_cast<double>(count);
  const double clip = rms_coefficient * std::sqrt(sum_of_squares / n) - mean_coefficient * (sum / n);
  if (!(clip > 0.0)) return absmax_scale(format, false, values);
  const auto largest = static_cast<double>(max_finite_magnitude(format));
  const double steps = format.is_signed ? 2.0 * largest : largest;
  return static_cast<float>(
      std::clamp(2.0 * clip / steps, double{kLeastScale}, double{std::numeric_limits<float>::max()}));
}

}  // namespace assay
