// The checker itself: devices made of the golden model with one fault each.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "arith/evaluate.h"
#include "verify/check.h"
#include "verify/stimulus.h"

using namespace assay;

namespace {

// A device that computes `unit`, spoiled by `fault`.
Device spoiled(const Unit& unit,
               const std::function<uint64_t(const std::vector<uint64_t>&, uint64_t)>& fault) {
  Device device;
  device.name = "software";
  device.make = [unit, fault]() -> DeviceFunction {
    return [unit, fault](const VectorBatch& vectors, ResultBatch& results, const StreamOptions&) {
      results.resize(vectors.size(), false);
      std::vector<uint64_t> one(static_cast<size_t>(operand_count(unit)));
      for (size_t i = 0; i < vectors.size(); ++i) {
        for (size_t j = 0; j < one.size(); ++j) one[j] = vectors.operands[j][i];
        results.codes[i] = fault(one, evaluate(unit, one));
      }
      return StreamOutcome{StreamProblem::none, vectors.size(), vectors.size()};
    };
  };
  return device;
}

std::vector<CheckResult> check_unit_with(const Unit& unit, const Device& device, StimulusOptions stimulus,
                                         int threads) {
  return check(Golden(specification_of(unit)), {device}, {stimulus, {}, threads}).devices;
}

}  // namespace

TEST_CASE("a right device passes, exhaustively where the space allows") {
  const Unit unit = parse_unit("mul-e4m3-e4m3-fp32");
  const auto right = spoiled(unit, [](const auto&, uint64_t result) { return result; });
  const auto results = check_unit_with(unit, right, {}, 2);
  CHECK(results[0].passed());
  CHECK(results[0].exhaustive);
  CHECK(results[0].vectors == 65536);
}

TEST_CASE("one wrong vector among 65,536 is found and is the smallest") {
  const Unit unit = parse_unit("mul-e4m3-e4m3-fp32");
  const auto wrong = spoiled(unit, [](const auto& operands, uint64_t result) {
    return operands[0] == 0x31 && operands[1] == 0x80 ? result ^ 1 : result;
  });
  const auto results = check_unit_with(unit, wrong, {}, 2);
  CHECK(results[0].mismatches == 1);
  REQUIRE(results[0].smallest);
  CHECK(results[0].smallest->operands == std::vector<uint64_t>{0x31, 0x80});
}

TEST_CASE("shrinking keeps only the bits that matter, and the explanation decodes them") {
  const Unit unit = parse_unit("mac-e4m3-e4m3-fp32");
  const auto wrong = spoiled(unit, [](const auto& operands, uint64_t result) {
    return (operands[2] & 0x7f800000) == 0 && operands[2] != 0 ? 0 : result;  // subnormal c taken as zero
  });
  const auto results = check_unit_with(unit, wrong, {1, 20'000, 24}, 2);
  CHECK(results[0].mismatches > 0);
  REQUIRE(results[0].smallest);
  CHECK(results[0].smallest->operands == std::vector<uint64_t>{0, 0, 1});
  const std::string text = explain(Golden(specification_of(unit)), *results[0].smallest);
  CHECK(text.find("0x00000001 fp32     0x1p-149") != std::string::npos);
  CHECK(text.find("(subnormal)") != std::string::npos);
}

TEST_CASE("results do not depend on the number of threads") {
  const Unit unit = parse_unit("mac-bf16-bf16-fp32");
  const auto wrong = spoiled(unit, [](const auto& operands, uint64_t result) {
    return operands[0] % 977 == 5 ? result ^ 8 : result;
  });
  const auto one = check_unit_with(unit, wrong, {7, 50'000, 24}, 1),
             three = check_unit_with(unit, wrong, {7, 50'000, 24}, 3);
  CHECK(one[0].mismatches == three[0].mismatches);
  CHECK(one[0].smallest->operands == three[0].smallest->operands);
}

TEST_CASE("directed vectors of a wide unit reach the corners that uniform ones miss") {
  const Unit unit = parse_unit("mac-fp32-fp32-fp32");
  const UnitStimulus stimulus(unit, {1, 200'000, 24});
  std::vector<std::vector<uint64_t>> operands;
  stimulus.fill(0, stimulus.size(), operands);
  uint64_t cancellations = 0, ties = 0, subnormal_results = 0, overflows = 0;
  Unit toward_zero = unit, away = unit;
  toward_zero.rounding = Rounding::rtz;
  away.rounding = Rounding::rna;
  for (size_t i = 0; i < operands[0].size(); ++i) {
    const std::array<uint64_t, 3> one = {operands[0][i], operands[1][i], operands[2][i]};
    const uint64_t result = evaluate(unit, one);
    const uint64_t exponent = result >> 23 & 0xff, c_exponent = one[2] >> 23 & 0xff;
    cancellations += exponent + 20 < c_exponent && exponent != 0 ? 1 : 0;
    subnormal_results += exponent == 0 && (result & 0x7fffff) != 0 ? 1 : 0;
    overflows += (result & 0x7fffffff) == 0x7f800000 && c_exponent != 0xff ? 1 : 0;
    ties += evaluate(away, one) != result ? 1 : 0;  // only exact ties differ
  }
  CHECK(cancellations > 500);
  CHECK(ties > 500);
  CHECK(subnormal_results > 500);
  CHECK(overflows > 500);
}

TEST_CASE("boundary codes contain the ends of every range once") {
  const std::vector<uint64_t> codes = boundary_codes(parse_format("e5m2"));
  const std::set<uint64_t> set(codes.begin(), codes.end());
  CHECK(set.size() == codes.size());
  for (const uint64_t code : {0x00, 0x80, 0x01, 0x03, 0x04, 0x3c, 0x7b, 0x7c, 0x7d, 0xfc})
    CHECK(set.count(code) == 1);
}

TEST_CASE(
    "bins that coverage leaves out are never reached, and those it shows are, where everything is tried") {
  const auto covered = [](const std::string& name, const StimulusOptions& options) {
    const Golden golden(specification_of(parse_unit(name)));
    const Stimulus stimulus(golden.specification(), options);
    Coverage coverage(golden);
    VectorBatch vectors;
    ResultBatch expected;
    for (uint64_t first = 0; first < stimulus.size(); first += kBatch) {
      const uint64_t count = std::min<uint64_t>(kBatch, stimulus.size() - first);
      stimulus.fill(first, static_cast<size_t>(count), vectors);
      golden.evaluate(vectors, expected);
      coverage.add(vectors, expected);
    }
    return coverage;
  };
  const auto shows = [](const Coverage& coverage, const std::string& bin) {
    for (const CoverageGroup& group : coverage.groups()) {
      if (std::find(group.bins.begin(), group.bins.end(), bin) != group.bins.end()) return true;
    }
    return false;
  };
  for (const char* name :
       {"mul-e4m3-e4m3-fp32", "mul-e5m2-e5m2-e5m2", "mul-int8-int8-int16", "add-e5m2-e4m3-e5m2",
        "sub-int8-int8-int8-sat_finite", "mul-fix8.6-fix8.2-fix8.5", "convert-fp16-e4m3", "convert-int8-e2m3",
        "fma-e2m1-e2m1-e5m2-e5m2", "fma-e3m2-int4-e4m3-e3m2", "mac-int4-int4-int8", "mac-e4m3-e4m3-fp16",
        "mac-int8-int8-int32", "add-bf16-bf16-fp32"}) {
    CAPTURE(std::string(name));
    const Coverage coverage = covered(name, {1, 200'000, 24});
    for (const CoverageGroup& group : coverage.groups()) {
      for (size_t bin = 0; bin < group.bins.size(); ++bin) {
        if (group.bins[bin].empty()) CHECK(group.counts[bin] == 0);
      }
    }
  }
  CHECK(!shows(covered("mac-e4m3-e4m3-fp32", {1, 10, 0}), "tiny and inexact"));
  CHECK(!shows(covered("mac-e4m3-e4m3-fp32", {1, 10, 0}), "overflow by rounding"));
  CHECK(shows(covered("mac-e4m3-e4m3-fp16", {1, 10, 0}), "overflow by rounding"));
  CHECK(shows(covered("mul-e5m2-e5m2-e5m2", {1, 10, 0}), "tiny and inexact"));
}
