// The random bits of the stochastic roundings, one word an element: drawn from a seed, or the caller's own.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/array_kernels.h"
#include "formats/random_bits.h"
#include "python/arrays.h"

namespace assay::python {

struct ElementRandom {
  ArrayRandom drawn;
  std::optional<Input<uint32_t>> words;  // instead of drawn ones; drawn.bits of them count

  // Those of element i.
  RandomBits at(size_t i) const {
    if (words) return {drawn.bits, words->data()[i]};
    return element_random_bits(drawn.seed, drawn.stream, drawn.first_index + i, drawn.bits);
  }
};

}  // namespace assay::python
