#include "arith/exact_sum.h"

#include <algorithm>

namespace assay {

ExactSum::ExactSum(int least_exponent, int greatest_exponent) : least_exponent_(least_exponent) {
  constexpr int kCarryBits = 64;  // sign and up to 2^62 terms
  const int bits = greatest_exponent - least_exponent + 1 + kCarryBits;
  limbs_.resize(static_cast<size_t>((bits + 63) / 64) + 2, 0);
}

void ExactSum::add(const Real& term) {
  switch (term.kind) {
    case RealClass::nan:
      nan_ = true;
      return;
    case RealClass::infinity:
      (term.negative ? negative_infinity_ : positive_infinity_) = true;
      return;
    case RealClass::zero:
    case RealClass::finite:
      (term.negative ? any_negative_ : any_positive_) = true;
      break;
  }
  if (term.kind == RealClass::zero) return;

  // A significand may have zeros below the least exponent; it is shifted right past them.
  const int offset = term.exponent - least_exponent_;
  const uint128 significand = offset < 0 ? term.significand >> -offset : term.significand;
  const auto position = static_cast<size_t>(std::max(offset, 0));
  const auto shift = static_cast<int>(position % 64);
  const auto low = static_cast<uint64_t>(significand), high = static_cast<uint64_t>(significand >> 64);
  const uint64_t parts[3] = {low << shift, shift == 0 ? high : (high << shift) | (low >> (64 - shift)),
                             shift == 0 ? 0 : high >> (64 - shift)};
  // The carry or borrow almost always ends soon after the three words.
  uint64_t carry = 0;
  size_t i = position / 64;
  for (const uint64_t part : parts) {
    const uint128 sum = term.negative ? uint128{limbs_[i]} - part - carry : uint128{limbs_[i]} + part + carry;
    limbs_[i++] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64) & 1;
  }
  for (; carry != 0 && i < limbs_.size(); ++i) {
    limbs_[i] += term.negative ? ~uint64_t{0} : 1;
    carry = limbs_[i] == (term.negative ? ~uint64_t{0} : 0) ? 1 : 0;
  }
}

// Puts four times 2^modulus in the place of all bits from 2^modulus on, if there are any from there on.
void ExactSum::reduce(Limbs& magnitude, int modulus) const {
  const int first = modulus - least_exponent_;  // of these bits
  if (first < 0) return magnitude.assign(magnitude.size(), 0);
  const auto clear_from = [&](size_t bit) {
    for (size_t i = bit / 64; i < magnitude.size(); ++i) {
      magnitude[i] &= i == bit / 64 ? (uint64_t{1} << bit % 64) - 1 : 0;
    }
  };
  const auto base = static_cast<size_t>(first) + 2;
  const Limbs whole = magnitude;
  clear_from(base);
  if (magnitude == whole) return;
  clear_from(base - 2);
  magnitude[base / 64] |= uint64_t{1} << base % 64;
}

Real ExactSum::value(Rounding rounding, std::optional<int> modulus) const {
  Real sum;
  if (nan_ || (positive_infinity_ && negative_infinity_)) {
    sum.kind = RealClass::nan;
    return sum;
  }
  if (positive_infinity_ || negative_infinity_) {
    sum.kind = RealClass::infinity;
    sum.negative = negative_infinity_;
    return sum;
  }
  Limbs magnitude = limbs_;
  sum.negative = (magnitude.back() >> 63) != 0;
  if (sum.negative) {
    uint64_t carry = 1;
    for (uint64_t& limb : magnitude) {
      limb = ~limb + carry;
      carry = carry != 0 && limb == 0 ? 1 : 0;
    }
  }
  if (modulus) reduce(magnitude, *modulus);
  size_t top = magnitude.size();
  while (top > 0 && magnitude[top - 1] == 0) --top;
  if (top == 0) {
    sum.negative = any_negative_ && (!any_positive_ || rounding == Rounding::rdn);
    return sum;
  }
  // The three leading limbs hold the 126 bits that a Real promises; the rest is sticky.
  const size_t first = top >= 3 ? top - 3 : 0;
  uint128 leading = 0;
  const int width = 64 * static_cast<int>(top - first - 1) + floor_log2(magnitude[top - 1]) + 1;
  const int drop = std::max(width - 127, 0);
  for (size_t i = first; i < top; ++i) {
    const int at = 64 * static_cast<int>(i - first) - drop;
    if (at >= 0) {
      leading |= uint128{magnitude[i]} << at;
    } else if (at > -64) {
      leading |= magnitude[i] >> -at;
    }
  }
  const auto below = [&](size_t limb, int bits) {
    return bits <= 0 ? uint64_t{0}
                     : magnitude[limb] & (bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1);
  };
  for (size_t i = 0; i < top; ++i) {
    const int bits = i < first ? 64 : drop - 64 * static_cast<int>(i - first);
    sum.sticky = sum.sticky || below(i, bits) != 0;
  }
  sum.kind = RealClass::finite;
  sum.significand = leading;
  sum.exponent = least_exponent_ + 64 * static_cast<int>(first) + drop;
  return sum;
}

}  // namespace assay
