// The alignment windows of tensor cores: groups of products and the accumulator cut to some bits below the largest
// exponent, summed exactly, rounded once.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/gemm_window_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <algorithm>

#include "arith/gemm_block-inl.h"
#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

using DoubleTag = hn::ScalableTag<double>;
using LongTag = hn::RebindToSigned<DoubleTag>;
using DoubleVector = hn::Vec<DoubleTag>;

constexpr size_t kRows = 4;

// A value for each lane of a FloatVector.
struct Doubles {
  DoubleVector low, high;
};

HWY_INLINE Doubles to_doubles(FloatVector x) {
  const DoubleTag d;
  return {hn::PromoteTo(d, hn::LowerHalf(x)), hn::PromoteTo(d, hn::UpperHalf(hn::Half<FloatTag>(), x))};
}
HWY_INLINE Doubles to_doubles(IntVector x) {
  const DoubleTag d;
  return {hn::PromoteTo(d, hn::LowerHalf(x)), hn::PromoteTo(d, hn::UpperHalf(hn::Half<IntTag>(), x))};
}

// 2^exponent.
HWY_INLINE Doubles powers(IntVector exponent) {
  const LongTag d;
  const auto power = [&](auto half) HWY_ATTR {
    return hn::BitCast(DoubleTag(), hn::ShiftLeft<52>(hn::Add(hn::PromoteTo(d, half), hn::Set(d, 1023))));
  };
  return {power(hn::LowerHalf(exponent)), power(hn::UpperHalf(hn::Half<IntTag>(), exponent))};
}

template <bool kFloor>
struct Window {
  const StepConstants& constants;

  static HWY_INLINE FloatVector cut(FloatVector x) { return kFloor ? hn::Floor(x) : hn::Trunc(x); }
  static HWY_INLINE DoubleVector cut(DoubleVector x) { return kFloor ? hn::Floor(x) : hn::Trunc(x); }

  // Integers no bits of which are lost: ConvertTo cuts toward zero by itself.
  static HWY_INLINE IntVector to_integers(FloatVector x) {
    return hn::ConvertTo(IntTag(), kFloor ? hn::Floor(x) : x);
  }

  // To `dropped_bits` fewer bits than double's: toward zero or to nearest even.
  HWY_INLINE DoubleVector round(DoubleVector x) const {
    const LongTag d;
    const auto bits = hn::BitCast(d, x);
    const int dropped = constants.dropped_bits;
    const auto mask = hn::Set(d, (int64_t{1} << dropped) - 1);
    if (constants.toward_zero) return hn::BitCast(DoubleTag(), hn::AndNot(mask, bits));
    const auto last = hn::And(hn::ShiftRightSame(bits, dropped), hn::Set(d, 1));
    const auto below_half = hn::Set(d, (int64_t{1} << (dropped - 1)) - 1);
    return hn::BitCast(DoubleTag(), hn::AndNot(mask, hn::Add(bits, hn::Add(below_half, last))));
  }

  // The exponent of an accumulator, that of subnormals being the least normal one; far below all for zeros.
  HWY_INLINE IntVector exponent_of(FloatVector c) const {
    const IntTag d;
    const IntVector magnitude = hn::And(hn::BitCast(d, c), hn::Set(d, 0x7fffffff));
    const IntVector field = hn::Max(hn::ShiftRight<23>(magnitude), hn::Set(d, 1));
    return hn::IfThenElse(hn::Eq(magnitude, hn::Zero(d)), hn::Set(d, kNoExponent),
                          hn::Sub(field, hn::Set(d, 127)));
  }

  // The accumulator and the sum of the cut products, in units of 2^-unit, rounded.
  HWY_INLINE FloatVector join(FloatVector c, const Doubles& sum, IntVector unit) const {
    const Doubles values = to_doubles(c), to_units = powers(unit), to_values = powers(hn::Neg(unit));
    const auto half = [&](DoubleVector value, DoubleVector products, DoubleVector up,
                          DoubleVector down) HWY_ATTR {
      const DoubleVector total = hn::Add(products, cut(hn::Mul(value, up)));
      // A sum of zero is +0.
      return hn::DemoteTo(hn::Half<FloatTag>(), hn::Mul(hn::Add(round(total), hn::Zero(DoubleTag())), down));
    };
    const FloatVector result =
        hn::Combine(FloatTag(), half(values.high, sum.high, to_units.high, to_values.high),
                    half(values.low, sum.low, to_units.low, to_values.low));
    // Infinite accumulators and NaNs remain.
    const IntTag d;
    const IntVector magnitude = hn::And(hn::BitCast(d, c), hn::Set(d, 0x7fffffff));
    const auto special = hn::RebindMask(FloatTag(), hn::Gt(magnitude, hn::Set(d, 0x7f7fffff)));
    return hn::IfThenElse(special, c, result);
  }

  HWY_INLINE void group(size_t depth, const uint32_t* a, const uint32_t* b, FloatVector* sums) const {
    const IntTag d;
    constexpr size_t kStepA = 2 * kRows, kStepB = 2 * kLanes;
    IntVector exponents[kRows];
#pragma GCC unroll 8
    for (size_t row = 0; row < kRows; ++row) exponents[row] = exponent_of(sums[row]);
    for (size_t k = 0; k < depth; ++k) {
      IntVector of_b = load_words(b + k * kStepB + kLanes);
      pin(of_b);
#pragma GCC unroll 8
      for (size_t row = 0; row < kRows; ++row) {
        const IntVector of_a = broadcast_word(a + k * kStepA + kRows + row);
        exponents[row] = hn::Max(exponents[row], hn::Add(of_a, of_b));
      }
    }
    // Without any term any unit will do. Products other than zero have exponents whose scale is a float.
    IntVector units[kRows];
    FloatVector scales[kRows];
#pragma GCC unroll 8
    for (size_t row = 0; row < kRows; ++row) {
      units[row] = hn::Sub(hn::Set(d, constants.window), hn::Max(exponents[row], hn::Set(d, -149)));
      const IntVector field = hn::Add(hn::Min(units[row], hn::Set(d, 127)), hn::Set(d, 127));
      scales[row] = hn::BitCast(FloatTag(), hn::ShiftLeft<23>(field));
    }
    Doubles totals[kRows];
#pragma GCC unroll 8
    for (size_t row = 0; row < kRows; ++row) totals[row] = {hn::Zero(DoubleTag()), hn::Zero(DoubleTag())};
    // So many cut products, less than 2^(window + 2) each, fit 32 bits.
    const size_t fitting = size_t{1} << (29 - constants.window);
    for (size_t first = 0; first < depth; first += fitting) {
      const size_t end = std::min(first + fitting, depth);
      IntVector integers[kRows];
#pragma GCC unroll 8
      for (size_t row = 0; row < kRows; ++row) integers[row] = hn::Zero(d);
      for (size_t k = first; k < end; ++k) {
        FloatVector of_b = hn::BitCast(FloatTag(), load_words(b + k * kStepB));
        pin(of_b);
#pragma GCC unroll 8
        for (size_t row = 0; row < kRows; ++row) {
          const FloatVector of_a = hn::BitCast(FloatTag(), broadcast_word(a + k * kStepA + row));
          integers[row] = hn::Add(integers[row], to_integers(hn::Mul(hn::Mul(of_a, of_b), scales[row])));
        }
      }
#pragma GCC unroll 8
      for (size_t row = 0; row < kRows; ++row) {
        const Doubles part = to_doubles(integers[row]);
        totals[row] = {hn::Add(totals[row].low, part.low), hn::Add(totals[row].high, part.high)};
      }
    }
#pragma GCC unroll 8
    for (size_t row = 0; row < kRows; ++row) sums[row] = join(sums[row], totals[row], units[row]);
  }
};

template <bool kFloor>
HWY_NOINLINE void run_window(const StepConstants& constants, size_t steps, const uint32_t* HWY_RESTRICT a,
                             const uint32_t* HWY_RESTRICT b, uint32_t* HWY_RESTRICT c, size_t c_stride) {
  const Window<kFloor> window{constants};
  FloatVector sums[kRows];
  for (size_t row = 0; row < kRows; ++row) sums[row] = FloatAccumulation::load(c + row * c_stride);
  const auto group = static_cast<size_t>(constants.group);
  const auto add_groups = [&](size_t begin, size_t end, FloatVector* to) HWY_ATTR {
    for (size_t first = begin; first < end; first += group) {
      window.group(std::min(group, end - first), a + first * 2 * kRows, b + first * 2 * kLanes, to);
    }
  };
  const auto promoted = static_cast<size_t>(constants.promoted);
  if (promoted == 0) add_groups(0, steps, sums);
  for (size_t begin = 0; promoted > 0 && begin < steps; begin += promoted) {
    FloatVector parts[kRows];
    for (size_t row = 0; row < kRows; ++row) parts[row] = hn::Zero(FloatTag());
    add_groups(begin, begin + promoted, parts);
    for (size_t row = 0; row < kRows; ++row) sums[row] = hn::Add(sums[row], parts[row]);
  }
  for (size_t row = 0; row < kRows; ++row) FloatAccumulation::store(sums[row], c + row * c_stride);
}

PanelKernel make_window(bool floor) {
  return {kRows, kLanes, 2, 2, 1, floor ? &run_window<true> : &run_window<false>, nullptr};
}

#else

PanelKernel make_window(bool) {
  return {};
}

#endif

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(make_window);

PanelKernel window_kernel(bool floor) {
  return HWY_DYNAMIC_DISPATCH(make_window)(floor);
}

}  // namespace assay
#endif
