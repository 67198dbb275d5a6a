// Shifts, repeated additions and unsigned halves of weights against ordinary arithmetic.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "arith/repeated_addition.h"
#include "arith/shift_multiply.h"
#include "arith/unsigned_split.h"
#include "base/random.h"
#include "formats/real.h"
#include "formats/round.h"
#include "tests/error_of.h"

using namespace assay;

TEST_CASE("shift products of floating-point codes are exact") {
  for (const char* name : {"e4m3", "e5m2", "e4m3fnuz", "e2m1", "fp16"}) {
    CAPTURE(name);
    const Format format = parse_format(name);
    const PiecewiseAffineFormat f = piecewise_affine_format(format);
    const double least = std::ldexp(1.0, 1 - format.exponent_bias);
    const double largest = to_double(decode(format, max_finite_magnitude(format)));
    for (const char* weight_name : {"e3m0", "e8m0", "e4m0f"}) {
      const Format weight_format = parse_format(weight_name);
      for (uint64_t b = 0; b <= code_mask(weight_format.width); ++b) {
        const Real weight = decode(weight_format, b);
        if (weight.kind == RealClass::nan) continue;
        const SignedPowerOfTwo power = power_of_two_value(weight_format, b);
        for (uint64_t i = 0; i < 256; ++i) {
          const uint64_t a = format.width > 8 ? philox64(81, b, i) & 0xffff : i;
          const double x = to_double(decode(format, a));
          const uint64_t code = shift_multiply(f, a, power);
          if (!std::isfinite(x)) {
            if (code != encode(format, std::numeric_limits<double>::quiet_NaN())) FAIL_CHECK(a << " " << b);
            continue;
          }
          double product = std::fabs(x) < least ? 0 : x * to_double(weight);
          if (std::fabs(product) < least) product = 0;
          const uint64_t expected = product == 0 ? 0 : encode(format, product);
          if (std::fabs(product) <= largest && to_double(decode(format, code)) != product)
            FAIL_CHECK(a << " " << b);
          if (code != expected) FAIL_CHECK(a << " " << b << ": " << code);
        }
      }
    }
  }
  CHECK(error_of([] { power_of_two_value(parse_format("e4m3"), 0); }).find("without fraction bits") !=
        std::string::npos);
  CHECK(error_of([] { power_of_two_value(parse_format("e8m0"), 0xff); }).find("0xff of e8m0") !=
        std::string::npos);
}

TEST_CASE("shift products of integers are exact in units of the least power") {
  const Format e3m0 = parse_format("e3m0");
  for (int64_t a = -128; a < 128; ++a) {
    for (uint64_t b = 0; b < 16; ++b) {
      const double product = static_cast<double>(a) * to_double(decode(e3m0, b));
      CHECK(static_cast<double>(shift_multiply(a, power_of_two_value(e3m0, b))) == product);
      const SignedPowerOfTwo fraction{.negative = (b & 8) != 0, .exponent = -static_cast<int>(b & 7)};
      CHECK(std::ldexp(static_cast<double>(shift_multiply(a, fraction, -7)), -7) ==
            std::ldexp(static_cast<double>(fraction.negative ? -a : a), fraction.exponent));
    }
  }
  CHECK(error_of([] { shift_multiply(5, {.exponent = -1}); }).find("not an integer") != std::string::npos);
  CHECK(error_of([] { shift_multiply(2, {.exponent = 62}); }).find("63 bits") != std::string::npos);
  CHECK(shift_multiply(-1, {.exponent = 62}) == -(int64_t{1} << 62));
}

TEST_CASE("repeated additions: exact in integers, saturating and rounding where the accumulator does") {
  const RepeatedAddition exact{.activation = parse_format("int8"), .accumulator = parse_format("int32")};
  std::vector<uint64_t> activations;
  std::vector<int64_t> weights;
  int64_t sum = 100;
  for (uint64_t i = 0; i < 200; ++i) {
    const uint64_t r = philox64(82, 0, i);
    activations.push_back(r & 0xff);
    weights.push_back(static_cast<int64_t>(r >> 8 & 15) - 7);
    sum += static_cast<int8_t>(r & 0xff) * weights.back();
  }
  CHECK(static_cast<int32_t>(add_repeatedly(exact, 100, activations, weights)) == sum);
  RepeatedAddition small{.activation = parse_format("int8"), .accumulator = parse_format("int8")};
  small.saturation = Saturation::sat_finite;
  CHECK(add_repeatedly(small, 0, 100, 1000) == 127);
  CHECK(add_repeatedly(small, 0, 100, -1000) == 0x80);
  small.saturation = Saturation::wrap;
  CHECK(add_repeatedly(small, 0, 100, 3) == (300 & 0xff));
  // Floating point: as many single-precision additions.
  const Format fp32 = parse_format("fp32");
  const RepeatedAddition rounded{.activation = fp32, .accumulator = fp32};
  float expected = 1.0F;
  for (int i = 0; i < 1000; ++i) expected += 0.1F;
  CHECK(add_repeatedly(rounded, 0x3f800000, std::bit_cast<uint32_t>(0.1F), 1000) ==
        std::bit_cast<uint32_t>(expected));
  for (int i = 0; i < 777; ++i) expected -= 0.3F;
  CHECK(add_repeatedly(rounded, add_repeatedly(rounded, 0x3f800000, std::bit_cast<uint32_t>(0.1F), 1000),
                       std::bit_cast<uint32_t>(0.3F), -777) == std::bit_cast<uint32_t>(expected));
  // Additions of 1 in fp16 come to a halt at 2048, also for a count that no loop would finish.
  const RepeatedAddition half{.activation = parse_format("int8"), .accumulator = parse_format("fp16")};
  CHECK(add_repeatedly(half, 0, 1, int64_t{1} << 60) == 0x6800);
  CHECK(error_of([&] {
          add_repeatedly(exact, 0, activations, std::vector<int64_t>{1});
        }).find("200 activations") != std::string::npos);
}

TEST_CASE("the number of additions per element") {
  const std::vector<int64_t> weights = {3, -1, 0, 5};
  const AdditionCount count = count_additions(weights);
  CHECK(count.additions == 9);
  CHECK(count.elements == 4);
  CHECK(count.per_element() == 2.25);
  CHECK(count_additions({}).per_element() == 0);
}

TEST_CASE("unsigned split: the difference of two unsigned sums is the signed sum") {
  for (uint64_t trial = 0; trial < 200; ++trial) {
    std::vector<int32_t> weights;
    std::vector<uint32_t> activations;
    int64_t sum = 0;
    for (uint64_t i = 0; i < 64; ++i) {
      const uint64_t r = philox64(83, trial, i);
      weights.push_back(static_cast<int8_t>(r & 0xff));
      activations.push_back(static_cast<uint32_t>(r >> 8 & 0xff));
      sum += int64_t{weights.back()} * activations.back();
    }
    const UnsignedSplit split = split_weights(weights);
    for (size_t i = 0; i < weights.size(); ++i) {
      CHECK(static_cast<int64_t>(split.positive[i]) - static_cast<int64_t>(split.negative[i]) == weights[i]);
      CHECK((split.positive[i] == 0 || split.negative[i] == 0));
    }
    for (const int width : {24, 32, 64}) {
      const UnsignedSums sums = accumulate_split(split, activations, width);
      CHECK(difference(sums, width) == sum);
    }
    // 20 bits: both sums may wrap (up to 64 * 255 * 128 = 2^21), their difference is right if it fits.
    const UnsignedSums wrapped =
        accumulate_split(split, activations, 20, {.positive = 0xfffff, .negative = 0xfffff});
    if (std::abs(sum) < 1 << 19) CHECK(difference(wrapped, 20) == sum);
  }
  const std::vector<int32_t> least = {INT32_MIN, INT32_MAX};
  const UnsignedSplit split = split_weights(least);
  CHECK(split.negative[0] == 0x80000000);
  CHECK(split.positive[1] == 0x7fffffff);
  CHECK(error_of([&] { accumulate_split(split, std::vector<uint32_t>{1}, 32); }).find("1 activations") !=
        std::string::npos);
}
