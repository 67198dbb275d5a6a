// Float accumulators: fused multiply-add and piecewise-affine products.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/gemm_float_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <cmath>

#include "arith/gemm_block-inl.h"
#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

struct FmaStep : FloatOperands {
  explicit HWY_INLINE FmaStep(const StepConstants&) {}
  HWY_INLINE FloatVector operator()(FloatVector c, FloatVector a, FloatVector b) const {
#if HWY_TARGET == HWY_SCALAR
    return FloatVector(std::fma(a.raw, b.raw, c.raw));
#else
    return hn::MulAdd(a, b, c);
#endif
  }
};

constexpr int32_t kSign = hwy::LimitsMin<int32_t>();

struct PiecewiseAffineStep : FloatAccumulation {
  struct A {
    IntVector bits, magnitude;
  };
  struct B {
    IntVector bits_less_one, greatest_without_product;
  };
  static constexpr size_t kAWords = 2;
  static constexpr size_t kBWords = 2;

  explicit HWY_INLINE PiecewiseAffineStep(const StepConstants&) {}

  static HWY_INLINE A broadcast_a(const uint32_t* a, size_t stride) {
    return {broadcast_word(a), broadcast_word(a + stride)};
  }
  static HWY_INLINE B load_b(const uint32_t* b, size_t stride) {
    B vectors{load_words(b), load_words(b + stride)};
    pin(vectors.bits_less_one);
    pin(vectors.greatest_without_product);
    return vectors;
  }
  static HWY_INLINE FloatVector add_where(hn::Mask<IntTag> has_product, FloatVector c, IntVector product) {
#if HWY_TARGET <= HWY_AVX3
    return FloatVector{
        _mm512_mask_add_ps(c.raw, has_product.raw, c.raw, hn::BitCast(FloatTag(), product).raw)};
#else
    // Adding +0 leaves every accumulator but -0 as it is.
    return hn::Add(c, hn::BitCast(FloatTag(), hn::IfThenElseZero(has_product, product)));
#endif
  }
  HWY_INLINE FloatVector operator()(FloatVector c, const A& a, const B& b) const {
    const auto has_product = hn::Gt(a.magnitude, b.greatest_without_product);
    return add_where(has_product, c, hn::Add(a.bits, b.bits_less_one));
  }
};

// The same with products beyond the range made infinite.
struct GuardedPiecewiseAffineStep : PiecewiseAffineStep {
  struct B {
    IntVector bits_less_one, greatest_without_product, greatest_finite;
  };
  IntVector finite_span;

  explicit HWY_INLINE GuardedPiecewiseAffineStep(const StepConstants& constants)
      : PiecewiseAffineStep(constants),
        finite_span(hn::Set(IntTag(), constants.infinity - constants.least_normal)) {}

  HWY_INLINE B load_b(const uint32_t* b, size_t stride) const {
    const PiecewiseAffineStep::B vectors = PiecewiseAffineStep::load_b(b, stride);
    const IntVector most = hn::Set(IntTag(), hwy::LimitsMax<int32_t>());
    const IntVector greatest_finite =
        hn::Add(hn::Min(vectors.greatest_without_product, hn::Sub(most, finite_span)), finite_span);
    return {vectors.bits_less_one, vectors.greatest_without_product, greatest_finite};
  }
  HWY_INLINE FloatVector operator()(FloatVector c, const A& a, const B& b) const {
    const IntTag d;
    const IntVector sum = hn::Add(a.bits, b.bits_less_one);
    // A magnitude that overflowed into the sign bit has a zero in the place below it, any other a one.
    const IntVector sign = hn::And(hn::Xor(sum, hn::Not(hn::ShiftLeft<1>(sum))), hn::Set(d, kSign));
    const IntVector infinite = hn::Or(sign, hn::Set(d, 0x7f800000));
    const IntVector product = hn::IfThenElse(hn::Gt(a.magnitude, b.greatest_finite), infinite, sum);
    return add_where(hn::Gt(a.magnitude, b.greatest_without_product), c, product);
  }
};

#if HWY_TARGET <= HWY_AVX3
constexpr size_t kFmaRows = 14, kAffineRows = 11, kVectors = 2;
#elif HWY_TARGET <= HWY_AVX2
constexpr size_t kFmaRows = 6, kAffineRows = 4, kVectors = 2;
#else
constexpr size_t kFmaRows = 4, kAffineRows = 4, kVectors = 4;
#endif

PanelKernel make_fma() {
  return block_kernel<FmaStep, kFmaRows, kVectors>();
}
PanelKernel make_piecewise_affine() {
  PanelKernel kernel = block_kernel<PiecewiseAffineStep, kAffineRows, kVectors>();
  kernel.run_guarded = &run_block<GuardedPiecewiseAffineStep, kAffineRows, kVectors>;
  return kernel;
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(make_fma);
HWY_EXPORT(make_piecewise_affine);

PanelKernel fma_kernel() {
  return HWY_DYNAMIC_DISPATCH(make_fma)();
}
PanelKernel piecewise_affine_kernel() {
  return HWY_DYNAMIC_DISPATCH(make_piecewise_affine)();
}

}  // namespace assay
#endif
