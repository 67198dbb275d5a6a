// Products whose significand comes from a table, as in ApproxTrain (Gong et al., TCAD 2023): any approximate
// multiplier of significands, in any floating-point format.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "arith/piecewise_affine.h"

namespace assay {

class TableMultiplier {
 public:
  static constexpr int kMostBits = 12;

  // The table of a multiplier of significands of 1 + m bits, m = `mantissa_bits` = 1..kMostBits. The entry of
  // fractions i and j, at i 2^m + j, is carry 2^m + fraction: the product of 1.i and 1.j is 2^carry
  // 1.fraction. Throws Error unless there are 2^2m entries below 2^(m+1).
  TableMultiplier(int mantissa_bits, std::vector<uint16_t> entries);

  // ApproxTrain's files: one byte an entry, the fraction in the low m <= 7 bits and the carry in bit 7.
  static TableMultiplier from_bytes(int mantissa_bits, std::span<const uint8_t> bytes);

  int mantissa_bits() const { return mantissa_bits_; }
  std::span<const uint16_t> entries() const { return entries_; }

  // The product of two codes; the format has at least m fraction bits, of which the first m are looked at and
  // the others are 0 in the product. Range behaviour as for PAM. (ApproxTrain's own code misses zero operands
  // if the other is 2 or more, and lets overflow spill into the sign.)
  uint64_t multiply(const PiecewiseAffineFormat& f, uint64_t a, uint64_t b) const {
    namespace pa = piecewise_affine;
    if (pa::is_special(f, a) || pa::is_special(f, b)) return f.nan;
    if (pa::is_zero(f, a) || pa::is_zero(f, b)) return 0;
    const int dropped = f.fraction_width - mantissa_bits_;
    const uint64_t fraction_mask = (uint64_t{1} << mantissa_bits_) - 1;
    const uint64_t i = a >> dropped & fraction_mask, j = b >> dropped & fraction_mask;
    const int128 leading = int128{1} << f.fraction_width;
    const int128 exponents =
        (pa::logarithm(f, a) >> f.fraction_width) + (pa::logarithm(f, b) >> f.fraction_width);
    // The carry stands where an exponent begins.
    const int128 entry = entries_[i << mantissa_bits_ | j];
    return pa::code_of(f, a ^ b, exponents * leading + (entry << dropped));
  }

 private:
  int mantissa_bits_;
  std::vector<uint16_t> entries_;
};

// A multiplier of fp32 codes that are 1.i and 1.j, to be tabulated. Its product is truncated to m fraction
// bits.
using SignificandMultiplier = std::function<uint64_t(uint64_t, uint64_t)>;
TableMultiplier tabulate(int mantissa_bits, const SignificandMultiplier& multiplier);

// ApproxTrain's MIT_m (Mitchell, with operands of m bits) and MBM_m (mbm_multiply), and the exact product
// rounded to nearest even.
TableMultiplier mitchell_table(int mantissa_bits);
TableMultiplier mbm_table(int mantissa_bits);
TableMultiplier exact_table(int mantissa_bits);

}  // namespace assay
