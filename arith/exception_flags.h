// The exception flags of IEEE 754-2019, section 7, for one operation of a unit.
#pragma once

#include <cstdint>
#include <span>

#include "arith/unit.h"
#include "formats/rounding.h"

namespace assay {

struct ExceptionFlags {
  bool invalid = false;
  bool divide_by_zero = false;
  bool overflow = false;
  bool underflow = false;
  bool inexact = false;

  bool operator==(const ExceptionFlags&) const = default;
};

// When a result is tiny: if the exact result lies below the least normal number in magnitude (Arm, Power), or if the
// result rounded to the format's precision with an unbounded exponent does (x86, RISC-V, NVIDIA).
enum class Tininess { before_rounding, after_rounding };

struct FlaggedResult {
  uint64_t code = 0;
  ExceptionFlags flags;
};

// The result of an operation that does not accumulate, and its flags:
//   invalid         the result is NaN though no operand is; or an operand is a signalling NaN (the quiet bit, which is
//                   the first of the fraction, is 0; formats with NaN encoding `ieee` only)
//   divide_by_zero  an exact infinity, or the NaN of IEEE P3109, from finite operands
//   overflow        the rounded result would be beyond the largest finite number if the exponent were unbounded
//   underflow       tiny and inexact (the default handling of section 7.5)
//   inexact         the result is not the exact one, overflow included
// Without binary floating point in the result there is no underflow. Throws Error for units that accumulate.
FlaggedResult evaluate_with_flags(const Unit& unit, std::span<const uint64_t> operands,
                                  RandomBits random = {}, Tininess tininess = Tininess::after_rounding);

}  // namespace assay
