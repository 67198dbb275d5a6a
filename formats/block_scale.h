// Scales of blocks from their largest numbers: the scale policies of formats/block_format.h.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/block_format.h"
#include "formats/real.h"

namespace assay {

// The largest number of a format.
Real largest_of(const Format& format);

// The exponent a power-of-two policy gives a block, unclamped. amax is finite and not zero.
int shared_exponent(const BlockFormat& format, const Real& amax);

// The same for a block without a non-zero number.
int zero_block_exponent(const BlockFormat& format);

// How far the exponent of a sub-block with this largest magnitude is put below `exponent`, that of its block.
int sub_block_exponent(const BlockFormat& format, int exponent, const Real& amax);

// The code of 2^exponent in a pure-exponent scale format: the least scale for exponents below the range, NaN
// for those above.
uint64_t shared_exponent_code(const Format& scale, int exponent);

// The scale of the whole tensor, and, for absmax_transformer_engine, the float32 it is the reciprocal of.
struct TensorScaling {
  float decode = 1.0F;  // t of block_format.h
  float encode = 1.0F;  // u
};
TensorScaling tensor_scaling(const BlockFormat& format, const Real& tensor_amax);

// A block's scale under the absmax policies, and what its elements are divided by (absmax) or multiplied
// with, in float32 (the others).
struct BlockScaling {
  uint64_t code = 0;
  Real divisor;
  float multiplier = 0.0F;
};
BlockScaling absmax_scaling(const BlockFormat& format, const TensorScaling& tensor, const Real& amax);

// x under such a scale, before its one rounding to the element format.
Real scaled(const BlockFormat& format, const BlockScaling& scaling, const Real& x);

// Scale and offset of a block of integers with an offset, from its least and greatest numbers.
struct OffsetScaling {
  float scale = 0.0F;
  int32_t zero_point = 0;
};
OffsetScaling offset_scaling(const BlockFormat& format, const Real& least, const Real& greatest);

// a - b for the values of floats, a >= b; exact but for a sticky part far below the leading bit (126 bits or
// more).
Real float_difference(const Real& a, const Real& b);

}  // namespace assay
