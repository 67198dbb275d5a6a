#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/logarithmic_chances.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <cmath>
#include <numbers>

#include "arith/lane_random.h"
#include "arith/logarithmic_chances.h"
#include "formats/logarithmic.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using BitsTag = hn::RebindToSigned<Tag>;
using Vector = hn::Vec<Tag>;
using Bits = hn::Vec<BitsTag>;

HWY_INLINE Bits broadcast(int64_t x) {
  return hn::Set(BitsTag(), x);
}

// (value - near) / (far - near) in the domain of the rounding.
HWY_INLINE Vector place_between(const LogarithmicLanes& lanes, Vector value, Vector near, Vector far) {
  const Tag d;
  const Vector above = hn::Sub(value, near);
  if (lanes.is_linear) return hn::Div(above, hn::Sub(far, near));
  // log2(value / near), for a quotient of at most 2: the series of the inverse hyperbolic tangent up to the 15th power.
  const Vector x = hn::Div(above, hn::Add(value, near)), square = hn::Mul(x, x);
  Vector sum = hn::Zero(d);
  for (int power = 15; power > 0; power -= 2) {
    sum = hn::Add(hn::Mul(sum, square), hn::Set(d, 1.0 / power));
  }
  return hn::Mul(hn::Mul(x, sum), hn::Set(d, lanes.steps_an_octave * 2 * std::numbers::log2e));
}

// Integers below 2^32 as numbers.
HWY_INLINE Vector number_of(const uint32_t* integers) {
  const BitsTag bits;
  const hn::Rebind<uint32_t, BitsTag> words;
  const Vector power = hn::Set(Tag(), 0x1p52);
  const Bits wide =
      hn::BitCast(bits, hn::PromoteTo(hn::RebindToUnsigned<BitsTag>(), hn::LoadU(words, integers)));
  return hn::Sub(hn::BitCast(Tag(), hn::Or(wide, hn::BitCast(bits, power))), power);
}

void round_any(const LogarithmicLanes& lanes, double one, const uint32_t* random, double* values,
               size_t count) {
  // Far above the error of a place.
  constexpr double kDoubt = 0x1p-26;
  const Tag d;
  const BitsTag bits;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector value = hn::LoadU(d, values + i), magnitude = hn::Abs(value);
    const Bits whole = hn::BitCast(bits, magnitude),
               fraction = hn::And(whole, broadcast((int64_t{1} << 52) - 1));
    Bits number = hn::GatherIndex(bits, lanes.last.data(), hn::ShiftRightSame(fraction, lanes.cell_shift));
    const Bits next = hn::GatherIndex(bits, lanes.fractions.data(), hn::Add(number, broadcast(1)));
    number = hn::Sub(number, hn::VecFromMask(bits, hn::Not(hn::Gt(next, fraction))));
    const Bits octave = hn::Sub(whole, fraction);
    const auto number_at = [&](Bits index) {
      return hn::BitCast(d, hn::Add(octave, hn::GatherIndex(bits, lanes.fractions.data(), index)));
    };
    const Vector near = number_at(number), far = number_at(hn::Add(number, broadcast(1)));
    const Vector place = place_between(lanes, magnitude, near, far);
    const Vector least =
        hn::Mul(hn::Sub(hn::Set(d, one - lanes.offset), number_of(random + i)), hn::Set(d, 1 / one));
    // No place is 1. A value rounded to odd that is a number's odd float64 may lie on either side of it.
    const auto never = hn::Eq(least, hn::Set(d, 1.0));
    const auto odd = hn::Ne(hn::And(whole, broadcast(1)), hn::Zero(bits));
    const auto at_number = hn::And(hn::Eq(near, magnitude), hn::RebindMask(d, odd));
    const auto is_apart = hn::Ge(hn::Abs(hn::Sub(place, least)), hn::Set(d, kDoubt));
    const auto is_clear = hn::Or(hn::AndNot(never, is_apart), hn::AndNot(at_number, never));
    const auto is_within =
        hn::And(hn::Ge(magnitude, hn::Set(d, lanes.least)), hn::Lt(magnitude, hn::Set(d, lanes.largest)));
    Vector rounded = hn::CopySign(hn::IfThenElse(hn::Lt(place, least), near, far), value);
    rounded = hn::IfThenElse(hn::And(is_clear, is_within), rounded, hn::NaN(d));
    hn::StoreU(hn::IfThenElse(hn::Eq(value, hn::Zero(d)), value, rounded), d, values + i);
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(round_any);

LogarithmicChances::LogarithmicChances(const Format& format, Rounding rounding) {
  const auto magnitude = [&](uint64_t code) {
    return to_double(logarithmic_value(format, static_cast<int64_t>(code)));
  };
  lanes_.is_linear = format.rounding_domain == RoundingDomain::linear;
  lanes_.steps_an_octave = std::ldexp(1.0, format.fraction_width);
  lanes_.least = magnitude(1);
  lanes_.largest = magnitude(max_finite_magnitude(format));
  lanes_.offset = rounding == Rounding::sr_a ? 0 : 0.5;
  constexpr int kFractionWidth = 52;
  constexpr int64_t kHiddenOne = int64_t{1} << kFractionWidth;
  lanes_.cell_shift = kFractionWidth - format.fraction_width - 1;
  for (int64_t i = 0; i < int64_t{1} << format.fraction_width; ++i) {
    lanes_.fractions.push_back(static_cast<int64_t>(logarithmic_value(format, i).significand) - kHiddenOne);
  }
  lanes_.fractions.push_back(kHiddenOne);
  int64_t number = 0;
  for (int64_t cell = 0; cell < int64_t{2} << format.fraction_width; ++cell) {
    while (lanes_.fractions[static_cast<size_t>(number) + 1] <= cell << lanes_.cell_shift) ++number;
    lanes_.last.push_back(number);
  }
}

void LogarithmicChances::operator()(std::span<double> values, const ArrayRandom& random) const {
  const uint32_t* bits = lane_random_bits(random, values.size());
  const auto one = static_cast<double>(uint64_t{1} << random.bits);
  HWY_DYNAMIC_DISPATCH(round_any)(lanes_, one, bits, values.data(), values.size());
}

}  // namespace assay
#endif
