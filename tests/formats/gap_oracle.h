// Rounding of a value that lies at a known place in the gap between two neighbours, from the definitions.
#pragma once

#include <doctest/doctest.h>

#include <vector>

#include "formats/real.h"
#include "formats/round.h"

namespace assay {

// The place of a value: eighths / 8 of the gap, and a little more if sticky.
struct Place {
  int eighths = 0;
  bool sticky = false;
};

inline const std::vector<Rounding>& all_roundings() {
  static const std::vector<Rounding> roundings = {
      Rounding::rne,  Rounding::rna,  Rounding::rtz,  Rounding::rup,  Rounding::rdn,
      Rounding::odd,  Rounding::rntz, Rounding::rnup, Rounding::rndn, Rounding::rnodd,
      Rounding::sr_a, Rounding::sr_b, Rounding::sr_c};
  return roundings;
}

// RoundAway of IEEE P3109 v4.0 and the tie rules of Algorithmic C, with v = place.
inline bool away_by_definition(Place place, Rounding rounding, bool negative, bool even, RandomBits random) {
  const int64_t v8 = place.eighths;  // v = (v8 + tiny) / 8
  const bool above_half = v8 > 4 || (v8 == 4 && place.sticky), tie = v8 == 4 && !place.sticky;
  const bool inexact = v8 != 0 || place.sticky;
  const int64_t scale = int64_t{1} << random.count, r = random.value;
  switch (rounding) {
    case Rounding::rne:
      return above_half || (tie && !even);
    case Rounding::rna:
      return above_half || tie;
    case Rounding::rntz:
      return above_half;
    case Rounding::rnup:
      return above_half || (tie && !negative);
    case Rounding::rndn:
      return above_half || (tie && negative);
    case Rounding::rnodd:
      return above_half || (tie && even);
    case Rounding::rtz:
      return false;
    case Rounding::rup:
      return inexact && !negative;
    case Rounding::rdn:
      return inexact && negative;
    case Rounding::odd:
      return inexact && even;
    case Rounding::sr_a:
      return v8 * scale / 8 + r >= scale;
    case Rounding::sr_b:
      return v8 * 2 * scale / 8 + 2 * r + 1 >= 2 * scale;
    case Rounding::sr_c: {
      int64_t nearest = v8 * scale / 8;
      const int64_t rest = v8 * scale % 8;
      const bool up = rest > 4 || (rest == 4 && (place.sticky || nearest % 2 == 1));
      nearest += up ? 1 : 0;
      return nearest + r >= scale;
    }
  }
  return false;
}

// Calls check(place, rounding, random) for every eighth, with and without sticky part, in every rounding; the
// stochastic ones with every value of one and two bits.
template <typename Check>
void for_all_places(Check check) {
  for (int i = 0; i < 16; ++i) {
    const Place place = {i / 2, i % 2 == 1};
    for (const Rounding rounding : all_roundings()) {
      if (!is_stochastic(rounding)) {
        check(place, rounding, RandomBits{});
        continue;
      }
      for (int count = 1; count <= 2; ++count) {
        for (uint32_t r = 0; r < 1U << count; ++r) check(place, rounding, RandomBits{count, r});
      }
    }
  }
}

// (whole + place) * 2^exponent.
inline Real at_place(bool negative, uint64_t whole, int exponent, Place place) {
  Real x;
  x.significand = uint128{whole} * 8 + static_cast<unsigned>(place.eighths);
  x.negative = negative;
  x.exponent = exponent - 3;
  x.kind = RealClass::finite;
  x.sticky = place.sticky;
  if (x.significand == 0 && place.sticky) {
    // A Real needs a significand: something far below every eighth.
    x.significand = 1;
    x.exponent -= 100;
  } else if (x.significand == 0) {
    x.kind = RealClass::zero;
  }
  return x;
}

}  // namespace assay
