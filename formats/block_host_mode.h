// The host's floating-point mode out of the way of block formats.
#pragma once

#include <cfenv>

namespace assay {

// The mode C starts with for as long as the object lives, in this thread: to nearest even, subnormal numbers kept,
// no traps. Then the mode that was.
class DefaultHostMode {
 public:
  DefaultHostMode() {
    std::fegetenv(&saved_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~DefaultHostMode() { std::fesetenv(&saved_); }
  DefaultHostMode(const DefaultHostMode&) = delete;
  DefaultHostMode& operator=(const DefaultHostMode&) = delete;

 private:
  std::fenv_t saved_;
};

}  // namespace assay
