#include "formats/array_kernels_steps.h"

#include <algorithm>
#include <limits>
#include <span>
#include <unordered_map>

#include "formats/array_kernels_plan.h"
#include "formats/round.h"

namespace assay {
namespace {

// Places between which the rounding is monotone: the values of the format and where zero, infinity and NaN begin.
template <typename Float>
auto monotone_pieces(const Format& format) {
  using Limits = std::numeric_limits<Float>;
  using Key = OrderKey<Float>;
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

// Of the steps that begin in a bucket of 2^bits that a binade is cut into: the most, not counting one at its start.
template <typename Key, typename Step>
size_t most_in_a_bucket(std::span<const Step> steps, int bucket_width) {
  const Key mask = (Key{1} << bucket_width) - 1;
  size_t most = 0, here = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i > 0 && steps[i].begin >> bucket_width != steps[i - 1].begin >> bucket_width) here = 0;
    if ((steps[i].begin & mask) != 0) most = std::max(most, ++here);
  }
  return most;
}

}  // namespace

template <typename Float>
void StepTable<Float>::add_step(Key begin, uint64_t code, Float value) {
  steps_.push_back({begin, value});
  codes_.push_back(static_cast<uint32_t>(code));
}

template <typename Float>
StepTable<Float>::StepTable(const Format& format, Rounding rounding, Saturation saturation) {
  const auto code_at = [&](Key key) {
    return round_to_code(format, real_of(value_at<Float>(key)), rounding, saturation);
  };
  const auto add = [&](Key begin, uint64_t code) {
    add_step(begin, code, nearest_float<Float>(decode(format, code)));
  };
  // Adds the steps in (low, high], of which those two codes are known.
  const auto bisect = [&](const auto& self, Key low, uint64_t low_code, Key high,
                          uint64_t high_code) -> void {
    if (low_code == high_code) return;
    if (high - low == 1) return add(high, high_code);
    const Key middle = low + (high - low) / 2;
    const uint64_t middle_code = code_at(middle);
    self(self, low, low_code, middle, middle_code);
    self(self, middle, middle_code, high, high_code);
  };

  // Where a step begins in a piece that another piece is a power of two times, it likely begins in that as well.
  std::unordered_map<Key, Key> lengths;  // from a piece's start, but for its binade, to its step
  constexpr Key kFraction = (Key{1} << BinadeBuckets<Float>::kFractionWidth) - 1;
  const auto add_piece = [&](Key low, uint64_t low_code, Key high, uint64_t high_code) {
    const Key likely = low + lengths[low & kFraction];
    if (likely > low && likely < high && code_at(likely - 1) == low_code && code_at(likely) == high_code) {
      return add(likely, high_code);
    }
    bisect(bisect, low, low_code, high, high_code);
    lengths[low & kFraction] = steps_.back().begin - low;
  };

  const std::vector<Key> pieces = monotone_pieces<Float>(format);
  uint64_t code = code_at(pieces[0]);
  add(pieces[0], code);
  for (size_t i = 1; i < pieces.size(); ++i) {
    const uint64_t next_code = code_at(pieces[i]);
    if (code != next_code) add_piece(pieces[i - 1], code, pieces[i], next_code);
    code = next_code;
  }
  add_buckets();
  add_step(std::numeric_limits<Key>::max(), codes_.back(), steps_.back().value);
}

// Binades are cut as far as needed for one comparison to find the step, up to a limit.
template <typename Float>
void StepTable<Float>::add_buckets() {
  constexpr int kMostBits = 13;
  constexpr int kFractionWidth = BinadeBuckets<Float>::kFractionWidth;
  size_t step = 0;  // the first to begin in the binade or later
  for (size_t binade = 0; binade < BinadeBuckets<Float>::kBinades; ++binade) {
    size_t next = step;
    while (next < steps_.size() && BinadeBuckets<Float>::binade_of(steps_[next].begin) == binade) ++next;
    const auto steps = std::span<const Step>(steps_).subspan(step, next - step);
    int bits = 0;
    while (bits < kMostBits && most_in_a_bucket<Key>(steps, kFractionWidth - bits) > 1) ++bits;

    index_.append(buckets_.size(), bits);
    for (Key bucket = 0; bucket < Key{1} << bits; ++bucket) {
      const Key first = BinadeBuckets<Float>::first_key(binade) + (bucket << (kFractionWidth - bits));
      const Key last = first + ((Key{1} << (kFractionWidth - bits)) - 1);
      while (step < next && steps_[step].begin <= first) ++step;
      const size_t least = step - 1;
      while (step < next && steps_[step].begin <= last) ++step;
      const bool is_crowded = step - 1 - least > 1;
      const Key next_begin =
          least + 1 < steps_.size() ? steps_[least + 1].begin : std::numeric_limits<Key>::max();
      buckets_.push_back({next_begin, static_cast<uint32_t>(least) & 0x7fffffffU, is_crowded});
    }
  }
}

template <typename Float>
size_t StepTable<Float>::find_from(size_t step, Key key) const {
  const auto from = steps_.begin() + static_cast<ptrdiff_t>(step);
  const auto above = std::ranges::upper_bound(from, steps_.end() - 1, key, {}, &Step::begin);
  return static_cast<size_t>(above - steps_.begin()) - 1;
}

template class StepTable<float>;
template class StepTable<double>;

}  // namespace assay
