#include "formats/array_kernels_chances.h"

#include <algorithm>
#include <bit>

#include "formats/array_kernels_plan.h"
#include "formats/round.h"

namespace assay {

template <typename Float>
ChanceTable<Float>::ChanceTable(const Format& format, Rounding rounding, Saturation saturation, int count) {
  using Buckets = BinadeBuckets<Float>;
  constexpr int kBitsInGap = 6;  // intervals between neighbours of the format
  const uint64_t greatest = (uint64_t{1} << count) - 1;

  const auto code_at = [&](Key key, uint64_t random) {
    return static_cast<uint8_t>(round_to_code(format, real_of(value_at<Float>(key)), rounding, saturation,
                                              {count, static_cast<uint32_t>(random)}));
  };
  const auto point_at = [&](Key key) {
    Point point;
    point.below = code_at(key, 0);
    point.above = code_at(key, greatest);
    if (point.below == point.above) return point;
    uint64_t low = 0, high = greatest;
    while (high - low > 1) {
      const uint64_t middle = low + (high - low) / 2;
      (code_at(key, middle) == point.above ? high : low) = middle;
    }
    point.threshold = static_cast<uint32_t>(high);
    return point;
  };

  std::vector<Key> keys;  // of all values
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    values_.push_back(nearest_float<Float>(decode(format, code)));
    if (values_.back() == values_.back()) keys.push_back(order_of(values_.back()));
  }
  std::ranges::sort(keys);
  const auto values_in = [&](Key first, Key last) {
    return std::ranges::upper_bound(keys, last) - std::ranges::lower_bound(keys, first);
  };

  for (size_t binade = 0; binade < Buckets::kBinades; ++binade) {
    const Key first = Buckets::first_key(binade);
    const Key last = first + ((Key{1} << Buckets::kFractionWidth) - 1);
    const Point begin = point_at(first), end = point_at(last);
    // What lies between is monotone.
    const bool is_constant = values_in(first, last) == 0 && begin.below == begin.above &&
                             end.below == end.above && begin.below == end.below;
    const auto gaps = static_cast<uint64_t>(std::max<ptrdiff_t>(values_in(first, last), 1));
    const int bits = is_constant ? 0 : kBitsInGap + static_cast<int>(std::bit_width(gaps - 1));
    const int width = Buckets::kFractionWidth - bits;
    // Infinity and NaN, and either zero, lie side by side but are not in one order.
    const bool is_edge = binade == 0 || binade == Buckets::kBinades - 1;
    index_.append(points_.size(), bits);
    for (Key bucket = 0; bucket < Key{1} << bits; ++bucket) {
      const Key from = first + (bucket << width);
      Point point = bucket == 0 ? begin : point_at(from);
      point.is_open = is_edge || values_in(from + 1, from + ((Key{1} << width) - 1)) > 0;
      points_.push_back(point);
    }
    points_.push_back(end);
  }
}

template class ChanceTable<float>;
template class ChanceTable<double>;

}  // namespace assay
