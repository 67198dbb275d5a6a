// What is special about one evaluation: what coverage counts and failures are told apart by.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "arith/unit.h"
#include "formats/real.h"

namespace assay {

// Of an exact result that is rounded once to binary floating point, an integer or fixed point.
struct RoundingFacts {
  bool negative = false;
  bool last = false;         // bit of the result's last place before rounding
  bool guard = false;        // the bit below it
  bool sticky = false;       // whether anything is below that
  bool carries = false;      // rounding to nearest goes to the next power of two
  bool tiny = false;         // below the least normal number
  bool overflows = false;    // beyond the greatest number when rounded to nearest with an unbounded exponent
  bool at_overflow = false;  // between the greatest number and what would come after it

  bool exact() const { return !guard && !sticky; }
  bool tie() const { return guard && !sticky; }
};

// Of a sum of two terms: a and b of an addition, the product and c of an fma or mac.
struct SumFacts {
  int alignment = 0;      // exponent of the leading bit of the first term minus that of the second
  bool opposite = false;  // the terms have different signs
  int cancellation = 0;   // bits between the larger term's leading bit and the sum's
  bool exact_zero = false;
};

struct CaseFacts {
  Real exact;                             // of operations with one rounding
  std::optional<RoundingFacts> rounding;  // finite exact results other than zero
  std::optional<SumFacts> sum;            // of two terms that are finite and not zero
};

// Precondition: the unit does not round more than once; see one_rounding.
CaseFacts case_facts(const Unit& unit, std::span<const uint64_t> operands);

// The unit, or for a mac with an exact product the fma that it is; none for units that round more than once.
std::optional<Unit> one_rounding(const Unit& unit);

}  // namespace assay
