#include "power/energy.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>

#include "base/error.h"
#include "base/process.h"
#include "power/cell_roles.h"
#include "power/register_cost.h"
#include "tests/power/fixtures.h"

using namespace assay;

namespace {

using Stream = std::vector<uint64_t>;

Activity random_activity(const Netlist& netlist, const Liberty& liberty, size_t length) {
  GateSimulator simulator(netlist, liberty);
  std::mt19937_64 random(3);
  std::vector<Stream> streams(simulator.inputs().size(), Stream(length));
  for (Stream& stream : streams) {
    for (uint64_t& code : stream) code = random();
  }
  simulator.evaluate_and_count({streams.begin(), streams.end()},
                               std::vector<GateSimulator::Results>(simulator.outputs().size()));
  return simulator.activity();
}

// Two inverters and a NAND with tables simple enough for pencil and paper.
constexpr std::string_view kPencilLibrary = R"lib(
library (pencil) {
  nom_voltage : 2; capacitive_load_unit (1, pf); time_unit : "1ns"; leakage_power_unit : "1uW";
  lu_table_template (slews) { variable_1 : input_net_transition; index_1 ("0, 10"); }
  power_lut_template (loads) { variable_1 : total_output_net_capacitance; index_1 ("0, 10"); }
  power_lut_template (inputs) { variable_1 : input_transition_time; index_1 ("0, 10"); }
  cell (NOT) {
    area : 3; cell_leakage_power : 5;
    pin (A) { direction : input; capacitance : 0.5;
      internal_power () { rise_power (inputs) { values ("0, 10"); } fall_power (inputs) { values ("0, 30"); } } }
    pin (Y) { direction : output; function : "!A";
      timing () { related_pin : "A";
        rise_transition (slews) { values ("1, 11"); } fall_transition (slews) { values ("3, 13"); } }
      internal_power () { related_pin : "A";
        rise_power (loads) { values ("0, 10"); } fall_power (loads) { values ("2, 12"); } } }
  }
  cell (NAND) {
    area : 4; leakage_power () { value : 7; }
    pin (A) { direction : input; capacitance : 0.25;
      internal_power () { when : "B"; power (scalar) { values ("100"); } } }
    pin (B) { direction : input; capacitance : 0.75; }
    pin (Y) { direction : output; function : "!(A B)";
      internal_power () { related_pin : "A"; related_pg_pin : VDD; rise_power (scalar) { values ("6"); } }
      internal_power () { related_pin : "A"; related_pg_pin : VSS; fall_power (scalar) { values ("2"); } }
      internal_power () { related_pin : "B"; power (scalar) { values ("40"); } } }
  }
  cell (REG) {
    area : 9; cell_leakage_power : 11;
    ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; }
    pin (C) { direction : input; clock : true; capacitance : 0.5;
      internal_power () { when : "D"; rise_power (scalar) { values ("1"); } fall_power (scalar) { values ("3"); } }
      internal_power () { when : "!D"; rise_power (scalar) { values ("5"); } fall_power (scalar) { values ("7"); } }
      internal_power () { power (scalar) { values ("1000"); } } }
    pin (D) { direction : input; capacitance : 0.125; internal_power () { power (scalar) { values ("9"); } } }
    pin (Q) { direction : output; function : "IQ";
      internal_power () { related_pin : "C"; rise_power (scalar) { values ("20"); } fall_power (scalar) { values ("22"); } } }
  }
}
)lib";

// a -> NOT -> m; NAND(m, b) -> y. `m` belongs to the instance "u", the NAND to "u.v".
Netlist pencil_netlist(const Liberty& library) {
  Netlist netlist;
  netlist.top = "pencil";
  netlist.nets = {"0", "1", "a", "b", "m", "y"};
  netlist.inputs = {{"a", {2}}, {"b", {3}}};
  netlist.outputs = {{"y", {5}}};
  netlist.groups = {"", "u", "u.v"};
  const auto cell = [&](const char* name) { return static_cast<uint32_t>(library.find_cell(name)); };
  netlist.cells = {{"u.i", cell("NOT"), 1, {2, 4}}, {"u.v.n", cell("NAND"), 2, {4, 3, 5}}};
  return netlist;
}

}  // namespace

TEST_CASE("energy by pencil and paper") {
  const Liberty library = parse_liberty(kPencilLibrary, "pencil.lib");
  const Netlist netlist = pencil_netlist(library);
  GateSimulator simulator(netlist, library);
  // a: 0 1 1 0 1, b: 1 1 1 1 0 -> m: 1 0 0 1 0, y: 0 1 1 0 1. Toggles: a 3, b 1, m 3, y 3. Four operations.
  const Stream a = {0, 1, 1, 0, 1};
  const Stream b = {1, 1, 1, 1, 0};
  Stream y(5);
  simulator.evaluate_and_count({a, b}, {y});
  REQUIRE(y == Stream{0, 1, 1, 0, 1});
  const EnergyConditions conditions{2.0, 8.0, 0.0};
  const NetlistCost cost = netlist_cost(netlist, library, simulator.activity(), conditions);

  const GroupCost& inverter = cost.of_group[1];
  CHECK(inverter.cells == 1);
  CHECK(inverter.area == 3.0);
  CHECK(inverter.leakage == doctest::Approx(5e-6));
  CHECK(inverter.input_switching ==
        doctest::Approx(3 * 0.5 * 0.5 * 4 / 4));  // toggles * C / 2 * V^2 / operations
  CHECK(inverter.switching == doctest::Approx(3 * 0.5 * 0.25 * 4 / 4));
  // Input pin at slew 2: mean of 2 and 6. Output at load 0.25: mean of 0.25 and 2.25.
  CHECK(inverter.internal == doctest::Approx((3 * 4.0 + 3 * 1.25) / 4));

  const GroupCost& nand = cost.of_group[2];
  CHECK(nand.input_switching == doctest::Approx(1 * 0.5 * 0.75 * 4 / 4));
  CHECK(nand.switching == doctest::Approx(3 * 0.5 * 8.0 * 4 / 4));
  // Pin A changes 3 times at 100 pJ where B is 1, which is 4 of 5. The output's 3 changes are put down to A
  // and B as 3 : 1; from A they cost 6 + 2 (two supplies), from B 40.
  CHECK(nand.internal == doctest::Approx((3 * 100 * 0.8 + 3 * (3 * 8.0 + 1 * 40.0) / 4) / 4));
  CHECK(nand.leakage == doctest::Approx(7e-6));

  CHECK(cost.total().area == 7.0);
  CHECK(cost.under("u").area == 7.0);
  CHECK(cost.under("u.v").area == 4.0);
  CHECK(cost.under("u").energy() == doctest::Approx(cost.total().energy()));
  CHECK_THROWS_AS(cost.under("w"), Error);
  CHECK(cost.nand2_area == 4.0);
  CHECK(cost.gate_equivalents(cost.total()) == doctest::Approx(7.0 / 4.0));

  // 1 pF of wire at each driven pin: m has one, a one, b one; y none.
  const NetlistCost wired = netlist_cost(netlist, library, simulator.activity(), {2.0, 8.0, 1.0});
  CHECK(wired.total().switching - cost.total().switching == doctest::Approx(3 * 0.5 * 1.0 * 4 / 4));
  CHECK(wired.total().input_switching - cost.total().input_switching ==
        doctest::Approx(4 * 0.5 * 1.0 * 4 / 4));
}

TEST_CASE("register energy by pencil and paper") {
  const Liberty library = parse_liberty(kPencilLibrary, "pencil.lib");
  const RegisterCost cost = register_cost(library, {1.0, 1.0, 0.0});
  CHECK(cost.cell == "REG");
  CHECK(cost.area == 9.0);
  CHECK(cost.leakage == doctest::Approx(11e-6));
  // 0.5 pF * 4 V^2, and both edges: half of 1 + 3 and half of 5 + 7; the unconditional group repeats them.
  CHECK(cost.clock_energy == doctest::Approx(0.5 * 4 + 8.0));
  CHECK(cost.output_energy == doctest::Approx(21.0));
  CHECK(cost.data_energy == doctest::Approx(9.0));
  CHECK(cost.data_capacitance == doctest::Approx(0.125));
}

TEST_CASE("register energy of the OSU library is its tables' first column") {
  const RegisterCost cost = register_cost(test::osu_liberty(), {0.06, 0.005, 0.0});
  CHECK(cost.cell == "DFFPOSX1");
  CHECK(cost.area == 96.0);
  CHECK(cost.clock_energy == doctest::Approx(0.0279235 * 1.8 * 1.8 + 0.006865 + 0.11034));
  CHECK(cost.output_energy == doctest::Approx((0.040752 + 0.064773) / 2));
  CHECK(cost.data_energy == doctest::Approx((0.045424 + 0.08841) / 2));
}

TEST_CASE("the energy of one OSU NAND gate") {
  const test::Design design("module one(input logic a, b, output logic y); assign y = ~(a & b); endmodule",
                            "one");
  GateSimulator simulator(design.netlist, test::osu_liberty());
  const Stream a = {0, 1, 0, 1, 0};
  const Stream b = {1, 1, 1, 1, 1};
  simulator.evaluate_and_count({a, b}, {{}});
  const NetlistCost cost =
      netlist_cost(design.netlist, test::osu_liberty(), simulator.activity(), {0.18, 0.025, 0.0});
  CHECK(cost.total().area == 24.0);
  CHECK(cost.gate_equivalents(cost.total()) == 1.0);
  CHECK(cost.total().switching == doctest::Approx(0.5 * 0.025 * 1.8 * 1.8));
  // Which of the two pins `a` is on is up to ABC; their input capacitances differ by 3 %.
  CHECK(cost.total().input_switching == doctest::Approx(0.5 * 0.0127 * 1.8 * 1.8).epsilon(0.03));
  CHECK(cost.total().internal > 0.0);
}

TEST_CASE("a stimulus without a pair of vectors is refused") {
  const test::Design design("module one(input logic a, output logic y); assign y = ~a; endmodule", "one");
  CHECK_THROWS_AS(netlist_cost(design.netlist, test::osu_liberty(),
                               random_activity(design.netlist, test::osu_liberty(), 1), {0.1, 0.1, 0.0}),
                  Error);
  CHECK_THROWS_AS(netlist_cost(design.netlist, test::osu_liberty(), {5, 4, {}, {}}, {0.1, 0.1, 0.0}), Error);
}

// OpenSTA sums C V^2 over the nets by its own reading of netlist and library; here with one activity for all
// nets, which is all that this version lets one set reliably. (Its internal power counts every related pin
// and both edges in full and is no reference.)
TEST_CASE("switching energy and leakage agree with OpenSTA") {
  const test::Design design(
      "module adder(input logic [7:0] a, b, output logic [8:0] s); assign s = a + b; endmodule", "adder");
  const size_t nets = design.netlist.nets.size();
  const Activity every_second{3, 2, Stream(nets, 1), Stream(nets, 1)};
  const GroupCost cost =
      netlist_cost(design.netlist, test::osu_liberty(), every_second, {0.1, 0.02, 0.0}).total();
  write_file(
      design.folder.path() / "power.tcl",
      "read_liberty " + default_liberty().string() + "\nread_verilog " + design.files.verilog.string() +
          "\nlink_design adder\ncreate_clock -name clk -period 1\nset_input_delay 0 -clock clk [all_inputs]\n"
          "set_input_transition 0.1 [all_inputs]\nset_load 0.02 [all_outputs]\n"
          "set_power_activity -global -activity 0.5 -duty 0.5\nreport_power -digits 8\nexit\n");
  const std::string report =
      run_or_fail("OpenSTA", {"sta", "-no_init", "-no_splash", "-exit", "power.tcl"}, design.folder.path());
  const size_t total = report.find("\nTotal");
  REQUIRE_MESSAGE(total != std::string::npos, report);
  double internal = 0.0;
  double switching = 0.0;
  double leakage = 0.0;
  REQUIRE(std::sscanf(report.c_str() + total + 6, "%lf %lf %lf", &internal, &switching, &leakage) == 3);
  // One operation per clock period of 1 ns: W * ns = nJ.
  CHECK(cost.switching == doctest::Approx(switching * 1e3).epsilon(0.0001));
  CHECK(cost.leakage == doctest::Approx(leakage).epsilon(0.001));
}
