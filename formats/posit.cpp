#include "formats/posit.h"

#include <algorithm>
#include <bit>

namespace assay {

Real decode_posit(const Format& format, uint64_t code) {
  Real value;
  code &= code_mask(format.width);
  if (code == 0) return value;
  if (code == canonical_nan(format)) {
    value.kind = RealClass::nan;
    return value;
  }
  value.kind = RealClass::finite;
  value.negative = (code >> (format.width - 1)) != 0;
  const uint64_t magnitude = value.negative ? (0 - code) & code_mask(format.width) : code;

  // The regime is a run of equal bits and the opposite bit that ends it, unless the code ends first.
  const uint64_t from_the_top = magnitude << (64 - (format.width - 1));
  const bool ones = (from_the_top >> 63) != 0;
  const int run =
      std::min(ones ? std::countl_one(from_the_top) : std::countl_zero(from_the_top), format.width - 1);
  const int regime = ones ? run - 1 : -run;
  const int rest_width = std::max(format.width - 2 - run, 0);
  const uint64_t rest = magnitude & code_mask(rest_width);

  const int exponent_bits = format.exponent_width;
  const int fraction_width = std::max(rest_width - exponent_bits, 0);
  const int missing = std::max(exponent_bits - rest_width, 0);  // cut-off exponent bits are zeros
  const auto exponent = static_cast<int>((rest >> fraction_width) << missing);
  value.significand = uint64_t{1} << fraction_width | (rest & code_mask(fraction_width));
  value.exponent = regime * (1 << exponent_bits) + exponent - fraction_width;
  return value;
}

Position posit_position(const Format& format, const Real& value) {
  constexpr int kMostFractionBits = 100;  // so that cut-off exponent bits and fraction fit into Split::part
  Position position;
  const int exponent_bits = format.exponent_width;
  int fraction_width = floor_log2(value.significand);
  const int scale = value.exponent + fraction_width;
  const int regime = scale >> exponent_bits;  // rounds toward minus infinity
  if (regime >= format.width - 2) {
    position.magnitude = max_finite_magnitude(format);
    return position;
  }
  if (regime < -(format.width - 2)) return position;

  const int regime_width = regime >= 0 ? regime + 2 : 1 - regime;
  const uint64_t regime_field = regime >= 0 ? code_mask(regime + 1) << 1 : 1;
  const auto exponent = static_cast<uint64_t>(scale - regime * (1 << exponent_bits));
  const uint64_t prefix = regime_field << exponent_bits | exponent;

  uint128 fraction = value.significand ^ (uint128{1} << fraction_width);
  position.rest.sticky = value.sticky;
  const int excess = std::max(fraction_width - kMostFractionBits, 0);
  position.rest.sticky |= (fraction & ((uint128{1} << excess) - 1)) != 0;
  fraction >>= excess;
  fraction_width -= excess;

  const int cut = regime_width + exponent_bits - (format.width - 1);  // bits of the prefix that do not fit
  if (cut >= 0) {
    position.magnitude = prefix >> cut;
    position.rest.part = uint128{prefix & code_mask(cut)} << fraction_width | fraction;
    position.rest.part_width = cut + fraction_width;
    return position;
  }
  const int kept = std::min(-cut, fraction_width);
  position.rest.part_width = fraction_width - kept;
  position.magnitude = (prefix << kept | static_cast<uint64_t>(fraction >> position.rest.part_width))
                       << (-cut - kept);
  position.rest.part = fraction & ((uint128{1} << position.rest.part_width) - 1);
  return position;
}

}  // namespace assay
