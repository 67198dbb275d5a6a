#include "train/luq.h"

#include <algorithm>

namespace assay {
namespace {

constexpr uint32_t kOne = 0x3F800000;  // bits of 1.0F
constexpr int kFractionWidth = 23;
constexpr uint32_t kLargestCode = 7;

// floor(y * 2^32) for y < 1. An exponent field of 0 needs no care: the result is 0 with or without the
// hidden one.
uint64_t fixed_point(uint32_t y_bits) {
  const uint64_t significand = (y_bits & 0x7FFFFF) | 0x800000;
  const int shift = static_cast<int>(y_bits >> kFractionWidth) - 118;  // 127 + 23 - 32
  if (shift >= 0) return significand << shift;
  return shift <= -24 ? 0 : significand >> -shift;
}

}  // namespace

uint64_t luq_magnitude(uint32_t y_bits, uint32_t random) {
  if (y_bits < kOne) return (fixed_point(y_bits) + random) >> 32;
  const uint32_t carried = y_bits + (random >> (32 - kFractionWidth));
  return std::min((carried >> kFractionWidth) - (kOne >> kFractionWidth) + 1, kLargestCode);
}

}  // namespace assay
