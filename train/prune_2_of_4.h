// Unbiased 2:4 pruning with the least variance (exact MVUE: Chmiel et al., ICLR 2023, arXiv 2203.10991), by systematic
// sampling, as a circuit computes it in integers.
#pragma once

#include <array>
#include <cstdint>

namespace assay {

// Of four magnitudes with sum S
//   none above S / 2   a_i stays with probability 2 a_i / S and becomes S / 2
//   one above S / 2    it stays as it is; of the others, whose sum is T, one stays, with probability a_i / T, and
//                      becomes T
// so that at most two are left and each has its value on average.
struct Pruned {
  std::array<bool, 4> kept = {};
  std::array<uint64_t, 4> doubled = {};  // twice the new magnitudes, 0 where not kept
};

// How many samples there are, all equally likely: S, or T.
uint64_t prune_samples(const std::array<uint32_t, 4>& magnitudes);

// The outcome of sample u < prune_samples: the probabilities, laid end to end in the order of the magnitudes, are
// intervals of [0, 2) or [0, 1); those stay that hold (u + 1/2) / samples or that plus one. With no samples nothing is
// drawn. Magnitudes below 2^30.
Pruned prune_2_of_4(const std::array<uint32_t, 4>& magnitudes, uint64_t u);

// The sample of `bits` random bits: floor(random / 2^bits * prune_samples). Its probabilities are exact to
// 2^-bits.
uint64_t prune_sample(const std::array<uint32_t, 4>& magnitudes, uint32_t random, int bits);

}  // namespace assay
