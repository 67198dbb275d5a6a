// Operands that are exhausted, with random bits.
#include <doctest/doctest.h>

#include <array>
#include <set>
#include <tuple>

#include "arith/evaluate.h"
#include "arith/unit.h"
#include "verify/stimulus.h"

using namespace assay;

namespace {

Specification stochastic(int random_bits, int lanes) {
  Specification specification;
  specification.modes = {{parse_unit("mul-e2m1-e2m1-e3m2-sr_a"), {}}};
  specification.random_bits = random_bits;
  specification.lanes = lanes;
  return specification;
}

VectorBatch all_of(const Stimulus& stimulus) {
  VectorBatch batch;
  stimulus.fill(0, stimulus.size(), batch);
  return batch;
}

}  // namespace

TEST_CASE("operands and random bits are exhausted together if they are few") {
  const Specification specification = stochastic(4, 1);
  const Stimulus stimulus(specification, {1, 1000, 12});
  CHECK(stimulus.exhaustive());
  CHECK(stimulus.size() == 1 << 12);
  CHECK(stimulus.description() == "exhaustive: all 256 x 16 values of the random bits");
  const VectorBatch batch = all_of(stimulus);
  std::set<std::tuple<uint64_t, uint64_t, uint64_t>> different;
  for (size_t i = 0; i < batch.size(); ++i) {
    different.emplace(batch.operands[0][i], batch.operands[1][i], batch.operands[2][i]);
  }
  CHECK(different.size() == 1 << 12);
}

TEST_CASE("operands that are exhausted come again with other random bits") {
  for (const int lanes : {1, 3}) {
    const Specification specification = stochastic(16, lanes);
    const Stimulus stimulus(specification, {1, 10'000, 12});
    CHECK_FALSE(stimulus.exhaustive());
    CHECK(stimulus.size() == 40 * 256);
    CHECK(stimulus.first_random() == 256);
    const VectorBatch batch = all_of(stimulus);
    VectorBatch piece;
    stimulus.fill(250, 300, piece);
    for (size_t lane = 0; lane < static_cast<size_t>(lanes); ++lane) {
      std::set<std::tuple<uint64_t, uint64_t, uint64_t>> different;
      std::multiset<std::pair<uint64_t, uint64_t>> pairs;
      for (size_t i = lane * stimulus.size(); i < (lane + 1) * stimulus.size(); ++i) {
        pairs.emplace(batch.operands[0][i], batch.operands[1][i]);
        different.emplace(batch.operands[0][i], batch.operands[1][i], batch.operands[2][i]);
      }
      for (const auto& pair : pairs) REQUIRE(pairs.count(pair) == 40);
      CHECK(different.size() > 10'200);
      for (size_t i = 0; i < 300; ++i) {
        for (size_t slot = 0; slot < 3; ++slot) {
          REQUIRE(piece.operands[slot][lane * 300 + i] ==
                  batch.operands[slot][lane * stimulus.size() + 250 + i]);
        }
      }
    }
  }
}

TEST_CASE("many random bits just change the result, or just do not") {
  Specification specification;
  const Unit unit = parse_unit("convert-fp32-bf16-sr_a");
  specification.modes = {{unit, {}}};
  specification.random_bits = 16;
  const Stimulus stimulus(specification, {1, 100'000, 24});
  VectorBatch batch;
  stimulus.fill(stimulus.first_random() - 20'000, 20'000, batch);
  int changing = 0, keeping = 0;
  for (size_t i = 0; i < batch.size(); ++i) {
    const std::array<uint64_t, 1> operand = {batch.operands[0][i]};
    const auto bits = static_cast<uint32_t>(batch.operands[1][i]);
    const uint64_t result = evaluate(unit, operand, {16, bits});
    changing += bits > 0 && result != evaluate(unit, operand, {16, bits - 1}) ? 1 : 0;
    keeping += bits < 0xffff && result != evaluate(unit, operand, {16, bits + 1}) ? 1 : 0;
  }
  CHECK(changing > 2'000);
  CHECK(keeping > 2'000);
}

TEST_CASE("random bits of no vectors at all leave one round") {
  CHECK(Stimulus(stochastic(16, 1), {1, 0, 12}).size() == 256);
}
