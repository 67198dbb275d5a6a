#include "formats/array_kernels_steps.h"

#include <algorithm>
#include <limits>

#include "formats/array_kernels_plan.h"
#include "formats/round.h"

namespace assay {
namespace {

template <typename Float, typename Key>
Float value_at(Key key) {
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  return std::bit_cast<Float>(static_cast<Key>((key & kSign) != 0 ? key ^ kSign : ~key));
}

// Places between which the rounding is monotone: the values of the format and where zero, infinity and NaN begin.
template <typename Float>
auto monotone_pieces(const Format& format) {
  using Limits = std::numeric_limits<Float>;
  using Key = decltype(order_of(Float{}));
  std::vector<Key> keys = {0, std::numeric_limits<Key>::max()};
  const auto add = [&](Float value) {
    const Key key = order_of(value);
    keys.insert(keys.end(), {static_cast<Key>(key - 1), key, static_cast<Key>(key + 1)});
  };
  for (Float value : {Limits::infinity(), Float{0}}) {
    add(value);
    add(-value);
  }
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const Float value = nearest_float<Float>(decode(format, code));
    if (value == value) keys.push_back(order_of(value));
  }
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace

template <typename Float>
StepTable<Float>::StepTable(const Format& format, Rounding rounding, Saturation saturation) {
  const auto code_at = [&](Key key) {
    return static_cast<uint32_t>(round_to_code(format, real_of(value_at<Float>(key)), rounding, saturation));
  };
  const auto add = [&](Key begin, uint32_t code) {
    begins_.push_back(begin);
    codes_.push_back(code);
    values_.push_back(nearest_float<Float>(decode(format, code)));
  };
  // Adds the steps in (low, high], of which those two codes are known.
  const auto bisect = [&](const auto& self, Key low, uint32_t low_code, Key high,
                          uint32_t high_code) -> void {
    if (low_code == high_code) return;
    if (high - low == 1) return add(high, high_code);
    const Key middle = low + (high - low) / 2;
    const uint32_t middle_code = code_at(middle);
    self(self, low, low_code, middle, middle_code);
    self(self, middle, middle_code, high, high_code);
  };

  const std::vector<Key> pieces = monotone_pieces<Float>(format);
  uint32_t code = code_at(pieces[0]);
  add(pieces[0], code);
  for (size_t i = 1; i < pieces.size(); ++i) {
    const uint32_t next_code = code_at(pieces[i]);
    bisect(bisect, pieces[i - 1], code, pieces[i], next_code);
    code = next_code;
  }

  constexpr size_t kBuckets = size_t{1} << 16;
  bucket_steps_.reserve(kBuckets + 1);
  uint32_t step = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    const Key least = static_cast<Key>(bucket) << kBucketShift;
    while (step + 1 < begins_.size() && begins_[step + 1] <= least) ++step;
    bucket_steps_.push_back(step);
  }
  bucket_steps_.push_back(static_cast<uint32_t>(begins_.size() - 1));
}

template class StepTable<float>;
template class StepTable<double>;

}  // namespace assay
