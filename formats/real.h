// Exact real values between an operation and its rounding.
#pragma once

#include <cstdint>
#include <string>

#include "formats/format.h"

namespace assay {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

enum class RealClass { zero, finite, infinity, nan };

// finite: (-1)^negative * (significand + s) * 2^exponent, where significand != 0 and s is 0, or, if `sticky`
// is set, some unknown number in the open interval (0, 1). Decoded values are exact (no sticky); the sum of
// two values of very different magnitude keeps 126 or more leading bits and notes the rest in `sticky`, which
// is enough for one correct rounding to any format of at most 53 significant bits with up to 32 random bits.
// Zero and infinity use only `negative`; NaN uses nothing else.
struct Real {
  RealClass kind = RealClass::zero;
  bool negative = false;
  int exponent = 0;
  uint128 significand = 0;
  bool sticky = false;
};

// The exact value of a code; for logarithmic formats see formats/logarithmic.h. Significands have at most 63
// bits. Bits above the format's width are ignored. NaN payloads are dropped.
Real decode(const Format& format, uint64_t code);

// The exact value of a double.
Real real_from_double(double value);

// Whether a <, =, > b, as a negative number, 0 or a positive one. Both are zero or finite and without sticky
// part.
int compare(const Real& a, const Real& b);

// All bits of the finite values of a format lie between 2^least and 2^(greatest + 1).
struct BitRange {
  int least = 0;
  int greatest = 0;
};
BitRange bit_range(const Format& format);

// Position of the most significant one: floor(log2(x)), and 0 for 0.
int floor_log2(uint128 x);

// The value as a C hexadecimal float, `inf`, `-inf` or `nan`; exact for values of up to 53 significant bits
// and any exponent.
std::string to_hex_float(const Real& value);

// The value rounded to double, for people to read.
double to_double(const Real& value);

}  // namespace assay
