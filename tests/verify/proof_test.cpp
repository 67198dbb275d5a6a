// Proofs: what is proved agrees with exhaustive simulation, and a wrong reference or a wrong design is refuted.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "arith/evaluate.h"
#include "base/error.h"
#include "base/file.h"
#include "rtl/catalog.h"
#include "verify/check.h"
#include "verify/devices.h"
#include "verify/proof.h"

using namespace assay;

namespace {

const std::filesystem::path kRtl = std::filesystem::path(ASSAY_SOURCE_DIR) / "rtl";

TestBench bench_of(const std::string& unit, const std::filesystem::path& rtl = kRtl) {
  return catalog_test_bench(find_in_catalog(parse_unit(unit), rtl).value(), rtl);
}

ProofOptions quick() {
  ProofOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.seconds = 100;
  options.exhaust_bits = 16;
  options.threads = 2;
  return options;
}

std::vector<Assurance> assurances(const ProofReport& report) {
  std::vector<Assurance> found;
  for (const ProofStep& step : report.steps) found.push_back(step.how);
  return found;
}

}  // namespace

TEST_CASE("small units are exhausted, and proved equal to netlist and reference") {
  for (const char* unit : {"mul-int4-int4-int8", "mul-smint4-e3m0-e4m2-mfbprop", "convert-e4m3-e2m1-odd",
                           "mul-int8-e3m0-int16", "mac-uint4-int4-uint8-sat_finite"}) {
    CAPTURE(unit);
    const ProofReport report = prove(bench_of(unit), reference_bench(parse_unit(unit), kRtl), quick());
    CAPTURE(describe(report));
    CHECK(assurances(report) ==
          std::vector{Assurance::exhausted, Assurance::proved, Assurance::exhausted, Assurance::proved});
    CHECK(report.rtl == "proved equal to the netlist, which is exhausted");
    CHECK_FALSE(report.refuted());
  }
}

TEST_CASE("a wide unit is proved equal to a reference that is sampled") {
  TestBench bench = bench_of("mul-fp32-fp32-fp32-pam");
  bench.stimulus.random_vectors = 10'000;
  auto reference = reference_bench(parse_unit("mul-fp32-fp32-fp32-pam"), kRtl);
  const ProofReport report = prove(bench, reference, quick());
  CHECK(assurances(report) ==
        std::vector{Assurance::sampled, Assurance::proved, Assurance::sampled, Assurance::proved});
  CHECK(report.rtl == "proved equal to the reference, which is sampled");
}

TEST_CASE("a wrong design is refuted by gates and reference, with operands that show it") {
  const TemporaryFolder folder;
  for (const auto& source : rtl_sources(kRtl)) {
    std::filesystem::copy_file(source, folder.path() / source.filename());
  }
  std::string text = read_file(folder.path() / "pam_mul.sv");
  const std::string right = "(range == 2'b11)";
  REQUIRE(text.find(right) != std::string::npos);
  write_file(folder.path() / "pam_mul.sv", text.replace(text.find(right), right.size(), "1'b0"));
  std::filesystem::copy_file(kRtl / "catalog.toml", folder.path() / "catalog.toml");
  const Unit unit = parse_unit("mul-bf16-bf16-bf16-pam");
  TestBench bench = bench_of("mul-bf16-bf16-bf16-pam", folder.path());
  bench.stimulus.random_vectors = 100'000;
  const ProofReport report = prove(bench, reference_bench(unit, kRtl), quick());
  CHECK(assurances(report) ==
        std::vector{Assurance::refuted, Assurance::proved, Assurance::sampled, Assurance::refuted});
  CHECK(report.refuted());
  CHECK(report.rtl == "refuted");
  CHECK(report.steps[3].detail.starts_with("not for a=0x"));
}

TEST_CASE("a unit without a reference has the gates' part of the proof") {
  const Unit unit = parse_unit("mul-posit8-posit8-posit8");
  REQUIRE_FALSE(reference_bench(unit, kRtl).has_value());
  const ProofReport report = prove(bench_of("mul-posit8-posit8-posit8"), std::nullopt, quick());
  CHECK(assurances(report) == std::vector{Assurance::exhausted, Assurance::proved});
}

TEST_CASE("clocked designs are refused") {
  TestBench bench = bench_of("mul-int4-int4-int8");
  bench.timing.clock = "clk_i";
  CHECK_THROWS_WITH_AS(prove(bench, std::nullopt, quick()),
                       doctest::Contains("a proof needs a combinational design's RTL"), Error);
}

// The references stand by themselves: simulated against the golden model, all of them.
TEST_CASE("every reference equals the golden model" * doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  for (const CatalogEntry& entry : read_catalog(kRtl)) {
    CAPTURE(entry.name);
    std::optional<TestBench> reference = reference_bench(entry.unit, kRtl);
    if (!reference) continue;
    const Device device =
        rtl_device(*reference, wrap(*reference, module_ports(reference->sources)), ASSAY_CACHE_DIR);
    StimulusOptions stimulus;
    stimulus.random_vectors = 200'000;
    stimulus.exhaustive_bits = 16;
    CHECK(check(Golden(reference->specification), {device}, {stimulus, {}, 2}).devices[0].passed());
  }
}
