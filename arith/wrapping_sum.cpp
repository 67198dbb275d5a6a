#include "arith/wrapping_sum.h"

#include <algorithm>

#include "arith/exact_sum.h"
#include "arith/real_arithmetic.h"

namespace assay {

std::optional<int> modulus_exponent(const Unit& unit) {
  if (unit.saturation != Saturation::wrap) return std::nullopt;
  return unit.result.width - unit.result.fraction_width;
}

Real sum_of(const Unit& unit, const Real& a, const Real& b, Rounding rounding) {
  const Real sum = add(a, b, rounding);
  // Nothing is missing, or nothing that matters.
  if (!sum.sticky || unit.saturation != Saturation::wrap) return sum;
  const auto top = [](const Real& x) { return x.exponent + floor_log2(x.significand); };
  ExactSum exact(std::min(a.exponent, b.exponent), std::max(top(a), top(b)));
  exact.add(a);
  exact.add(b);
  return exact.value(rounding, modulus_exponent(unit));
}

}  // namespace assay
