// PositRounder's rounding to nearest even for many values at a time.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/posit_lanes.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include "arith/posit_rounder.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using BitsTag = hn::RebindToSigned<Tag>;
using WordsTag = hn::RebindToUnsigned<Tag>;
using Vector = hn::Vec<Tag>;
using Bits = hn::Vec<BitsTag>;

HWY_INLINE Bits broadcast(int64_t x) {
  return hn::Set(BitsTag(), x);
}
HWY_INLINE Bits shift_left(Bits x, Bits by) {
  const WordsTag words;
  return hn::BitCast(BitsTag(), hn::BitCast(words, x) << hn::BitCast(words, by));
}
template <class Mask>
HWY_INLINE Bits all_ones_where(Mask mask) {
  return hn::VecFromMask(BitsTag(), mask);
}

// As in PositRounder::operator(), where the names are explained, for magnitudes between the least and the largest.
HWY_INLINE Bits rounded(const PositLanes& posit, Bits magnitude) {
  constexpr int kFractionWidth = 52;
  const BitsTag d;
  const Bits zero = hn::Zero(d), one = broadcast(1);
  const Bits string = hn::Sub(magnitude, broadcast(int64_t{1023} << kFractionWidth));
  // Shifted as an unsigned number, which 1024 binades more make it.
  const Bits raised = hn::Add(string, broadcast(int64_t{1024} << kFractionWidth));
  const int regime_place = kFractionWidth + posit.exponent_width;
  const Bits regime =
      hn::Sub(hn::ShiftRightSame(raised, regime_place), broadcast(int64_t{1024} >> posit.exponent_width));
  const Bits is_negative = all_ones_where(hn::Lt(regime, zero));
  const Bits regime_width = hn::Add(hn::Xor(regime, is_negative), broadcast(2));
  const Bits kept = hn::Sub(broadcast(posit.width - 1), regime_width);
  const Bits cut = hn::Sub(broadcast(regime_place), hn::Max(kept, zero));
  const Bits unit = shift_left(one, cut);
  const Bits below = hn::And(string, hn::Sub(unit, one));
  const Bits odd_unit = all_ones_where(hn::Ne(hn::And(string, unit), zero));
  const Bits odd = hn::And(hn::IfThenElse(hn::Gt(kept, zero), odd_unit, is_negative), one);
  const Bits half = hn::BitCast(d, hn::ShiftRight<1>(hn::BitCast(WordsTag(), unit)));
  const Bits away = all_ones_where(hn::Gt(hn::Add(below, odd), half));
  return hn::Add(hn::Sub(magnitude, below), hn::And(away, unit));
}

void round_any(const PositLanes& posit, double* values, size_t count) {
  const Tag d;
  const BitsTag bits;
  const Vector least = hn::Set(d, posit.least), largest = hn::Set(d, posit.largest);
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector x = hn::LoadU(d, values + i);
    const Vector magnitude = hn::Min(hn::Max(hn::Abs(x), least), largest);
    Vector result = hn::BitCast(d, rounded(posit, hn::BitCast(bits, magnitude)));
    result = hn::CopySignToAbs(hn::Min(hn::Max(result, least), largest), x);
    result = hn::IfThenZeroElse(hn::Eq(x, hn::Zero(d)), result);
    const auto infinite = hn::Eq(hn::Abs(x), hn::Inf(d));
    const auto negative = hn::Lt(x, hn::Zero(d));
    const Vector of_infinity =
        hn::IfThenElse(negative, hn::Set(d, posit.of_infinity[1]), hn::Set(d, posit.of_infinity[0]));
    result = hn::IfThenElse(infinite, of_infinity, result);
    hn::StoreU(hn::IfThenElse(hn::Eq(x, x), result, hn::Set(d, posit.of_nan)), d, values + i);
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(round_any);

void round_posits_to_even(const PositLanes& posit, double* values, size_t count) {
  HWY_DYNAMIC_DISPATCH(round_any)(posit, values, count);
}

}  // namespace assay
#endif
