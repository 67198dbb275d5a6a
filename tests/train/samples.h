// Tensors for these tests.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace assay_test {

inline std::vector<float> lognormal(size_t count, double sigma, uint32_t seed, double scale = 1.0) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<float> values(count);
  for (float& x : values) {
    const double magnitude = scale * std::exp(sigma * normal(generator));
    x = static_cast<float>(generator() % 2 == 0 ? magnitude : -magnitude);
  }
  return values;
}

// Finite floats with uniform bits: exponents over the whole range, subnormals among them.
inline std::vector<float> any_floats(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::vector<float> values;
  while (values.size() < count) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(generator()));
    if (std::isfinite(x)) values.push_back(x);
  }
  return values;
}

}  // namespace assay_test
