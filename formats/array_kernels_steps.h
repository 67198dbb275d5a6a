// A rounding as a table of steps, for formats without a rule that SIMD arithmetic could follow: posits, logarithmic
// formats, code books.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// Sources in the order of their values, -NaN first: as a function of it, a rounding that is not stochastic changes
// only at some places.
template <std::floating_point Float>
auto order_of(Float value) {
  using Key = std::conditional_t<sizeof(Float) == 4, uint32_t, uint64_t>;
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  const auto bits = std::bit_cast<Key>(value);
  return (bits & kSign) != 0 ? static_cast<Key>(~bits) : static_cast<Key>(bits | kSign);
}

template <typename Float>
class StepTable {
 public:
  using Key = decltype(order_of(Float{}));

  // The table of round_to_code. Building it takes about 20 roundings for each code of the format.
  // Precondition: the rounding is not stochastic, the saturation not `wrap`.
  StepTable(const Format& format, Rounding rounding, Saturation saturation);

  // The step a source is on: an index into codes and values.
  size_t find(Float value) const {
    const Key key = order_of(value);
    const size_t bucket = static_cast<size_t>(key >> kBucketShift);
    size_t first = bucket_steps_[bucket];
    // The last step of those up to the next bucket's that does not begin after the key.
    for (size_t count = bucket_steps_[bucket + 1] - first + 1; count > 1;) {
      const size_t half = count / 2;
      first = begins_[first + half] <= key ? first + half : first;
      count -= half;
    }
    return first;
  }

  uint64_t code(size_t step) const { return codes_[step]; }
  Float value(size_t step) const { return values_[step]; }

 private:
  static constexpr int kBucketShift = 8 * sizeof(Key) - 16;

  std::vector<Key> begins_;  // ascending, the first is 0
  std::vector<uint32_t> codes_;
  std::vector<Float> values_;           // of the codes
  std::vector<uint32_t> bucket_steps_;  // for the leading 16 bits of a key: the step the least such key is on
};

}  // namespace assay
