// The host's floating-point environment for the length of a scope.
#pragma once

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <cfenv>

namespace assay {

// Sets the rounding of the calling thread (FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD or FE_DOWNWARD), subnormals neither
// flushed nor read as zero, and no traps; puts back what was there. On x86-64 this is about SSE and AVX, not the x87.
// The compiler does not know of it: code that depends on it belongs into functions that are not inlined into the scope.
class FloatEnvironment {
 public:
  explicit FloatEnvironment(int rounding = FE_TONEAREST) {
#if defined(__x86_64__)
    saved_ = _mm_getcsr();
    // <fenv.h> gives the roundings as bits of the x87's control word; MXCSR has them three places higher.
    _mm_setcsr(_MM_MASK_MASK | static_cast<unsigned>(rounding) << 3);
#else
    std::fegetenv(&saved_);
    std::fesetenv(FE_DFL_ENV);
    std::fesetround(rounding);
#endif
  }
  ~FloatEnvironment() {
#if defined(__x86_64__)
    _mm_setcsr(saved_);
#else
    std::fesetenv(&saved_);
#endif
  }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
#if defined(__x86_64__)
  unsigned saved_ = 0;
#else
  std::fenv_t saved_{};
#endif
};

}  // namespace assay
