// Block formats as plain data: numbers that share a scale. A block is a piece of a row or of a column, or a
// square tile; each block has one scale, and an element's value is its own code's value times the scale.
//
// Sources: OCP Microscaling Formats (MX) v1.0, 2023; NVIDIA's NVFP4; MSFP (Darvish Rouhani et al., NeurIPS
// 2020); block data representations with shared microexponents (Darvish Rouhani et al., arXiv 2302.08007);
// Q-BERT (Shen et al., arXiv 1909.05840).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace assay {

// How the scale of a block follows from its numbers. amax is the largest magnitude in the block, M the
// largest number of the element format and emax = floor(log2 M). "fp32(...)" is one IEEE single operation,
// rounded to nearest even whatever the host's mode, but overflow gives the largest float; everything else is
// exact.
//
// The scale is a power of two 2^e. Exponents of subnormal numbers are their true ones.
//   floor        e = floor(log2 amax) - emax (OCP MX v1.0). Numbers above M 2^e are clamped
//   ceil         e = ceil(log2 amax) - emax
//   even         amax first rounded to the element's precision, half a unit upward; then as floor
//   rceil        e = ceil(log2 fp32(amax * fp32(1 / M))): NVIDIA's cvt.rp.ue8m0x2 of the scaled amax
//   rceil_exact  e = ceil(log2(amax / M))
// e below the scale's range becomes the least, e above it makes the scale NaN. The first four have torchao's
// names.
//
// The scale is a number of the scale format; t is the scale of the tensor (1 without one) and S the largest
// number of the scale format.
//   absmax
//       scale = amax / (M t), rounded once to nearest even, at least the least positive number;
//       elements are x / (scale t), exact, rounded once
//   absmax_torchao (torchao's NVFP4)
//       q = fp32(amax / M), with t then fp32(q / t); clamped to [least normal number, S];
//       scale = q to nearest even; r = fp32(1 / scale), with t fp32(fp32(1 / t) / scale);
//       elements are fp32(x r), rounded
//   absmax_transformer_engine (Transformer Engine's NVFP4, always with t and u, see TensorScale) scale =
//       fp32(amax * fp32(u * fp32(1 / M))) to nearest even, clamped to S, may be 0; r = fp32(1 / fp32(scale *
//       t)), the largest float if that product is 0; elements are fp32(x r), rounded
//
// Integers with an offset; L is the largest less the least code. The scale is a float32 of at least 2^-126.
//   zero_point   low = min(0, least x), high = max(0, greatest x), scale = (high - low) / L, z = least code -
//                low / scale rounded to nearest even and clamped to the codes; elements are x / scale rounded
//                to an integer, plus z, clamped; an element's value is scale (code - z)
//   minimum      Q-BERT: scale = (greatest - least x) / L; elements are (x - least x) / scale rounded; an
//                element's value is scale code + least x
enum class ScalePolicy {
  floor,
  ceil,
  even,
  rceil,
  rceil_exact,
  absmax,
  absmax_torchao,
  absmax_transformer_engine,
  zero_point,
  minimum
};

// The power-of-two scale of a block without a non-zero number, in which vendors differ:
//   least            the least scale, 2^-127 in E8M0 (gfloat)
//   unit_amax        2^-emax, as if amax were 1 (Universal)
//   least_float_amax as if amax were the least normal float, 2^-126 (microxcaling)
enum class ZeroBlock { least, unit_amax, least_float_amax };

// What an infinity or NaN does to its block:
//   nan_scale   the scale becomes NaN, and with it every number of the block; element codes are those of +0
//   elements    it takes no part in the scale, and its own code is what round_to_code makes of it
// In neither case does it take part in the scale of the tensor.
enum class NonFinite { nan_scale, elements };

// The second level of scaling.
//   none     t = 1
//   float32  one float t for the whole tensor, from its largest magnitude A, M and S as above:
//            absmax, absmax_torchao: t = fp32(A / (S M)), at least 2^-126
//            absmax_transformer_engine: u = fp32((S M) / A), t = fp32(1 / u)
//            If A = 0, t = u = 1
enum class TensorScale { none, float32 };

// Sub-blocks of sub_block_size numbers each (the last of a block may be shorter) have scales 2^d times
// smaller than that of their block: d = 0..2^sub_exponent_width - 1 is how far the sub-block's own shared
// exponent lies below that of the block, as far as it can be stored, and 0 if the sub-block has no non-zero
// number.
struct BlockFormat {
  std::string name;
  Format element;
  Format scale;
  int block_size = 32;  // numbers along the axis; 0: the whole row, column or matrix
  ScalePolicy scale_policy = ScalePolicy::floor;
  ZeroBlock zero_block = ZeroBlock::least;
  NonFinite non_finite = NonFinite::nan_scale;
  TensorScale tensor_scale = TensorScale::none;
  int sub_block_size = 0;  // 0: no sub-blocks
  int sub_exponent_width = 0;
};

// The block format a name stands for:
//   mxfp8_e4m3 mxfp8_e5m2 mxfp6_e3m2 mxfp6_e2m3 mxfp4 mxint8    OCP MX: blocks of 32, E8M0 scale
//   msfpN         N = 11..16: blocks of 16, 8-bit shared exponent, sign and N - 9 bits of magnitude
//   mx9 mx6 mx4   blocks of 16 with 8-bit exponent, sub-blocks of 2 with 1 bit, sign and 7, 4, 2 bits of
//                 magnitude (shared microexponents)
//   bfpW_gK       sign and W - 1 bits of magnitude (W = 2..16), blocks of K; after it optionally _eE (E =
//                 2..8 bits of exponent, else 8) and _sDxB (sub-blocks of D numbers with B = 1..8 bits)
//   nvfp4         blocks of 16, E2M1, E4M3 scale, one level in torchao's order
//   nvfp4_two_level, nvfp4_te   with a scale of the tensor, in torchao's and Transformer Engine's order
//   absmax_E_S[_gK]  any element format E and scale format S, such as absmax_e4m3_fp32_g128 or
//                    absmax_nf4_fp32_g64
//   affine_E[_gK]    integers with a zero point, such as affine_uint8 (one scale a row or column)
//   minmax_E[_gK]    unsigned integers with a minimum (Q-BERT), such as minmax_uint4_g128
// Names from mxfp8_e4m3 to bfp may be followed by a scale policy: mxfp4_rceil. The magnitudes of msfp, mx9 to
// mx4 and bfp have one bit before the point, so that emax = 0 and the shared exponent is that of the largest
// number. `name` of the result is the canonical name, which parses back to the same format. Throws Error
// saying what is wrong.
BlockFormat parse_block_format(std::string_view name);

// Names with an entry of their own in parse_block_format, for listings.
std::vector<std::string> named_block_formats();

// Throws Error if the fields do not fit together: a scale format unfit for the policy or without NaN where it
// has to become NaN, sub-blocks that do not divide the block, formats that are too wide (elements 16 bits,
// scales 32).
void check_block_format(const BlockFormat& format);

bool has_power_of_two_scale(ScalePolicy policy);
bool has_offset(ScalePolicy policy);

// The words used in names and TOML files. The parse functions throw Error listing what is known.
std::string_view to_string(ScalePolicy policy);
std::string_view to_string(ZeroBlock zero_block);
std::string_view to_string(NonFinite non_finite);
std::string_view to_string(TensorScale tensor_scale);
ScalePolicy parse_scale_policy(std::string_view word);
ZeroBlock parse_zero_block(std::string_view word);
NonFinite parse_non_finite(std::string_view word);
TensorScale parse_tensor_scale(std::string_view word);

}  // namespace assay
