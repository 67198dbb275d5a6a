#include "train/exaq.h"

#include <algorithm>

namespace assay {

uint32_t exaq_code(uint32_t distance, uint32_t clip) {
  // 3 (clip - distance) / clip, to nearest, ties to even.
  const uint64_t scaled = 3 * (uint64_t{clip} - std::min(distance, clip));
  const uint64_t code = scaled / clip, twice_rest = 2 * (scaled % clip);
  return static_cast<uint32_t>(code + (twice_rest > clip || (twice_rest == clip && code % 2 == 1) ? 1 : 0));
}

uint64_t exaq_sum(std::span<const uint32_t> distances, std::span<const bool> masked, uint32_t clip,
                  const std::array<uint32_t, 4>& exponentials) {
  uint64_t sum = 0;
  for (size_t i = 0; i < distances.size(); ++i) {
    if (!masked[i]) sum += exponentials[exaq_code(distances[i], clip)];
  }
  return sum;
}

}  // namespace assay
