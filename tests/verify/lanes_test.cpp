// Devices with several lanes: what each lane is given, and failures of one of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "arith/evaluate.h"
#include "base/file.h"
#include "tests/error_of.h"
#include "verify/diagnosis.h"
#include "verify/verification.h"

using namespace assay;

namespace {

Specification with_lanes(const char* unit, int lanes) {
  Specification specification = specification_of(parse_unit(unit));
  specification.lanes = lanes;
  return specification;
}

VectorBatch all_of(const Stimulus& stimulus) {
  VectorBatch batch;
  stimulus.fill(0, static_cast<size_t>(stimulus.size()), batch);
  return batch;
}

// The vectors of a lane, sorted.
std::vector<std::vector<uint64_t>> lane_of(const VectorBatch& batch, size_t lane) {
  std::vector<std::vector<uint64_t>> vectors;
  for (size_t i = lane * batch.transactions(); i < (lane + 1) * batch.transactions(); ++i) {
    std::vector<uint64_t> one = {batch.modes[i]};
    for (const auto& column : batch.operands) one.push_back(column[i]);
    vectors.push_back(one);
  }
  std::sort(vectors.begin(), vectors.end());
  return vectors;
}

// A multiplier of e4m3 in lanes, of which lane 1 takes b of lane 0.
Device crossed(const Unit& unit) {
  Device device;
  device.name = "software";
  device.make = [unit]() -> DeviceFunction {
    return [unit](const VectorBatch& vectors, ResultBatch& results, const StreamOptions&) {
      results.resize(vectors.size(), false);
      const size_t each = vectors.transactions();
      for (size_t i = 0; i < vectors.size(); ++i) {
        const size_t b = i / each == 1 ? i - each : i;
        results.codes[i] = evaluate(unit, std::array{vectors.operands[0][i], vectors.operands[1][b]});
      }
      return StreamOutcome{StreamProblem::none, each, each};
    };
  };
  return device;
}

}  // namespace

TEST_CASE("every lane is given the whole list, and in a transaction they have different operands") {
  for (const char* unit : {"mul-e4m3-e4m3-fp32", "mac-e4m3-e4m3-fp16"}) {
    const Specification one = with_lanes(unit, 1), three = with_lanes(unit, 3);
    const StimulusOptions options{1, 30'000, 16};
    const VectorBatch list = all_of(Stimulus(one, options)), batch = all_of(Stimulus(three, options));
    CHECK(batch.transactions() == list.size());
    size_t same = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      same += batch.operands[0][i] == batch.operands[0][i + list.size()] &&
              batch.operands[1][i] == batch.operands[1][i + list.size()];
    }
    CHECK(same < list.size() / 50);
    for (size_t lane = 0; lane < 3; ++lane) CHECK(lane_of(batch, lane) == lane_of(list, 0));
  }
}

TEST_CASE("lanes have one mode and the operands they share, however the stimulus is cut") {
  Specification specification = with_lanes("mac-e4m3-e4m3-fp16", 4);
  specification.modes.push_back({parse_unit("mul-e5m2-e5m2-fp16"), {}});
  specification.shared = {"b"};
  const Stimulus stimulus(specification, {1, 5'000, 8});
  const VectorBatch batch = all_of(stimulus);
  const size_t each = batch.transactions();
  VectorBatch piece;
  for (size_t i = 0; i < each; i += 997) {
    stimulus.fill(i, std::min<size_t>(10, each - i), piece);
    for (size_t lane = 0; lane < 4; ++lane) {
      const size_t at = lane * each + i;
      REQUIRE(batch.modes[at] == batch.modes[i]);
      REQUIRE(batch.operands[1][at] == batch.operands[1][i]);
      for (size_t slot = 0; slot < 3; ++slot) {
        REQUIRE(piece.operands[slot][lane * piece.transactions()] == batch.operands[slot][at]);
      }
    }
  }
}

TEST_CASE("a lane that takes another's operand is found, shrunk and named") {
  const Specification specification = with_lanes("mul-e4m3-e4m3-fp32", 3);
  const Golden golden(specification);
  const Device device = crossed(golden.unit(0));
  for (const int threads : {1, 2}) {
    const StimulusOptions stimulus{1, 1000, 16};
    const CheckResult result = check(golden, {device}, {stimulus, {}, threads}).devices.front();
    CHECK(result.vectors == 3 * 65536);
    CHECK(result.exhaustive);
    REQUIRE(result.smallest);
    CHECK(!result.needs_context);
    CHECK(result.smallest->lane == 1);
    // Lane 2 does not matter; a b of one lane and the sign of a zero, or a number, are enough.
    CHECK(result.smallest->operands[4] == 0);
    CHECK(result.smallest->operands[5] == 0);
    const std::string text = explain(golden, *result.smallest);
    CHECK(text.find("lane 1 of 3") != std::string::npos);
    CHECK(text.find("lane 0   a=") != std::string::npos);
    const std::string why = describe(diagnose(golden, device, stimulus, {}, result));
    CAPTURE(why);
    CHECK(why.find("only number 1 of the lanes fails") != std::string::npos);
    CHECK(why.find("likely cause: lane 1 uses operand b of lane 0") != std::string::npos);
  }
}

TEST_CASE("the directed test of a failing lane compiles, and what is wrong with lanes is told") {
  const TemporaryFolder folder;
  std::filesystem::copy(std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/verify", folder.path());
  const std::filesystem::path file = folder.path() / "bf16_scale.toml";
  const std::string text = read_file(file);
  const auto error_with = [&](const std::string& find, const std::string& replace) {
    std::string changed = text;
    REQUIRE(changed.find(find) != std::string::npos);
    write_file(file, changed.replace(changed.find(find), find.size(), replace));
    VerificationOptions options;
    options.cache = ASSAY_CACHE_DIR;
    return error_of([&] { (void)verify(read_test_bench(file), options); });
  };
  CHECK(error_with("shared = [\"b\"]", "shared = [\"x\"]").find("shared: expected operands") !=
        std::string::npos);
  CHECK(error_with("lanes = 2", "lanes = 1").find("several lanes") != std::string::npos);
  CHECK(error_with("a_sign_i = \"{a_1[15], a_0[15]}\"", "a_sign_i = \"a_2[15]\"").find("inputs.a_sign_i") !=
        std::string::npos);
  CHECK(error_with("result = \"\"\"{sign_o[1], ", "result = \"\"\"{").find("outputs.result") !=
        std::string::npos);

  write_file(file, text);
  TestBench bench = read_test_bench(file);
  bench.stimulus.random_vectors = 10'000;
  bench.specification.contract.flush_operands = false;  // which the design does
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.threads = 2;
  const Verification wrong = verify(bench, options);
  CHECK(!wrong.passed());
  CHECK(describe(wrong.diagnosis).find("subnormal operands are taken as zeros") != std::string::npos);
  write_file(folder.path() / "case.sv", wrong.directed_test);
  ModelSources sources;
  sources.files = {folder.path() / "bf16_scale.sv", folder.path() / "case.sv"};
  sources.top = "bf16_scale_case";
  CHECK_NOTHROW(run_verilator(sources, {"--lint-only", "--timing"}, folder.path()));
}
