// Sums of float64 rounded to odd.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/gemm_rows_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using BitsTag = hn::RebindToSigned<Tag>;
using Vector = hn::Vec<Tag>;

// x + y exactly, but for a last bit that is one where the sum is inexact (Knuth's TwoSum and the rounding to odd of
// Boldo and Melquiond, 2008). An infinite sum of finite values cannot be: both lie far within the range of float64.
template <bool kDownward>
HWY_INLINE Vector sum_to_odd(Vector x, Vector y) {
  const Tag d;
  const BitsTag db;
  const Vector sum = hn::Add(x, y);
  const Vector part = hn::Sub(sum, x);
  const Vector error = hn::Add(hn::Sub(x, hn::Sub(sum, part)), hn::Sub(y, part));
  // The error of a sum that is infinite or NaN is NaN and counts as none.
  const auto inexact = hn::Or(hn::Lt(error, hn::Zero(d)), hn::Gt(error, hn::Zero(d)));
  const auto bits = hn::BitCast(db, sum);
  // One place towards the exact value from an even sum: +1 or -1 on its bits.
  const auto one = hn::Set(db, 1);
  const auto direction = hn::Or(hn::BroadcastSignBit(hn::Xor(hn::BitCast(db, error), bits)), one);
  const auto even = hn::Neg(hn::AndNot(bits, one));
  const auto moves = hn::And(hn::VecFromMask(db, hn::RebindMask(db, inexact)), even);
  Vector result = hn::BitCast(d, hn::Add(bits, hn::And(moves, direction)));
  if constexpr (kDownward) {
    // A sum of zero is -0 unless both are +0.
    const auto any_sign = hn::Or(hn::BitCast(db, x), hn::BitCast(db, y));
    const auto negative_zero =
        hn::And(hn::BroadcastSignBit(any_sign), hn::Set(db, hwy::LimitsMin<int64_t>()));
    result = hn::IfThenElse(hn::Eq(sum, hn::Zero(d)), hn::BitCast(d, negative_zero), result);
  }
  return result;
}

template <bool kDownward>
void add_to_odd(const double* terms, size_t count, double* sums) {
  const Tag d;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    hn::StoreU(sum_to_odd<kDownward>(hn::LoadU(d, sums + i), hn::LoadU(d, terms + i)), d, sums + i);
  }
}

void add_to_odd_any(const double* terms, size_t count, bool downward, double* sums) {
  (downward ? add_to_odd<true> : add_to_odd<false>)(terms, count, sums);
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(add_to_odd_any);

void add_to_odd(const double* terms, size_t count, bool downward, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_to_odd_any)(terms, count, downward, sums);
}

}  // namespace assay
#endif
