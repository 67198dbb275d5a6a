// As in array_kernels_simd.cpp.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/array_kernels_random.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway requires.
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "formats/array_kernels_simd.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void philox_any(uint64_t seed, uint64_t stream, uint64_t first, size_t groups, uint32_t* words) {
  for (size_t i = 0; i < groups; ++i) std::ranges::copy(philox(seed, stream, first + i), words + 4 * i);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using Counters = hn::ScalableTag<uint64_t>;
using Words = hn::Repartition<uint32_t, Counters>;
using CounterVector = hn::Vec<Counters>;

// Philox 4x32-10 (Salmon et al., SC 2011): multipliers, and what is added to the key after each round.
constexpr int kRounds = 10;
constexpr uint32_t kMultiplier0 = 0xd2511f53;
constexpr uint32_t kMultiplier1 = 0xcd9e8d57;
constexpr uint32_t kKeyStep0 = 0x9e3779b9;
constexpr uint32_t kKeyStep1 = 0xbb67ae85;

// The low halves of both, multiplied.
HWY_INLINE CounterVector multiply(CounterVector a, CounterVector b) {
  const Words d;
  return hn::MulEven(hn::BitCast(d, a), hn::BitCast(d, b));
}

// One counter in each 64-bit lane. Only the low half of a lane matters; what the high half holds is left there.
struct State {
  CounterVector word0, word1, word2, word3;
};

HWY_INLINE void run_round(State& x, CounterVector key0, CounterVector key1) {
  const Counters d;
  const CounterVector product0 = multiply(x.word0, hn::Set(d, kMultiplier0));
  const CounterVector product1 = multiply(x.word2, hn::Set(d, kMultiplier1));
  x.word0 = hn::Xor3(hn::ShiftRight<32>(product1), x.word1, key0);
  x.word1 = product1;
  x.word2 = hn::Xor3(hn::ShiftRight<32>(product0), x.word3, key1);
  x.word3 = product0;
}

// Low halves of `low` and `high` side by side.
HWY_INLINE CounterVector join(CounterVector low, CounterVector high) {
  const Words d;
  const Counters d64;
  return hn::BitCast(d64, hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(high)), hn::BitCast(d, low)));
}

void philox_any(uint64_t seed, uint64_t stream, uint64_t first, size_t groups, uint32_t* words) {
  const Counters d;
  const Words dw;
  const size_t lanes = hn::Lanes(d);
  std::array<uint64_t, kRounds> keys0;
  std::array<uint64_t, kRounds> keys1;
  auto key0 = static_cast<uint32_t>(seed);
  auto key1 = static_cast<uint32_t>(seed >> 32);
  for (size_t round = 0; round < kRounds; ++round) {
    keys0[round] = key0;
    keys1[round] = key1;
    key0 += kKeyStep0;
    key1 += kKeyStep1;
  }
  // The first lanes of all blocks of 128 bits hold consecutive counters, and the second lanes the following ones,
  // so that the words come into order without crossing blocks.
  constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(uint64_t);
  std::array<uint64_t, kMaxLanes> order{};
  for (size_t i = 0; i < lanes; ++i) order[i] = i / 2 + i % 2 * (lanes / 2);
  const CounterVector offsets = hn::LoadU(d, order.data());

  // Several vectors at a time hide the latency of the multiplications.
  constexpr size_t kVectors = 4;
  for (size_t group = 0; group < groups; group += kVectors * lanes) {
    std::array<State, kVectors> states;
    for (size_t v = 0; v < kVectors; ++v) {
      const CounterVector counter = hn::Add(offsets, hn::Set(d, first + group + v * lanes));
      states[v] = {counter, hn::ShiftRight<32>(counter), hn::Set(d, stream), hn::Set(d, stream >> 32)};
    }
    for (size_t round = 0; round < kRounds; ++round) {
      for (State& state : states) run_round(state, hn::Set(d, keys0[round]), hn::Set(d, keys1[round]));
    }
    for (size_t v = 0; v < kVectors; ++v) {
      const CounterVector low = join(states[v].word0, states[v].word1);
      const CounterVector high = join(states[v].word2, states[v].word3);
      uint32_t* to = words + 4 * (group + v * lanes);
      hn::StoreU(hn::BitCast(dw, hn::InterleaveLower(d, low, high)), dw, to);
      hn::StoreU(hn::BitCast(dw, hn::InterleaveUpper(d, low, high)), dw, to + 2 * lanes);
    }
  }
}

#endif

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {

HWY_EXPORT(philox_any);

void philox_words(uint64_t seed, uint64_t stream, uint64_t first, size_t groups, uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(philox_any)(seed, stream, first, groups, words);
}

}  // namespace assay
#endif
