// Approximate products that are a piecewise-affine one (arith/piecewise_affine.h) with a correction. Their
// range behaviour is that of PAM.
//
//   PAM, Mitchell   no correction                               relative error -11.1 % .. 0, mean -3.85 %
//   compensated     an offset C on the sum of codes: free, as it merges with the bias
//   L-Mul           C = 2^(F - l)
//   MBM             5/64 on the significand, halved where the sum carries
#pragma once

#include "arith/piecewise_affine.h"

namespace assay {

// What the offset of a compensated PAM makes best over all pairs of fractions.
//   minimum_rms  the root mean square of the relative error
//   zero_mean    the mean relative error, brought next to 0
enum class Compensation { minimum_rms, zero_mean };

// The offset for operands and a product with `fraction_width` bits, in units of the last of them: the best
// constant for reals, 0.0552550 or 0.0566233, rounded. For 0 to 12 bits enumeration of all pairs finds the
// same offsets; for up to 3 bits they are 0.
int64_t compensation_offset(int fraction_width, Compensation compensation);

// The offset of L-Mul (Luo & Sun, arXiv 2410.00907): 2^(F - l(m)), with l(m) = m for m <= 3, 3 for m = 4 and
// 4 above. m is the number of `mantissa_bits` the operands were rounded to, at most F, the fraction_width of
// the format. For m <= 4 it overcompensates: mean relative error +37.5, +14.7, +4.9 and +4.9 % for m = 1..4,
// where an offset of 0, 0, 0, 1 is better. The paper's own instructions have no range behaviour: there zero
// times x is not zero.
int64_t lmul_offset(int fraction_width, int mantissa_bits);

// The minimally biased multiplier of Saadat et al. (TCAD 2018), as in ApproxTrain (Gong et al., TCAD 2023):
// with S = Ma + Mb, the significand is 1 + S + c for S < 1 and 2 (1 + (S - 1) + c / 2) else, c = 2^-4 + 2^-6;
// c / 2 is left out where it would reach 4. Bits below the format's last are dropped, after the correction.
// With fewer `mantissa_bits` than the format has, operands are truncated to these and a 1 is put behind them,
// which makes the truncation unbiased (ApproxTrain's 10 to 16-bit versions: fp32 with 1, 3, 5, 7).
// Precondition: 0 <= mantissa_bits <= fraction_width.
uint64_t mbm_multiply(const PiecewiseAffineFormat& f, uint64_t a, uint64_t b, int mantissa_bits);

}  // namespace assay
