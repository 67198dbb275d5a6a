#include "train/prune_2_of_4.h"

#include <algorithm>
#include <numeric>

namespace assay {
namespace {

uint64_t sum_of(const std::array<uint32_t, 4>& magnitudes) {
  return std::accumulate(magnitudes.begin(), magnitudes.end(), uint64_t{0});
}

// The position of a magnitude above half of the sum; 4 if there is none.
size_t heavy_one(const std::array<uint32_t, 4>& magnitudes) {
  const uint64_t sum = sum_of(magnitudes);
  const auto found = std::find_if(magnitudes.begin(), magnitudes.end(),
                                  [&](uint32_t magnitude) { return 2 * uint64_t{magnitude} > sum; });
  return static_cast<size_t>(found - magnitudes.begin());
}

}  // namespace

uint64_t prune_samples(const std::array<uint32_t, 4>& magnitudes) {
  const size_t heavy = heavy_one(magnitudes);
  return sum_of(magnitudes) - (heavy < 4 ? magnitudes[heavy] : 0);
}

Pruned prune_2_of_4(const std::array<uint32_t, 4>& magnitudes, uint64_t u) {
  const size_t heavy = heavy_one(magnitudes);
  const uint64_t samples = prune_samples(magnitudes);
  Pruned pruned;
  uint64_t begin = 0;
  for (size_t i = 0; i < 4; ++i) {
    if (i == heavy) {
      pruned.kept[i] = true;
      pruned.doubled[i] = 2 * uint64_t{magnitudes[i]};
      continue;
    }
    const uint64_t end = begin + (heavy < 4 ? 1 : 2) * uint64_t{magnitudes[i]};
    const auto holds = [&](uint64_t sample) { return begin <= sample && sample < end; };
    pruned.kept[i] = holds(u) || holds(u + samples);
    if (pruned.kept[i]) pruned.doubled[i] = heavy < 4 ? 2 * samples : samples;
    begin = end;
  }
  return pruned;
}

uint64_t prune_sample(const std::array<uint32_t, 4>& magnitudes, uint32_t random, int bits) {
  __extension__ using uint128 = unsigned __int128;
  return static_cast<uint64_t>(uint128{random} * prune_samples(magnitudes) >> bits);
}

}  // namespace assay
