// Multiplier-free products: published vectors, algebraic laws and exhaustive comparison with exact products.
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>

#include "arith/evaluate.h"
#include "arith/mfbprop.h"
#include "arith/piecewise_affine.h"
#include "base/random.h"
#include "formats/real.h"

using namespace assay;

TEST_CASE("PAM: hand-computed vectors") {
  const Format fp32 = parse_format("fp32");
  struct Row {
    uint32_t a, b, product;
  };
  const Row rows[] = {
      {0x3fc00000, 0x3fc00000, 0x40000000}, {0x40490fdb, 0x402df854, 0x40f7082f},
      {0x3fa66666, 0xbfa66666, 0xbfcccccc}, {0x3dcccccd, 0x3e4ccccd, 0x3c99999a},
      {0x40900000, 0x40400000, 0x41500000}, {0x3fffffff, 0x3fffffff, 0x407ffffe},
      {0xc0c00000, 0x40400000, 0xc1800000}, {0x477fe000, 0x3a83126f, 0x4282f26f},
      {0x3fe00000, 0x3fa00000, 0x40000000}, {0x3eaaaaab, 0x40400000, 0x3f6aaaab},
      {0x40000000, 0xbf333333, 0xbfb33333}, {0x1e3ce508, 0x233877aa, 0x01f55cb2},
      {0x7149f2ca, 0x7149f2ca, 0x7f800000}, {0x0da24260, 0x0da24260, 0x00000000},
      {0x7f800000, 0x3f800000, 0x7fc00000}, {0x7fc12345, 0x00000000, 0x7fc00000},
      {0x807fffff, 0x7f000000, 0x00000000}, {0x80000000, 0x3f800000, 0x00000000},
      {0xff7fffff, 0x40000000, 0xff800000}, {0x00800000, 0x3f800000, 0x00800000},
      {0x00800000, 0x3f000000, 0x00000000},
  };
  for (const Row& row : rows) {
    CHECK(pam_multiply(fp32, row.a, row.b) == row.product);
    CHECK(pam_multiply(fp32, row.b, row.a) == row.product);
  }
}

TEST_CASE("PAM: the definition in reals, associativity, the -1/9 bound, BF16 as narrowed FP32") {
  const Format fp32 = parse_format("fp32"), bf16 = parse_format("bf16");
  double worst = 0, best = 0, sum = 0;
  constexpr uint64_t kCases = 400'000;
  for (uint64_t i = 0; i < kCases; ++i) {
    const uint64_t r = philox64(9, 0, i), s = philox64(9, 1, i);
    const auto normal = [](uint64_t x) { return (x & 0x807fffff) | (96 + (x >> 40) % 62) << 23; };
    const uint64_t a = normal(r), b = normal(s), c = normal(r ^ s << 7);
    const double x = std::bit_cast<float>(static_cast<uint32_t>(a)),
                 y = std::bit_cast<float>(static_cast<uint32_t>(b));
    const uint64_t product = pam_multiply(fp32, a, b);
    const double value = std::bit_cast<float>(static_cast<uint32_t>(product));
    int ea = 0, eb = 0;
    const double ma = 2 * std::fabs(std::frexp(x, &ea)) - 1, mb = 2 * std::fabs(std::frexp(y, &eb)) - 1;
    const double carry = ma + mb >= 1 ? 1 : 0;
    const double expected = std::ldexp(1 + ma + mb - carry, ea - 1 + eb - 1 + static_cast<int>(carry));
    if (std::fabs(value) != expected || std::signbit(value) != std::signbit(x * y)) FAIL_CHECK(a << " " << b);
    if (pam_multiply(fp32, product, c) != pam_multiply(fp32, a, pam_multiply(fp32, b, c)))
      FAIL_CHECK("associativity");
    const double error = value / (x * y) - 1;
    worst = std::min(worst, error);
    best = std::max(best, error);
    sum += error;
    const uint64_t wide = pam_multiply(fp32, a & 0xffff0000, b & 0xffff0000);
    if (pam_multiply(bf16, a >> 16, b >> 16) << 16 != wide) FAIL_CHECK("bf16");
  }
  CHECK(worst >= -1.0 / 9);
  CHECK(worst < -0.11);
  CHECK(best <= 0);
  CHECK(sum / kCases == doctest::Approx(-0.03849).epsilon(0.01));  // the published mean relative error
}

TEST_CASE("MF-BPROP: LUQ's table, and all 256 products exact") {
  // Rows m = 1..7, columns e = 1..7: exponent field and two fraction bits, as published.
  const char* table[7] = {"0001.00 0010.00 0011.00 0100.00 0101.00 0110.00 0111.00",
                          "0010.00 0011.00 0100.00 0101.00 0110.00 0111.00 1000.00",
                          "0010.10 0011.10 0100.10 0101.10 0110.10 0111.10 1000.10",
                          "0011.00 0100.00 0101.00 0110.00 0111.00 1000.00 1001.00",
                          "0011.01 0100.01 0101.01 0110.01 0111.01 1000.01 1001.01",
                          "0011.10 0100.10 0101.10 0110.10 0111.10 1000.10 1001.10",
                          "0011.11 0100.11 0101.11 0110.11 0111.11 1000.11 1001.11"};
  for (uint64_t m = 1; m <= 7; ++m) {
    for (uint64_t e = 1; e <= 7; ++e) {
      const char* entry = table[m - 1] + 8 * (e - 1);
      uint64_t code = 0;
      for (const char* bit = entry; bit < entry + 7; ++bit) {
        if (*bit != '.') code = 2 * code + static_cast<uint64_t>(*bit - '0');
      }
      CHECK(mfbprop_multiply(m, e) == code);
    }
  }
  const Format smint4 = parse_format("smint4"), e3m0 = parse_format("e3m0"), e4m2 = parse_format("e4m2");
  for (uint64_t a = 0; a < 16; ++a) {
    for (uint64_t b = 0; b < 16; ++b) {
      const double product = to_double(decode(smint4, a)) * to_double(decode(e3m0, b));
      const double got = to_double(decode(e4m2, mfbprop_multiply(a, b)));
      CHECK(got == product);
      CHECK(std::signbit(got) == std::signbit(product));
    }
  }
}

TEST_CASE("LUQ's standard block and MF-BPROP give the same bits") {
  for (const char* acc : {"fp32", "fp16"}) {
    const Unit standard = parse_unit(std::string("mac-smint4-e3m0-") + acc + "-via_e4m2"),
               free = parse_unit(std::string("mac-smint4-e3m0-") + acc + "-mfbprop"),
               exact = parse_unit(std::string("mac-smint4-e3m0-") + acc);
    for (uint64_t i = 0; i < 50'000; ++i) {
      const uint64_t r = philox64(10, 0, i);
      const std::array<uint64_t, 3> operands = {r & 15, r >> 4 & 15,
                                                r >> 8 & code_mask(standard.result.width)};
      const uint64_t result = evaluate(exact, operands);
      CHECK(evaluate(standard, operands) == result);
      CHECK(evaluate(free, operands) == result);
    }
  }
}

TEST_CASE("a product through a narrower format is rounded there first") {
  const Unit via = parse_unit("mul-e4m3-e4m3-fp32-via_e4m3");
  // 1.125 * 1.125 = 1.265625 -> 1.25 in e4m3.
  CHECK(evaluate(via, std::array<uint64_t, 2>{0x39, 0x39}) == 0x3fa00000);
}

TEST_CASE("units with approximate products give what the functions give, and divide and take roots") {
  const auto float_result = [](const char* name, std::initializer_list<float> operands) {
    std::vector<uint64_t> codes;
    for (const float x : operands) codes.push_back(std::bit_cast<uint32_t>(x));
    return std::bit_cast<float>(static_cast<uint32_t>(evaluate(parse_unit(name), codes)));
  };
  CHECK(float_result("mul-fp32-fp32-fp32-pam", {1.5F, 1.5F}) == 2.0F);
  CHECK(float_result("div-fp32-fp32-fp32-pam", {2.0F, 1.5F}) == 1.5F);
  CHECK(float_result("mul-fp32-fp32-fp32-lmul", {1.0F, 1.0F}) == 1.0625F);   // 1 + 2^-4
  CHECK(float_result("mul-fp32-fp32-fp32-mbm", {1.0F, 1.0F}) == 1.078125F);  // 1 + 5/64
  CHECK(float_result("mul-fp32-fp32-fp32-epfml", {1e-30F, 1e-30F}) == 0.0F);
  CHECK(std::isnan(float_result("mul-fp32-fp32-fp32-epfml", {1e30F, 1e8F})));  // beyond 1e37, finite for PAM
  CHECK(std::isfinite(float_result("mul-fp32-fp32-fp32-pam", {1e30F, 1e8F})));
  CHECK(float_result("exp2-fp32-fp32-pam", {1.5F}) == 3.0F);
  CHECK(float_result("log2-fp32-fp32-pam", {3.0F}) == 1.5F);
  CHECK(float_result("sqrt-fp32-fp32-pam", {16.0F}) == 4.0F);
  CHECK(float_result("mac-fp32-fp32-fp32-pam", {1.5F, 1.5F, 1.0F}) == 3.0F);
  // The compensated product of 1 and 1 is the compensating factor, about 1.0552 and 1.0566.
  CHECK(float_result("mul-fp32-fp32-fp32-pam_minimum_rms", {1.0F, 1.0F}) ==
        doctest::Approx(1.05525).epsilon(1e-5));
  CHECK(float_result("mul-fp32-fp32-fp32-pam_zero_mean", {1.0F, 1.0F}) ==
        doctest::Approx(1.05662).epsilon(1e-5));
}
