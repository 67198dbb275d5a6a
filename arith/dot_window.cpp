// The alignment windows of tensor and matrix cores.
//
// Sources: MMA-Sim (Xie et al., arXiv 2511.10909; github.com/microsoft/MMA-Sim at c785138): truncated fused dot-add of
// NVIDIA, fused_dot_rd_add of AMD CDNA3. Khattak and Mikaitis, arXiv 2512.07004, find the same of NVIDIA.
#include <algorithm>

#include "arith/dot_steps.h"

namespace assay {
namespace {

// Where terms meet: their sum in units of 2^(exponent - fraction bits). Without terms other than zero it is empty.
struct Aligned {
  bool empty = true;
  int exponent = 0;
  int128 units = 0;
};

// `value` in units of 2^unit_exponent, cut toward zero or -infinity.
int128 cut(const Real& value, int unit_exponent, bool floor) {
  const int shift = unit_exponent - value.exponent;
  const uint128 kept = shift <= 0    ? value.significand << -shift
                       : shift < 128 ? value.significand >> shift
                                     : 0;
  const bool lost = value.sticky || (shift > 0 && (shift >= 128 || kept << shift != value.significand));
  const auto units = static_cast<int128>(kept);
  return value.negative ? -units - (floor && lost ? 1 : 0) : units;
}

// units / 2^shift toward -infinity, or times 2^-shift. Arithmetic right shifts are floors.
int128 shifted(int128 units, int shift) {
  if (shift <= 0) return units * (int128{1} << -shift);
  return units >> std::min(shift, 127);
}

// Every step-th term from `first` on, and `extra`, aligned to the largest exponent among those that are not zero.
Aligned align(std::span<const DotTerm> terms, size_t first, size_t step, const DotTerm& extra,
              int fraction_bits, bool floor) {
  Aligned sum;
  const auto meet = [&](const DotTerm& term) {
    if (term.value.kind != RealClass::finite) return;
    sum.exponent = sum.empty ? term.exponent : std::max(sum.exponent, term.exponent);
    sum.empty = false;
  };
  const auto join = [&](const DotTerm& term) {
    if (term.value.kind == RealClass::finite)
      sum.units += cut(term.value, sum.exponent - fraction_bits, floor);
  };
  meet(extra);
  for (size_t i = first; i < terms.size(); i += step) meet(terms[i]);
  join(extra);
  for (size_t i = first; i < terms.size(); i += step) join(terms[i]);
  return sum;
}

// Two sums aligned to the larger exponent and cut toward -infinity, x from x_bits and y from y_bits fraction bits to
// `fraction_bits`, in whose units their sum is.
Aligned joined(const Aligned& x, int x_bits, const Aligned& y, int y_bits, int fraction_bits) {
  if (x.empty && y.empty) return {};
  const int exponent = x.empty ? y.exponent : y.empty ? x.exponent : std::max(x.exponent, y.exponent);
  const auto at_exponent = [&](const Aligned& sum, int bits) {
    return sum.empty ? int128{0} : shifted(sum.units, exponent - sum.exponent + bits - fraction_bits);
  };
  return {false, exponent, at_exponent(x, x_bits) + at_exponent(y, y_bits)};
}

Real value_of(const Aligned& sum, int fraction_bits) {
  return real_from_units(sum.units, sum.exponent - fraction_bits);
}

// AMD CDNA3, see Accumulation::join.
Real joined_sum(std::span<const DotTerm> terms, const DotTerm& accumulator, const Accumulation& how) {
  const int bits = how.window;
  const auto of_products = [&](size_t first, size_t step) {
    return align(terms, first, step, {}, bits, false);
  };
  const Aligned products =
      how.even_odd ? joined(of_products(0, 2), bits, of_products(1, 2), bits, bits) : of_products(0, 1);
  Aligned c;
  if (accumulator.value.kind == RealClass::finite) {
    const int largest =
        products.empty ? accumulator.exponent : std::max(products.exponent, accumulator.exponent);
    c = {false, largest, cut(accumulator.value, largest - bits, true)};
    if (how.even_odd && accumulator.exponent < largest - bits - 1) c.units = 0;
  }
  return value_of(joined(products, bits, c, bits, how.join), how.join);
}

// Whether any of the terms is infinite or NaN; then `special` is what they sum to, in any order.
bool special_sum(std::span<const DotTerm> terms, const Real& accumulator, Real& special) {
  bool nan = false, positive = false, negative = false;
  const auto look_at = [&](const Real& value) {
    nan = nan || value.kind == RealClass::nan;
    if (value.kind == RealClass::infinity) (value.negative ? negative : positive) = true;
  };
  look_at(accumulator);
  for (const DotTerm& term : terms) look_at(term.value);
  special.kind = nan || (positive && negative) ? RealClass::nan : RealClass::infinity;
  special.negative = special.kind == RealClass::infinity && negative;
  return nan || positive || negative;
}

}  // namespace

Real window_sum(std::span<const DotTerm> terms, const DotTerm& accumulator, const Unit& unit) {
  Real special;
  if (special_sum(terms, accumulator.value, special)) return special;
  const Accumulation& how = unit.accumulation;
  if (how.join > 0) return joined_sum(terms, accumulator, how);
  return value_of(align(terms, 0, 1, accumulator, how.window, how.window_floor), how.window);
}

}  // namespace assay
