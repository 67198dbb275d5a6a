// Rounding and saturation: how a real value becomes a code. Both are given per call.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay {

//                                                                     Algorithmic C (ac_fixed)
// rne    to nearest, ties to the even code                            AC_RND_CONV
// rna    to nearest, ties away from zero                              AC_RND_INF
// rntz   to nearest, ties toward zero                                 AC_RND_ZERO
// rnup   to nearest, ties toward +infinity                            AC_RND
// rndn   to nearest, ties toward -infinity                            AC_RND_MIN_INF
// rnodd  to nearest, ties to the odd code                             AC_RND_CONV_ODD
// rtz    toward zero                                                  AC_TRN_ZERO
// rup    toward +infinity
// rdn    toward -infinity                                             AC_TRN
// odd    inexact values to the odd code
// sr_a, sr_b, sr_c  stochastic with N given random bits R: IEEE P3109's StochasticA, B and C. With v the
//   discarded fraction of a unit in the last place, round away from zero if
//   A: floor(v 2^N) + R >= 2^N
//   B: floor(v 2^(N+1)) + 2R + 1 >= 2^(N+1)
//   C: rne(v 2^N) + R >= 2^N
enum class Rounding { rne, rna, rtz, rup, rdn, odd, sr_a, sr_b, sr_c, rntz, rnup, rndn, rnodd };

// What becomes of values outside the finite range. "Inward" means that the rounding points back to the range:
// rtz; rdn above, rup below.
//
//                 infinity                        finite overflow           finite overflow, inward
//   sat_none      infinity, else NaN, else max    as infinity               max
//   sat_none_v40  infinity, else max              as infinity               max
//   sat_propagate infinity, else max              max                       max
//   sat_finite    max                             max                       max
//   sat_symmetric max, of two's complement -max   the same                  the same
//   sat_zero      0                               0                         0
//   wrap          0                               modulo 2^width            modulo 2^width
//
// where max is the finite value nearest to the overflowing one, "else NaN" and "else max" apply to formats
// without infinity (and NaN), sat_symmetric also replaces -2^(width-1) by its successor, and wrap is for two's
// complement and unsigned formats.
//
// In an unsigned format a value that is negative after rounding becomes 0; but NaN, if the format has one,
// under sat_none and sat_none_v40, unless the rounding is rtz or rup and the value is finite. (E8M0, which
// has no 0: its least value, and NaN for every rounding.)
//
// IEEE P3109 defines SatNone in two ways, and both are here by name. sat_none is that of the formal
// specification of 14 July 2026, for which `sat_none_v2607` is another word: overflow in a finite format is
// NaN, as OCP OFP8 has it. sat_none_v40 is that of the Interim Report v4.0 of June 2026: overflow in a finite
// format is max, and in an unsigned format with infinity so is finite overflow under the rounding odd.
// SatFinite and SatPropagate are the same in both.
//
// Algorithmic C's overflow modes: AC_WRAP is wrap, AC_SAT sat_finite, AC_SAT_ZERO sat_zero, AC_SAT_SYM
// sat_symmetric.
//
// Posits never overflow nor underflow: under every saturation a finite value beyond the largest posit becomes
// the largest and one below the least, not zero, the least. Infinities become NaR under sat_none.
//
// NaN becomes the canonical NaN; without one, the largest finite number, or 0 in integer formats. For other
// treatments of NaN and infinities see formats/conversion.h.
enum class Saturation { sat_none, sat_finite, sat_propagate, wrap, sat_none_v40, sat_zero, sat_symmetric };

// The words used in TOML files, names of units and on the command line: those above, and when parsed also
// Algorithmic C's. Throw Error listing what is known.
std::string_view to_string(Rounding rounding);
std::string_view to_string(Saturation saturation);
Rounding parse_rounding(std::string_view word);
Saturation parse_saturation(std::string_view word);

bool is_stochastic(Rounding rounding);

// N and R of the stochastic modes: `value` is uniform in [0, 2^count). count is at most 32.
struct RandomBits {
  int count = 0;
  uint32_t value = 0;
};

}  // namespace assay
