// How the products of a dot product meet each other and the accumulator, as plain data.
#pragma once

#include <optional>

#include "formats/format.h"

namespace assay {

// Products are joined to the accumulator in groups of `group` (0: all at once), in ascending order; within a group
//   sequential  each product is added with a rounding of its own
//   fused       exact sum of the products and the accumulator, one rounding (Kulisch; the quire of posits)
//   window      as tensor cores do: products and accumulator are aligned to the largest of their exponents, each is
//               cut to `window` fraction bits below it, the sum of what remains is exact and is rounded once
//   tree        products are rounded to the accumulator's format and added in pairs, 1 + 2, 3 + 4, ..., with a rounding
//               for each addition; the root is added to the accumulator
//   kahan       sequential, with a compensation of the accumulator's format that is 0 at the start of an evaluation:
//               y = p - comp; t = acc + y; comp = (t - acc) - y; acc = t, a rounding for each of the four operations
//
// In a window the exponent of a product is the sum of its operands' exponents (and of their scales') whatever the
// product of the significands, that of a subnormal operand the least normal exponent, and that of operands which are
// not binary floating point, or of a product that is not exact, floor(log2 |x|). Zeros have no exponent.
//
//                         a NaN, inf 0,    infinities   sum of zero                   finite sum beyond the range
//                         inf - inf        of one sign
//   sequential tree kahan NaN              infinity     as IEEE 754, each addition:   by rounding and saturation
//                                                       -0 if both are -0, or if
//                                                       opposite and rounding is rdn
//   fused                 NaN              infinity     -0 if all terms are -0, or    by rounding and saturation
//                                                       not all +0 and rounding rdn
//   window                NaN              infinity     +0                            as if the rounding did not
//                                                                                     point inward
//
// Under kahan an infinite accumulator turns into NaN with the next product, as inf - inf is in its compensation. NaN
// results are the format's canonical NaN; GPUs write 0x7fffffff (fp16: 0x7fff). An absent product (accumulate_dot) is
// +0, which changes no result but that a sum of -0 becomes +0; under kahan it is left out.
enum class AccumulationKind { sequential, fused, window, tree, kahan };

struct Accumulation {
  AccumulationKind kind = AccumulationKind::sequential;
  int group = 0;              // products a group, for fused, window and tree
  int window = 0;             // fraction bits kept, for window
  bool window_floor = false;  // the window cuts toward -infinity; false: toward zero

  // Of a window with join > 0 (AMD CDNA3) only the products are aligned among themselves, and cut toward zero. Their
  // sum, with its window's exponent, then meets the accumulator: the two are aligned again, the sum is cut toward
  // -infinity to `join` fraction bits and the accumulator to `window`. A product beyond the range of the result's
  // format is an infinity.
  int join = 0;
  // With join: the 1st, 3rd, ... and the 2nd, 4th, ... product of a group have a window each; the two sums are aligned
  // and cut toward -infinity to `window` fraction bits, which gives the products' sum. An accumulator whose exponent
  // lies more than window + 1 below the largest counts as zero.
  bool even_odd = false;

  // Of a block_dot: products that share a pair of scales, 0: all. The operands are then a1 b1 a2 b2 ... sa1 sb1 sa2
  // sb2 ... c. A product counts as multiplied with its scales, exactly, before anything else.
  int block = 0;
  // Of a block_dot with a window: so many products are summed exactly, without their scales, before the sum is one
  // term of the window with the scales' exponents as its exponent (the mxf4 and nvfp4 instructions of NVIDIA
  // Blackwell). 0: each product is a term.
  int exact = 0;

  // Subnormal operands and accumulators, and zeros, count as +0, and a rounding whose result is subnormal gives a zero
  // of its sign (AMD CDNA2).
  bool flush_subnormals = false;

  // A sum of a window or a fused sum is rounded to this format instead of the result's, which holds all its values
  // (the FP8 instructions of NVIDIA Ada and Hopper: e8m13 in a register of fp32).
  std::optional<Format> sum;

  // The products of one evaluation (one pair of scales) are accumulated from +0 in this format, without scales, and
  // their sum (times the scales) is then added to the accumulator, exact but for one rounding to nearest even
  // (chunked accumulation with promotion: DeepSeek-V3, arXiv 2412.19437).
  std::optional<Format> partial;

  bool operator==(const Accumulation&) const = default;
};

}  // namespace assay
