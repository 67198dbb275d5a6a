// The instruction sets of the machine.
#pragma once

#include <doctest/doctest.h>
#include <hwy/targets.h>

#include <cstdint>
#include <functional>

namespace assay {

// Runs body with each instruction set of the machine as the best one.
inline void on_every_target(const std::function<void()>& body) {
  const int64_t supported = hwy::SupportedTargets();
  const int64_t fallback = HWY_SCALAR | HWY_EMU128;
  for (const int64_t best :
       {int64_t{HWY_SCALAR}, int64_t{HWY_AVX2}, int64_t{HWY_AVX3}, int64_t{HWY_AVX3_DL}}) {
    if ((supported & best) == 0 && best != HWY_SCALAR) continue;
    // Better targets have lower bits.
    hwy::SetSupportedTargetsForTest((supported | fallback) & ~(best - 1));
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    CAPTURE(best);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace assay
