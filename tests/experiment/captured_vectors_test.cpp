// Captured operands as vectors: what they are, and where they stand in a stimulus.
#include <doctest/doctest.h>

#include <filesystem>
#include <vector>

#include "arith/evaluate.h"
#include "base/file.h"
#include "experiment/captured_vectors.h"
#include "formats/round.h"
#include "tests/error_of.h"
#include "verify/stimulus.h"
#include "workloads/npy.h"

using namespace assay;

namespace {

const std::filesystem::path kCaptures = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/captures";

std::filesystem::path write_rows(const TemporaryFolder& folder, int64_t rows, int64_t columns,
                                 const std::vector<float>& values) {
  const std::filesystem::path file = folder.path() / "rows.npy";
  write_npy(file, make_npy<float>(NpyType::f4, {rows, columns}, values));
  return file;
}

}  // namespace

TEST_CASE("a capture's vectors are chains of sums, and every dot goes on where the one before ended") {
  for (const char* name : {"mac-e4m3-e4m3-fp32", "mac-bf16-bf16-fp32", "dot4-e4m3-e4m3-fp16-fused"}) {
    CAPTURE(std::string(name));
    const Unit unit = parse_unit(name);
    const auto columns = captured_vectors(specification_of(unit), kCaptures).front();
    REQUIRE(columns.size() == static_cast<size_t>(operand_count(unit)));
    const size_t count = columns[0].size();
    CHECK(count > 10'000);
    CHECK(count <= 70'000);
    size_t chained = 0, begun = 0, nonzero = 0;
    for (size_t i = 0; i + 1 < count; ++i) {
      std::vector<uint64_t> operands;
      for (const auto& column : columns) operands.push_back(column[i]);
      const uint64_t next = columns.back()[i + 1];
      chained += next == evaluate(unit, operands);
      begun += next == 0;
      nonzero += operands[0] != 0 && operands[1] != 0;
      REQUIRE((next == 0 || next == evaluate(unit, operands)));
    }
    CHECK(chained > count / 2);
    CHECK(begun > 10);
    CHECK(nonzero > count / 20);
  }
}

TEST_CASE("rows of a file are operands in order; without a column for c it is the running sum") {
  const TemporaryFolder folder;
  const Format bf16 = parse_format("bf16"), fp32 = parse_format("fp32");
  const Unit mac = parse_unit("mac-bf16-bf16-fp32");
  const auto two =
      captured_vectors(specification_of(mac), write_rows(folder, 3, 2, {1, 2, 3, 0.5F, -1, 7})).front();
  CHECK(two[0] == std::vector<uint64_t>{encode(bf16, 1), encode(bf16, 3), encode(bf16, -1)});
  CHECK(two[1] == std::vector<uint64_t>{encode(bf16, 2), encode(bf16, 0.5), encode(bf16, 7)});
  CHECK(two[2] == std::vector<uint64_t>{0, encode(fp32, 2), encode(fp32, 3.5)});
  const auto three =
      captured_vectors(specification_of(mac), write_rows(folder, 2, 3, {1, 2, 5, 3, 4, -6})).front();
  CHECK(three[2] == std::vector<uint64_t>{encode(fp32, 5), encode(fp32, -6)});
  // Scaled to the largest number of e4m3, 448, and c by both scales.
  const Format e4m3 = parse_format("e4m3");
  const auto scaled = captured_vectors(specification_of(parse_unit("mac-e4m3-e4m3-fp32")),
                                       write_rows(folder, 1, 3, {2, 4, 8}))
                          .front();
  CHECK(scaled[0][0] == encode(e4m3, 448));
  CHECK(scaled[1][0] == encode(e4m3, 448));
  CHECK(to_double(decode(fp32, scaled[2][0])) == doctest::Approx(448.0 * 448));
  const auto error = error_of([&] {
    (void)captured_vectors(specification_of(mac), write_rows(folder, 1, 4, {1, 2, 3, 4}));
  });
  CHECK(error.find("4 columns; unit mac-bf16-bf16-fp32 has 3 operands") != std::string::npos);
}

TEST_CASE("captured vectors stand after the directed ones, in every lane and mode") {
  Specification specification = specification_of(parse_unit("mac-e4m3-e4m3-fp32"));
  specification.lanes = 2;
  StimulusOptions options{1, 4'000, 8};
  const uint64_t without = Stimulus(specification, options).size();
  options.captured = std::make_shared<const CapturedVectors>(captured_vectors(specification, kCaptures));
  const auto& columns = options.captured->front();
  const Stimulus stimulus(specification, options);
  const uint64_t count = columns[0].size();
  CHECK(stimulus.size() == without + count);
  CHECK(stimulus.description().find(" captured x 2 lanes") != std::string::npos);
  VectorBatch batch;
  const uint64_t first = stimulus.first_random() - count;
  stimulus.fill(first, static_cast<size_t>(count), batch);
  for (size_t slot = 0; slot < 3; ++slot) {
    REQUIRE(std::equal(columns[slot].begin(), columns[slot].end(), batch.operands[slot].begin()));
  }
}
