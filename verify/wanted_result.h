// Exact results that are hard to round: ties, their neighbours, and what lies a single bit beside a result.
#pragma once

#include <cstdint>

#include "formats/real.h"

namespace assay {

// SplitMix64: some random numbers from one.
class SplitMix {
 public:
  explicit SplitMix(uint64_t seed) : state_(seed) {}
  uint64_t operator()() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  // 0 to count - 1.
  int below(int count) { return static_cast<int>(((*this)() >> 33) % static_cast<uint64_t>(count)); }

 private:
  uint64_t state_;
};

// A number of a format, not negative, and the distance from it to where the next one begins to be nearer.
struct Place {
  Real value, half;
};
// The formats are those of binary floating point with subnormal numbers and posits of less than 64 bits.
Place place_of(const Format& format, uint64_t magnitude);

// The number, or the end of its tie, next to which results are wanted: near the largest, any, at the ends of the
// subnormal range, or subnormal with any number of leading zeros; of posits any length of the regime.
uint64_t interesting_magnitude(const Format& format, SplitMix& random);

// What is added to a place: nothing; half; half and, more or less, one bit of the `depth` bits below; or that bit alone,
// more or less.
Real tail(const Place& place, int depth, SplitMix& random);

// Significant bits of the numbers between 2^exponent and the next power of two; at least 1.
int precision_at(const Format& format, int exponent);
// The most significant bits of a number of the format.
int greatest_precision(const Format& format);

Real power_of_two(int exponent, bool negative);
Real negated(Real value);
// Exponent of the leading bit; 0 of what is no finite number.
int leading(const Real& value);

}  // namespace assay
