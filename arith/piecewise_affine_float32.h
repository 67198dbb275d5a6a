// The operations of piecewise_affine.h on float32 values.
#pragma once

#include <bit>
#include <cstdint>

#include "arith/piecewise_affine_gradients.h"

namespace assay::float32 {

inline constexpr uint32_t kLog2E = 0x3FB8AA3B, kLn2 = 0x3F317218, kHalf = 0x3F000000;

constexpr uint32_t bits(float x) {
  return std::bit_cast<uint32_t>(x);
}

constexpr float value(uint64_t code) {
  return std::bit_cast<float>(static_cast<uint32_t>(code));
}

inline constexpr float kLog2EValue = value(kLog2E), kHalfValue = value(kHalf);

constexpr float pam(float a, float b) {
  return value(pam_multiply(kPiecewiseAffineFloat32, bits(a), bits(b)));
}

constexpr float pad(float a, float b) {
  return value(pad_divide(kPiecewiseAffineFloat32, bits(a), bits(b)));
}

constexpr float exp2(float x) {
  return value(pa_exp2(kPiecewiseAffineFloat32, bits(x)));
}

constexpr float log2(float x) {
  return value(pa_log2(kPiecewiseAffineFloat32, bits(x)));
}

constexpr float sqrt(float x) {
  return value(pa_sqrt(kPiecewiseAffineFloat32, bits(x)));
}

constexpr float pow(float a, float b) {
  return value(pa_pow(kPiecewiseAffineFloat32, bits(a), bits(b)));
}

constexpr float pam_gradient(Derivative derivative, float a, float b, float dy) {
  return value(assay::pam_gradient(kPiecewiseAffineFloat32, derivative, bits(a), bits(b), bits(dy)));
}

constexpr float dividend_gradient(Derivative derivative, float a, float b, float dy) {
  return value(pad_dividend_gradient(kPiecewiseAffineFloat32, derivative, bits(a), bits(b), bits(dy)));
}

constexpr float divisor_gradient(Derivative derivative, float a, float b, float dy) {
  return value(pad_divisor_gradient(kPiecewiseAffineFloat32, derivative, bits(a), bits(b), bits(dy)));
}

constexpr float exp2_gradient(Derivative derivative, float x, float dy) {
  return value(pa_exp2_gradient(kPiecewiseAffineFloat32, derivative, bits(x), kLn2, bits(dy)));
}

constexpr float log2_gradient(Derivative derivative, float x, float dy) {
  return value(pa_log2_gradient(kPiecewiseAffineFloat32, derivative, bits(x), kLn2, bits(dy)));
}

constexpr float sqrt_gradient(Derivative derivative, float x, float dy) {
  return value(pa_sqrt_gradient(kPiecewiseAffineFloat32, derivative, bits(x), bits(dy)));
}

// Of pow(a, b) to a: through exp2, PAM and log2.
constexpr float pow_gradient(Derivative derivative, float a, float b, float dy) {
  const float logarithm = log2(a);
  const float dt = exp2_gradient(derivative, pam(logarithm, b), dy);
  return log2_gradient(derivative, a, pam_gradient(derivative, logarithm, b, dt));
}

}  // namespace assay::float32
