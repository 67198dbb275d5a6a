#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "verify/gate_blocks.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include "verify/gate_blocks.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void run_steps(std::span<const GateStep> steps, GateBlock* values) {
  const hn::CappedTag<uint64_t, kBlockWords> d;
  for (const GateStep& step : steps) {
    const uint64_t *x = values[step.x >> 1].words.data(), *y = values[step.y >> 1].words.data();
    uint64_t* self = values[step.self].words.data();
    const auto not_x = hn::Set(d, 0 - uint64_t{step.x & 1}), not_y = hn::Set(d, 0 - uint64_t{step.y & 1});
    for (size_t word = 0; word < kBlockWords; word += hn::Lanes(d)) {
      hn::Store(hn::And(hn::Xor(hn::Load(d, x + word), not_x), hn::Xor(hn::Load(d, y + word), not_y)), d,
                self + word);
    }
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(run_steps);

void run_gates(std::span<const GateStep> steps, GateBlock* values) {
  HWY_DYNAMIC_DISPATCH(run_steps)(steps, values);
}

AllValues::AllValues(size_t nodes, std::vector<size_t> inputs) : inputs_(std::move(inputs)), values_(nodes) {
  constexpr std::array<uint64_t, 6> patterns = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                                0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
  for (size_t i = 0; i < std::min(inputs_.size(), kBlockInputs); ++i) {
    for (size_t word = 0; word < kBlockWords; ++word) {
      values_[inputs_[i]].words[word] =
          i < patterns.size() ? patterns[i] : 0 - (word >> (i - patterns.size()) & 1);
    }
  }
}

void AllValues::take(uint64_t block) {
  for (size_t i = kBlockInputs; i < inputs_.size(); ++i) {
    values_[inputs_[i]].words.fill(0 - (block >> (i - kBlockInputs) & 1));
  }
}

}  // namespace assay
#endif
