#include "formats/logarithmic.h"

#include <array>
#include <atomic>
#include <boost/multiprecision/cpp_int.hpp>

namespace assay {
namespace {

using boost::multiprecision::cpp_int;

constexpr int kMostFractionBits = 20;  // of a format's logarithm
constexpr int kGuardBits = 40;         // of a logarithm, for the random bits and the bit after them
constexpr int kDoubleBits = 53;

// A positive number between low / 2^precision and high / 2^precision.
struct Interval {
  cpp_int low, high;
};

// 2^(1/2), 2^(1/4), 2^(1/8), ...
using Roots = std::array<Interval, kMostFractionBits>;

Roots roots_of_two(int precision) {
  Roots roots;
  cpp_int low = cpp_int(2) << precision, high = low;
  for (Interval& root : roots) {
    low = sqrt(cpp_int(low << precision));
    high = sqrt(cpp_int(high << precision)) + 1;
    root.low = low;
    root.high = high;
  }
  return roots;
}

// 2^(numerator / 2^width) for a numerator of `width` bits.
Interval fractional_power(const Roots& roots, uint64_t numerator, int width, int precision) {
  Interval power = {cpp_int(1) << precision, cpp_int(1) << precision};
  for (int i = 0; i < width; ++i) {
    if ((numerator >> (width - 1 - i) & 1) == 0) continue;
    const Interval& root = roots[static_cast<size_t>(i)];
    power.low = (power.low * root.low) >> precision;
    power.high = ((power.high * root.high) >> precision) + 1;
  }
  return power;
}

// A number in [1, 2) rounded to nearest with 52 fraction bits.
uint64_t round_to_double_bits(const cpp_int& number, int precision) {
  const int drop = precision - (kDoubleBits - 1);
  return static_cast<uint64_t>((number + (cpp_int(1) << (drop - 1))) >> drop);
}

// The 53 bits of the double nearest to 2^(numerator / 2^width). The power is irrational or a power of two, so
// some precision tells on which side of a tie it lies.
uint64_t find_nearest_double_bits(uint64_t numerator, int width) {
  constexpr int kPrecision = 192;
  static const Roots usual_roots = roots_of_two(kPrecision);
  Interval power = fractional_power(usual_roots, numerator, width, kPrecision);
  int precision = kPrecision;
  while (round_to_double_bits(power.low, precision) != round_to_double_bits(power.high, precision)) {
    precision *= 2;
    power = fractional_power(roots_of_two(precision), numerator, width, precision);
  }
  return round_to_double_bits(power.low, precision);
}

// The same, worked out once for each numerator of formats that are met often.
uint64_t nearest_double_bits(uint64_t numerator, int width) {
  constexpr int kMostKeptWidth = 12;
  if (width > kMostKeptWidth) return find_nearest_double_bits(numerator, width);
  // All widths one after the other; 0 where nothing has been worked out. Whoever comes first, the bits are the same.
  static std::array<std::atomic<uint64_t>, size_t{2} << kMostKeptWidth> known{};
  std::atomic<uint64_t>& bits = known[(size_t{1} << width) + numerator];
  const uint64_t before = bits.load(std::memory_order_relaxed);
  if (before != 0) return before;
  const uint64_t found = find_nearest_double_bits(numerator, width);
  bits.store(found, std::memory_order_relaxed);
  return found;
}

// log2 of a finite value: integer + fraction / 2^bits, rounded down; bits <= 63.
struct Logarithm {
  int integer = 0;
  uint64_t fraction = 0;
  bool exact = false;
};

// Squaring a number in [1, 2) doubles its logarithm, of which the integer part is the next bit. `low` and `high`, over
// 2^precision, enclose the number. False if they do not tell the bits apart.
template <typename Integer>
bool fraction_bits(Integer low, Integer high, int precision, int bits, uint64_t& fraction) {
  const Integer two = Integer(2) << precision;
  fraction = 0;
  for (int i = 0; i < bits; ++i) {
    low = (low * low) >> precision;
    high = ((high * high) >> precision) + 1;
    const bool one = low >= two;
    if (!one && high >= two) return false;
    fraction = fraction << 1 | (one ? 1 : 0);
    if (one) {
      low >>= 1;
      high = (high + 1) >> 1;
    }
  }
  return true;
}

// The same in 128 bits, which is nearly always enough.
bool quick_fraction_bits(uint128 significand, int top, int bits, uint64_t& fraction) {
  constexpr int kPrecision = 62;
  const uint128 low =
      top > kPrecision ? significand >> (top - kPrecision) : significand << (kPrecision - top);
  return fraction_bits<uint128>(low, top > kPrecision ? low + 1 : low, kPrecision, bits, fraction);
}

Logarithm floor_of_logarithm(const Real& value, int bits) {
  const int top = floor_log2(value.significand);
  Logarithm logarithm;
  logarithm.integer = value.exponent + top;
  if (value.significand == uint128{1} << top) {
    logarithm.exact = !value.sticky;
    return logarithm;
  }
  if (quick_fraction_bits(value.significand, top, bits, logarithm.fraction)) return logarithm;
  cpp_int significand = static_cast<uint64_t>(value.significand >> 64);
  significand = (significand << 64) | static_cast<uint64_t>(value.significand);
  int precision = 256;
  while (true) {
    const cpp_int number = significand << (precision - top);
    if (fraction_bits<cpp_int>(number, number, precision, bits, logarithm.fraction)) break;
    precision *= 2;
  }
  return logarithm;
}

Split split_between_logarithms(const Logarithm& logarithm) {
  Split split;
  split.part = logarithm.fraction & ((uint64_t{1} << kGuardBits) - 1);
  split.part_width = kGuardBits;
  split.sticky = !logarithm.exact;
  return split;
}

}  // namespace

Real logarithmic_value(const Format& format, int64_t magnitude) {
  const int width = format.fraction_width;
  const auto numerator = static_cast<uint64_t>(magnitude) & code_mask(width);
  Real value;
  value.kind = RealClass::finite;
  value.exponent = static_cast<int>(magnitude >> width) - format.exponent_bias - (kDoubleBits - 1);
  value.significand = nearest_double_bits(numerator, width);
  return value;
}

Position logarithmic_position(const Format& format, const Real& value) {
  const int width = format.fraction_width;
  Position position;
  Real absolute = value;
  absolute.negative = false;
  const Logarithm logarithm = floor_of_logarithm(absolute, width + kGuardBits);
  int64_t magnitude = (int64_t{logarithm.integer} + format.exponent_bias) * (int64_t{1} << width) +
                      static_cast<int64_t>(logarithm.fraction >> kGuardBits);
  const auto largest = static_cast<int64_t>(max_finite_magnitude(format));
  if (magnitude > largest + 1) {
    position.beyond_range = true;
    return position;
  }
  if (magnitude < 0) {
    position.rest.sticky = true;
    if (format.rounding_domain == RoundingDomain::linear) {
      position.rest = split_between(absolute, Real{}, logarithmic_value(format, 1));
    }
    return position;
  }

  position.rest = split_between_logarithms(logarithm);
  // The neighbours are doubles, which may lie on the other side of the value than the ideal ones.
  Real exact_part = absolute;
  exact_part.sticky = false;
  const int below = magnitude == 0 ? 1 : compare(exact_part, logarithmic_value(format, magnitude));
  const int above = compare(exact_part, logarithmic_value(format, magnitude + 1));
  if (below < 0) {
    --magnitude;
    position.rest.part = (uint64_t{1} << kGuardBits) - 1;
    position.rest.sticky = true;
  } else if (above >= 0) {
    ++magnitude;
    position.rest.part = 0;
    position.rest.sticky = above > 0 || value.sticky;
  } else if (below == 0) {
    position.rest.part = 0;
    position.rest.sticky = value.sticky;
  }
  // Magnitude 0 stands for zero, which no logarithm reaches.
  if (magnitude == 0) position.rest.sticky = true;
  if (magnitude > largest) {
    position.beyond_range = true;
    return position;
  }
  position.magnitude = static_cast<uint64_t>(magnitude);
  if (format.rounding_domain == RoundingDomain::linear) {
    const Real near = magnitude == 0 ? Real{} : logarithmic_value(format, magnitude);
    position.rest = split_between(absolute, near, logarithmic_value(format, magnitude + 1));
  }
  return position;
}

}  // namespace assay
