// Where a value lies between two neighbours of a format, and which of the two a rounding takes.
#pragma once

#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// A non-negative number in units of the distance of two neighbours: whole + part / 2^part_width, plus
// something in (0, 2^-part_width) if sticky.
struct Split {
  uint128 whole = 0;
  uint128 part = 0;
  int part_width = 0;
  bool sticky = false;
};

// The neighbour of a value on zero's side, as a magnitude of the format (0 if the value is below the least),
// and where in the gap above it the value lies (`rest.whole` is not used). `beyond_range`: the value is so
// far above the largest that no rounding brings it back.
struct Position {
  uint64_t magnitude = 0;
  Split rest;
  bool beyond_range = false;
};

// The magnitude of `value` in units of 2^unit_exponent. Without fractional part 128 low bits of `whole` are
// right, whatever its size.
Split split_at(const Real& value, int unit_exponent);

// (value - near) / (far - near), in [0, 1): `value` lies between the two or equals `near`. All three are zero
// or finite, and only `value` may be sticky.
Split split_between(const Real& value, const Real& near, const Real& far);

bool is_exact(const Split& split);

// Whether a value at this place goes to the neighbour farther from zero. `even`: the code of the neighbour on
// zero's side is even.
bool rounds_away(const Split& split, Rounding rounding, bool negative, bool even, RandomBits random);

}  // namespace assay
