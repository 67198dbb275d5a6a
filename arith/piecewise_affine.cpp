#include "arith/piecewise_affine.h"

namespace assay {

uint64_t pam_multiply(const Format& format, uint64_t a, uint64_t b) {
  const uint64_t magnitude_mask = code_mask(format.width - 1);
  const uint64_t sign = (a ^ b) & ~magnitude_mask & code_mask(format.width);
  const uint64_t magnitude_a = a & magnitude_mask, magnitude_b = b & magnitude_mask;
  const uint64_t infinity = max_finite_magnitude(format) + 1;
  const uint64_t least_normal = uint64_t{1} << format.fraction_width;
  if (magnitude_a >= infinity || magnitude_b >= infinity) return canonical_nan(format);
  if (magnitude_a < least_normal || magnitude_b < least_normal) return 0;
  const auto one = static_cast<int64_t>(static_cast<uint64_t>(format.exponent_bias) << format.fraction_width);
  const int64_t sum = static_cast<int64_t>(magnitude_a) + static_cast<int64_t>(magnitude_b) - one;
  if (sum < static_cast<int64_t>(least_normal)) return 0;
  if (sum >= static_cast<int64_t>(infinity)) return sign | infinity;
  return sign | static_cast<uint64_t>(sum);
}

}  // namespace assay
