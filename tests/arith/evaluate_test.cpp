#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <vector>

#include "arith/evaluate.h"
#include "arith/gemm.h"
#include "base/random.h"
#include "tests/arith/cases.h"
#include "tests/arith/oracle.h"

using namespace assay;
using oracle::cpp_rational;

namespace {

bool finite(const Format& format, uint64_t code) {
  const RealClass kind = decode(format, code).kind;
  return kind == RealClass::finite || kind == RealClass::zero;
}

}  // namespace

TEST_CASE("fp32 add, mul and fma against the hardware") {
  const Unit add_unit = parse_unit("add-fp32-fp32-fp32"), mul_unit = parse_unit("mul-fp32-fp32-fp32"),
             fma_unit = parse_unit("fma-fp32-fp32-fp32-fp32");
  const Format& fp32 = add_unit.a;
  for (uint64_t i = 0; i < 1'500'000; ++i) {
    const uint64_t a = interesting_code(fp32, philox64(3, 0, i)),
                   b = interesting_code(fp32, philox64(3, 1, i));
    const uint64_t product = evaluate(mul_unit, std::array{a, b});
    const uint64_t c =
        i % 2 == 0 ? interesting_code(fp32, philox64(3, 2, i)) : near_code(fp32, product, philox64(3, 2, i));
    const auto x = std::bit_cast<float>(static_cast<uint32_t>(a)),
               y = std::bit_cast<float>(static_cast<uint32_t>(b)),
               z = std::bit_cast<float>(static_cast<uint32_t>(c));
    const auto check = [&](uint64_t got, float expected, const char* what) {
      const uint64_t code = std::isnan(expected) ? 0x7fc00000 : std::bit_cast<uint32_t>(expected);
      if (got != code)
        FAIL_CHECK(what << ": " << a << " " << b << " " << c << ": " << got << " expected " << code);
    };
    check(product, x * y, "mul");
    check(evaluate(add_unit, std::array{a, c}), x + z, "add");
    check(evaluate(fma_unit, std::array{a, b, c}), std::fma(x, y, z), "fma");
  }
}

TEST_CASE("all roundings of mixed formats against exact rationals") {
  for (const char* name :
       {"mac-e4m3-e5m2-fp32", "mac-fp16-fp16-fp16", "mac-bf16-bf16-fp16", "mac-bf16-bf16-bf16",
        "fma-fp16-bf16-fp32-fp16", "mac-fp32-fp32-fp32", "mac-e2m1-e4m3-bf16", "mac-fp64-fp64-fp64",
        "mac-int8-e4m3-fp32", "mac-e4m3fnuz-e5m2fnuz-e5m2"}) {
    CAPTURE(std::string(name));
    Unit unit = parse_unit(name);
    const Format c_format = operand_format(unit, 2);
    for (uint64_t i = 0; i < 4000; ++i) {
      const uint64_t a = interesting_code(unit.a, philox64(4, 0, i)),
                     b = interesting_code(unit.b, philox64(4, 1, i));
      uint64_t c = interesting_code(c_format, philox64(4, 2, i));
      if (i % 2 == 0) {
        Unit product = unit;
        product.operation = Operation::mul;
        product.result = c_format;
        c = near_code(c_format, evaluate(product, std::array{a, b}), philox64(4, 2, i));
      }
      if (!finite(unit.a, a) || !finite(unit.b, b) || !finite(c_format, c)) continue;
      const cpp_rational sum =
          oracle::value(unit.a, a) * oracle::value(unit.b, b) + oracle::value(c_format, c);
      if (sum == 0) continue;
      for (const Rounding rounding :
           {Rounding::rne, Rounding::rna, Rounding::rtz, Rounding::rup, Rounding::rdn, Rounding::odd}) {
        unit.rounding = rounding;
        const uint64_t got = evaluate(unit, std::array{a, b, c});
        const uint64_t expected = oracle::round_ieee(unit.result, sum, rounding);
        if (got != expected)
          FAIL_CHECK(a << " " << b << " " << c << " " << to_string(rounding) << ": " << got << " expected "
                       << expected);
      }
    }
  }
}

TEST_CASE("special values of a mac") {
  const Unit mac = parse_unit("mac-e5m2-e5m2-fp32");
  const uint64_t inf = 0x7c, zero = 0x00, one = 0x3c, minus = 0x80;
  const auto run = [&](uint64_t a, uint64_t b, uint64_t c) { return evaluate(mac, std::array{a, b, c}); };
  CHECK(run(inf, zero, 0) == 0x7fc00000);
  CHECK(run(inf, one, 0xff800000) == 0x7fc00000);
  CHECK(run(inf, one, 0x7f800000) == 0x7f800000);
  CHECK(run(inf | minus, one, 0x3f800000) == 0xff800000);
  CHECK(run(0x7d, one, 0x3f800000) == 0x7fc00000);
  CHECK(run(one, one, 0x7f800001) == 0x7fc00000);
  CHECK(run(one, one, 0xbf800000) == 0);
  CHECK(run(zero | minus, one, 0x80000000) == 0x80000000);
  CHECK(run(zero | minus, one, 0) == 0);
  CHECK(run(zero, one, 0x80000000) == 0);
  Unit down = mac;
  down.rounding = Rounding::rdn;
  CHECK(evaluate(down, std::array{one, one, uint64_t{0xbf800000}}) == 0x80000000);
}

// A sum of two floats may have more bits than are kept of others, and the last ones are those that count here.
TEST_CASE("sums of floats wrap as the exact sum does") {
  for (const char* formats : {"bf16-bf16", "fp32-fp32", "fp64-fp64", "fp16-fp32", "e5m2-fp64"}) {
    for (const char* result : {"int16", "uint8", "fix32.10", "int32", "ufix12.m2"}) {
      for (const char* rounding : {"rne", "rtz", "rup", "rdn", "rna", "odd"}) {
        const std::string name = std::string("-") + formats + "-" + result;
        const std::string end = std::string("-") + rounding + "-wrap";
        const Unit add = parse_unit("add" + name + end);
        const Unit mac = parse_unit("mac" + name + end);
        const Unit fused = parse_unit("dot2" + name + "-fused" + end);
        const auto code = [](const Format& format, uint32_t low, uint32_t high) {
          return (uint64_t{high} << 32 | low) & code_mask(format.width);
        };
        for (uint64_t i = 0; i < 300; ++i) {
          const auto x = philox(11, 0, i), y = philox(11, 1, i);
          const uint64_t a = code(add.a, x[0], x[1]), b = code(add.b, x[2], x[3]),
                         c = code(add.result, y[0], 0);
          const uint64_t d = code(add.a, y[0], y[1]), e = code(add.b, y[2], y[3]);
          if (!finite(add.a, a) || !finite(add.b, b) || !finite(add.a, d) || !finite(add.b, e)) continue;
          const auto value_a = oracle::value(add.a, a), value_b = oracle::value(add.b, b);
          const auto value_c = oracle::value(add.result, c);
          const auto product = oracle::value(add.a, d) * oracle::value(add.b, e);
          CAPTURE(unit_name(mac));
          CAPTURE(i);
          const auto wanted = [&](const oracle::cpp_rational& exact) {
            return oracle::round_and_wrap(add.result, exact, add.rounding);
          };
          CHECK(evaluate(add, std::vector{a, b}) == wanted(value_a + value_b));
          CHECK(evaluate(mac, std::vector{a, b, c}) == wanted(value_a * value_b + value_c));
          CHECK(evaluate(fused, std::vector{a, b, d, e, c}) == wanted(value_a * value_b + product + value_c));
        }
      }
    }
  }
}

TEST_CASE("integer macs wrap or saturate") {
  const Unit mac = parse_unit("mac-int8-int8-int32");
  for (uint64_t i = 0; i < 200'000; ++i) {
    const uint64_t r = philox64(5, 0, i);
    const auto a = static_cast<int8_t>(r), b = static_cast<int8_t>(r >> 8);
    auto c = static_cast<uint32_t>(r >> 16);
    if (i % 4 == 0) c = 0x7fffffff - (c & 0xff);
    const uint32_t expected = c + static_cast<uint32_t>(int32_t{a} * int32_t{b});
    if (evaluate(mac, std::array{r & 0xff, r >> 8 & 0xff, uint64_t{c}}) != expected) FAIL_CHECK(i);
  }
  const Unit saturating = parse_unit("mac-int8-int8-int32-sat_finite");
  CHECK(evaluate(saturating, std::array<uint64_t, 3>{127, 127, 0x7fffffff}) == 0x7fffffff);
  CHECK(evaluate(saturating, std::array<uint64_t, 3>{127, 0x80, 0x80000000}) == 0x80000000);
}

TEST_CASE("fused dot products against exact rationals") {
  for (const char* name : {"dot5-e5m2-e5m2-fp32-fused", "dot4-fp16-fp16-fp16-fused",
                           "dot7-fp32-fp32-fp32-fused", "dot3-e2m1-e2m1-e5m2-fused"}) {
    const Unit unit = parse_unit(name);
    CAPTURE(std::string(name));
    const auto count = static_cast<size_t>(operand_count(unit));
    for (uint64_t i = 0; i < 3000; ++i) {
      std::vector<uint64_t> operands(count);
      bool all_finite = true;
      cpp_rational sum = 0;
      for (size_t j = 0; j < count; ++j) {
        const Format& format = operand_format(unit, static_cast<int>(j));
        operands[j] = interesting_code(format, philox64(6, j, i));
        if (j % 2 == 1 && i % 3 == 0) operands[j] = operands[j - 1] ^ (philox64(7, j, i) & 3);
        all_finite = all_finite && finite(format, operands[j]);
      }
      if (!all_finite) continue;
      for (size_t j = 0; j + 1 < count; j += 2)
        sum += oracle::value(unit.a, operands[j]) * oracle::value(unit.b, operands[j + 1]);
      sum += oracle::value(unit.result, operands.back());
      if (sum == 0) continue;
      CHECK(evaluate(unit, operands) == oracle::round_ieee(unit.result, sum, Rounding::rne));
    }
  }
}

TEST_CASE("a sequential dot is a chain of macs, and fused differs from it") {
  const Unit chain = parse_unit("dot3-e4m3-e4m3-fp16"), fused = parse_unit("dot3-e4m3-e4m3-fp16-fused"),
             mac = parse_unit("mac-e4m3-e4m3-fp16");
  uint64_t differences = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    std::array<uint64_t, 7> operands{};
    for (size_t j = 0; j < 6; ++j) operands[j] = philox64(8, j, i) & 0xff;
    uint64_t accumulator = 0;
    for (size_t j = 0; j < 6; j += 2)
      accumulator = evaluate(mac, std::array{operands[j], operands[j + 1], accumulator});
    CHECK(evaluate(chain, operands) == accumulator);
    differences += evaluate(fused, operands) != accumulator ? 1 : 0;
  }
  CHECK(differences > 100);
}

TEST_CASE("nothing depends on the host's rounding mode") {
  const Unit mac = parse_unit("mac-fp32-fp32-fp32");
  const std::array<uint64_t, 3> operands = {0x3f800001, 0x3f800001, 0x3f800001};
  const uint64_t expected = evaluate(mac, operands);
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const uint64_t got = evaluate(mac, operands);
    std::fesetround(FE_TONEAREST);
    CHECK(got == expected);
  }
}

TEST_CASE("gemm accumulates in ascending k") {
  const Unit mac = parse_unit("mac-fp32-fp32-fp32");
  std::vector<uint64_t> a, b;
  const int64_t m = 3, n = 4, k = 17;
  for (int64_t i = 0; i < m * k; ++i)
    a.push_back(std::bit_cast<uint32_t>(
        std::ldexp(1.0f + 0.37f * static_cast<float>(i % 7), static_cast<int>(i % 11) - 5)));
  for (int64_t i = 0; i < k * n; ++i)
    b.push_back(std::bit_cast<uint32_t>(-1.5f + 0.1f * static_cast<float>(i)));
  const std::vector<uint64_t> c = gemm(mac, m, n, k, a, b);
  for (int64_t row = 0; row < m; ++row) {
    for (int64_t column = 0; column < n; ++column) {
      float sum = 0;
      for (int64_t i = 0; i < k; ++i) {
        sum = std::fma(std::bit_cast<float>(static_cast<uint32_t>(a[static_cast<size_t>(row * k + i)])),
                       std::bit_cast<float>(static_cast<uint32_t>(b[static_cast<size_t>(i * n + column)])),
                       sum);
      }
      CHECK(c[static_cast<size_t>(row * n + column)] == std::bit_cast<uint32_t>(sum));
    }
  }
}
