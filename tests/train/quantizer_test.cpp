// cast, absmax and sawb against exact rationals and closed forms.
#include "train/quantizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/random.h"
#include "formats/real.h"
#include "rational.h"
#include "samples.h"

using namespace assay;
using namespace assay_test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();

Quantizer make(QuantizerKind kind, std::string_view format) {
  Quantizer quantizer;
  quantizer.kind = kind;
  quantizer.format = parse_format(format);
  return quantizer;
}

double value_of(const Format& format, uint64_t code) {
  return to_double(decode(format, code));
}

double largest_of(const Format& format) {
  return value_of(format, max_finite_magnitude(format));
}

// The magnitude's code of |x| / scale by searching all magnitudes of the format; stochastic if random bits
// are given, else to nearest even.
uint64_t oracle_magnitude(const Format& format, float x, float scale, const RandomBits* random) {
  const cpp_rational quotient = abs(exact(x)) / exact(scale);
  uint64_t low = 0, high = max_finite_magnitude(format);
  if (quotient >= exact(value_of(format, high))) return high;
  while (high - low > 1) {
    const uint64_t middle = (low + high) / 2;
    (exact(value_of(format, middle)) <= quotient ? low : high) = middle;
  }
  const cpp_rational below = exact(value_of(format, low)), above = exact(value_of(format, high));
  const cpp_rational part = (quotient - below) / (above - below);
  const cpp_rational half(1, 2);
  bool up = part > half || (part == half && low % 2 == 1);
  if (random != nullptr) {
    const cpp_int one = cpp_int(1) << random->count;
    up = floor_of(part * cpp_rational(one)) + random->value >= one;
  }
  return up ? high : low;
}

// Checks every code of a quantized tensor of finite values: magnitude by the oracle, sign of x.
void check_codes(const Quantizer& quantizer, const std::vector<float>& values, uint64_t seed,
                 uint64_t stream) {
  const QuantizedTensor tensor = quantize(quantizer, values, seed, stream);
  REQUIRE(tensor.codes.size() == values.size());
  const std::vector<double> result = dequantize(tensor);
  const Format& format = quantizer.format;
  size_t wrong = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool half_word = quantizer.random_bits <= 16;
    const uint32_t word = half_word ? philox(seed, stream, i / 8)[i / 2 % 4] << (i % 2 == 0 ? 16 : 0)
                                    : philox(seed, stream, i / 4)[i % 4];
    const RandomBits random = {quantizer.random_bits, word >> (32 - quantizer.random_bits)};
    const bool stochastic = is_stochastic(quantizer.rounding);
    const double magnitude =
        value_of(format, oracle_magnitude(format, values[i], tensor.scale, stochastic ? &random : nullptr));
    const bool clamped = values[i] < 0 && !format.is_signed;
    const double expected = clamped ? 0.0 : std::copysign(magnitude, values[i]) * double{tensor.scale};
    wrong += result[i] != expected ? 1 : 0;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("absmax codes are the nearest ones to the exact quotient") {
  for (const char* name : {"e4m3", "e5m2", "int8", "int4", "smint4", "uint8", "e2m1", "e3m0", "fp16"}) {
    CAPTURE(name);
    for (const bool power_of_two : {false, true}) {
      Quantizer quantizer = make(QuantizerKind::absmax, name);
      quantizer.power_of_two_scale = power_of_two;
      check_codes(quantizer, lognormal(500, 1.0, 1), 0, 0);
      check_codes(quantizer, lognormal(500, 5.0, 2, 1e-12), 0, 0);
      check_codes(quantizer, any_floats(300, 3), 0, 0);
    }
  }
}

TEST_CASE("absmax ties go to the even code") {
  const Quantizer quantizer = make(QuantizerKind::absmax, "int8");
  const std::vector<float> values = {127.0F, 0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -126.5F};
  const QuantizedTensor tensor = quantize(quantizer, values, 0, 0);
  CHECK(tensor.scale == 1.0F);
  CHECK(dequantize(tensor) == std::vector<double>{127, 0, 2, 2, 0, -2, -126});
}

TEST_CASE("stochastic absmax rounds up where the random bits say so") {
  for (const char* name : {"e4m3", "e5m2", "int8", "smint4"}) {
    CAPTURE(name);
    for (const int bits : {1, 4, 8, 23, 32}) {
      Quantizer quantizer = make(QuantizerKind::absmax, name);
      quantizer.rounding = Rounding::sr_a;
      quantizer.random_bits = bits;
      check_codes(quantizer, lognormal(300, 2.0, 4), 7, 9);
    }
  }
}

TEST_CASE("the absmax scale is the nearest float to max|x| / largest") {
  for (const char* name : {"e4m3", "e5m2", "int8", "smint4", "e2m1", "bf16"}) {
    const Format format = parse_format(name);
    CAPTURE(name);
    for (const float x : any_floats(500, 5)) {
      const Quantizer quantizer = make(QuantizerKind::absmax, name);
      const float scale = quantizer_scale(quantizer, std::vector<float>{x / 3, x, 0.0F});
      const cpp_rational ratio = abs(exact(x)) / exact(largest_of(format));
      if (ratio < exact(0x1p-126)) {
        CHECK(scale == 0x1p-126F);
        continue;
      }
      const cpp_rational error = abs(exact(scale) - ratio);
      CHECK(error <= abs(exact(std::nextafter(scale, 0.0F)) - ratio));
      CHECK(error <= abs(exact(double{std::nextafter(scale, kInfinity)}) - ratio));
    }
  }
}

TEST_CASE("a power-of-two scale is the least one that clips nothing") {
  for (const char* name : {"e4m3", "e5m2", "int8", "smint4", "e2m1", "e3m0"}) {
    const Format format = parse_format(name);
    CAPTURE(name);
    Quantizer quantizer = make(QuantizerKind::absmax, name);
    quantizer.power_of_two_scale = true;
    std::vector<float> peaks = any_floats(500, 6);
    const auto largest = static_cast<float>(largest_of(format));
    for (const float x :
         {largest, 4 * largest, std::nextafter(largest, 0.0F), std::nextafter(largest, kInfinity)}) {
      peaks.push_back(x);
    }
    for (const float x : peaks) {
      const float scale = quantizer_scale(quantizer, std::vector<float>{x});
      int exponent = 0;
      CHECK(std::frexp(scale, &exponent) == 0.5F);
      CHECK(abs(exact(x)) <= exact(scale) * exact(largest_of(format)));
      if (scale > 0x1p-126F) CHECK(abs(exact(x)) > exact(scale / 2) * exact(largest_of(format)));
    }
  }
}

TEST_CASE("stochastic rounding of a quotient is unbiased") {
  Quantizer quantizer = make(QuantizerKind::absmax, "int8");
  quantizer.rounding = Rounding::sr_a;
  std::vector<float> values(200000, 0.3F);
  values[0] = 127.0F;
  const QuantizedTensor tensor = quantize(quantizer, values, 1, 2);
  double ones = 0;
  for (size_t i = 1; i < values.size(); ++i) ones += static_cast<double>(tensor.codes[i]);
  const double n = 199999, p = 0.3F;
  CHECK(std::abs(ones - n * p) < 5 * std::sqrt(n * p * (1 - p)));
}

TEST_CASE("cast to the host's formats is the host's conversion") {
  for (const float x : any_floats(2000, 8)) {
    const QuantizedTensor fp32 = quantize(make(QuantizerKind::cast, "fp32"), std::vector<float>{x}, 0, 0);
    CHECK(fp32.codes[0] == std::bit_cast<uint32_t>(x));
    CHECK(fp32.scale == 1.0F);
    // bfloat16 is the upper half of float32: half a unit plus the parity of the kept part, then truncation.
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    CHECK(quantize(make(QuantizerKind::cast, "bf16"), std::vector<float>{x}, 0, 0).codes[0] == rounded);
  }
}

TEST_CASE("cast follows its saturation") {
  Quantizer quantizer = make(QuantizerKind::cast, "fp16");
  const std::vector<float> values = {1e6F, -1e6F, kInfinity, kNan, -0.0F};
  CHECK(quantize(quantizer, values, 0, 0).codes ==
        std::vector<uint64_t>{0x7C00, 0xFC00, 0x7C00, 0x7E00, 0x8000});
  quantizer.saturation = Saturation::sat_finite;
  CHECK(quantize(quantizer, values, 0, 0).codes ==
        std::vector<uint64_t>{0x7BFF, 0xFBFF, 0x7BFF, 0x7E00, 0x8000});
}

TEST_CASE("edge cases of the scale") {
  for (const char* name : {"e4m3", "e5m2", "int8"}) {
    CAPTURE(name);
    const Quantizer quantizer = make(QuantizerKind::absmax, name);
    const QuantizedTensor empty = quantize(quantizer, {}, 0, 0);
    CHECK(empty.codes.empty());
    CHECK(empty.scale == 1.0F);
    const QuantizedTensor zeros = quantize(quantizer, std::vector<float>{0.0F, -0.0F}, 0, 0);
    CHECK(zeros.scale == 1.0F);
    CHECK(dequantize(zeros) == std::vector<double>{0.0, 0.0});
    const std::vector<float> tiny = {std::numeric_limits<float>::denorm_min()};
    CHECK(quantize(quantizer, tiny, 0, 0).scale == 0x1p-126F);
    const QuantizedTensor huge = quantize(quantizer, std::vector<float>{kLargest, -kLargest}, 0, 0);
    const double largest = largest_of(quantizer.format);
    CHECK(value_of(huge.format, huge.codes[0]) == largest);
    CHECK(value_of(huge.format, huge.codes[1]) == -largest);
  }
}

TEST_CASE("infinities and NaNs do not reach the scale") {
  for (const QuantizerKind kind : {QuantizerKind::absmax, QuantizerKind::sawb, QuantizerKind::luq}) {
    const char* name = kind == QuantizerKind::absmax ? "e4m3" : kind == QuantizerKind::sawb ? "int4" : "e3m0";
    CAPTURE(name);
    const Quantizer quantizer = make(kind, name);
    const std::vector<float> finite = {1.0F, -3.0F, 0.25F};
    const std::vector<float> all = {1.0F, kInfinity, -3.0F, kNan, 0.25F, -kInfinity};
    CHECK(quantizer_scale(quantizer, finite) == quantizer_scale(quantizer, all));
    const QuantizedTensor tensor = quantize(quantizer, all, 0, 0);
    const double largest = largest_of(quantizer.format);
    CHECK(value_of(tensor.format, tensor.codes[1]) == largest);
    CHECK(value_of(tensor.format, tensor.codes[5]) == -largest);
    const std::vector<float> none = {kInfinity, kNan};
    CHECK(quantizer_scale(quantizer, none) == 1.0F);
  }
  const std::vector<float> nan = {kNan};
  CHECK(quantize(make(QuantizerKind::absmax, "e4m3"), nan, 0, 0).codes[0] == 0x7F);
  CHECK(quantize(make(QuantizerKind::absmax, "e5m2"), nan, 0, 0).codes[0] == 0x7E);
  CHECK(quantize(make(QuantizerKind::absmax, "int8"), nan, 0, 0).codes[0] == 0);
  CHECK(quantize(make(QuantizerKind::luq, "e3m0"), nan, 0, 0).codes[0] == 7);
}

TEST_CASE("two's complement is symmetric") {
  const std::vector<float> values = {1.0F, -1.0F, -kInfinity};
  CHECK(quantize(make(QuantizerKind::absmax, "int8"), values, 0, 0).codes ==
        std::vector<uint64_t>{0x7F, 0x81, 0x81});
  CHECK(quantize(make(QuantizerKind::sawb, "int4"), values, 0, 0).codes ==
        std::vector<uint64_t>{0x7, 0x9, 0x9});
}

TEST_CASE("sawb's clip is that of its formula") {
  // Magnitudes 1 and 3 in equal number: mean|x| = 2, mean(x^2) = 5.
  const std::vector<float> values = {1.0F, -3.0F, 3.0F, -1.0F};
  const double clip = 12.1 * 2.23606797749978969641 - 12.2 * 2.0;
  CHECK(quantizer_scale(make(QuantizerKind::sawb, "int4"), values) ==
        doctest::Approx(clip / 7).epsilon(1e-7));
  CHECK(quantizer_scale(make(QuantizerKind::sawb, "smint4"), values) ==
        doctest::Approx(clip / 7).epsilon(1e-7));
  CHECK(quantizer_scale(make(QuantizerKind::sawb, "uint4"), values) ==
        doctest::Approx(2 * clip / 15).epsilon(1e-7));
  Quantizer ibm = make(QuantizerKind::sawb, "int4");
  ibm.rms_coefficient = 12.035;
  ibm.mean_coefficient = 12.03;
  CHECK(quantizer_scale(ibm, values) ==
        doctest::Approx((12.035 * 2.23606797749978969641 - 24.06) / 7).epsilon(1e-7));
}

TEST_CASE("sawb's clip of normal values is near that of minimum mean squared error") {
  // E x^2 = 1 and E|x| = sqrt(2 / pi), so clip = 12.1 - 12.2 * 0.79788 = 2.366. For 15 levels the least mean
  // squared error of a normal variable is at a clip of about 2.4 standard deviations.
  std::mt19937 generator(11);
  std::normal_distribution<float> normal;
  std::vector<float> values(200000);
  for (float& x : values) x = normal(generator);
  CHECK(7 * quantizer_scale(make(QuantizerKind::sawb, "int4"), values) ==
        doctest::Approx(2.366).epsilon(0.03));
}

TEST_CASE("sawb falls back to the largest magnitude where its clip is not positive") {
  const std::vector<float> equal(8, -2.5F);
  CHECK(quantizer_scale(make(QuantizerKind::sawb, "int4"), equal) == 2.5F / 7.0F);
  CHECK(quantizer_scale(make(QuantizerKind::sawb, "uint4"), equal) == 2.5F / 15.0F);
  CHECK(dequantize(quantize(make(QuantizerKind::sawb, "smint4"), equal, 0, 0))[0] ==
        doctest::Approx(-2.5).epsilon(1e-6));
  Quantizer zero_clip = make(QuantizerKind::sawb, "int4");
  zero_clip.rms_coefficient = zero_clip.mean_coefficient = 12.0;
  CHECK(quantizer_scale(zero_clip, equal) == 2.5F / 7.0F);
}

TEST_CASE("sawb codes are the nearest levels, and int4 and smint4 hold the same numbers") {
  const std::vector<float> values = lognormal(2000, 1.5, 12);
  for (const char* name : {"smint4", "int4", "uint4"}) {
    CAPTURE(name);
    check_codes(make(QuantizerKind::sawb, name), values, 0, 0);
  }
  CHECK(dequantize(quantize(make(QuantizerKind::sawb, "int4"), values, 0, 0)) ==
        dequantize(quantize(make(QuantizerKind::sawb, "smint4"), values, 0, 0)));
}

TEST_CASE("a non-negative tensor uses all 16 codes of uint4 and half of int4's") {
  std::vector<float> values(1000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 100.0F;
  uint64_t largest = 0;
  for (const uint64_t code : quantize(make(QuantizerKind::sawb, "int4"), values, 0, 0).codes) {
    largest = std::max(largest, code);
  }
  CHECK(largest == 7);
  largest = 0;
  for (const uint64_t code : quantize(make(QuantizerKind::sawb, "uint4"), values, 0, 0).codes) {
    largest = std::max(largest, code);
  }
  CHECK(largest > 7);
}

TEST_CASE("pieces quantized on threads in any order are the whole") {
  const std::vector<float> values = lognormal(10007, 3.0, 13);
  for (const char* name : {"e3m0", "e5m2", "int8"}) {
    CAPTURE(name);
    Quantizer quantizer =
        make(std::string_view(name) == "e3m0" ? QuantizerKind::luq : QuantizerKind::absmax, name);
    quantizer.rounding = Rounding::sr_b;
    const QuantizedTensor whole = quantize(quantizer, values, 5, 6);
    CHECK(quantize(quantizer, values, 5, 6).codes == whole.codes);
    CHECK(quantize(quantizer, values, 5, 7).codes != whole.codes);
    CHECK(quantize(quantizer, values, 6, 6).codes != whole.codes);
    const float scale = quantizer_scale(quantizer, values);
    std::vector<uint64_t> pieces(values.size());
    std::vector<std::thread> threads;
    for (size_t begin = 0; begin < values.size(); begin += 1234) {
      const size_t count = std::min<size_t>(1234, values.size() - begin);
      threads.emplace_back([&, begin, count] {
        quantize_elements(quantizer, scale, std::span(values).subspan(begin, count), 5, 6, begin,
                          std::span(pieces).subspan(begin, count));
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(pieces == whole.codes);
  }
}

TEST_CASE("quantizers that do not fit their format are refused") {
  CHECK_THROWS_AS(check_quantizer(make(QuantizerKind::luq, "e2m1")), Error);
  CHECK_THROWS_AS(check_quantizer(make(QuantizerKind::sawb, "int8")), Error);
  CHECK_THROWS_AS(check_quantizer(make(QuantizerKind::sawb, "e2m1")), Error);
  CHECK_THROWS_AS(check_quantizer(make(QuantizerKind::absmax, "e8m0")), Error);
  Quantizer wrapping = make(QuantizerKind::cast, "fp16");
  wrapping.saturation = Saturation::wrap;
  CHECK_THROWS_AS(check_quantizer(wrapping), Error);
  Quantizer bits = make(QuantizerKind::absmax, "int8");
  bits.random_bits = 0;
  CHECK_THROWS_AS(check_quantizer(bits), Error);
  Quantizer coefficient = make(QuantizerKind::sawb, "int4");
  coefficient.rms_coefficient = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(check_quantizer(coefficient), Error);
}
