#include <cmath>

#include "arith/piecewise_affine_arrays.h"
#include "arith/piecewise_affine_float32.h"
#include "arith/piecewise_affine_functions.h"

namespace assay {
namespace {

// Not std::pow, whose last bit differs between libraries.
double power(double base, int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if ((exponent & 1) != 0) result *= base;
  }
  return result;
}

// The scalars of a step as they meet the arrays.
struct Factors {
  float beta1, rest1, beta2, rest2, epsilon, decay, step_size;
};

Factors factors_of(const AdamW& optimizer, int64_t step) {
  const double correction1 = 1 - power(optimizer.beta1, step), correction2 = 1 - power(optimizer.beta2, step);
  return {static_cast<float>(optimizer.beta1),
          static_cast<float>(1 - optimizer.beta1),
          static_cast<float>(optimizer.beta2),
          static_cast<float>(1 - optimizer.beta2),
          static_cast<float>(optimizer.epsilon),
          static_cast<float>(optimizer.weight_decay * optimizer.learning_rate),
          static_cast<float>(optimizer.learning_rate * std::sqrt(correction2) / correction1)};
}

}  // namespace

void pa_adamw_step(const AdamW& optimizer, int64_t step, std::span<const float> gradient,
                   std::span<float> parameters, std::span<float> m, std::span<float> v) {
  if (step < 1) fail("AdamW: step {}, expected 1 or more", step);
  expect_size("parameters", parameters.size(), gradient.size());
  expect_size("m", m.size(), gradient.size());
  expect_size("v", v.size(), gradient.size());
  in_default_mode([&] {
    const Factors factors = factors_of(optimizer, step);
    for (size_t i = 0; i < gradient.size(); ++i) {
      const float g = gradient[i];
      m[i] = float32::pam(m[i], factors.beta1) + float32::pam(g, factors.rest1);
      v[i] = float32::pam(v[i], factors.beta2) + float32::pam(float32::pam(g, g), factors.rest2);
      const float root = optimizer.square_root == SquareRoot::composed
                             ? float32::pow(v[i], float32::kHalfValue)
                             : float32::sqrt(v[i]);
      float p = parameters[i];
      p -= float32::pam(p, factors.decay);
      p -= float32::pam(float32::pad(m[i], root + factors.epsilon), factors.step_size);
      parameters[i] = p;
    }
  });
}

}  // namespace assay
