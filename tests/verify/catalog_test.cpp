// Every unit of the catalog, RTL and mapped netlist, against the golden model; and the broken variants of the
// RTL, each of which must be found.
#include <doctest/doctest.h>

#include <toml++/toml.h>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
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

TEST_CASE("every catalog unit: RTL and netlist equal the golden model") {
  const Liberty liberty = read_liberty(default_liberty());
  for (const CatalogEntry& entry : read_catalog(kSource / "rtl")) {
    CAPTURE(entry.name);
    StimulusOptions options;
    options.random_vectors = long_run() ? 20'000'000 : 200'000;
    const Netlist netlist =
        read_netlist(map_entry(entry, kSource / "rtl", default_liberty(), cache()).json, liberty);
    const std::vector<Device> devices = {rtl_device(entry, kSource / "rtl", cache()),
                                         netlist_device(specification_of(entry.unit), netlist, liberty)};
    for (const CheckResult& result :
         check(Golden(specification_of(entry.unit)), devices, {options, {}, 2}).devices) {
      CAPTURE(result.device);
      if (result.smallest) MESSAGE(explain(Golden(specification_of(entry.unit)), *result.smallest));
      CHECK(result.passed());
    }
  }
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

TEST_CASE("every broken variant is found, with its smallest operands") {
  const std::string text = read_file(kSource / "tests/verify/broken.toml");
  const toml::table parsed = toml::parse(text);
  const toml::array& variants = *parsed["broken"].as_array();
  std::map<std::string, int> per_module;
  for (const toml::node& node : variants) {
    const toml::table& variant = *node.as_table();
    const std::string unit_text = variant["unit"].value_or(""), name = variant["name"].value_or(""),
                      file = variant["file"].value_or(""), find = variant["find"].value_or(""),
                      replace = variant["replace"].value_or("");
    CAPTURE(unit_text);
    CAPTURE(name);
    const TemporaryFolder folder;
    for (const auto& source : rtl_sources(kSource / "rtl")) {
      std::filesystem::copy_file(source, folder.path() / source.filename());
    }
    std::string source = read_file(folder.path() / file);
    const size_t at = source.find(find);
    REQUIRE(at != std::string::npos);
    REQUIRE(source.find(find, at + 1) == std::string::npos);
    source.replace(at, find.size(), replace);
    write_file(folder.path() / file, source);

    const CatalogEntry entry = *find_in_catalog(parse_unit(unit_text), kSource / "rtl");
    const Device device = rtl_device(entry, folder.path(), cache());
    const CheckResult result =
        check(Golden(specification_of(entry.unit)), {device}, {{1, 300'000, 24}, {}, 2}).devices.front();
    CHECK(result.mismatches > 0);
    REQUIRE(result.smallest);
    CHECK(explain(Golden(specification_of(entry.unit)), *result.smallest).find("expected 0x") !=
          std::string::npos);
    ++per_module[entry.module];
  }
  for (const char* module : {"fp_mac", "fp_mul", "int_mac", "pam_mac", "mfbprop_mac", "luq_standard_mac"}) {
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
