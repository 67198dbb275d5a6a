// Every unit of the catalog, RTL and mapped netlist, against the golden model; and the broken variants of the
// RTL, each of which must be found.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "rtl/catalog.h"
#include "verify/check.h"
#include "verify/devices.h"

using namespace assay;

namespace {

const std::filesystem::path kSource = ASSAY_SOURCE_DIR;

// Builds are kept between runs; a hash of all inputs says whether one can be used again.
std::filesystem::path cache() {
  return std::filesystem::path(ASSAY_CACHE_DIR);
}

bool long_run() {
  return std::getenv("ASSAY_LONG") != nullptr;
}

}  // namespace

// What a check says, "" if it passed.
std::string failures(const CatalogEntry& entry, const std::vector<Device>& devices,
                     const StimulusOptions& stimulus) {
  const Golden golden(catalog_test_bench(entry, kSource / "rtl").specification);
  std::string text;
  for (const CheckResult& result : check(golden, devices, {stimulus, {}, 1}).devices) {
    if (result.passed()) continue;
    text += fmt::format("{}: {}: {} of {} vectors\n", entry.name, result.device, result.mismatches,
                        result.vectors);
    if (result.smallest) text += explain(golden, *result.smallest);
  }
  return text;
}

TEST_CASE("every catalog unit: RTL and netlist equal the golden model") {
  const Liberty liberty = read_liberty(default_liberty());
  const std::vector<CatalogEntry> catalog = read_catalog(kSource / "rtl");
  // Mapping to gates takes longer than all else: a short run maps one unit of each module.
  std::set<std::string> modules;
  std::vector<bool> mapped;
  for (const CatalogEntry& entry : catalog)
    mapped.push_back(modules.insert(entry.module).second || long_run());
  std::vector<std::string> found(catalog.size());
  parallel_for(catalog.size(), 2, [&](size_t i) {
    const CatalogEntry& entry = catalog[i];
    StimulusOptions options;
    options.random_vectors = long_run() ? 20'000'000 : 100'000;
    options.exhaustive_bits = long_run() ? 24 : 20;
    std::vector<Device> devices = {rtl_device(entry, kSource / "rtl", cache())};
    if (mapped[i]) {
      const Netlist netlist =
          read_netlist(map_entry(entry, kSource / "rtl", default_liberty(), cache()).json, liberty);
      devices.push_back(
          netlist_device(catalog_test_bench(entry, kSource / "rtl").specification, netlist, liberty));
    }
    found[i] = failures(entry, devices, options);
  });
  for (const std::string& text : found) CHECK(text == "");
  CHECK(modules.size() >= 25);
}

TEST_CASE("PAM of all 2^32 pairs of BF16 codes" * doctest::skip(!long_run())) {
  const CatalogEntry entry = *find_in_catalog(parse_unit("mul-bf16-bf16-bf16-pam"), kSource / "rtl");
  const Liberty liberty = read_liberty(default_liberty());
  const Netlist netlist =
      read_netlist(map_entry(entry, kSource / "rtl", default_liberty(), cache()).json, liberty);
  const std::vector<Device> devices = {rtl_device(entry, kSource / "rtl", cache()),
                                       netlist_device(specification_of(entry.unit), netlist, liberty)};
  for (const CheckResult& result :
       check(Golden(specification_of(entry.unit)), devices, {{1, 1, 32}, {}, 2}).devices) {
    CHECK(result.vectors == uint64_t{1} << 32);
    CHECK(result.passed());
  }
}

// A fault put into a copy of the library: how often the check of its unit failed, and how the smallest is explained.
struct BrokenOutcome {
  std::string name, module, explanation;
  uint64_t mismatches = 0;
};

BrokenOutcome check_broken(const toml::table& variant) {
  const auto text_of = [&](const char* key) { return variant[key].value_or<std::string>(""); };
  const TemporaryFolder folder;
  for (const auto& source : rtl_sources(kSource / "rtl")) {
    std::filesystem::copy_file(source, folder.path() / source.filename());
  }
  const std::filesystem::path file = folder.path() / text_of("file");
  std::string source = read_file(file);
  const std::string find = text_of("find");
  const size_t at = source.find(find);
  if (at == std::string::npos || source.find(find, at + 1) != std::string::npos) {
    fail("{}: the text does not stand in the file once", text_of("name"));
  }
  write_file(file, source.replace(at, find.size(), text_of("replace")));
  const CatalogEntry entry = find_in_catalog(parse_unit(text_of("unit")), kSource / "rtl").value();
  const Golden golden(catalog_test_bench(entry, kSource / "rtl").specification);
  const CheckResult result =
      check(golden, {rtl_device(entry, folder.path(), cache())}, {{1, 300'000, 24}, {}, 1}).devices.front();
  return {text_of("unit") + ": " + text_of("name"), entry.module,
          result.smallest ? explain(golden, *result.smallest) : "", result.mismatches};
}

TEST_CASE("every broken variant is found, with its smallest operands") {
  const toml::table parsed = toml::parse(read_file(kSource / "tests/verify/broken.toml"));
  const toml::array& variants = *parsed["broken"].as_array();
  std::vector<BrokenOutcome> outcomes(variants.size());
  parallel_for(variants.size(), 2, [&](size_t i) { outcomes[i] = check_broken(*variants[i].as_table()); });
  std::map<std::string, int> per_module;
  for (const BrokenOutcome& outcome : outcomes) {
    CAPTURE(outcome.name);
    CHECK(outcome.mismatches > 0);
    CHECK(outcome.explanation.find("expected 0x") != std::string::npos);
    ++per_module[outcome.module];
  }
  for (const char* module : {"fp_mac", "fp_mul", "int_mac", "pam_mac", "mfbprop_mac", "luq_standard_mac",
                             "lns_add", "lns_fixed_mac"}) {
    CAPTURE(std::string(module));
    CHECK(per_module[module] >= 5);
  }
}

TEST_CASE("RTL that does not compile is an error with the tool's message") {
  const TemporaryFolder folder;
  write_file(folder.path() / "broken.sv",
             "module broken(input logic [7:0] a_i, output logic [7:0] result_o);\n  assign = ;\nendmodule\n");
  CatalogEntry entry = read_catalog(kSource / "rtl").front();
  entry.module = "broken";
  entry.parameters.clear();
  try {
    (void)rtl_device(entry, folder.path(), folder.path() / "cache");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("broken.sv") != std::string::npos);
  }
}
