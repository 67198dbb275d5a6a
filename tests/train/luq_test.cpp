// LUQ: exact probabilities by enumeration, agreement with stochastic rounding as formats/ defines it, and
// statistics of whole tensors.
#include "train/luq.h"

#include <doctest/doctest.h>

#include <bit>
#include <limits>

#include "base/random.h"
#include "formats/real.h"
#include "formats/round.h"
#include "rational.h"
#include "samples.h"
#include "train/quantizer.h"

using namespace assay;
using namespace assay_test;

namespace {

Quantizer luq() {
  Quantizer quantizer;
  quantizer.kind = QuantizerKind::luq;
  quantizer.format = parse_format("e3m0");
  return quantizer;
}

double magnitude_value(uint64_t code) {
  return code == 0 ? 0.0 : std::ldexp(1.0, static_cast<int>(code) - 1);
}

// Sum of the values over all 2^16 settings of the leading random bits.
double sum_over_leading_bits(float y) {
  double sum = 0;
  for (uint32_t i = 0; i < 65536; ++i) {
    sum += magnitude_value(luq_magnitude(std::bit_cast<uint32_t>(y), i << 16));
  }
  return sum;
}

}  // namespace

TEST_CASE("the mean over all settings of the random bits is the value itself") {
  // Values whose distance to the power of two below is a multiple of 2^-16 of the step: 16 bits decide.
  for (int exponent = 0; exponent < 6; ++exponent) {
    for (const uint32_t fraction : {0U, 1U, 2U, 12345U, 32767U, 32768U, 32769U, 65535U}) {
      const float y = std::ldexp(1.0F + static_cast<float>(fraction) / 65536.0F, exponent);
      CHECK(sum_over_leading_bits(y) == 65536.0 * double{y});
    }
  }
  CHECK(sum_over_leading_bits(64.0F) == 65536.0 * 64.0);
  for (uint32_t i = 0; i < 65536; i += 97) {
    const float y = static_cast<float>(i) / 65536.0F;
    CHECK(sum_over_leading_bits(y) == static_cast<double>(i));
  }
}

TEST_CASE("the probability is exact to the last random bit") {
  // Up from the first random word that lets the sum reach one, and for no word below it.
  const std::vector<float> values = any_floats(20000, 21);
  size_t checked = 0;
  for (const float x : values) {
    const float y = std::abs(x);
    if (y > 64.0F || y < 0x1p-40F) continue;
    ++checked;
    const float below = y < 1.0F ? 0.0F : std::ldexp(1.0F, std::ilogb(y));
    const cpp_rational step = y < 1.0F ? cpp_rational(1) : exact(below);
    const cpp_int part = floor_of((exact(y) - exact(below)) / step * cpp_rational(cpp_int(1) << 32));
    const auto first = static_cast<uint64_t>((cpp_int(1) << 32) - part);
    const uint32_t bits = std::bit_cast<uint32_t>(y);
    CHECK(magnitude_value(luq_magnitude(bits, static_cast<uint32_t>(first - 1))) == double{below});
    if (first <= 0xFFFFFFFF) {
      const double above = y < 1.0F ? 1.0 : 2.0 * double{below};
      CHECK(magnitude_value(luq_magnitude(bits, static_cast<uint32_t>(first))) == above);
    }
  }
  CHECK(checked > 1000);
}

TEST_CASE("extremes") {
  for (const uint32_t random : {0U, 0xFFFFFFFFU}) {
    CHECK(luq_magnitude(0, random) == 0);
    CHECK(luq_magnitude(std::bit_cast<uint32_t>(std::numeric_limits<float>::denorm_min()), random) == 0);
    CHECK(luq_magnitude(std::bit_cast<uint32_t>(1.0F), random) == 1);
    CHECK(luq_magnitude(std::bit_cast<uint32_t>(64.0F), random) == 7);
    CHECK(luq_magnitude(std::bit_cast<uint32_t>(1e30F), random) == 7);
    CHECK(luq_magnitude(std::bit_cast<uint32_t>(std::numeric_limits<float>::infinity()), random) == 7);
  }
}

TEST_CASE("luq is stochastic rounding of the float32 quotient to e3m0") {
  for (const bool power_of_two : {false, true}) {
    Quantizer quantizer = luq();
    quantizer.power_of_two_scale = power_of_two;
    for (const std::vector<float>& values :
         {lognormal(20000, 3.0, 22), lognormal(20000, 1.0, 23, 1e-30), any_floats(20000, 24)}) {
      const QuantizedTensor tensor = quantize(quantizer, values, 3, 4);
      size_t wrong = 0;
      for (size_t i = 0; i < values.size(); ++i) {
        const float quotient = values[i] / tensor.scale;  // one rounding of the host, to float32
        const RandomBits random = {32, philox(3, 4, i / 4)[i % 4]};
        wrong += tensor.codes[i] !=
                 encode(tensor.format, double{quotient}, Rounding::sr_a, Saturation::sat_finite, random);
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("alpha is max|x| / 64, or the power of two above it") {
  Quantizer quantizer = luq();
  CHECK(quantizer_scale(quantizer, std::vector<float>{-6.0F, 1.0F}) == 6.0F / 64.0F);
  quantizer.power_of_two_scale = true;
  CHECK(quantizer_scale(quantizer, std::vector<float>{-6.0F, 1.0F}) == 0.125F);
  CHECK(quantizer_scale(quantizer, std::vector<float>{8.0F, 1.0F}) == 0.125F);
  CHECK(quantizer_scale(quantizer, std::vector<float>{0x1p-149F}) == 0x1p-126F);
  CHECK(quantizer_scale(quantizer, std::vector<float>{0.0F}) == 1.0F);
}

TEST_CASE("the largest element is kept exactly and no code is out of range") {
  std::vector<float> values = lognormal(5000, 0.7, 25);
  for (size_t i = 0; i < 5000; ++i) values.push_back(-values[i]);
  const QuantizedTensor tensor = quantize(luq(), values, 1, 1);
  const std::vector<double> result = dequantize(tensor);
  size_t peak = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::abs(values[i]) > std::abs(values[peak])) peak = i;
  }
  CHECK(result[peak] == double{values[peak]});
  std::vector<int> seen(16);
  for (const uint64_t code : tensor.codes) ++seen.at(code);
  for (const int count : seen) CHECK(count > 0);  // all 16 codes, minus zero included
}

TEST_CASE("an all-zero tensor stays zero") {
  const QuantizedTensor tensor = quantize(luq(), std::vector<float>{0.0F, -0.0F, 0.0F}, 1, 1);
  CHECK(tensor.scale == 1.0F);
  CHECK(tensor.codes == std::vector<uint64_t>{0, 8, 0});
}

TEST_CASE("the mean of a tensor over many draws is the tensor") {
  // For each element the mean of n draws has the variance of one draw over n: (x - l)(u - x) with l and u
  // the neighbouring levels. The sum over all elements has the sum of the variances.
  const std::vector<float> values = lognormal(256, 2.0, 26);
  const int draws = 4000;
  const Quantizer quantizer = luq();
  const double alpha = quantizer_scale(quantizer, values);
  std::vector<double> mean(values.size());
  for (int stream = 0; stream < draws; ++stream) {
    const std::vector<double> result =
        dequantize(quantize(quantizer, values, 77, static_cast<uint64_t>(stream)));
    for (size_t i = 0; i < values.size(); ++i) mean[i] += result[i] / draws;
  }
  double sum_of_errors = 0, sum_of_variances = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = std::abs(double{values[i]});
    const double low = x < alpha ? 0.0 : alpha * std::exp2(std::floor(std::log2(x / alpha)));
    const double high = x < alpha ? alpha : 2 * low;
    const double variance = (x - low) * (high - x) / draws;
    const double error = mean[i] - double{values[i]};
    CHECK(std::abs(error) <= 5.0 * std::sqrt(variance) + 1e-6 * x);
    sum_of_errors += error;
    sum_of_variances += variance;
  }
  CHECK(std::abs(sum_of_errors) < 4.0 * std::sqrt(sum_of_variances));
}
