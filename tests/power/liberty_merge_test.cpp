#include "power/liberty_merge.h"

#include <doctest/doctest.h>

#include <array>

#include "base/error.h"
#include "base/file.h"
#include "power/liberty.h"

using namespace assay;

namespace {

constexpr std::string_view kInverters =
    "library (a) { nom_voltage : 1; time_unit : \"1ps\";\n"
    "  lu_table_template (t) { variable_1 : input_net_transition; index_1 (\"1, 2\"); }\n"
    "  cell (NOT) { area : 1; pin (A) { direction : input; } pin (Y) { direction : output; function : "
    "\"!A\"; } }\n"
    "} ; /* end } */\n";
constexpr std::string_view kGates =
    "library (b) { time_unit : \"1ps\"; nom_voltage : 1;\n"
    "  lu_table_template (t) { variable_1 : input_net_transition; index_1 (\"1, 2\"); }\n"
    "  lu_table_template (u) { variable_1 : input_net_transition; index_1 (\"1, 2\"); }\n"
    "  cell (\"BUF\") { area : 2; pin (A) { direction : input; } pin (Y) { direction : output; function : "
    "\"A\";\n"
    "    timing () { related_pin : \"A\"; cell_rise (u) { values (\"5, 7\"); } } } }\n"
    "}\n";

}  // namespace

TEST_CASE("a merged library holds the cells of all files") {
  const TemporaryFolder folder;
  const std::array files = {folder.path() / "a.lib", folder.path() / "b.lib"};
  write_file(files[0], kInverters);
  write_file(files[1], kGates);
  const Liberty merged = parse_liberty(merge_liberties(files), "merged.lib");
  CHECK(merged.name == "a");
  REQUIRE(merged.cells.size() == 2);
  CHECK(merged.cells[1].name == "BUF");
  CHECK(merged.cells[1].pins[1].timing[0].cell_rise->at(0.002, 0.0) == doctest::Approx(0.007));

  write_file(files[1], std::string(kGates).replace(kGates.find("BUF"), 3, "NOT"));
  CHECK_THROWS_AS(merge_liberties(files), Error);
  write_file(files[1], std::string(kGates).replace(kGates.find("1ps"), 3, "1ns"));
  CHECK_THROWS_AS(merge_liberties(files), Error);
  CHECK_THROWS_AS(merge_liberties({}), Error);
}
