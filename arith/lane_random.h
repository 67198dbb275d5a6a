// The random bits of a row of lanes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/array_kernels_simd.h"

namespace assay {

// Those of `count` elements, until the thread asks again.
inline const uint32_t* lane_random_bits(const ArrayRandom& random, size_t count) {
  thread_local std::vector<uint32_t> bits;
  bits.resize(count);
  random_bits(random, count, bits.data());
  return bits.data();
}

}  // namespace assay
