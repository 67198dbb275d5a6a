// Bits of float and double in SIMD lanes, and loops over arrays of them. Included once for every instruction set.
#if defined(ASSAY_ARRAY_KERNELS_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_ARRAY_KERNELS_LANES_INL_H
#undef ASSAY_ARRAY_KERNELS_LANES_INL_H
#else
#define ASSAY_ARRAY_KERNELS_LANES_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/array_kernels_random-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Lanes of bits of Float. They are signed because signed comparisons are the native ones.
template <typename Float>
using Lane = typename FloatLayout<Float>::Lane;
template <typename Float>
using LaneTag = hn::ScalableTag<Lane<Float>>;
template <typename Float>
using FloatTag = hn::RebindToFloat<LaneTag<Float>>;
template <typename Float>
using UnsignedTag = hn::RebindToUnsigned<LaneTag<Float>>;
template <typename Float>
using LaneVector = hn::Vec<LaneTag<Float>>;
template <typename Float>
using UnsignedVector = hn::Vec<UnsignedTag<Float>>;

template <typename Float>
inline constexpr int kLaneWidth = 8 * sizeof(Float);

template <typename Float>
HWY_INLINE LaneVector<Float> broadcast(Lane<Float> x) {
  return hn::Set(LaneTag<Float>(), x);
}

template <typename Float>
HWY_INLINE UnsignedVector<Float> to_unsigned(LaneVector<Float> x) {
  return hn::BitCast(UnsignedTag<Float>(), x);
}

// Logical shifts by 0 .. width - 1.
template <typename Float>
HWY_INLINE LaneVector<Float> shift_right(LaneVector<Float> x, LaneVector<Float> by) {
  return hn::BitCast(LaneTag<Float>(), to_unsigned<Float>(x) >> to_unsigned<Float>(by));
}
template <typename Float>
HWY_INLINE LaneVector<Float> shift_left(LaneVector<Float> x, LaneVector<Float> by) {
  return hn::BitCast(LaneTag<Float>(), to_unsigned<Float>(x) << to_unsigned<Float>(by));
}

// The same by any count that may also be negative: 0 where the count is none of 0 .. width - 1.
template <typename Float>
HWY_INLINE LaneVector<Float> shift_right_or_clear(LaneVector<Float> x, LaneVector<Float> by) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  return shift_right<Float>(x, by);  // as the instructions do
#else
  const auto last = hn::Set(UnsignedTag<Float>(), kLaneWidth<Float> - 1);
  const auto clears = hn::Gt(to_unsigned<Float>(by), last);
  const auto shift = hn::BitCast(LaneTag<Float>(), hn::Min(to_unsigned<Float>(by), last));
  return hn::IfThenZeroElse(hn::RebindMask(LaneTag<Float>(), clears), shift_right<Float>(x, shift));
#endif
}

// How the random bits of consecutive elements are loaded: half-words into the least or the most significant bits of
// the lanes, or words (two half-words, the low one first) into the most significant ones.
enum class RandomLayout { none, low_halves, high_halves, words };

template <RandomLayout kLayout, typename Float>
HWY_INLINE LaneVector<Float> load_random(const uint16_t* from) {
  const LaneTag<Float> d;
  const hn::Rebind<uint32_t, LaneTag<Float>> d32;
  const hn::Rebind<uint16_t, LaneTag<Float>> d16;
  auto bits = hn::Zero(d32);
  if constexpr (kLayout != RandomLayout::words) {
    bits = hn::PromoteTo(d32, hn::LoadU(d16, from));
    if constexpr (kLayout == RandomLayout::high_halves) bits = hn::ShiftLeft<16>(bits);
  } else {
#if HWY_TARGET == HWY_SCALAR
    bits = hn::Set(d32, static_cast<uint32_t>(from[0]) | static_cast<uint32_t>(from[1]) << 16);
#else
    bits = hn::BitCast(d32, hn::LoadU(hn::Repartition<uint16_t, decltype(d32)>(), from));
#endif
  }
  if constexpr (sizeof(Float) == 4) {
    return hn::BitCast(d, bits);
  } else {
    return hn::ShiftLeft<32>(hn::BitCast(d, hn::PromoteTo(UnsignedTag<Float>(), bits)));
  }
}

template <typename Float, typename Result>
HWY_INLINE void store(LaneVector<Float> result, Result* to) {
  if constexpr (std::is_same_v<Float, Result>) {
    hn::StoreU(hn::BitCast(FloatTag<Float>(), result), FloatTag<Float>(), to);
  } else if constexpr (sizeof(Float) == sizeof(Result)) {
    hn::StoreU(to_unsigned<Float>(result), UnsignedTag<Float>(), to);
  } else {
    const hn::Rebind<Result, UnsignedTag<Float>> dr;
    hn::StoreU(hn::TruncateTo(dr, to_unsigned<Float>(result)), dr, to);
  }
}

// Calls step(from, i, to) for vectors of values: `i` is the place of the first.
template <typename Float, typename Result, typename Step>
HWY_INLINE void for_vectors(const Float* values, size_t count, Result* results, const Step& step) {
  const size_t lanes = hn::Lanes(LaneTag<Float>());
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) step(values + i, i, results + i);
  if (i == count) return;

  constexpr size_t kMaxLanes = HWY_MAX_BYTES / sizeof(Float);
  std::array<Float, kMaxLanes> last_values{};
  std::array<Result, kMaxLanes> last_results;
  std::copy(values + i, values + count, last_values.begin());
  step(last_values.data(), i, last_results.data());
  std::copy_n(last_results.begin(), count - i, results + i);
}

// Calls piece(begin, length, halves) for pieces of the elements [0, count), with kHalvesEach half-words for each
// element. Vectors may be loaded from the last half-word on.
template <size_t kHalvesEach, typename Piece>
HWY_INLINE void for_random_pieces(const ArrayRandom& random, size_t count, const Piece& piece) {
  constexpr size_t kElements = kRandomHalves / kHalvesEach;
  const Philox philox(random.seed, random.stream);
  alignas(HWY_MAX_BYTES) RandomHalves halves{};
  for (size_t begin = 0; begin < count;) {
    const uint64_t index = random.first_index + begin;
    const size_t skip = index % kElements;
    const size_t length = std::min(kElements - skip, count - begin);
    philox.fill(index / kElements * kCounters, halves);
    piece(begin, length, halves.data() + skip * kHalvesEach);
    begin += length;
  }
}

}  // namespace assay::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
