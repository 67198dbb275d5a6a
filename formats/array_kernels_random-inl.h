// Philox 4x32-10 (Salmon et al., SC 2011) for many counters at a time, the counters in SIMD lanes. Included once for
// every instruction set.
#if defined(ASSAY_ARRAY_KERNELS_RANDOM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_ARRAY_KERNELS_RANDOM_INL_H
#undef ASSAY_ARRAY_KERNELS_RANDOM_INL_H
#else
#define ASSAY_ARRAY_KERNELS_RANDOM_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/random.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The words of philox(seed, stream, i) for kCounters consecutive i as half-words, the low halves first. Vectors may
// be loaded from any of these.
inline constexpr size_t kCounters = 32;
inline constexpr size_t kRandomHalves = 8 * kCounters;
using RandomHalves = std::array<uint16_t, kRandomHalves + HWY_MAX_BYTES / sizeof(uint16_t)>;

#if HWY_TARGET == HWY_SCALAR

class Philox {
 public:
  Philox(uint64_t seed, uint64_t stream) : seed_(seed), stream_(stream) {}

  // `first` is a multiple of kCounters.
  void fill(uint64_t first, RandomHalves& halves) const {
    for (size_t i = 0; i < kRandomHalves; ++i) {
      const uint32_t word = philox(seed_, stream_, first + i / 8)[i % 8 / 2];
      halves[i] = static_cast<uint16_t>(i % 2 == 0 ? word : word >> 16);
    }
  }

 private:
  uint64_t seed_;
  uint64_t stream_;
};

#else

class Philox {
 public:
  Philox(uint64_t seed, uint64_t stream) : stream_(stream) {
    // What is added to the two words of the key after each round.
    constexpr uint32_t kStep0 = 0x9e3779b9;
    constexpr uint32_t kStep1 = 0xbb67ae85;
    keys0_[0] = static_cast<uint32_t>(seed);
    keys1_[0] = static_cast<uint32_t>(seed >> 32);
    for (size_t round = 1; round < kRounds; ++round) {
      keys0_[round] = static_cast<uint32_t>(keys0_[round - 1]) + kStep0;
      keys1_[round] = static_cast<uint32_t>(keys1_[round - 1]) + kStep1;
    }
  }

  // `first` is a multiple of kCounters.
  HWY_INLINE void fill(uint64_t first, RandomHalves& halves) const {
    const Counters d;
    const hn::Repartition<uint16_t, Counters> dh;
    const size_t lanes = hn::Lanes(d);
    // Within 128 bits, the first lanes hold consecutive counters and the second lanes the following ones, so that the
    // words come into order without crossing blocks of 128 bits.
    const auto lane = hn::Iota(d, 0);
    const auto order = hn::Add(hn::ShiftRight<1>(lane),
                               hn::And(hn::Neg(hn::And(lane, hn::Set(d, 1))), hn::Set(d, lanes / 2)));
    for (size_t group = 0; group < kCounters; group += kVectors * lanes) {
      // The high word of the index is the same for all counters: what depends on it alone is computed once.
      std::array<State, kVectors> states;
      for (size_t v = 0; v < kVectors; ++v) {
        states[v] = {hn::Add(order, hn::Set(d, first + group + v * lanes)), hn::Set(d, first >> 32),
                     hn::Set(d, stream_), hn::Set(d, stream_ >> 32)};
      }
      for (size_t round = 0; round < kRounds; ++round) {
        for (State& state : states) run_round(state, hn::Set(d, keys0_[round]), hn::Set(d, keys1_[round]));
      }
      for (size_t v = 0; v < kVectors; ++v) {
        const Vector low = join(states[v].word0, states[v].word1);
        const Vector high = join(states[v].word2, states[v].word3);
        uint16_t* to = halves.data() + 8 * (group + v * lanes);
        hn::StoreU(hn::BitCast(dh, hn::InterleaveLower(d, low, high)), dh, to);
        hn::StoreU(hn::BitCast(dh, hn::InterleaveUpper(d, low, high)), dh, to + 4 * lanes);
      }
    }
  }

 private:
  using Counters = hn::CappedTag<uint64_t, kCounters / 2>;
  using Words = hn::Repartition<uint32_t, Counters>;
  using Vector = hn::Vec<Counters>;

  static constexpr size_t kRounds = 10;
  // Two vectors at a time hide the latency of the multiplications.
  static constexpr size_t kVectors = 4;

  // One counter in each 64-bit lane. Only the low half of a lane matters; what the high half holds is left there.
  struct State {
    Vector word0, word1, word2, word3;
  };

  // The low halves of both, multiplied.
  static HWY_INLINE Vector multiply(Vector a, uint64_t b) {
    const Words d;
    return hn::MulEven(hn::BitCast(d, a), hn::BitCast(d, hn::Set(Counters(), b)));
  }

  static HWY_INLINE void run_round(State& x, Vector key0, Vector key1) {
    const Vector product0 = multiply(x.word0, 0xd2511f53);
    const Vector product1 = multiply(x.word2, 0xcd9e8d57);
    x.word0 = hn::Xor3(hn::ShiftRight<32>(product1), x.word1, key0);
    x.word1 = product1;
    x.word2 = hn::Xor3(hn::ShiftRight<32>(product0), x.word3, key1);
    x.word3 = product0;
  }

  // Low halves of `low` and `high` side by side.
  static HWY_INLINE Vector join(Vector low, Vector high) {
    const Words d;
    return hn::BitCast(Counters(), hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(high)), hn::BitCast(d, low)));
  }

  uint64_t stream_;
  std::array<uint64_t, kRounds> keys0_;
  std::array<uint64_t, kRounds> keys1_;
};

#endif

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
