// Batches against the golden model of one vector.
#include "arith/batch_evaluator.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "arith/evaluate.h"
#include "base/random.h"
#include "formats/round.h"
#include "tests/arith/cases.h"
#include "tests/arith/targets.h"

using namespace assay;

namespace {

const std::array<std::string, 10> kRoundings = {"",     "-rna",  "-rtz",  "-rup",  "-rdn",
                                                "-odd", "-rntz", "-rnup", "-rndn", "-rnodd"};

using Columns = std::vector<std::vector<uint64_t>>;

std::vector<uint64_t> evaluate_batch(const BatchEvaluator& batch, const Columns& columns) {
  std::vector<const uint64_t*> pointers;
  for (const std::vector<uint64_t>& column : columns) pointers.push_back(column.data());
  // Results beyond the last one must stay.
  std::vector<uint64_t> results(columns[0].size() + 1, 0x1234);
  batch(pointers, columns[0].size(), results.data());
  CHECK(results.back() == 0x1234);
  results.pop_back();
  return results;
}

int mistakes(const Unit& unit, const Columns& columns, const std::vector<uint64_t>& results) {
  int wrong = 0;
  std::vector<uint64_t> operands(columns.size());
  for (size_t i = 0; i < results.size(); ++i) {
    for (size_t j = 0; j < columns.size(); ++j) operands[j] = columns[j][i];
    if (results[i] != evaluate(unit, operands) && wrong++ == 0) {
      MESSAGE(unit_name(unit) << " of " << operands[0] << ", " << operands.back() << ": " << results[i]);
    }
  }
  return wrong;
}

// Boundary codes, and of sums c near the negative of the product or of the other term.
Columns interesting_columns(const Unit& unit, size_t count, uint64_t seed) {
  const int operands = operand_count(unit);
  Columns columns(static_cast<size_t>(operands), std::vector<uint64_t>(count));
  for (size_t i = 0; i < count; ++i) {
    for (int j = 0; j < operands; ++j) {
      columns[static_cast<size_t>(j)][i] =
          interesting_code(operand_format(unit, j), philox64(seed + static_cast<uint64_t>(j), 3, i));
    }
    if (operands == 1 || i % 2 == 0) continue;
    Unit first = unit;
    first.operation = operands == 3 ? Operation::mul : Operation::convert;
    first.result = operand_format(unit, operands - 1);
    first.rounding = Rounding::rne;
    first.saturation = is_integer(first.result) ? Saturation::sat_finite : Saturation::sat_none;
    const std::vector<uint64_t> of = {columns[0][i], columns[1][i]};
    const uint64_t near = evaluate(first, std::span(of).first(static_cast<size_t>(operands) - 1));
    const uint64_t random = philox64(seed, 4, i), sign = uint64_t{1} << (first.result.width - 1);
    columns.back()[i] =
        ((near ^ (random % 4 == 0 ? 0 : sign)) + (random >> 8) % 5 - 2) & code_mask(first.result.width);
  }
  return columns;
}

// Without a peer of its own the batch could only be compared with itself.
void check(const std::string& name, size_t count, uint64_t seed = 1) {
  const Unit unit = parse_unit(name);
  const BatchEvaluator batch(unit);
  CAPTURE(name);
  CHECK(batch.has_lanes());
  const Columns columns = interesting_columns(unit, count, seed);
  CHECK(mistakes(unit, columns, evaluate_batch(batch, columns)) == 0);
}

}  // namespace

TEST_CASE("A batch has the bits of the golden model: all pairs of 8-bit operands") {
  for (const std::string& rounding : kRoundings) {
    for (const char* name : {"mul-e4m3-e4m3-e4m3", "mul-e5m2-e4m3-fp16", "add-e4m3-e4m3-e4m3",
                             "sub-e5m2-e5m2-e5m2", "add-e5m2-e4m3-e4m3", "mul-e4m3fnuz-e4m3-e4m3fnuz",
                             "add-e4m3fnuz-e5m2fnuz-e5m2fnuz", "mul-int8-int8-int8", "sub-int8-uint8-int8"}) {
      const Unit unit = parse_unit(name + rounding);
      const BatchEvaluator batch(unit);
      REQUIRE(batch.has_lanes());
      Columns columns(2);
      for (uint64_t pair = 0; pair < 1 << 16; ++pair) {
        columns[0].push_back(pair >> 8);
        columns[1].push_back(pair & 0xff);
      }
      CHECK(mistakes(unit, columns, evaluate_batch(batch, columns)) == 0);
    }
  }
}

TEST_CASE("A batch has the bits of the golden model: all triples of 4-bit operands") {
  for (const std::string& rounding : kRoundings) {
    for (const char* name : {"fma-e2m1-e2m1-e2m1-e2m1", "fma-e3m0-e2m1-e2m1-e3m0", "mac-int4-uint4-int4"}) {
      const Unit unit = parse_unit(name + rounding);
      const BatchEvaluator batch(unit);
      REQUIRE(batch.has_lanes());
      Columns columns(3);
      for (uint64_t triple = 0; triple < 1 << 12; ++triple) {
        columns[0].push_back(triple >> 8);
        columns[1].push_back(triple >> 4 & 0xf);
        columns[2].push_back(triple & 0xf);
      }
      CHECK(mistakes(unit, columns, evaluate_batch(batch, columns)) == 0);
    }
  }
}

TEST_CASE("A batch has the bits of the golden model: boundaries of wide formats") {
  on_every_target([] {
    for (const std::string& rounding : kRoundings) {
      for (const char* name :
           {"fma-fp32-fp32-fp32-fp32", "mac-fp16-fp16-fp16", "fma-fp16-fp16-fp32-bf16", "mac-bf16-bf16-fp32",
            "mac-e4m3-e5m2-fp32", "mul-fp32-fp32-fp32", "add-fp32-fp32-fp32", "sub-fp32-fp16-fp32",
            "mul-fp16-bf16-fp16", "convert-fp32-e4m3", "mac-fp16-fp16-e4m3fnuz", "mac-fp16-fp16-int16",
            "mac-tf32-tf32-fp32", "mac-e4m3-e4m3-binary8p4se"}) {
        check(name + rounding, 3001);
      }
    }
  });
}

TEST_CASE("A batch has the bits of the golden model: many cases") {
  for (const char* name :
       {"fma-fp32-fp32-fp32-fp32", "fma-fp16-fp16-fp16-fp16", "mac-fp32-fp32-fp32-rdn", "mac-bf16-bf16-fp32",
        "mul-fp32-fp32-fp32", "add-fp32-fp32-fp32", "mac-fp16-fp16-fp16-sat_finite",
        "mac-e4m3-e4m3-fp16-sat_propagate", "mac-int8-int8-int32", "mac-int16-int16-int32-sat_finite",
        "mac-uint8-int8-int16", "mac-smint8-int8-int24", "mac-fix8.6-fix8.4-fix16.6-rna"}) {
    check(name, 1000000, 7);
  }
}

TEST_CASE("A batch without lanes is evaluated vector by vector") {
  for (const char* name :
       {"dot4-e4m3-e4m3-fp32-fused", "mac-posit8-posit8-posit16", "fma-fp64-fp64-fp64-fp64",
        "div-fp16-fp16-fp16", "sqrt-bf16-bf16", "mac-bf16-bf16-bf16-pam"}) {
    const Unit unit = parse_unit(name);
    const BatchEvaluator batch(unit);
    CHECK_FALSE(batch.has_lanes());
    Columns columns(static_cast<size_t>(operand_count(unit)));
    for (size_t j = 0; j < columns.size(); ++j) {
      for (uint64_t i = 0; i < 100; ++i) {
        columns[j].push_back(interesting_code(operand_format(unit, static_cast<int>(j)), philox64(j, 1, i)));
      }
    }
    CHECK(mistakes(unit, columns, evaluate_batch(batch, columns)) == 0);
  }
}

TEST_CASE("Each vector of a batch has random bits of its own, or all have the same") {
  const Unit unit = parse_unit("mac-e4m3-e4m3-fp16-sr_a");
  const BatchEvaluator batch(unit);
  const Columns columns = interesting_columns(unit, 500, 3);
  const std::array<const uint64_t*, 3> pointers = {columns[0].data(), columns[1].data(), columns[2].data()};
  std::vector<RandomBits> random;
  for (uint64_t i = 0; i < 500; ++i)
    random.push_back({16, static_cast<uint32_t>(philox64(i, 5, 6) & 0xffff)});
  std::vector<uint64_t> each(500), same(500);
  batch(pointers, 500, each.data(), random);
  batch(pointers, 500, same.data(), std::span(random).first(1));
  for (size_t i = 0; i < 500; ++i) {
    const std::array operands = {columns[0][i], columns[1][i], columns[2][i]};
    REQUIRE(each[i] == evaluate(unit, operands, random[i]));
    REQUIRE(same[i] == evaluate(unit, operands, random[0]));
  }
}

#if defined(__x86_64__)
TEST_CASE("A batch does not depend on the floating-point mode of the host") {
  const unsigned saved = _mm_getcsr();
  for (const unsigned mode : {0x8040U, 0x2000U, 0x4000U, 0x6000U, 0xe040U}) {
    for (const char* name : {"fma-fp32-fp32-fp32-fp32", "mac-fp16-fp16-fp16-rup", "add-fp32-fp32-e4m3"}) {
      const Unit unit = parse_unit(name);
      const BatchEvaluator batch(unit);
      const Columns columns = interesting_columns(unit, 2000, mode);
      _mm_setcsr(saved | mode);
      const std::vector<uint64_t> results = evaluate_batch(batch, columns);
      const unsigned after = _mm_getcsr();
      _mm_setcsr(saved);
      CHECK((after & 0xffc0U) == ((saved | mode) & 0xffc0U));
      CHECK(mistakes(unit, columns, results) == 0);
    }
  }
}
#endif
