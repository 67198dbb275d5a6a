#include "arith/posit_rounder.h"

#include <bit>
#include <cmath>

#include "formats/array_kernels_plan.h"
#include "formats/round.h"
#include "formats/split.h"

namespace assay {

PositRounder::PositRounder(const Format& format, Rounding rounding, Saturation saturation)
    : rounding_(rounding) {
  const auto value = [&](uint64_t code) { return nearest_float<double>(decode(format, code)); };
  const auto of = [&](RealClass kind, bool negative) {
    return value(round_to_code(format, {kind, negative, 0, 0, false}, rounding, saturation));
  };
  lanes_ = {format.width,
            format.exponent_width,
            value(1),
            value(max_finite_magnitude(format)),
            {of(RealClass::infinity, false), of(RealClass::infinity, true)},
            of(RealClass::nan, false)};
}

double PositRounder::operator()(double value, RandomBits random) const {
  const double magnitude = std::abs(value);
  const bool negative = std::signbit(value);
  if (magnitude == 0) return 0;
  if (!(magnitude < lanes_.largest)) {
    if (magnitude != magnitude) return lanes_.of_nan;
    return std::isinf(magnitude) ? lanes_.of_infinity[negative ? 1 : 0]
                                 : std::copysign(lanes_.largest, value);
  }
  if (magnitude <= lanes_.least) return std::copysign(lanes_.least, value);

  constexpr int kFractionWidth = 52;
  constexpr int64_t kOne = int64_t{1023} << kFractionWidth;
  const auto string = static_cast<int64_t>(std::bit_cast<uint64_t>(magnitude)) - kOne;
  const auto regime = static_cast<int>(string >> (kFractionWidth + lanes_.exponent_width));
  const int regime_width = regime >= 0 ? regime + 2 : 1 - regime;
  const int kept = lanes_.width - 1 - regime_width;
  const int cut = kFractionWidth + lanes_.exponent_width - kept;
  const int64_t unit = int64_t{1} << cut, below = string & (unit - 1);
  // Without any bit kept the last one is that which ends the regime.
  const bool even = kept > 0 ? (string & unit) == 0 : regime >= 0;
  bool away = below + (even ? 0 : 1) > unit / 2;
  if (rounding_ != Rounding::rne) {
    Split rest;
    rest.part = static_cast<uint128>(below);
    rest.part_width = cut;
    away = rounds_away(rest, rounding_, negative, even, random);
  }
  const int64_t rounded = string - below + (away ? unit : 0);
  return std::copysign(std::bit_cast<double>(static_cast<uint64_t>(rounded + kOne)), value);
}

}  // namespace assay
