#include "verify/wanted_result.h"

#include <algorithm>

#include "arith/real_arithmetic.h"

namespace assay {

Place place_of(const Format& format, uint64_t magnitude) {
  Place place;
  place.value = decode(format, magnitude);
  if (format.kind == FormatKind::floating) {
    const int exponent = std::max<int>(static_cast<int>(magnitude >> format.fraction_width), 1);
    place.half = power_of_two(exponent - format.exponent_bias - format.fraction_width - 1, false);
    return place;
  }
  Format finer = format;  // a posit's tie is the posit with one more bit
  ++finer.width;
  place.half = add(decode(finer, 2 * magnitude + 1), negated(place.value), Rounding::rne);
  return place;
}

uint64_t interesting_magnitude(const Format& format, SplitMix& random) {
  const uint64_t top = max_finite_magnitude(format);
  const bool is_float = format.kind == FormatKind::floating;
  const uint64_t normal = is_float ? uint64_t{1} << format.fraction_width : (top + 1) / 2;
  const uint64_t leading_bit = uint64_t{1} << random.below(floor_log2(normal) + 1);
  switch (random.below(8)) {
    case 0:
      return top - random() % 2;
    case 1:
    case 2:
      return leading_bit - 1 + random() % (leading_bit + 1);
    case 3:
      if (!is_float) return top - (leading_bit - 1) - random() % leading_bit;
      return std::min(top, normal - 1 + random() % 3);
    default:
      return random() % (top + 1);
  }
}

Real tail(const Place& place, int depth, SplitMix& random) {
  const int kind = random.below(8);
  if (kind == 0) return {};
  if (kind < 3) return place.half;
  const Real part = power_of_two(leading(place.half) - 1 - random.below(depth), random.below(4) == 0);
  return kind < 7 ? add(place.half, part, Rounding::rne) : part;
}

int precision_at(const Format& format, int exponent) {
  if (format.kind == FormatKind::floating) {
    const int least = 1 - format.exponent_bias - format.fraction_width;
    return std::clamp(exponent - least + 1, 1, format.fraction_width + 1);
  }
  const int regime = exponent >> format.exponent_width;
  const int regime_width = regime >= 0 ? regime + 2 : 1 - regime;
  return std::max(format.width - regime_width - format.exponent_width, 1);
}

int greatest_precision(const Format& format) {
  return format.kind == FormatKind::floating ? format.fraction_width + 1 : precision_at(format, 0);
}

Real power_of_two(int exponent, bool negative) {
  return {RealClass::finite, negative, exponent, 1, false};
}

Real negated(Real value) {
  value.negative = !value.negative;
  return value;
}

int leading(const Real& value) {
  return value.kind == RealClass::finite ? value.exponent + floor_log2(value.significand) : 0;
}

}  // namespace assay
