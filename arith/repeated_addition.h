// Products by repeated addition: PANN (Spingarn Eliezer et al., "Energy awareness in low precision neural
// networks"), where an integer weight says how often its activation is added.
#pragma once

#include <cstdint>
#include <span>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// How sums are formed: an activation format, the accumulator's format, and what becomes of each sum.
struct RepeatedAddition {
  Format activation;
  Format accumulator;
  Rounding rounding = Rounding::rne;  // not stochastic
  Saturation saturation = Saturation::sat_none;
};

// accumulator + weight activation, as |weight| additions (subtractions, if negative) with one rounding each.
// Exact in an integer accumulator that does not overflow; in floating point the sum of many small terms may
// come to a halt. The time is proportional to |weight|, less where additions no longer change the
// accumulator.
uint64_t add_repeatedly(const RepeatedAddition& how, uint64_t accumulator, uint64_t activation,
                        int64_t weight);

// The sum over i of weights[i] activations[i], onto `accumulator`, in ascending order. Throws Error if the
// lengths differ.
uint64_t add_repeatedly(const RepeatedAddition& how, uint64_t accumulator,
                        std::span<const uint64_t> activations, std::span<const int64_t> weights);

// What the weights cost: `additions` is the sum of their magnitudes; per_element() is the paper's R =
// additions / elements, a power of (R + 1/2) b for activations of b bits.
struct AdditionCount {
  uint64_t additions = 0;
  uint64_t elements = 0;
  double per_element() const;  // 0 without elements
};
AdditionCount count_additions(std::span<const int64_t> weights);

}  // namespace assay
