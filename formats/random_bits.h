// Which random bits the stochastic rounding of an array gives to each element.
#pragma once

#include "base/random.h"
#include "formats/rounding.h"

namespace assay {

// Element `index` takes the `count` most significant bits of
//   its half-word if count <= 16: half index % 8 (low half of word 0, high half of word 0, low half of word 1, ...)
//     of philox(seed, stream, index / 8);
//   its word otherwise: word index % 4 of philox(seed, stream, index / 4).
// So up to 16 bits cost half as many calls of the generator. count is 0 .. 32.
inline RandomBits element_random_bits(uint64_t seed, uint64_t stream, uint64_t index, int count) {
  if (count == 0) return {};
  if (count > 16) return {count, philox(seed, stream, index / 4)[index % 4] >> (32 - count)};
  const uint32_t word = philox(seed, stream, index / 8)[index % 8 / 2];
  const uint32_t half = index % 2 == 0 ? word & 0xffff : word >> 16;
  return {count, half >> (16 - count)};
}

}  // namespace assay
