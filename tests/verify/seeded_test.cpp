// Bugs of kinds that were found in published designs: each is found, and the diagnosis names it.
#include <doctest/doctest.h>

#include <toml++/toml.h>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "verify/bench_wrapper.h"
#include "verify/devices.h"
#include "verify/diagnosis.h"
#include "verify/test_bench.h"
#include "verify/verification.h"

using namespace assay;

namespace {

const std::filesystem::path kSource = ASSAY_SOURCE_DIR;

// Replaces a text that occurs once in the file; false if it does not occur.
bool substitute(const std::filesystem::path& file, const std::string& find, const std::string& replace) {
  std::string text = read_file(file);
  const size_t at = text.find(find);
  if (at == std::string::npos) return false;
  REQUIRE(text.find(find, at + 1) == std::string::npos);
  write_file(file, text.replace(at, find.size(), replace));
  return true;
}

// The example's test bench with a substitution in its design or its description.
TestBench example_bench(const toml::table& seed, const std::filesystem::path& folder) {
  const std::string name = seed["bench"].value_or("");
  std::filesystem::copy(kSource / "examples/verify", folder);
  for (const auto& [find, replace] : {std::pair{"find", "replace"}, {"find2", "replace2"}}) {
    const std::string text = seed[find].value_or("");
    if (text.empty()) continue;
    const std::string by = seed[replace].value_or("");
    CHECK((substitute(folder / (name + ".sv"), text, by) || substitute(folder / (name + ".toml"), text, by)));
  }
  TestBench bench = read_test_bench(folder / (name + ".toml"));
  bench.stimulus.random_vectors = 20'000;
  return bench;
}

// A catalog unit's with a substitution in the library.
TestBench library_bench(const toml::table& seed, const std::filesystem::path& folder) {
  for (const auto& source : rtl_sources(kSource / "rtl")) {
    std::filesystem::copy_file(source, folder / source.filename());
  }
  CHECK(substitute(folder / seed["file"].value_or(""), seed["find"].value_or(""),
                   seed["replace"].value_or("")));
  const CatalogEntry entry = find_in_catalog(parse_unit(seed["unit"].value_or("")), kSource / "rtl").value();
  TestBench bench = catalog_test_bench(entry, folder);
  bench.stimulus.random_vectors = 200'000;
  return bench;
}

// Whether the directed test ends well with the bench's design, or with the one without the bug, whatever registers without
// a reset begin with.
bool passes(const std::string& directed_test, const TestBench& bench, bool with_bug) {
  const TemporaryFolder work;
  ModelSources sources;
  for (const auto& file : bench.sources.files) {
    sources.files.push_back(with_bug ? file : kSource / "examples/verify" / file.filename());
  }
  write_file(work.path() / "case.sv", directed_test);
  sources.files.push_back(work.path() / "case.sv");
  sources.top = bench.sources.top + "_case";
  run_verilator(sources, {"--binary", "--timing", "-Wno-fatal", "-o", "case", "--Mdir", "case"}, work.path());
  for (int seed = 1; seed <= 8; ++seed) {
    if (run_process({"./case", "+verilator+rand+reset+2", "+verilator+seed+" + std::to_string(seed)},
                    work.path() / "case")
            .exit_status != 0)
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("seeded bugs are found and named") {
  const toml::table parsed = toml::parse(read_file(kSource / "tests/verify/seeded.toml"));
  int found = 0;
  for (const toml::node& node : *parsed["seeded"].as_array()) {
    const toml::table& seed = *node.as_table();
    const std::string name = seed["name"].value_or("");
    CAPTURE(name);
    const TemporaryFolder folder;
    const TestBench bench =
        seed.contains("bench") ? example_bench(seed, folder.path()) : library_bench(seed, folder.path());
    const Device device = rtl_device(bench, wrap(bench, module_ports(bench.sources)), ASSAY_CACHE_DIR);
    const Golden golden(bench.specification);
    const CheckResult result = check(golden, {device}, {bench.stimulus, bench.stream, 2}).devices.front();
    CHECK(result.mismatches > 0);
    REQUIRE(result.smallest);
    const std::string text = describe(diagnose(golden, device, bench.stimulus, bench.stream, result));
    CAPTURE(text);
    CHECK(text.find(seed["cause"].value_or("?")) != std::string::npos);
    ++found;
  }
  CHECK(found >= 21);
}

TEST_CASE("the directed tests of seeded bugs fail with them and pass without, under the same stalls") {
  const toml::table parsed = toml::parse(read_file(kSource / "tests/verify/seeded.toml"));
  int run = 0;
  for (const toml::node& node : *parsed["seeded"].as_array()) {
    const toml::table& seed = *node.as_table();
    if (!seed["directed"].value_or(false)) continue;
    CAPTURE(seed["name"].value_or(""));
    const TemporaryFolder folder;
    const TestBench bench = example_bench(seed, folder.path());
    VerificationOptions options;
    options.cache = ASSAY_CACHE_DIR;
    options.threads = 2;
    const Verification wrong = verify(bench, options);
    CAPTURE(wrong.directed_test);
    CHECK(!passes(wrong.directed_test, bench, true));
    CHECK(passes(wrong.directed_test, bench, false));
    ++run;
  }
  CHECK(run == 4);
}
