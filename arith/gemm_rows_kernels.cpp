// Sums and products of float64 lanes, exact or rounded to odd.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/gemm_rows_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <cmath>

#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<double>;
using BitsTag = hn::RebindToSigned<Tag>;
using Vector = hn::Vec<Tag>;

struct SumAndError {
  Vector sum, error;
};

// x + y = sum + error (Knuth's TwoSum). The error of a sum that is infinite or NaN is NaN.
HWY_INLINE SumAndError two_sum(Vector x, Vector y) {
  const Vector sum = hn::Add(x, y);
  const Vector part = hn::Sub(sum, x);
  return {sum, hn::Add(hn::Sub(x, hn::Sub(sum, part)), hn::Sub(y, part))};
}

// x + y exactly, but for a last bit that is one where the sum is inexact (the rounding to odd of Boldo and Melquiond,
// 2008). An infinite sum of finite values cannot be: both lie far within the range of float64.
template <bool kDownward>
HWY_INLINE Vector sum_to_odd(Vector x, Vector y) {
  const Tag d;
  const BitsTag db;
  const auto [sum, error] = two_sum(x, y);
  // An error that is NaN counts as none.
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

// x + high + low, where low is far below high: if a bit of the lesser parts is lost, the sum has not cancelled to where
// it would matter.
template <bool kDownward>
HWY_INLINE Vector sum_of_parts_to_odd(Vector x, Vector high, Vector low) {
  const Tag d;
  const auto [sum, error] = two_sum(x, high);
  const auto is_number = hn::Eq(error, error);
  const Vector rest = sum_to_odd<false>(hn::IfThenElseZero(is_number, error), low);
  const auto exact = hn::Eq(rest, hn::Zero(d));
  return hn::IfThenElse(exact, sum_to_odd<kDownward>(x, high), sum_to_odd<kDownward>(sum, rest));
}

HWY_INLINE Vector fused_multiply_add(Vector a, Vector b, Vector c) {
#if HWY_TARGET == HWY_SCALAR
  return Vector(std::fma(a.raw, b.raw, c.raw));
#else
  return hn::MulAdd(a, b, c);
#endif
}

HWY_INLINE Vector low_part(Vector a, Vector b, Vector high) {
  const auto is_number = hn::Lt(hn::Abs(high), hn::Inf(Tag()));
  return hn::IfThenElseZero(is_number, fused_multiply_add(a, b, hn::Neg(high)));
}

void multiply_add_any(double a, const double* b, size_t count, double* sums) {
  const Tag d;
  const Vector factor = hn::Set(d, a);
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    hn::StoreU(fused_multiply_add(factor, hn::LoadU(d, b + i), hn::LoadU(d, sums + i)), d, sums + i);
  }
}

void add_nonzero_any(const double* terms, size_t count, double* sums) {
  const Tag d;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector term = hn::LoadU(d, terms + i), sum = hn::LoadU(d, sums + i);
    hn::StoreU(hn::IfThenElse(hn::Eq(term, hn::Zero(d)), sum, hn::Add(sum, term)), d, sums + i);
  }
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

template <bool kDownward>
void add_parts_to_odd(const double* high, const double* low, size_t count, double* sums) {
  const Tag d;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector sum =
        sum_of_parts_to_odd<kDownward>(hn::LoadU(d, sums + i), hn::LoadU(d, high + i), hn::LoadU(d, low + i));
    hn::StoreU(sum, d, sums + i);
  }
}

void add_parts_to_odd_any(const double* high, const double* low, size_t count, bool downward, double* sums) {
  (downward ? add_parts_to_odd<true> : add_parts_to_odd<false>)(high, low, count, sums);
}

void add_in_parts_any(const double* high, const double* low, size_t count, double* sums, double* rests) {
  const Tag d;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    auto [sum, rest] = two_sum(hn::LoadU(d, sums + i), hn::LoadU(d, high + i));
    if (low != nullptr) {
      const auto whole = two_sum(sum, sum_to_odd<false>(rest, hn::LoadU(d, low + i)));
      sum = whole.sum;
      rest = whole.error;
    }
    hn::StoreU(sum, d, sums + i);
    hn::StoreU(rest, d, rests + i);
  }
}

void multiply_in_parts_any(const double* a, const double* b, size_t count, double* high, double* low) {
  const Tag d;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const Vector factor = hn::LoadU(d, a + i), other = hn::LoadU(d, b + i);
    const Vector product = hn::Mul(factor, other);
    hn::StoreU(product, d, high + i);
    hn::StoreU(low_part(factor, other, product), d, low + i);
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(add_nonzero_any);
HWY_EXPORT(add_to_odd_any);
HWY_EXPORT(add_parts_to_odd_any);
HWY_EXPORT(add_in_parts_any);
HWY_EXPORT(multiply_in_parts_any);
HWY_EXPORT(multiply_add_any);

void add_nonzero(const double* terms, size_t count, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_nonzero_any)(terms, count, sums);
}
void add_to_odd(const double* terms, size_t count, bool downward, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_to_odd_any)(terms, count, downward, sums);
}
void add_parts_to_odd(const double* high, const double* low, size_t count, bool downward, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_parts_to_odd_any)(high, low, count, downward, sums);
}
void add_in_parts(const double* high, const double* low, size_t count, double* sums, double* rests) {
  HWY_DYNAMIC_DISPATCH(add_in_parts_any)(high, low, count, sums, rests);
}
void multiply_add(double a, const double* b, size_t count, double* sums) {
  HWY_DYNAMIC_DISPATCH(multiply_add_any)(a, b, count, sums);
}
void multiply_in_parts(const double* a, const double* b, size_t count, double* high, double* low) {
  HWY_DYNAMIC_DISPATCH(multiply_in_parts_any)(a, b, count, high, low);
}

}  // namespace assay
#endif
