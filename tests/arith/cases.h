// Operand codes at the places where arithmetic goes wrong.
#pragma once

#include <algorithm>
#include <cstdint>

#include "formats/format.h"

namespace assay {

// Codes at and around every boundary of a format: zeros, subnormals, powers of two, all-ones fractions,
// infinity, NaNs; the rest random.
inline uint64_t interesting_code(const Format& format, uint64_t random) {
  const uint64_t code = random & code_mask(format.width);
  if (format.kind != FormatKind::floating) return code;
  const uint64_t sign = code & ~code_mask(format.width - 1);
  const uint64_t fraction_mask = code_mask(format.fraction_width);
  const uint64_t exponent = code & code_mask(format.width - 1) & ~fraction_mask;
  switch (random >> 60) {
    case 0:
      return sign | (random >> 40 & 3);
    case 1:
      return sign | exponent;
    case 2:
      return sign | exponent | fraction_mask;
    case 3:
      return sign | (max_finite_magnitude(format) - 1 + (random >> 40 & 3));
    case 4:
      return sign | ((random >> 40 & 7) & code_mask(format.exponent_width)) << format.fraction_width |
             (code & fraction_mask);
    default:
      return code;
  }
}

// Exponent of a near that of b, so that additions cancel and align in every way.
inline uint64_t near_code(const Format& format, uint64_t reference, uint64_t random) {
  const uint64_t fraction_mask = code_mask(format.fraction_width);
  const int64_t span = 2 * format.fraction_width + 6;
  int64_t exponent = static_cast<int64_t>((reference & code_mask(format.width - 1)) >> format.fraction_width);
  exponent += static_cast<int64_t>(random >> 32) % span - span / 2;
  exponent = std::min(std::max<int64_t>(exponent, 0), (int64_t{1} << format.exponent_width) - 2);
  return (random & ~code_mask(format.width - 1) & code_mask(format.width)) |
         static_cast<uint64_t>(exponent) << format.fraction_width | (random & fraction_mask);
}

}  // namespace assay
