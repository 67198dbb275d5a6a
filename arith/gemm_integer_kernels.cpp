// Integer accumulators: 16-bit products in pairs and, where the processor has the instruction, bytes in fours.
#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "arith/gemm_integer_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include "arith/gemm_block-inl.h"
#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

struct IntegerOperands {
  using Accumulator = IntVector;
  using A = IntVector;
  using B = IntVector;
  static constexpr size_t kAWords = 1;
  static constexpr size_t kBWords = 1;
  static HWY_INLINE Accumulator load(const uint32_t* from) { return load_words(from); }
  static HWY_INLINE void store(Accumulator sum, uint32_t* to) {
    hn::StoreU(sum, IntTag(), reinterpret_cast<int32_t*>(to));
  }
  static HWY_INLINE A broadcast_a(const uint32_t* a, size_t) { return broadcast_word(a); }
  static HWY_INLINE B load_b(const uint32_t* b, size_t) {
    B vector = load_words(b);
    pin(vector);
    return vector;
  }
};

// c + a0 b0 + a1 b1 modulo 2^32.
struct PairStep : IntegerOperands {
  explicit HWY_INLINE PairStep(const StepConstants&) {}
  HWY_INLINE IntVector operator()(IntVector c, IntVector a, IntVector b) const {
#if HWY_TARGET <= HWY_AVX3_DL
    // By its name, because Highway 1.0 does not switch the intrinsic on for the processors it has checked for it.
    asm("vpdpwssd %2, %1, %0" : "+v"(c.raw) : "v"(a.raw), "v"(b.raw));
    return c;
#elif HWY_TARGET <= HWY_AVX3
    return hn::Add(c, IntVector{_mm512_madd_epi16(a.raw, b.raw)});
#elif HWY_TARGET <= HWY_AVX2
    return hn::Add(c, IntVector{_mm256_madd_epi16(a.raw, b.raw)});
#else
    const auto low = [](IntVector x) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(x)); };
    const auto high = [](IntVector x) { return hn::ShiftRight<16>(x); };
    // Unsigned, because the sum may pass the range.
    const hn::RebindToUnsigned<IntTag> du;
    const auto product = [&](IntVector x, IntVector y) { return hn::BitCast(du, hn::Mul(x, y)); };
    const auto both = hn::Add(product(low(a), low(b)), product(high(a), high(b)));
    return hn::BitCast(IntTag(), hn::Add(hn::BitCast(du, c), both));
#endif
  }
};

#if HWY_TARGET <= HWY_AVX3_DL
struct ByteStep : IntegerOperands {
  explicit HWY_INLINE ByteStep(const StepConstants&) {}
  HWY_INLINE IntVector operator()(IntVector c, IntVector a, IntVector b) const {
    asm("vpdpbusd %2, %1, %0" : "+v"(c.raw) : "v"(a.raw), "v"(b.raw));
    return c;
  }
};
#endif

#if HWY_TARGET <= HWY_AVX3
constexpr size_t kRows = 14, kVectors = 2;
#elif HWY_TARGET <= HWY_AVX2
constexpr size_t kRows = 5, kVectors = 2;
#else
constexpr size_t kRows = 4, kVectors = 4;
#endif

PanelKernel make_pairs() {
  return block_kernel<PairStep, kRows, kVectors>(2);
}
PanelKernel make_bytes() {
#if HWY_TARGET <= HWY_AVX3_DL
  return block_kernel<ByteStep, kRows, kVectors>(4);
#else
  return {};
#endif
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(make_pairs);
HWY_EXPORT(make_bytes);

PanelKernel integer_kernel() {
  return HWY_DYNAMIC_DISPATCH(make_pairs)();
}
PanelKernel byte_kernel() {
  return HWY_DYNAMIC_DISPATCH(make_bytes)();
}

}  // namespace assay
#endif
