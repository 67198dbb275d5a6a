// The worked examples of examples/verify pass.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "verify/verification.h"

using namespace assay;

TEST_CASE("every worked example passes") {
  const std::filesystem::path folder = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/verify";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path().string());
    TestBench bench = read_test_bench(entry.path());
    bench.stimulus.random_vectors = 20'000;
    VerificationOptions options;
    options.cache = ASSAY_CACHE_DIR;
    options.threads = 2;
    const Verification verification = verify(bench, options);
    CAPTURE(describe(verification.diagnosis));
    CHECK(verification.passed());
    ++count;
  }
  CHECK(count >= 6);
}
