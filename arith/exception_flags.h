// The exception flags of IEEE 754-2019, section 7, for one operation of a unit.
#pragma once

#include <cstdint>
#include <span>

#include "arith/unit.h"
#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

struct ExceptionFlags {
  bool invalid = false;
  bool divide_by_zero = false;
  bool overflow = false;
  bool underflow = false;
  bool inexact = false;

  bool operator==(const ExceptionFlags&) const = default;
  ExceptionFlags& operator|=(const ExceptionFlags& other) {
    invalid |= other.invalid;
    divide_by_zero |= other.divide_by_zero;
    overflow |= other.overflow;
    underflow |= other.underflow;
    inexact |= other.inexact;
    return *this;
  }
};

// When a result is tiny: if the exact result lies below the least normal number in magnitude (Arm, Power), or if the
// result rounded to the format's precision with an unbounded exponent does (x86, RISC-V, NVIDIA).
enum class Tininess { before_rounding, after_rounding };

// What implementations of IEEE 754 do differently.
struct FlagRules {
  Tininess tininess = Tininess::after_rounding;
  // Infinity times zero in a fused multiply-add is invalid even if the addend is a quiet NaN (RISC-V, Arm; not x86).
  bool invalid_beside_nan = false;
};

struct FlaggedResult {
  uint64_t code = 0;
  ExceptionFlags flags;
};

// The result of an operation and its flags. Of one that does not accumulate:
//   invalid         the result is NaN though no operand is; or an operand is a signalling NaN (the quiet bit, which is
//                   the first of the fraction, is 0; formats with NaN encoding `ieee` only)
//   divide_by_zero  an exact infinity, or the NaN of IEEE P3109, from finite operands
//   overflow        the rounded result would be beyond the largest finite number if the exponent were unbounded
//   underflow       tiny and inexact (the default handling of section 7.5)
//   inexact         the result is not the exact one, overflow included
// Without binary floating point in the result there is no underflow.
// A mac, dot or block_dot has the flags that its roundings raise, accumulated (arith/accumulation.h):
//   sequential  of a fused multiply-add for each product; with a product that is rounded first, of that rounding, too
//   fused       of the one rounding of a group's exact sum
//   tree        of each rounding of a product and each addition
//   kahan       of each of its four roundings a product
//   window      overflow and underflow of rounding the sum of what the window keeps, inexact if the result is not the
//               exact sum of the products and the accumulator
// A rounding whose subnormal result is flushed is inexact and underflows. The result of a step (fused, window: of a
// group) is invalid if it is NaN though none of what goes into it is: infinity times zero and infinities of both signs. A
// product that CDNA3 takes for infinite overflows.
FlaggedResult evaluate_with_flags(const Unit& unit, std::span<const uint64_t> operands,
                                  RandomBits random = {}, FlagRules rules = {});

// Flags of rounding an exact value to `code`.
ExceptionFlags rounding_flags(const Format& format, Rounding rounding, const Real& exact, uint64_t code,
                              RandomBits random, Tininess tininess);

}  // namespace assay
