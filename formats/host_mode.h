// The host's floating-point mode out of the way of arithmetic that relies on it.
#pragma once

#include <cfenv>

namespace assay {

// The mode C starts with but for the direction of rounding for as long as the object lives, in this thread: subnormal
// numbers kept, no traps. Then the mode that was.
class HostMode {
 public:
  explicit HostMode(int direction = FE_TONEAREST) {
    std::fegetenv(&saved_);
    std::fesetenv(FE_DFL_ENV);
    if (direction != FE_TONEAREST) std::fesetround(direction);
  }
  ~HostMode() { std::fesetenv(&saved_); }
  HostMode(const HostMode&) = delete;
  HostMode& operator=(const HostMode&) = delete;

 private:
  std::fenv_t saved_;
};

}  // namespace assay
