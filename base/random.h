// Random numbers as a pure function of (seed, stream, index): nothing depends on the order of calls or
// threads.
#pragma once

#include <Random123/philox.h>

#include <array>
#include <cstdint>

namespace assay {

// Four 32-bit words of Philox 4x32-10 (Salmon et al., SC 2011) for counter (index, stream) and key `seed`.
inline std::array<uint32_t, 4> philox(uint64_t seed, uint64_t stream, uint64_t index) {
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), static_cast<uint32_t>(stream),
       static_cast<uint32_t>(stream >> 32)}};
  const r123::Philox4x32::key_type key = {{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}};
  const r123::Philox4x32::ctr_type words = r123::Philox4x32{}(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

// The first 64 of those bits.
inline uint64_t philox64(uint64_t seed, uint64_t stream, uint64_t index) {
  const std::array<uint32_t, 4> words = philox(seed, stream, index);
  return uint64_t{words[1]} << 32 | words[0];
}

// Uniform in [0, 1), with 24 bits.
inline float uniform_float(uint32_t word) {
  return static_cast<float>(word >> 8) * 0x1p-24f;
}

}  // namespace assay
