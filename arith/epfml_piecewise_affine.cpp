#include "arith/epfml_piecewise_affine.h"

#include <bit>

#include "arith/piecewise_affine.h"

namespace assay {
namespace {

constexpr uint32_t kOne = 0x3F800000, kInfinity = 0x7F800000, kNan = 0x7FC00000, kMagnitude = 0x7FFFFFFF;
// The least floats not below the doubles 1e-37 and 1e37.
constexpr int64_t kLeast = 0x02081CEB, kBeyond = 0x7CF0BDC3;

// significand 2^exponent, with a significand of 24 bits.
struct Float {
  uint64_t significand;
  int exponent;
};

Float unpack(uint32_t magnitude) {
  if (magnitude >= 0x00800000) {
    return {(magnitude & 0x007FFFFF) | 0x00800000, static_cast<int>(magnitude >> 23) - 150};
  }
  const int shift = std::countl_zero(magnitude) - 8;
  return {uint64_t{magnitude} << shift, -149 - shift};
}

// The magnitude bits of significand 2^exponent, which has at least 25 bits, rounded to nearest even as if the
// exponent field had no ends.
int64_t round_unbounded(uint64_t significand, int exponent) {
  const int shift = 40 - std::countl_zero(significand);
  const auto rounded = static_cast<uint64_t>(piecewise_affine::shift_right_to_nearest(significand, shift));
  return (static_cast<int64_t>(exponent + shift + 150) << 23) + static_cast<int64_t>(rounded) - 0x00800000;
}

uint32_t select(int64_t reference, uint32_t sum) {
  if (reference < kLeast) return 0;
  return reference < kBeyond ? sum : kNan;
}

}  // namespace

uint32_t epfml_pam_multiply(uint32_t a, uint32_t b, uint32_t offset) {
  const uint32_t magnitude_a = a & kMagnitude, magnitude_b = b & kMagnitude;
  if (magnitude_a >= kInfinity || magnitude_b >= kInfinity) return kNan;
  if (magnitude_a == 0 || magnitude_b == 0) return 0;
  const Float x = unpack(magnitude_a), y = unpack(magnitude_b);
  return select(round_unbounded(x.significand * y.significand, x.exponent + y.exponent),
                a + b - (kOne - offset));
}

uint32_t epfml_pad_divide(uint32_t a, uint32_t b, uint32_t offset) {
  const uint32_t magnitude_a = a & kMagnitude, magnitude_b = b & kMagnitude;
  if (magnitude_a >= kInfinity || magnitude_b > kInfinity || magnitude_b == 0) return kNan;
  if (magnitude_a == 0 || magnitude_b == kInfinity) return 0;
  const Float x = unpack(magnitude_a), y = unpack(magnitude_b);
  constexpr int kExtra = 34;  // bits of the quotient; the last one stands for the remainder
  const uint64_t dividend = x.significand << kExtra;
  const uint64_t quotient = dividend / y.significand << 1 | (dividend % y.significand != 0 ? 1 : 0);
  return select(round_unbounded(quotient, x.exponent - y.exponent - kExtra - 1), a - b + (kOne - offset));
}

}  // namespace assay
