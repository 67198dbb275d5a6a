// A stochastic rounding as a table, for formats without a rule that SIMD arithmetic could follow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "formats/array_kernels_binades.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// For given random bits the code is monotone in the source, and for a given source there is a least number of random
// bits that takes it away from zero. So where both ends of an interval get the same code, all of it does. The table
// has intervals so short that this decides all but a few in a hundred cases.
template <typename Float>
class ChanceTable {
 public:
  using Key = OrderKey<Float>;

  // The table of round_to_code with `count` random bits. Building it takes some hundred thousand roundings.
  // Preconditions: the rounding is stochastic, the saturation not `wrap`, the format has at most 8 bits.
  ChanceTable(const Format& format, Rounding rounding, Saturation saturation, int count);

  // The code, if the table decides.
  std::optional<uint64_t> code(Float value, uint32_t random) const {
    const Point* const points = &points_[index_.find(order_of(value))];
    const uint8_t low = points[0].code(random);
    if (low != points[1].code(random) || points[0].is_open) return std::nullopt;
    return low;
  }

  Float value(uint64_t code) const { return values_[code]; }

 private:
  // The first source of an interval.
  struct Point {
    uint32_t threshold = 0;
    uint8_t below = 0;     // code for random bits less than the threshold
    uint8_t above = 0;     // and for others
    bool is_open = false;  // the interval is not monotone

    uint8_t code(uint32_t random) const { return random < threshold ? below : above; }
  };

  std::vector<Float> values_;  // of all codes
  BinadeBuckets<Float> index_;
  std::vector<Point> points_;  // every binade has one more than buckets, the first of the next
};

}  // namespace assay
