#include "formats/block_scale.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "formats/quotient.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr float kLargestFloat = std::numeric_limits<float>::max();
constexpr float kLeastNormalFloat = std::numeric_limits<float>::min();
constexpr int kHalfLeastFloatExponent = -150;

Real product(const Real& a, const Real& b) {
  if (a.kind == RealClass::nan || b.kind == RealClass::nan) return {RealClass::nan, false, 0, 0, false};
  Real result;
  result.negative = a.negative != b.negative;
  if (a.kind == RealClass::zero || b.kind == RealClass::zero) return result;
  if (a.kind == RealClass::infinity || b.kind == RealClass::infinity) {
    result.kind = RealClass::infinity;
    return result;
  }
  result.kind = RealClass::finite;
  result.significand = a.significand * b.significand;
  result.exponent = a.exponent + b.exponent;
  return result;
}

Real power_of_two(int exponent) {
  return {RealClass::finite, false, exponent, 1, false};
}

// Single operations of IEEE 754, to nearest even, but for overflow, which gives the largest finite float.
float fp32_multiply(const Real& a, const Real& b) {
  return round_to_float(product(a, b));
}
float fp32_divide(const Real& a, const Real& b) {
  return round_to_float(divide(a, b));
}
float fp32_reciprocal(float x) {
  return fp32_divide(power_of_two(0), real_from_float(x));
}

// The greater of two floats that are not negative, by their bits.
float greater(float a, float b) {
  return std::bit_cast<float>(std::max(std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b)));
}
float lesser(float a, float b) {
  return std::bit_cast<float>(std::min(std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b)));
}

int exponent_of(const Real& x) {
  return x.exponent + floor_log2(x.significand);
}

int ceil_log2(const Real& x) {
  const bool is_power_of_two = (x.significand & (x.significand - 1)) == 0 && !x.sticky;
  return exponent_of(x) + (is_power_of_two ? 0 : 1);
}

// Bits of a significand after the first.
int significand_fraction_width(const Format& element) {
  return is_integer(element) ? magnitude_width(element) - 1 : element.fraction_width;
}

// Whether x, half a unit of a significand with `fraction_width` fraction bits added, reaches the next power
// of two: the first fraction_width + 2 bits of x are ones.
bool rounds_to_next_binade(const Real& x, int fraction_width) {
  const int ones = fraction_width + 2;
  const uint128 aligned = x.significand << (127 - floor_log2(x.significand));
  return aligned >> (128 - ones) == (uint128{1} << ones) - 1;
}

float float_of(const Format& format, uint64_t code) {
  return round_to_float(decode(format, code));
}

float least_normal(const Format& scale) {
  const uint64_t code = scale.has_subnormals ? uint64_t{1} << scale.fraction_width : 0;
  return float_of(scale, code);
}

uint64_t least_positive_code(const Format& scale) {
  return scale.has_subnormals ? 1 : 0;
}

uint64_t nearest_scale(const Format& scale, const Real& value) {
  return round_to_code(scale, value, Rounding::rne, Saturation::sat_finite);
}

float absmax_torchao(const BlockFormat& format, const TensorScaling& tensor, const Real& amax) {
  float quotient = fp32_divide(amax, largest_of(format.element));
  if (format.tensor_scale == TensorScale::float32) {
    quotient = fp32_divide(real_from_float(quotient), real_from_float(tensor.decode));
  }
  quotient = greater(quotient, least_normal(format.scale));
  return lesser(quotient, float_of(format.scale, max_finite_magnitude(format.scale)));
}

}  // namespace

Real largest_of(const Format& format) {
  return decode(format, max_finite_magnitude(format));
}

int shared_exponent(const BlockFormat& format, const Real& amax) {
  const Real largest = largest_of(format.element);
  const int element_exponent = exponent_of(largest);
  switch (format.scale_policy) {
    case ScalePolicy::ceil:
      return ceil_log2(amax) - element_exponent;
    case ScalePolicy::even: {
      const bool carries = rounds_to_next_binade(amax, significand_fraction_width(format.element));
      return exponent_of(amax) + (carries ? 1 : 0) - element_exponent;
    }
    case ScalePolicy::rceil: {
      const Real reciprocal = real_from_float(fp32_divide(power_of_two(0), largest));
      const Real descaled = real_from_float(fp32_multiply(amax, reciprocal));
      // A product that underflows to zero is at most half the least float.
      return descaled.kind == RealClass::zero ? kHalfLeastFloatExponent : ceil_log2(descaled);
    }
    case ScalePolicy::rceil_exact:
      return ceil_log2(divide(amax, largest));
    default:
      return exponent_of(amax) - element_exponent;
  }
}

int zero_block_exponent(const BlockFormat& format) {
  switch (format.zero_block) {
    case ZeroBlock::unit_amax:
      return -exponent_of(largest_of(format.element));
    case ZeroBlock::least_float_amax:
      return shared_exponent(format, real_from_float(kLeastNormalFloat));
    case ZeroBlock::least:
      break;
  }
  return -format.scale.exponent_bias;
}

int sub_block_exponent(const BlockFormat& format, int exponent, const Real& amax) {
  if (amax.kind == RealClass::zero) return 0;
  return std::min(exponent - shared_exponent(format, amax), (1 << format.sub_exponent_width) - 1);
}

uint64_t shared_exponent_code(const Format& scale, int exponent) {
  const int greatest = static_cast<int>(max_finite_magnitude(scale)) - scale.exponent_bias;
  if (exponent > greatest) return canonical_nan(scale);
  return static_cast<uint64_t>(std::max(exponent, -scale.exponent_bias) + scale.exponent_bias);
}

TensorScaling tensor_scaling(const BlockFormat& format, const Real& tensor_amax) {
  TensorScaling scaling;
  if (format.tensor_scale == TensorScale::none || tensor_amax.kind == RealClass::zero) return scaling;
  const Real range = product(largest_of(format.scale), largest_of(format.element));
  if (format.scale_policy == ScalePolicy::absmax_transformer_engine) {
    scaling.encode = fp32_divide(range, tensor_amax);
    scaling.decode = fp32_reciprocal(scaling.encode);
  } else {
    scaling.decode = greater(fp32_divide(tensor_amax, range), kLeastNormalFloat);
  }
  return scaling;
}

BlockScaling absmax_scaling(const BlockFormat& format, const TensorScaling& tensor, const Real& amax) {
  const Real largest = largest_of(format.element);
  BlockScaling result;
  if (format.scale_policy == ScalePolicy::absmax_transformer_engine) {
    const Real reciprocal = real_from_float(fp32_divide(power_of_two(0), largest));
    const float factor = fp32_multiply(real_from_float(tensor.encode), reciprocal);
    const Real descaled = real_from_float(fp32_multiply(amax, real_from_float(factor)));
    result.code = nearest_scale(format.scale, descaled);
    const float decode_scale =
        fp32_multiply(decode(format.scale, result.code), real_from_float(tensor.decode));
    result.multiplier =
        std::bit_cast<uint32_t>(decode_scale) == 0 ? kLargestFloat : fp32_reciprocal(decode_scale);
  } else if (format.scale_policy == ScalePolicy::absmax_torchao) {
    result.code = nearest_scale(format.scale, real_from_float(absmax_torchao(format, tensor, amax)));
    const float scale = float_of(format.scale, result.code);
    const float numerator =
        format.tensor_scale == TensorScale::float32 ? fp32_reciprocal(tensor.decode) : 1.0F;
    result.multiplier = fp32_divide(real_from_float(numerator), real_from_float(scale));
  } else {
    const Real t = real_from_float(tensor.decode);
    result.code = std::max(nearest_scale(format.scale, divide(amax, product(largest, t))),
                           least_positive_code(format.scale));
    result.divisor = product(decode(format.scale, result.code), t);
  }
  return result;
}

Real scaled(const BlockFormat& format, const BlockScaling& scaling, const Real& x) {
  if (format.scale_policy == ScalePolicy::absmax) return divide(x, scaling.divisor);
  const Real exact = product(x, real_from_float(scaling.multiplier));
  return exact.kind == RealClass::finite ? real_from_float(round_to_float(exact)) : exact;
}

Real float_difference(const Real& a, const Real& b) {
  if (a.kind == RealClass::zero || b.kind == RealClass::zero) {
    Real result = b.kind == RealClass::zero ? a : b;
    result.negative = false;
    return result;
  }
  const bool same_sign = a.negative == b.negative;
  Real big = a, small = b;
  big.negative = small.negative = false;
  if (compare(big, small) < 0) std::swap(big, small);
  // Of two floats the larger has the larger unit or the same. 24 bits and 103 make 127, so that a sum fits.
  constexpr int kShift = 103;
  const int drop = big.exponent - small.exponent - kShift;
  const uint128 aligned = drop <= 0 ? small.significand << -drop : drop < 128 ? small.significand >> drop : 0;
  const bool lost = drop > 0 && (drop >= 128 || aligned << drop != small.significand);

  Real result = big;
  result.exponent = big.exponent - kShift;
  const uint128 whole = big.significand << kShift;
  result.significand = same_sign ? whole - aligned - (lost ? 1 : 0) : whole + aligned;
  result.sticky = lost;
  if (result.significand == 0) result = Real{};
  return result;
}

OffsetScaling offset_scaling(const BlockFormat& format, const Real& least, const Real& greatest) {
  const Format& element = format.element;
  const bool symmetric_range = format.scale_policy == ScalePolicy::zero_point;
  const Real low = symmetric_range && !least.negative ? Real{} : least;
  const Real high = symmetric_range && greatest.negative ? Real{} : greatest;
  const Real steps{RealClass::finite, false, 0, code_mask(element.width), false};
  OffsetScaling result;
  result.scale = greater(round_to_float(divide(float_difference(high, low), steps)), kLeastNormalFloat);
  if (format.scale_policy == ScalePolicy::minimum) return result;

  const auto least_code = -static_cast<int32_t>(element.is_signed ? int64_t{1} << (element.width - 1) : 0);
  Real shift = divide(low, real_from_float(result.scale));
  shift.negative = false;
  static const Format whole_number = parse_format("uint32");
  const auto steps_to_zero = round_to_code(whole_number, shift, Rounding::rne, Saturation::sat_finite);
  const auto limit = code_mask(element.width);
  result.zero_point = least_code + static_cast<int32_t>(std::min<uint64_t>(steps_to_zero, limit));
  return result;
}

}  // namespace assay
