#include "arith/mfbprop.h"

#include <array>

namespace assay {

uint64_t mfbprop_multiply(uint64_t a, uint64_t b) {
  struct ShiftAndFraction {
    uint64_t shift, fraction;
  };
  // m = 2^shift (1 + fraction / 4) for m = 1..7; the entry of 0 is not used.
  constexpr std::array<ShiftAndFraction, 8> kOfMagnitude = {
      {{0, 0}, {0, 0}, {1, 0}, {1, 2}, {2, 0}, {2, 1}, {2, 2}, {2, 3}}};
  const uint64_t sign = ((a ^ b) >> 3 & 1) << 6;
  const uint64_t m = a & 7, e = b & 7;
  if (m == 0 || e == 0) return sign;
  return sign | (e + kOfMagnitude[m].shift) << 2 | kOfMagnitude[m].fraction;
}

}  // namespace assay
