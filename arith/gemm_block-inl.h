// A register block of outputs, for any kind of step. Included once for every instruction set.
#if defined(ASSAY_GEMM_BLOCK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_GEMM_BLOCK_INL_H
#undef ASSAY_GEMM_BLOCK_INL_H
#else
#define ASSAY_GEMM_BLOCK_INL_H
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "arith/gemm_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using IntTag = hn::ScalableTag<int32_t>;
using FloatTag = hn::ScalableTag<float>;
using IntVector = hn::Vec<IntTag>;
using FloatVector = hn::Vec<FloatTag>;

inline constexpr size_t kVectorWords = HWY_MAX_BYTES / sizeof(uint32_t);
#if HWY_TARGET == HWY_SCALAR
inline constexpr size_t kLanes = 1;
#else
inline constexpr size_t kLanes = kVectorWords;
#endif

HWY_INLINE IntVector load_words(const uint32_t* from) {
  return hn::LoadU(IntTag(), reinterpret_cast<const int32_t*>(from));
}
HWY_INLINE IntVector broadcast_word(const uint32_t* from) {
  return hn::Set(IntTag(), static_cast<int32_t>(*from));
}

// Keeps a vector in a register: the compiler would load the words of b anew for every row.
template <typename Vector>
HWY_INLINE void pin(Vector& vector) {
#if HWY_TARGET != HWY_SCALAR && HWY_ARCH_X86_64
  asm volatile("" : "+v"(vector.raw));
#else
  (void)vector;
#endif
}

// Step has the types Accumulator, A and B, the numbers kAWords and kBWords, and the functions
//   load, store   accumulators at words of c
//   broadcast_a   of the words at a, `stride` apart
//   load_b        of the words at b, `stride` apart
//   operator()    the next accumulator
// The step is returned for what it has noted.
template <typename Step, size_t kRows, size_t kVectors>
HWY_INLINE Step accumulate_block(const StepConstants& constants, size_t steps, const uint32_t* HWY_RESTRICT a,
                                 const uint32_t* HWY_RESTRICT b, uint32_t* HWY_RESTRICT c, size_t c_stride) {
  Step step(constants);
  typename Step::Accumulator sums[kRows][kVectors];
#pragma GCC unroll 32
  for (size_t row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) sums[row][v] = Step::load(c + row * c_stride + v * kLanes);
  }
  for (size_t k = 0; k < steps; ++k) {
    typename Step::B b_vectors[kVectors];
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) b_vectors[v] = step.load_b(b + v * kLanes, kVectors * kLanes);
#pragma GCC unroll 32
    for (size_t row = 0; row < kRows; ++row) {
      const typename Step::A a_row = step.broadcast_a(a + row, kRows);
#pragma GCC unroll 8
      for (size_t v = 0; v < kVectors; ++v) sums[row][v] = step(sums[row][v], a_row, b_vectors[v]);
    }
    a += kRows * Step::kAWords;
    b += kVectors * kLanes * Step::kBWords;
  }
#pragma GCC unroll 32
  for (size_t row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) Step::store(sums[row][v], c + row * c_stride + v * kLanes);
  }
  return step;
}

template <typename Step, size_t kRows, size_t kVectors>
HWY_NOINLINE void run_block(const StepConstants& constants, size_t steps, const uint32_t* HWY_RESTRICT a,
                            const uint32_t* HWY_RESTRICT b, uint32_t* HWY_RESTRICT c, size_t c_stride) {
  accumulate_block<Step, kRows, kVectors>(constants, steps, a, b, c, c_stride);
}

template <typename Step, size_t kRows, size_t kVectors>
PanelKernel block_kernel(size_t depth = 1) {
  return {kRows,  kVectors * kLanes, Step::kAWords, Step::kBWords, depth, &run_block<Step, kRows, kVectors>,
          nullptr};
}

// Accumulators that are floats.
struct FloatAccumulation {
  using Accumulator = FloatVector;
  static HWY_INLINE Accumulator load(const uint32_t* from) {
    return hn::BitCast(FloatTag(), load_words(from));
  }
  static HWY_INLINE void store(Accumulator sum, uint32_t* to) {
    hn::StoreU(hn::BitCast(IntTag(), sum), IntTag(), reinterpret_cast<int32_t*>(to));
  }
};

// Operands that are floats.
struct FloatOperands : FloatAccumulation {
  using A = FloatVector;
  using B = FloatVector;
  static constexpr size_t kAWords = 1;
  static constexpr size_t kBWords = 1;
  static HWY_INLINE A broadcast_a(const uint32_t* a, size_t) {
    return hn::BitCast(FloatTag(), broadcast_word(a));
  }
  static HWY_INLINE B load_b(const uint32_t* b, size_t) {
    B vector = hn::BitCast(FloatTag(), load_words(b));
    pin(vector);
    return vector;
  }
};

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
