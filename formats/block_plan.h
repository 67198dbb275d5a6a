// What the SIMD loops over blocks need to know of a block format and a rounding, as numbers ready for broadcasting.
#pragma once

#include <cstdint>
#include <optional>

#include "formats/array_kernels_plan.h"
#include "formats/block.h"
#include "formats/block_scale.h"

namespace assay {

// A power-of-two scale under any policy: the exponent grows by one with each binade of amax, and by one more where
// the fraction of amax reaches `carry`.
struct SharedExponentPlan {
  int32_t code_base = 0;          // code = exponent field of amax + code_base, + 1 with carry
  int32_t carry = 0;              // 0 .. 2^23, the latter never
  int32_t first_above_least = 0;  // bits of the least amax whose code is above 0
  int32_t zero_code = 0;
  int32_t nan_code = 0;  // also that of larger exponents
  int32_t exponent_bias = 0;
};

// A scale rounded to a floating-point format, and multiplication with its reciprocal; see absmax_torchao and
// absmax_transformer_engine in block_format.h.
struct FloatScalePlan {
  bool is_transformer_engine = false;
  bool has_tensor_scale = false;
  float largest_element = 0;
  float element_reciprocal = 0;  // fp32(1 / largest_element)
  float least_quotient = 0;      // torchao's limits
  float greatest_quotient = 0;
  float tensor_decode = 1;
  float tensor_encode = 1;
  float numerator = 1;         // torchao: fp32(1 / tensor_decode)
  Placement<float> placement;  // of scales
  int32_t nan_code = 0;
};

// A rounding that is not stochastic: what is added to a significand before the bits below its last place are cut
// off. A condition is all ones where it holds; `ones` shifted right becomes the largest fraction or the largest one
// below half.
struct RoundingRule {
  uint32_t ones = 0;
  int32_t always_add = 0;  // all ones: the shifted `ones` are added without the condition
  int32_t add_one = 0;     // 1: one more is added under the condition
  int32_t condition = 0;   // = condition ^ (if_negative & negative | if_odd & odd)
  int32_t if_negative = 0;
  int32_t if_odd = 0;
};

struct BlockPlan {
  RoundingPlan<float> element;
  int element_width = 0;
  float largest_element = 0;
  RoundingRule rule;
  bool is_stochastic = false;
  bool is_plain = false;  // to nearest even, sign and magnitude, clamped, and no element beyond float32
  bool keeps_non_finite = false;  // NonFinite::elements
  bool multiplies = false;        // has a FloatScalePlan
  SharedExponentPlan shared;
  FloatScalePlan floating;
};

// The plan, or nothing if the loops cannot quantize so: they have elements and scales of at most 8 bits, scales that
// are powers of two or NVFP4's, and up to 16 random bits. The scale of the tensor is set apart, by set_tensor_scale.
std::optional<BlockPlan> make_block_plan(const BlockFormat& format, const BlockRounding& rounding);

void set_tensor_scale(BlockPlan& plan, const TensorScaling& tensor);

}  // namespace assay
