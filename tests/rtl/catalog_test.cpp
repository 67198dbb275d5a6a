// The catalog of the datapath library and what is derived from it.
#include "rtl/catalog.h"

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "base/file.h"
#include "tests/error_of.h"

using namespace assay;

namespace {

constexpr const char* kEntry =
    "[[unit]]\nname = \"mac-int8-int8-int32\"\nmodule = \"int_mac\"\nlatency = 0\n";

std::string refusal(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder.path() / "catalog.toml", text);
  return error_of([&] { read_catalog(folder.path()); });
}

}  // namespace

TEST_CASE("every unit of the library has its module's file, and every wrapper the widths of its formats") {
  const std::vector<CatalogEntry> catalog = read_catalog();
  CHECK(catalog.size() >= 10);
  for (const CatalogEntry& entry : catalog) {
    CAPTURE(entry.name);
    CHECK(!rtl_sources_of(entry.module).empty());
    CHECK(find_in_catalog(entry.unit)->module == entry.module);
    const std::string wrapper = wrapper_verilog(entry, "some_unit");
    CHECK(wrapper.find("module some_unit (") != std::string::npos);
    CHECK(wrapper.find(fmt::format("output logic [{}:0] result_o", entry.unit.result.width - 1)) !=
          std::string::npos);
    CHECK(wrapper.find(fmt::format("input  logic [{}:0] a_i", entry.unit.terms * entry.unit.a.width - 1)) !=
          std::string::npos);
  }
  CHECK(!find_in_catalog(parse_unit("mac-e5m2-e3m2-e5m10-rtz")).has_value());
}

TEST_CASE("a wrong catalog is an error that names the line") {
  CHECK(refusal(kEntry) == "no error");
  CHECK(refusal("x = 1\n").find(":1: unit: missing, expected one or more [[unit]] tables") !=
        std::string::npos);
  CHECK(refusal("[[unit]]\nname = \"mac-int8-int8-int32\"\nlatency = 0\n")
            .find(":1: unit.module: missing, expected a string") != std::string::npos);
  CHECK(refusal("[[unit]]\nname = \"mac-what\"\nmodule = \"m\"\nlatency = 0\n").find(":2: unit.name: ") !=
        std::string::npos);
  CHECK(refusal(std::string(kEntry) + "latncy = 0\n").find(":5: unit.latncy: unknown key") !=
        std::string::npos);
  CHECK(refusal("[[unit]]\nname = \"mac-int8-int8-int32\"\nmodule = \"m\"\nlatency = 4294967296\n")
            .find(":4: unit.latency: expected an integer in 0..2147483647, found 4294967296") !=
        std::string::npos);
  CHECK(refusal(std::string(kEntry) + "[unit.parameters]\nAWidth = \"8\"\n")
            .find(":6: unit.parameters.AWidth: expected an integer, found a string") != std::string::npos);
  CHECK(refusal(std::string(kEntry) + kEntry).find(":5: unit: unit mac-int8-int8-int32 stands here") !=
        std::string::npos);
  CHECK(refusal("[[unit\n").find("catalog.toml:1: ") != std::string::npos);
}

TEST_CASE("a module's files are those it instantiates, and theirs") {
  const TemporaryFolder folder;
  write_file(folder.path() / "outer.sv", "module outer; middle u (); endmodule\n");
  write_file(folder.path() / "middle.sv", "module middle; inner u (); endmodule\n");
  write_file(folder.path() / "inner.sv", "module inner; endmodule\n");
  write_file(folder.path() / "other.sv", "module other; inner u (); endmodule\n");
  std::vector<std::string> names;
  for (const auto& file : rtl_sources_of("outer", folder.path())) names.push_back(file.filename().string());
  CHECK(names == std::vector<std::string>{"inner.sv", "middle.sv", "outer.sv"});
  CHECK(rtl_sources(folder.path()).size() == 4);
  CHECK_THROWS_AS(rtl_sources_of("absent", folder.path()), Error);
  CHECK_THROWS_AS(rtl_sources(folder.path() / "absent"), Error);
}
