// Float accumulators rounded to a narrower format after every product.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/gemm_rounding_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "arith/gemm_block-inl.h"
#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

constexpr int32_t kSign = hwy::LimitsMin<int32_t>();
constexpr int32_t kExponentField = 0x7f800000;

HWY_INLINE IntVector bits_of(FloatVector x) {
  return hn::BitCast(IntTag(), x);
}
HWY_INLINE FloatVector float_of(IntVector bits) {
  return hn::BitCast(FloatTag(), bits);
}

// The magnitude of `magnitude` and the sign of `sign`.
HWY_INLINE FloatVector with_sign(FloatVector magnitude, FloatVector sign) {
#if HWY_TARGET <= HWY_AVX3
  const __m512i mask = _mm512_set1_epi32(kSign);
  return float_of(
      IntVector{_mm512_ternarylogic_epi32(mask, bits_of(sign).raw, bits_of(magnitude).raw, 0xca)});
#else
  return hn::CopySign(magnitude, sign);
#endif
}

// a b + c rounded to 24 bits, to the odd one of two neighbours if it is inexact: any further rounding to at most 22
// bits is then that of the exact value (Boldo and Melquiond, 2008). An exact zero of values with different sign is +0.
HWY_INLINE FloatVector fma_to_odd(FloatVector a, FloatVector b, FloatVector c) {
#if HWY_TARGET <= HWY_AVX3
  const __m512 below = _mm512_fmadd_round_ps(a.raw, b.raw, c.raw, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  const __m512 above = _mm512_fmadd_round_ps(a.raw, b.raw, c.raw, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC);
  const __mmask16 odd = _mm512_test_epi32_mask(_mm512_castps_si512(below), _mm512_set1_epi32(1));
  return FloatVector{_mm512_mask_mov_ps(above, odd, below)};
#else
  // The product is exact (rounding_kernel); the error of its sum with c is exact too (Knuth's TwoSum).
  const IntTag d;
  const FloatVector product = hn::Mul(a, b);
  const FloatVector sum = hn::Add(product, c);
  const FloatVector part = hn::Sub(sum, product);
  const FloatVector error = hn::Add(hn::Sub(product, hn::Sub(sum, part)), hn::Sub(c, part));
  // An even inexact sum moves one place towards the exact value: +1 or -1 on its bits. The error of a sum that is
  // infinite or NaN is NaN and counts as none; a sum that overflowed stays infinite.
  const IntVector bits = bits_of(sum);
  const auto inexact = hn::Or(hn::Lt(error, hn::Zero(FloatTag())), hn::Gt(error, hn::Zero(FloatTag())));
  const IntVector direction = hn::Or(hn::BroadcastSignBit(hn::Xor(bits_of(error), bits)), hn::Set(d, 1));
  const IntVector even = hn::AndNot(bits, hn::Set(d, 1));
  const IntVector moves = hn::And(hn::VecFromMask(d, hn::RebindMask(d, inexact)), hn::Neg(even));
  return float_of(hn::Add(bits, hn::And(moves, direction)));
#endif
}

// What is done about results beyond the range.
//   none      nothing: rounding on the bits makes them infinite by itself
//   noted     nothing, but the largest magnitude is kept
//   replaced  by `overflow`
//   apart     the same, infinities by `beyond`
enum class Overflow { none, noted, replaced, apart };

template <bool kExactFirst, bool kWide, bool kTowardZero, Overflow kOverflow>
struct RoundingStep : FloatOperands {
  int dropped;
  IntVector dropped_mask, below_half, least_exponent, magic;
  FloatVector greatest;
  FloatVector largest;
  IntVector overflow, beyond;

  explicit HWY_INLINE RoundingStep(const StepConstants& constants)
      : dropped(constants.dropped_bits),
        dropped_mask(hn::Set(IntTag(), (1 << constants.dropped_bits) - 1)),
        below_half(hn::Set(IntTag(), (1 << (constants.dropped_bits - 1)) - 1)),
        least_exponent(hn::Set(IntTag(), constants.least_exponent)),
        magic(hn::Set(IntTag(), (constants.dropped_bits << 23) + (kTowardZero ? 0 : 0x400000))),
        greatest(float_of(hn::Set(IntTag(), constants.greatest))),
        largest(hn::Zero(FloatTag())),
        overflow(hn::Set(IntTag(), constants.overflow)),
        beyond(hn::Set(IntTag(), constants.beyond)) {}

  // On the bits: the grid of the result has float's exponents.
  HWY_INLINE FloatVector round_wide(FloatVector x) const {
    const IntVector bits = bits_of(x);
    if constexpr (kTowardZero) {
      return float_of(hn::AndNot(dropped_mask, bits));
    } else {
      const IntVector last = hn::And(hn::ShiftRightSame(bits, dropped), hn::Set(IntTag(), 1));
      return float_of(hn::AndNot(dropped_mask, hn::Add(hn::Add(bits, below_half), last)));
    }
  }

  // By adding a number whose last place is that of the result and taking it away again.
  HWY_INLINE FloatVector round_narrow(FloatVector x) const {
    const IntTag d;
    const IntVector exponent = hn::Max(hn::And(bits_of(x), hn::Set(d, kExponentField)), least_exponent);
    FloatVector shifter = float_of(hn::Add(exponent, magic));
    if constexpr (kTowardZero) shifter = with_sign(shifter, x);
    return with_sign(hn::Sub(hn::Add(x, shifter), shifter), x);
  }

  HWY_INLINE FloatVector operator()(FloatVector c, FloatVector a, FloatVector b) {
    const FloatVector sum = kExactFirst ? hn::MulAdd(a, b, c) : fma_to_odd(a, b, c);
    const FloatVector rounded = kWide ? round_wide(sum) : round_narrow(sum);
    if constexpr (kOverflow == Overflow::none) return rounded;
    if constexpr (kOverflow == Overflow::noted) {
      largest = larger_magnitude(largest, rounded);
      return rounded;
    }
    const FloatVector magnitude = hn::Abs(rounded);
    IntVector outcome = overflow;
    if constexpr (kOverflow == Overflow::apart) {
      const auto infinite = hn::Eq(bits_of(magnitude), hn::Set(IntTag(), kExponentField));
      outcome = hn::IfThenElse(infinite, beyond, overflow);
    }
    return hn::IfThenElse(hn::Gt(magnitude, greatest), with_sign(float_of(outcome), rounded), rounded);
  }

  // Of `largest` and |x|, but not NaN.
  static HWY_INLINE FloatVector larger_magnitude(FloatVector most, FloatVector x) {
#if HWY_TARGET <= HWY_AVX3
    return FloatVector{_mm512_range_ps(most.raw, x.raw, 0x0b)};  // larger magnitude, sign cleared
#else
    return hn::Max(hn::Abs(x), most);  // yields `most` if x is NaN
#endif
  }

  HWY_INLINE bool has_overflow() const {
    return !hn::AllFalse(FloatTag(), hn::Gt(largest, greatest));
  }
};

#if HWY_TARGET <= HWY_AVX3
constexpr size_t kRows = 8, kVectors = 2;
#else
constexpr size_t kRows = 3, kVectors = 2;
#endif

// Results seldom lie beyond the range: they are looked for at the end, and if there are any, all is done again with
// care.
template <bool kExactFirst, bool kWide, bool kTowardZero, Overflow kCareful>
HWY_NOINLINE void run_noted(const StepConstants& constants, size_t steps, const uint32_t* HWY_RESTRICT a,
                            const uint32_t* HWY_RESTRICT b, uint32_t* HWY_RESTRICT c, size_t c_stride) {
  using Noted = RoundingStep<kExactFirst, kWide, kTowardZero, Overflow::noted>;
  using Careful = RoundingStep<kExactFirst, kWide, kTowardZero, kCareful>;
  constexpr size_t kColumns = kVectors * kLanes;
  std::array<uint32_t, kRows * kColumns> before;
  for (size_t row = 0; row < kRows; ++row)
    std::copy_n(c + row * c_stride, kColumns, before.data() + row * kColumns);
  if (!accumulate_block<Noted, kRows, kVectors>(constants, steps, a, b, c, c_stride).has_overflow()) return;
  for (size_t row = 0; row < kRows; ++row)
    std::copy_n(before.data() + row * kColumns, kColumns, c + row * c_stride);
  run_block<Careful, kRows, kVectors>(constants, steps, a, b, c, c_stride);
}

template <bool kExactFirst, bool kWide, bool kTowardZero>
PanelKernel make_step(const RoundingChoice& choice) {
  PanelKernel kernel =
      block_kernel<RoundingStep<kExactFirst, kWide, kTowardZero, Overflow::none>, kRows, kVectors>();
  if (choice.overflow_by_itself) return kernel;
  kernel.run = choice.infinity_apart ? &run_noted<kExactFirst, kWide, kTowardZero, Overflow::apart>
                                     : &run_noted<kExactFirst, kWide, kTowardZero, Overflow::replaced>;
  return kernel;
}

PanelKernel make_rounding(const RoundingChoice& choice) {
  if (choice.toward_zero)
    return choice.wide ? make_step<true, true, true>(choice) : make_step<true, false, true>(choice);
  if (choice.exact_first)
    return choice.wide ? make_step<true, true, false>(choice) : make_step<true, false, false>(choice);
  return choice.wide ? make_step<false, true, false>(choice) : make_step<false, false, false>(choice);
}

#else

PanelKernel make_rounding(const RoundingChoice&) {
  return {};
}

#endif

bool has_embedded_rounding() {
  return HWY_TARGET <= HWY_AVX3;
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(make_rounding);
HWY_EXPORT(has_embedded_rounding);

PanelKernel rounding_kernel(const RoundingChoice& choice) {
  return HWY_DYNAMIC_DISPATCH(make_rounding)(choice);
}
bool has_rounding_in_instructions() {
  return HWY_DYNAMIC_DISPATCH(has_embedded_rounding)();
}

}  // namespace assay
#endif
