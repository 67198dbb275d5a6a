// What the exact results of an operation can be at all, from the ranges of its operands.
#pragma once

#include <climits>

#include "arith/unit.h"

namespace assay {

// Bounds that no operands exceed; they need not be met. Without knowledge everything is possible.
struct Reachable {
  bool inexact = true;       // a rounding that changes something
  bool tiny_inexact = true;  // below the least normal number
  bool overflow = true;      // a rounded result beyond the greatest number
  bool above = true;         // an exact result beyond the greatest number
  // Of sums of two terms: exponent of the first minus that of the second, and leading bits that cancel.
  int least_alignment = INT_MIN, greatest_alignment = INT_MAX, cancellation = INT_MAX;
};

// Precondition: the unit has one rounding.
Reachable reachable(const Unit& unit);

}  // namespace assay
