// Tables that are looked up by a float or double: the numbers in the order of their values, and every binade cut into
// buckets of equal width.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace assay {

template <std::floating_point Float>
using OrderKey = std::conditional_t<sizeof(Float) == 4, uint32_t, uint64_t>;

// Sources in the order of their values, -NaN first: as a function of it, a rounding with given random bits changes only
// at some places.
template <std::floating_point Float>
OrderKey<Float> order_of(Float value) {
  using Key = OrderKey<Float>;
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  const auto bits = std::bit_cast<Key>(value);
  const Key all_if_negative = 0 - (bits >> (8 * sizeof(Key) - 1));
  return bits ^ (all_if_negative | kSign);
}

// The inverse of order_of.
template <std::floating_point Float>
Float value_at(OrderKey<Float> key) {
  using Key = OrderKey<Float>;
  constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
  return std::bit_cast<Float>(static_cast<Key>((key & kSign) != 0 ? key ^ kSign : ~key));
}

// Which bucket a key lies in. A binade is what shares sign and exponent; binades are appended in the order of keys.
template <std::floating_point Float>
class BinadeBuckets {
 public:
  using Key = OrderKey<Float>;
  static constexpr int kFractionWidth = std::numeric_limits<Float>::digits - 1;
  static constexpr size_t kBinades = size_t{1} << (8 * sizeof(Float) - kFractionWidth);

  static Key first_key(size_t binade) { return static_cast<Key>(binade) << kFractionWidth; }
  static size_t binade_of(Key key) { return static_cast<size_t>(key >> kFractionWidth); }

  // A binade of 2^bits buckets, which are numbered from `first` on.
  void append(size_t first, int bits) {
    binades_.push_back({static_cast<uint32_t>(first), static_cast<uint32_t>(kFractionWidth - bits)});
  }

  size_t find(Key key) const {
    constexpr Key kFractionMask = (Key{1} << kFractionWidth) - 1;
    const Binade binade = binades_[binade_of(key)];
    return binade.first + static_cast<size_t>((key & kFractionMask) >> binade.shift);
  }

 private:
  struct Binade {
    uint32_t first;
    uint32_t shift;
  };
  std::vector<Binade> binades_;
};

}  // namespace assay
