// Rounding and saturation: how a real value becomes a code. Both are given per call.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay {

// rne  to nearest, ties to the even code          rtz  toward zero         odd  inexact values to the odd
// code rna  to nearest, ties away from zero            rup  toward +infinity sr_a sr_b sr_c  stochastic with
// N given random  rdn  toward -infinity
//   bits R: IEEE P3109's StochasticA, B and C. With v the discarded fraction of a unit in the last place,
//   round away from zero if   A: floor(v 2^N) + R >= 2^N    B: floor(v 2^(N+1)) + 2R + 1 >= 2^(N+1)
//                       C: rne(v 2^N) + R >= 2^N
enum class Rounding { rne, rna, rtz, rup, rdn, odd, sr_a, sr_b, sr_c };

// What becomes of values outside the finite range.
//   sat_none       infinities stay; a finite overflow becomes infinity, or the largest finite number where
//   the
//                  rounding points toward zero (rtz; rdn above, rup below). Without infinity: NaN; without
//                  NaN too: the largest finite number.
//   sat_finite     everything beyond the range, infinities included, becomes the largest finite number.
//   sat_propagate  infinities stay if the format has them; finite overflow becomes the largest finite number.
//   wrap           integers only: modulo 2^width. Infinities become 0.
// NaN becomes the canonical NaN; without one, the largest finite number (floating point) or 0 (integers).
enum class Saturation { sat_none, sat_finite, sat_propagate, wrap };

// The words used in TOML files, names of units and on the command line. Throw Error listing what is known.
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
