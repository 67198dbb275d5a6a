// Signed weights as the difference of two unsigned ones, W = W+ - W-, so that products and sums are unsigned
// and fewer bits toggle (Spingarn Eliezer et al., "Energy awareness in low precision neural networks"). Exact
// for integers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay {

// positive[i] - negative[i] = weights[i]; one of the two is 0. A weight of N bits in two's complement needs N
// unsigned bits only if it is -2^(N-1), else N - 1.
struct UnsignedSplit {
  std::vector<uint32_t> positive;
  std::vector<uint32_t> negative;
};
UnsignedSplit split_weights(std::span<const int32_t> weights);

// The two running sums, modulo 2^width.
struct UnsignedSums {
  uint64_t positive = 0;
  uint64_t negative = 0;
};

// Adds the products of non-negative activations with both parts to `sums`, in accumulators of `width` = 1..64
// bits that wrap. Each activation enters one of the two sums. Throws Error if the lengths differ.
UnsignedSums accumulate_split(const UnsignedSplit& weights, std::span<const uint32_t> activations, int width,
                              UnsignedSums sums = {});

// The one subtraction an output needs: positive - negative as a two's complement number of `width` bits. It
// is the exact sum whenever that fits, even if an accumulator wrapped.
int64_t difference(const UnsignedSums& sums, int width);

}  // namespace assay
