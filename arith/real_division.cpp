#include "arith/real_division.h"

namespace assay {
namespace {

constexpr int kRootBits = 96;

Real nan() {
  return {RealClass::nan, false, 0, 0, false};
}

Real infinity(bool negative) {
  return {RealClass::infinity, negative, 0, 0, false};
}

Real zero(bool negative) {
  return {RealClass::zero, negative, 0, 0, false};
}

// The binary digits of numerator / denominator, which is below 1: those after the point, one by one.
class QuotientDigits {
 public:
  QuotientDigits(uint128 numerator, uint128 denominator) : rest_(numerator), denominator_(denominator) {}

  unsigned next() {
    rest_ <<= 1;
    if (rest_ < denominator_) return 0;
    rest_ -= denominator_;
    return 1;
  }

  bool ended() const { return rest_ == 0; }

 private:
  uint128 rest_, denominator_;
};

// sqrt(x 4^digits) for the x < 1 of the digits, cut to an integer; `exact` tells whether nothing was lost.
struct Root {
  uint128 digits = 0;
  bool exact = false;
};

// Digit by digit, two digits of the radicand for one of the root.
Root root_of(QuotientDigits radicand) {
  uint128 rest = 0;
  Root root;
  for (int i = 0; i < kRootBits; ++i) {
    rest = rest << 2 | radicand.next() << 1;
    rest |= radicand.next();
    const uint128 trial = root.digits << 2 | 1;
    root.digits <<= 1;
    if (rest < trial) continue;
    rest -= trial;
    root.digits |= 1;
  }
  root.exact = rest == 0 && radicand.ended();
  return root;
}

// sqrt(numerator / denominator 2^exponent) for an even exponent and a numerator below the denominator.
Real root(uint128 numerator, uint128 denominator, int exponent) {
  const Root root = root_of({numerator, denominator});
  return {RealClass::finite, false, exponent / 2 - kRootBits, root.digits, !root.exact};
}

}  // namespace

Real quotient(const Real& a, const Real& b, bool signed_zeros) {
  const bool negative = a.negative != b.negative;
  if (a.kind == RealClass::nan || b.kind == RealClass::nan) return nan();
  if (a.kind == RealClass::infinity) {
    if (b.kind == RealClass::infinity || (b.kind == RealClass::zero && !signed_zeros)) return nan();
    return infinity(negative);
  }
  if (b.kind == RealClass::infinity) return zero(negative);
  if (b.kind == RealClass::zero) {
    return a.kind == RealClass::zero || !signed_zeros ? nan() : infinity(negative);
  }
  if (a.kind == RealClass::zero) return zero(negative);
  // Two steps of long division in 64 bits each: 65 + 63 digits, of which 64 + 63 may be needed at most.
  const int shift_a = 63 - floor_log2(a.significand), shift_b = 63 - floor_log2(b.significand);
  const uint128 numerator = a.significand << (shift_a + 64 - 1), denominator = b.significand << shift_b;
  const uint128 high = numerator / denominator, rest = numerator % denominator;
  const uint128 low = (rest << 63) / denominator;
  Real result{RealClass::finite, negative, 0, high << 63 | low, (rest << 63) % denominator != 0};
  result.exponent = (a.exponent - shift_a - 63) - (b.exponent - shift_b) - 63;
  return result;
}

Real square_root(const Real& a) {
  if (a.kind == RealClass::nan || a.kind == RealClass::zero) return a;
  if (a.negative) return nan();
  if (a.kind == RealClass::infinity) return a;
  int bits = floor_log2(a.significand) + 1;
  if ((a.exponent + bits) % 2 != 0) ++bits;
  return root(a.significand, uint128{1} << bits, a.exponent + bits);
}

Real reciprocal_square_root(const Real& a, bool signed_zeros) {
  if (a.kind == RealClass::nan) return a;
  if (a.kind == RealClass::zero) return signed_zeros ? infinity(a.negative) : nan();
  if (a.negative) return nan();
  if (a.kind == RealClass::infinity) return zero(false);
  // 2^(bits - 1) / significand lies in (1/2, 1]: one digit less makes it smaller than 1.
  int bits = floor_log2(a.significand) - 1;
  uint128 numerator = 1, denominator = a.significand;
  if ((a.exponent + bits) % 2 != 0) --bits;
  if (bits >= 0) {
    numerator <<= bits;
  } else {
    denominator <<= -bits;
  }
  return root(numerator, denominator, -(a.exponent + bits));
}

}  // namespace assay
