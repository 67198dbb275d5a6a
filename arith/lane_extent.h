// What values need of a float64 lane for sums and products in it to be exact, or rounded to odd without harm.
#pragma once

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

inline constexpr int kLaneBits = 53;

// Values are multiples of 2^least below 2^(greatest + 1) with so many significant bits.
struct LaneExtent {
  int significand = 0;
  int least = 0;
  int greatest = 0;
};

LaneExtent lane_extent(const Format& format);

// That of the format's values with exponents in -exponent .. exponent.
LaneExtent lane_extent_within(const Format& format, int exponent);
// Whether x is zero or has such an exponent; not for infinities and NaN.
bool lies_within(double x, int exponent);

LaneExtent lane_product(const LaneExtent& x, const LaneExtent& y);

// Whether the exponents lie so far from where float64 ends that sums of thousands of values, and factors that align
// them, are normal.
bool fits_lane(const LaneExtent& x);

// Whether a value that was rounded to odd with 53 bits is rounded to the format as it would have been itself.
bool rounds_from_odd(const Format& format, Rounding rounding, int random_bits);

// Whether sums of such terms and a value of an integer format keep all bits that are left when they wrap.
bool wraps_exactly(const Format& format, const LaneExtent& term);

}  // namespace assay
