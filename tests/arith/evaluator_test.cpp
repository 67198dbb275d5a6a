// Evaluators and long sums against exact rationals and against the general arithmetic of real values.
#include "arith/evaluator.h"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "arith/dot.h"
#include "arith/evaluate.h"
#include "arith/real_arithmetic.h"
#include "base/random.h"
#include "formats/round.h"
#include "tests/arith/cases.h"
#include "tests/arith/oracle.h"

using namespace assay;

namespace {

const std::array<std::string, 10> kRoundings = {"rne", "rna",  "rtz",  "rup",  "rdn",
                                                "odd", "rntz", "rnup", "rndn", "rnodd"};

// c + a b through values of 128 bits, which no fast step uses.
uint64_t through_real(const Unit& unit, const std::array<uint64_t, 3>& operands) {
  const Real product = multiply(decode(unit.a, operands[0]), decode(unit.b, operands[1]));
  const Real sum = add(product, decode(operand_format(unit, 2), operands[2]), unit.rounding);
  return round_to_code(unit.result, sum, unit.rounding, unit.saturation);
}

bool is_finite(const Format& format, uint64_t code) {
  const RealClass kind = decode(format, code).kind;
  return kind == RealClass::zero || kind == RealClass::finite;
}

std::array<uint64_t, 3> interesting_operands(const Unit& unit, uint64_t seed) {
  std::array<uint64_t, 3> operands = {};
  for (int i = 0; i < 3; ++i) {
    operands[static_cast<size_t>(i)] =
        interesting_code(operand_format(unit, i), philox64(seed, static_cast<uint64_t>(i), 7));
  }
  const Format& c = operand_format(unit, 2);
  if (seed % 2 != 0 || c.kind != FormatKind::floating || c.exponent_width < 2) return operands;
  // c close to the product, or a code or two away from its negative.
  const Real exact = multiply(decode(unit.a, operands[0]), decode(unit.b, operands[1]));
  if (exact.kind == RealClass::nan) return operands;
  const uint64_t near = round_to_code(c, exact, Rounding::rne, Saturation::sat_finite);
  const uint64_t random = philox64(seed, 3, 7);
  if (random % 3 == 0) {
    operands[2] = near_code(c, near, random >> 3);
  } else {
    const uint64_t sign = uint64_t{1} << (c.width - 1);
    operands[2] = ((near ^ sign) + (random >> 8 & 3) - 1) & code_mask(c.width);
  }
  return operands;
}

// Codes at boundaries, or numbers of middling size, whose sums cancel.
std::vector<uint64_t> operands_of_dot(const Unit& unit, uint64_t seed) {
  std::vector<uint64_t> operands(static_cast<size_t>(operand_count(unit)));
  for (size_t i = 0; i < operands.size(); ++i) {
    const Format& format = operand_format(unit, static_cast<int>(i));
    const uint64_t random = philox64(seed, i, 11);
    operands[i] = random & code_mask(format.width);
    if (seed % 4 == 0) operands[i] = interesting_code(format, random);
    if (seed % 4 == 1 && i + 1 == operands.size())
      operands[i] = encode(format, static_cast<double>(seed % 64) - 32);
    if (seed % 4 == 2) operands[i] &= 1 | uint64_t{1} << (format.width - 1);  // zeros and the least numbers
  }
  return operands;
}

// `fast` is what the evaluator asks first, and how many of the cases it answers at least.
template <typename Fast>
void check_dot(const std::string& name, double least_share, Fast fast) {
  const Unit unit = parse_unit(name);
  const Evaluator evaluator(unit);
  CAPTURE(name);
  constexpr int kCases = 4000;
  int answered = 0;
  for (uint64_t seed = 0; seed < kCases; ++seed) {
    const std::vector<uint64_t> operands = operands_of_dot(unit, seed);
    const RandomBits random = {16, static_cast<uint32_t>(philox64(seed, 99, 11) & 0xffff)};
    CAPTURE(seed);
    const uint64_t expected = evaluate(unit, operands, random);
    REQUIRE(evaluator(operands, random) == expected);
    const std::optional<uint64_t> result = fast(unit, operands, random);
    if (!result) continue;
    REQUIRE(*result == expected);
    ++answered;
  }
  CHECK(answered >= least_share * kCases);
}

void check_against_real(const std::string& name, int cases) {
  const Unit unit = parse_unit(name);
  const Evaluator evaluator(unit);
  CAPTURE(name);
  for (int i = 0; i < cases; ++i) {
    const std::array<uint64_t, 3> operands = interesting_operands(unit, static_cast<uint64_t>(i));
    const uint64_t expected = through_real(unit, operands);
    if (evaluator(operands) == expected) continue;
    CAPTURE(operands[0]);
    CAPTURE(operands[1]);
    CAPTURE(operands[2]);
    REQUIRE(evaluator(operands) == expected);
  }
}

}  // namespace

TEST_CASE("Evaluators equal the arithmetic of real values in every rounding and saturation") {
  const std::vector<std::string> units = {"mac-fp16-fp16-fp16",
                                          "mac-bf16-bf16-bf16",
                                          "mac-e4m3-e4m3-fp32",
                                          "mac-fp32-fp32-fp32",
                                          "mac-bf16-bf16-fp32",
                                          "mac-e5m2-e4m3-e4m3",
                                          "mac-e2m1-e2m1-e2m1",
                                          "mac-e4m3-e5m2-fp16",
                                          "mac-fp32-fp32-fp64",
                                          "mac-e5m2-e5m2-e2m3",
                                          "mac-fp16-fp16-e4m3",
                                          "fma-fp16-fp16-fp16-fp16",
                                          "fma-fp32-fp32-fp32-e4m3",
                                          "fma-e4m3-e4m3-fp32-e5m2",
                                          "fma-e2m1-e2m1-fp64-fp16",
                                          "fma-fp16-fp32-e2m1-fp32",
                                          "mac-e4m3fnuz-e4m3fnuz-e4m3fnuz",
                                          "mac-e8m7-e8m14-e6m9",
                                          "fma-e5m2-e2m1-e5m10fn-e3m0",
                                          "mac-e3m0-e3m0-e3m0",
                                          "mac-e1m4f-e1m4f-e8m28",
                                          "mac-e5m13-e5m13-e6m28",
                                          "mac-e5m14-e5m14-e6m29",
                                          "mac-e11m22-e11m24-e11m52"};
  for (const std::string& unit : units) {
    for (const std::string& rounding : kRoundings) {
      check_against_real(unit + (rounding == "rne" ? "" : "-" + rounding), 4000);
    }
    for (const char* saturation : {"sat_finite", "sat_propagate", "sat_none_v40"}) {
      check_against_real(unit + "-" + saturation, 4000);
    }
  }
}

TEST_CASE("Evaluators of integers equal the arithmetic of real values") {
  for (const char* unit :
       {"mac-int8-int8-int32", "mac-int8-int8-int8", "mac-uint8-int8-int16", "mac-uint4-uint4-uint8",
        "mac-fix8.6-fix8.6-fix20.12", "fma-int4-uint4-int8-int6", "mac-symint8-symint8-symint8",
        "mac-int30-int31-int32", "mac-fix8.6-fix8.6-fix20.10", "mac-smint8-smint8-smint16",
        "mac-uint8-int8-uint8", "mac-int32-uint29-fix61.0", "mac-int32-uint30-fix62.0"}) {
    check_against_real(unit, 20000);
    for (const char* saturation : {"sat_finite", "sat_symmetric", "sat_zero", "sat_none"}) {
      check_against_real(std::string(unit) + "-" + saturation, 20000);
    }
  }
}

TEST_CASE("Every pair of 8-bit floats with accumulators at every boundary") {
  for (const char* name : {"mac-e4m3-e4m3-fp16", "mac-e5m2-e5m2-e5m2", "mac-e4m3-e5m2-fp32-rtz"}) {
    const Unit unit = parse_unit(name);
    const Evaluator evaluator(unit);
    uint64_t wrong = 0;
    for (uint64_t pair = 0; pair < 1 << 16; ++pair) {
      for (uint64_t i = 0; i < 4; ++i) {
        const std::array<uint64_t, 3> operands = {pair & 0xff, pair >> 8,
                                                  interesting_code(unit.result, philox64(pair, i, 9))};
        wrong += evaluator(operands) != through_real(unit, operands) ? 1 : 0;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("Evaluators equal exact rationals") {
  for (const char* base : {"mac-fp16-fp16-fp16", "fma-fp32-fp32-fp32-fp32", "mac-e5m2-e5m2-fp16"}) {
    for (const Rounding rounding :
         {Rounding::rne, Rounding::rna, Rounding::rtz, Rounding::rup, Rounding::rdn, Rounding::odd}) {
      Unit unit = parse_unit(base);
      unit.rounding = rounding;
      const Evaluator evaluator(unit);
      CAPTURE(unit_name(unit));
      for (uint64_t i = 0; i < 1500; ++i) {
        const std::array<uint64_t, 3> operands = interesting_operands(unit, i);
        if (!is_finite(unit.a, operands[0]) || !is_finite(unit.b, operands[1]) ||
            !is_finite(unit.result, operands[2])) {
          continue;
        }
        const oracle::cpp_rational sum =
            oracle::value(unit.a, operands[0]) * oracle::value(unit.b, operands[1]) +
            oracle::value(unit.result, operands[2]);
        if (sum == 0) continue;
        REQUIRE(evaluator(operands) == oracle::round_ieee(unit.result, sum, rounding));
      }
    }
  }
}

// That evaluate() is right is what dot_test.cpp shows.
TEST_CASE("Evaluators of exact sums of narrow formats equal the golden model") {
  const auto fast = [](const Unit& unit, const std::vector<uint64_t>& operands, RandomBits random) {
    REQUIRE(has_fixed_point_dot(unit));
    return FixedPointDot(unit)(operands, random);
  };
  for (const char* name :
       {"dot4-e4m3-e4m3-fp32-fused", "dot3-e4m3-e4m3-e4m3-sat_finite-fused", "dot4-e5m2-e4m3-fp16-rdn-fused",
        "dot5-e5m2-e5m2-fp32-sr_a-fused", "dot2-e4m3fnuz-e4m3fnuz-bf16-rtz-fused",
        "dot4-e3m2-e2m1-e4m3-odd-fused", "dot4-posit8-posit8-posit8-fused",
        "dot4-posit8es1-posit8es1-posit8es1-fused", "dot4-int8-int8-fp32-fused",
        "dot4-e5m2-e5m2-fp32-fused-flush", "dot7-e4m3-e4m3-fp16-fused-sum_e5m6",
        "block_dot8-e4m3-e4m3-e8m0-fp32-fused", "block_dot8-fix8.6-fix8.6-e8m0-fp32-fused",
        "block_dot32-e2m1-e2m1-e8m0-fp32-fused", "block_dot7-e2m1-e2m1-e4m3-fp32-fused-block3",
        "block_dot16-e2m1-e2m1-e4m3-fp32-rtz-window35-block8-exact8",
        "block_dot8-e2m1-e2m1-e8m0-fp32-rtz-window35-exact4"}) {
    check_dot(name, 0.4, fast);
  }
  for (const char* name :
       {"dot4-e4m3-e4m3-fp32", "dot4-e4m3-e4m3-fp32-fused-group2", "dot4-int8-int8-int8-fused",
        "dot4-fp16-fp16-fp32-fused", "dot4-e4m3-e4m3-fp32-window13", "mac-e4m3-e4m3-fp32"}) {
    CHECK_MESSAGE(!has_fixed_point_dot(parse_unit(name)), name);
  }
}

TEST_CASE("Evaluators of trees and Kahan sums equal the golden model") {
  const auto fast = [](const Unit& unit, const std::vector<uint64_t>& operands, RandomBits) {
    REQUIRE(has_float_dot(unit));
    return FloatDot(unit)(operands);
  };
  for (const std::string way : {"-tree", "-kahan"}) {
    for (const std::string& rounding : kRoundings) {
      const std::string words = (rounding == "rne" ? "" : "-" + rounding) + way;
      for (const char* formats : {"dot4-e4m3-e4m3-fp16", "dot3-e4m3-e5m2-bf16", "dot5-fp16-fp16-fp32",
                                  "dot2-e2m1-e2m1-e3m2", "dot3-e4m3fnuz-e4m3fnuz-fp16"}) {
        check_dot(formats + words, 0.3, fast);
      }
      check_dot("dot3-e4m3-e4m3-e4m3" + (rounding == "rne" ? "" : "-" + rounding) + "-sat_finite" + way, 0.4,
                fast);
    }
  }
  for (const char* name :
       {"dot4-e4m3-e4m3-e4m3fnuz-tree", "dot4-e4m3-e4m3-fp32", "dot4-e4m3-e4m3-fp32-sr_a-kahan",
        "dot4-posit8-posit8-posit8-tree", "dot4-e4m3-e4m3-fp32-tree-group2"}) {
    CHECK_MESSAGE(!has_float_dot(parse_unit(name)), name);
  }
}

TEST_CASE("Long sums of macs are the evaluations one after the other") {
  for (const char* name :
       {"mac-fp16-fp16-fp16", "mac-e4m3-e4m3-fp32-rdn", "mac-int8-int8-int16",
        "mac-int8-int8-int16-sat_finite", "mac-posit8-posit8-posit16", "mac-fp32-fp32-fp32-sr_a"}) {
    const Unit unit = parse_unit(name);
    CAPTURE(name);
    std::vector<uint64_t> a(300), b(300);
    std::vector<RandomBits> random(300);
    for (uint64_t i = 0; i < a.size(); ++i) {
      a[i] = philox64(i, 1, 2) & code_mask(unit.a.width - 2);
      b[i] = philox64(i, 2, 2) & code_mask(unit.b.width) & ~(uint64_t{1} << (unit.b.width - 2));
      random[i] = {16, static_cast<uint32_t>(philox64(i, 3, 2) & 0xffff)};
    }
    const Evaluator evaluator(unit);
    uint64_t expected = 1, without_bits = 1;
    for (uint64_t i = 0; i < a.size(); ++i) {
      expected = evaluator(std::array{a[i], b[i], expected}, random[i]);
      without_bits = evaluator(std::array{a[i], b[i], without_bits});
    }
    CHECK(accumulate_dot(unit, a, b, 1, random) == expected);
    CHECK(accumulate_dot(unit, a, b, 1) == without_bits);
  }
}

TEST_CASE("Copies of an evaluator outlive it") {
  std::vector<Evaluator> kept;
  {
    const Evaluator evaluator(parse_unit("mac-e4m3-e4m3-e4m3-sat_finite"));
    kept.push_back(evaluator);
  }
  const uint64_t largest = 0x7e;
  CHECK(kept[0](std::array{largest, largest, uint64_t{0}}) == largest);  // overflows
}
