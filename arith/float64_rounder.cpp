#include "arith/float64_rounder.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "arith/lane_random.h"
#include "formats/split.h"

namespace assay {
namespace {

constexpr int kFractionWidth = 52;
constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr uint64_t kInfinity = uint64_t{0x7ff} << kFractionWidth;

// The exponent field, as that of the least normal number for subnormals.
int exponent_of(uint64_t magnitude) {
  return std::max(static_cast<int>(magnitude >> kFractionWidth), 1);
}

// |rest| in units of the last place at an exponent, `towards` zero: from the far end of the unit.
Split part_of_unit(double rest, int exponent, bool towards) {
  const uint64_t magnitude = std::bit_cast<uint64_t>(rest) & ~kSign;
  const uint64_t hidden_one = uint64_t{1} << kFractionWidth;
  const uint64_t significand =
      (magnitude & (hidden_one - 1)) | (magnitude >> kFractionWidth == 0 ? 0 : hidden_one);
  Split split;
  split.part_width = 64;
  const int shift = 64 + exponent_of(magnitude) - exponent;
  if (shift >= 0) {
    split.part = uint128{significand} << shift;
  } else {
    split.part = significand >> std::min(-shift, 63);
    split.sticky = split.part << std::min(-shift, 63) != significand;
  }
  if (towards) split.part = (uint128{1} << 64) - split.part - (split.sticky ? 1 : 0);
  return split;
}

double rounded(double sum, double rest, Rounding rounding, RandomBits random) {
  const double nearest = sum + rest;
  const double left = rest - (nearest - sum);
  if (left == 0) return nearest;
  uint64_t bits = std::bit_cast<uint64_t>(nearest);
  const bool negative = (bits & kSign) != 0, towards = (left < 0) != negative;
  if (left != left) return kNan;
  bits -= towards ? 1 : 0;
  const Split split = part_of_unit(left, exponent_of(bits & ~kSign), towards);
  bits += rounds_away(split, rounding, negative, (bits & 1) == 0, random) ? 1 : 0;
  return (bits & ~kSign) < kInfinity ? std::bit_cast<double>(bits) : kNan;
}

}  // namespace

void round_to_float64(Rounding rounding, std::span<const double> rests, const ArrayRandom& random,
                      std::span<double> sums) {
  if (!is_stochastic(rounding)) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i] = rounded(sums[i], rests[i], rounding, {});
    return;
  }
  const uint32_t* bits = lane_random_bits(random, sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    sums[i] = rounded(sums[i], rests[i], rounding, RandomBits{random.bits, bits[i]});
  }
}

}  // namespace assay
