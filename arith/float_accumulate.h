// Fast steps of the golden model in binary floating point: the same results as going through Real, in machine words.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "arith/unit.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// Takes codes of a format with has_float_parts (formats/float_parts.h) apart. Everything that follows from the format
// is worked out once.
class FloatCodes {
 public:
  // significand * 2^(binade + least_exponent()), negative if `sign` is all ones and not 0.
  struct Number {
    uint64_t significand;
    uint64_t sign;
    int64_t binade;
  };

  explicit FloatCodes(const Format& format);

  // Of the last bit of subnormals.
  int least_exponent() const { return least_exponent_; }

  // Whether a code is an infinity or NaN (or perhaps another, in a format of 64 bits).
  bool is_special(uint64_t code) const {
    return (code & magnitude_mask_) >= first_special_ ||
           (has_single_nan_ && code << unused_bits_ == uint64_t{1} << 63);
  }

  // With kNormalize the significand of a subnormal other than zero has its leading one where normal numbers do.
  template <bool kNormalize>
  Number number(uint64_t code) const {
    const uint64_t magnitude = code & magnitude_mask_, field = magnitude >> fraction_width_;
    const uint64_t binade = field - static_cast<uint64_t>(field != 0);
    Number number = {magnitude - (binade << fraction_width_),
                     static_cast<uint64_t>(static_cast<int64_t>(code << unused_bits_) >> 63),
                     static_cast<int64_t>(binade)};
    if constexpr (kNormalize) {
      if (field == 0 && magnitude != 0) [[unlikely]] {
        const int shift = std::countl_zero(magnitude) - (63 - fraction_width_);
        number.significand <<= shift;
        number.binade = -shift;
      }
    }
    return number;
  }

 private:
  uint64_t magnitude_mask_;
  uint64_t first_special_;  // the least magnitude that is no number
  bool has_single_nan_;     // in the place of -0
  int unused_bits_, fraction_width_, least_exponent_;
};

// Rounds numbers other than zero to a format with has_float_parts, as round_to_code does, by a rounding that is not
// stochastic. The format must outlive it.
class FloatRounder {
 public:
  FloatRounder(const Format& format, Rounding rounding, Saturation saturation);

  // The code of (-1)^negative * leading * 2^(exponent - 62), where 2^62 <= leading < 2^63, and the last bit of
  // `leading` also stands for all that has been lost below it.
  uint64_t operator()(bool negative, int64_t exponent, uint64_t leading) const {
    const int64_t binade = exponent - least_exponent_;
    // Below, subnormals have less room for the significand.
    if (static_cast<uint64_t>(binade) > static_cast<uint64_t>(greatest_binade_)) [[unlikely]]
      return binade > 0 ? overflow(negative) : subnormal(negative, leading, -binade);
    return rounded<false>(negative, binade, leading);
  }

  // The code of a zero.
  uint64_t zero(bool negative) const { return negative ? minus_zero_ : 0; }

  // The sign of an exact zero that is the sum of terms with different signs.
  bool cancels_to_minus_zero() const { return rounding_ == Rounding::rdn; }

 private:
  // Codes of magnitudes are ordered as their values are, so that a carry out of the significand runs into the exponent
  // field by itself.
  template <bool kIsSubnormal>
  uint64_t rounded(bool negative, int64_t binade, uint64_t leading) const {
    const uint64_t base = static_cast<uint64_t>(binade) << fraction_width_;
    const uint64_t odd = 0 - ((base + (leading >> cut_)) & 1);
    const uint64_t magnitude = base + ((leading + increment_[negative] + (odd & if_odd_)) >> cut_);
    if (magnitude > largest_) [[unlikely]]
      return overflow(negative);
    if (kIsSubnormal && magnitude == 0) return zero(negative);
    return static_cast<uint64_t>(negative) << sign_at_ | magnitude;
  }

  void set_increments(Rounding rounding);
  uint64_t subnormal(bool negative, uint64_t leading, int64_t lost) const;
  uint64_t overflow(bool negative) const;

  const Format* format_;
  Rounding rounding_;
  Saturation saturation_;
  int64_t least_exponent_ = 0, greatest_binade_ = 0;
  int fraction_width_ = 0;
  int cut_ = 0;  // bits of `leading` below the unit of a normal number
  uint64_t largest_ = 0;
  uint64_t increment_[2] = {};  // what is added below the unit before it is cut, by sign
  uint64_t if_odd_ = 0;         // and what else if the unit's bit is odd, modulo 2^64
  int sign_at_ = 0;
  uint64_t minus_zero_ = 0;
};

// Whether c + a b of a mac, sequential dot or fma can be asked of a FloatAccumulator: exact products of at most 48 bits
// of signed binary floating-point operands with subnormals, c and a result of that kind, no stochastic rounding.
bool has_float_accumulate(const Unit& unit);

// c + a b. Precondition: has_float_accumulate(unit). The unit must outlive it.
class FloatAccumulator {
 public:
  explicit FloatAccumulator(const Unit& unit);

  // Makes of c, a code of the accumulator's format (of an fma c's), the result's code for c + a b. False, with c as it
  // was, where infinities and NaNs ask for the rules of `add`.
  bool operator()(uint64_t a, uint64_t b, uint64_t& c) const {
    return normalizes_ ? accumulate<true>(a, b, c) : accumulate<false>(a, b, c);
  }

 private:
  static constexpr int64_t kBelowAll = -(1 << 28);  // the exponent of zero

  // Both terms have their leading ones at bit 61 or, if the widths leave room for it, anywhere above their last bit
  // at 32 or higher. What is lost of the one with the lesser exponent is then lost below a sum in which hardly more
  // than a bit cancels, and the jammed last bit is below what rounding looks at.
  template <bool kNormalize>
  bool accumulate(uint64_t a, uint64_t b, uint64_t& c) const {
    if (a_.is_special(a) || b_.is_special(b) || c_.is_special(c)) [[unlikely]]
      return false;
    const FloatCodes::Number x = a_.number<kNormalize>(a), y = b_.number<kNormalize>(b),
                             z = c_.number<kNormalize>(c);
    const uint64_t product = x.significand * y.significand, product_sign = x.sign ^ y.sign;
    const uint64_t p = with_sign(product_sign, product << product_shift_);
    const uint64_t q = with_sign(z.sign, z.significand << c_shift_);
    const int64_t p_exponent = product != 0 ? x.binade + y.binade + product_exponent_ : kBelowAll;
    const int64_t q_exponent = z.significand != 0 ? z.binade + c_exponent_ : kBelowAll;

    // Which term is larger and which sign it has is as good as random, so neither is decided by a branch.
    const int64_t distance = p_exponent - q_exponent;
    const uint64_t swap = (p ^ q) & static_cast<uint64_t>(distance >> 63);
    const auto larger = static_cast<int64_t>(p ^ swap), smaller = static_cast<int64_t>(q ^ swap);
    const int64_t shift = std::min<int64_t>(std::abs(distance), 63);
    const int64_t kept = smaller >> shift;
    const int64_t sum = larger + (kept | static_cast<int64_t>(kept << shift != smaller));
    if (sum == 0) [[unlikely]] {
      c = round_.zero(product_sign == z.sign ? z.sign != 0 : round_.cancels_to_minus_zero());
      return true;
    }
    const auto sign = static_cast<uint64_t>(sum >> 63);
    const uint64_t magnitude = with_sign(sign, static_cast<uint64_t>(sum));
    const int up = std::countl_zero(magnitude) - 1;
    c = round_(sign != 0, std::max(p_exponent, q_exponent) + 62 - up, magnitude << up);
    return true;
  }

  // x, or -x if `sign` is all ones.
  static uint64_t with_sign(uint64_t sign, uint64_t x) { return (x ^ sign) - sign; }

  FloatCodes a_, b_, c_;
  FloatRounder round_;
  int product_shift_, c_shift_;
  int64_t product_exponent_, c_exponent_;  // of the last bits of shifted subnormals
  bool normalizes_;
};

}  // namespace assay
