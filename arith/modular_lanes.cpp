#include "arith/modular_lanes.h"

#include <cmath>

#include "arith/lane_extent.h"

namespace assay {

ModularLanes::ModularLanes(const Format& format)
    : modulus_(std::ldexp(1.0, format.width - format.fraction_width)), inverse_(1 / modulus_) {}

// term less the nearest multiple of the modulus.
double ModularLanes::signed_remainder(double term) const {
  constexpr double kInteger = 0x1p52;  // from here on all numbers are
  const double quotient = std::abs(term) * inverse_;
  const double whole = quotient < kInteger ? (quotient + kInteger) - kInteger : quotient;
  return std::copysign(modulus_, term) * (quotient - whole);
}

void ModularLanes::reduce(std::span<double> terms) const {
  for (double& x : terms) {
    const double from = base(x);
    x = from == 0 ? x : from + signed_remainder(x);
  }
}

void ModularLanes::reduce_rest(std::span<double> terms) const {
  for (double& x : terms) x = signed_remainder(x);
}

bool wraps_from_odd(const Format& format, Rounding rounding, int random_bits) {
  const int looked_at = is_stochastic(rounding) ? random_bits + 1 : 1;
  return format.width + ModularLanes::kSpareBits + looked_at + 1 <= kLaneBits;
}

}  // namespace assay
