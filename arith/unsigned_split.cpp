#include "arith/unsigned_split.h"

#include "base/error.h"
#include "formats/format.h"

namespace assay {

UnsignedSplit split_weights(std::span<const int32_t> weights) {
  UnsignedSplit split;
  for (const int32_t weight : weights) {
    split.positive.push_back(weight > 0 ? static_cast<uint32_t>(weight) : 0);
    split.negative.push_back(weight < 0 ? -static_cast<uint32_t>(weight) : 0);
  }
  return split;
}

UnsignedSums accumulate_split(const UnsignedSplit& weights, std::span<const uint32_t> activations, int width,
                              UnsignedSums sums) {
  if (activations.size() != weights.positive.size()) {
    fail("unsigned split: {} activations and {} weights, expected as many", activations.size(),
         weights.positive.size());
  }
  for (size_t i = 0; i < activations.size(); ++i) {
    const uint64_t activation = activations[i];
    sums.positive = (sums.positive + activation * weights.positive[i]) & code_mask(width);
    sums.negative = (sums.negative + activation * weights.negative[i]) & code_mask(width);
  }
  return sums;
}

int64_t difference(const UnsignedSums& sums, int width) {
  const int unused = 64 - width;
  return static_cast<int64_t>((sums.positive - sums.negative) << unused) >> unused;
}

}  // namespace assay
