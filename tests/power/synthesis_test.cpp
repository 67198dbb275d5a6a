#include "power/synthesis.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include "base/error.h"
#include "power/timing.h"
#include "tests/error_of.h"
#include "tests/power/fixtures.h"

using namespace assay;

namespace {

std::string message_of(const SynthesisJob& job) {
  return error_of([&] { synthesize(job); });
}

}  // namespace

TEST_CASE("synthesis keeps marked modules and flattens the rest") {
  const test::Design design(R"(
package widths;
  localparam int unsigned Width = 4;
endpackage
module half #(parameter int unsigned W = 1) (input logic [W-1:0] x_i, output logic [W-1:0] y_o);
  assign y_o = ~x_i;
endmodule
(* keep_hierarchy *)
module product #(parameter int unsigned W = 2) (input logic [W-1:0] a_i, b_i, output logic [2*W-1:0] p_o);
  assign p_o = a_i * b_i;
endmodule
module top (input logic [widths::Width-1:0] a, b, output logic [2*widths::Width-1:0] result);
  logic [widths::Width-1:0] na;
  half #(.W(widths::Width)) u_half (.x_i(a), .y_o(na));
  product #(.W(widths::Width)) u_product (.a_i(na), .b_i(b), .p_o(result));
endmodule
)",
                            "top");
  CHECK(design.netlist.top == "top");
  CHECK(design.netlist.groups == std::vector<std::string>{"", "u_product"});
  REQUIRE(design.netlist.inputs.size() == 2);
  CHECK(design.netlist.inputs[0].name == "a");
  CHECK(design.netlist.inputs[1].bits.size() == 4);
  CHECK(design.netlist.outputs[0].bits.size() == 8);

  // A second time it comes from the cache, unless something changed.
  const auto& folder = design.folder.path();
  const SynthesisJob job{{folder / "design.sv"}, "top", default_liberty(), folder / "cache"};
  CHECK_FALSE(design.files.from_cache);
  const MappedDesign again = synthesize(job);
  CHECK(again.from_cache);
  CHECK(again.json == design.files.json);
  write_file(folder / "design.sv", read_file(folder / "design.sv") + "\n// changed\n");
  CHECK_FALSE(synthesize(job).from_cache);

  // The structural Verilog is readable for OpenSTA, parametrised module names included.
  const CriticalPath path = critical_path(design.files.verilog, "top", default_liberty(), {0.06, 0.03});
  CHECK(path.delay > 0.3);
  CHECK(path.delay < 10.0);
  CHECK(path.endpoint.find("result[") == 0);
}

TEST_CASE("the critical path of one gate is its table's entry") {
  const test::Design design("module one(input logic a, b, output logic y); assign y = ~(a & b); endmodule",
                            "one");
  REQUIRE(design.netlist.cells.size() == 1);
  const LibertyCell& gate = test::osu_liberty().cells[design.netlist.cells[0].liberty_cell];
  REQUIRE(gate.name == "NAND2X1");
  // Slew and load at table points, so that no interpolation is involved.
  double worst = 0.0;
  for (const TimingArc& arc : gate.pins[static_cast<size_t>(gate.find_pin("Y"))].timing) {
    worst = std::max({worst, arc.cell_rise->at(0.18, 0.025), arc.cell_fall->at(0.18, 0.025)});
  }
  const CriticalPath path = critical_path(design.files.verilog, "one", default_liberty(), {0.18, 0.025});
  CHECK(path.delay == doctest::Approx(worst).epsilon(1e-4));
  CHECK(path.endpoint == "y");
  CHECK((path.startpoint == "a" || path.startpoint == "b"));
  CHECK(critical_path(design.files.verilog, "one", default_liberty(), {0.18, 0.15}).delay > 1.5 * worst);
  CHECK_THROWS_AS(critical_path(design.files.verilog, "two", default_liberty(), {0.18, 0.025}), Error);
}

TEST_CASE("a design without logic has no critical path") {
  const test::Design design(
      "module constant(input logic a, output logic [1:0] y); assign y = 2'd2; endmodule", "constant");
  CHECK(design.netlist.cells.empty());
  CHECK(critical_path(design.files.verilog, "constant", default_liberty(), {0.1, 0.01}).delay == 0.0);
}

TEST_CASE("clocked logic is mapped, but is no combinational netlist") {
  std::string message;
  try {
    test::Design(
        "module r(input logic clk_i, d, output logic q); always_ff @(posedge clk_i) q <= d; endmodule", "r");
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message.find("DFFPOSX1") != std::string::npos);
  CHECK(message.find("flip-flop") != std::string::npos);
}

TEST_CASE("failures carry the tool's message") {
  const TemporaryFolder folder;
  const auto source = folder.path() / "broken.sv";
  const SynthesisJob job{{source}, "m", default_liberty(), folder.path() / "cache"};
  CHECK(message_of(job).find("broken.sv") != std::string::npos);  // missing
  write_file(source, "module m(input logic a, output logic y);\n  assign y = a +;\nendmodule\n");
  const std::string syntax = message_of(job);
  CHECK(syntax.find("broken.sv:2") != std::string::npos);
  CHECK(syntax.find("syntax error") != std::string::npos);
  write_file(source, "module other(input logic a, output logic y); assign y = a; endmodule");
  CHECK(message_of(job).find("ERROR: Module `m' not found") != std::string::npos);
  write_file(source, "module m(input logic a, output logic y); missing u(.a(a), .y(y)); endmodule");
  CHECK(message_of(job).find("missing") != std::string::npos);
  CHECK(message_of({{source}, "m; shell", default_liberty(), folder.path()}).find("not a module name") !=
        std::string::npos);
  CHECK(message_of({{}, "m", default_liberty(), folder.path()}).find("no source files") != std::string::npos);
}

TEST_CASE("libraries other than the default") {
  constexpr std::string_view kHead = "library (small) { nom_voltage : 1.0; capacitive_load_unit (1, pf);\n";
  constexpr std::string_view kInverter =
      "cell (NOT) { area : 1; pin (I) { direction : input; capacitance : 0.01; }\n"
      "  pin (O) { direction : output; function : \"!I\"; } }\n";
  constexpr std::string_view kNor =
      "cell (NOR) { area : 2; pin (I) { direction : input; capacitance : 0.01; }\n"
      "  pin (J) { direction : input; capacitance : 0.01; }\n"
      "  pin (O) { direction : output; function : \"!(I+J)\"; } }\n";
  const TemporaryFolder folder;
  const auto source = folder.path() / "m.sv";
  const auto library = folder.path() / "small.lib";
  const SynthesisJob job{{source}, "m", library, folder.path() / "cache"};
  write_file(source, "module m(input logic a, b, output logic y); assign y = a & b; endmodule");
  write_file(library, std::string(kHead) + std::string(kNor) + "}");
  CHECK(message_of(job).find("no inverter") != std::string::npos);
  write_file(library, std::string(kHead) + std::string(kInverter) + "}");
  CHECK(message_of(job).find("no two-input") != std::string::npos);
  write_file(library, "not a library");
  CHECK(message_of(job).find("small.lib:1") != std::string::npos);
}

TEST_CASE("a packed library maps as the plain one") {
  const TemporaryFolder folder;
  write_file(folder.path() / "m.sv",
             "module m(input logic a, b, output logic y); assign y = a ^ b; endmodule");
  const std::string text = read_file(default_liberty());
  gzFile out = gzopen((folder.path() / "osu.lib.gz").c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const MappedDesign packed =
      synthesize({{folder.path() / "m.sv"}, "m", folder.path() / "osu.lib.gz", folder.path() / "cache"});
  // Same contents, same cache entry.
  CHECK(synthesize({{folder.path() / "m.sv"}, "m", default_liberty(), folder.path() / "cache"}).from_cache);
  CHECK(read_netlist(packed.json, test::osu_liberty()).cells.size() >= 1);
}
