#include "power/liberty.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <random>

#include "base/error.h"
#include "base/file.h"
#include "power/cell_roles.h"
#include "tests/error_of.h"
#include "tests/power/fixtures.h"

using namespace assay;

namespace {

// Units unlike any default, both orders of table axes, supplies, states, a missing semicolon, continued
// lines.
constexpr std::string_view kLibrary = R"lib(
/* a comment */
library ("tiny") {
  time_unit : "10ps";
  voltage_unit : "100mV";
  leakage_power_unit : "1pW";
  capacitive_load_unit (10, ff);
  nom_voltage : 12;
  default_input_pin_cap : 0.5
  lu_table_template (delay) {
    variable_1 : input_net_transition;
    variable_2 : total_output_net_capacitance;
    index_1 ("1, 2");
    index_2 ("10, 20, 40");
  }
  power_lut_template (energy) {
    variable_1 : total_output_net_capacitance;
    variable_2 : input_transition_time;
    index_1 ("10, 20, 40");
    index_2 ("1, 2");
  }
  cell (INV) {
    area : 2;
    leakage_power () { value : 4; when : "A"; }
    leakage_power () { value : 8; when : "!A"; }
    pin (A) { direction : input; capacitance : 3; }
    pin (Y) {
      direction : output;
      function : "A'";
      timing () {
        related_pin : "A";
        cell_rise (delay) { values ("1, 2, 3", \
                                    "4, 5, 6"); }
        rise_transition (scalar) { values ("7"); }
      }
      internal_power () {
        related_pin : "A"; related_pg_pin : VDD;
        rise_power (energy) { values ("1, 2", "3, 4", "5, 6"); }
      }
      internal_power () {
        related_pin : "A"; related_pg_pin : VSS;
        rise_power (energy) { index_1 ("1, 2, 4"); values ("1, 1", "1, 1", "1, 1"); }
      }
    }
  }
  cell (DFF) {
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D, CK) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; }
  }
}
)lib";

Liberty parse(std::string_view text) {
  return parse_liberty(text, "tiny.lib");
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kLibrary);
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string message_of(std::string_view text) {
  return error_of([&] { parse(text); });
}

}  // namespace

TEST_CASE("values come out in ns, pF, V, pJ and W") {
  const Liberty library = parse(kLibrary);
  CHECK(library.name == "tiny");
  CHECK(library.voltage == doctest::Approx(1.2));
  REQUIRE(library.cells.size() == 2);
  const LibertyCell& inverter = library.cells[0];
  CHECK(inverter.area == 2.0);
  CHECK(inverter.leakage == doctest::Approx(6e-12));
  CHECK(inverter.pins[0].capacitance == doctest::Approx(0.03));
  const LibertyPin& output = inverter.pins[1];
  CHECK(output.function->variables == std::vector<std::string>{"A"});

  const LookupTable& rise = *output.timing[0].cell_rise;
  CHECK(rise.slew == std::vector<double>{0.01, 0.02});
  CHECK(rise.at(0.01, 0.4) == doctest::Approx(0.03));
  CHECK(rise.at(0.02, 0.1) == doctest::Approx(0.04));
  CHECK(rise.at(0.015, 0.15) == doctest::Approx(0.03));  // centre of 1 2 4 5, in units of 10 ps
  CHECK(rise.at(0.0, 0.0) == doctest::Approx(0.01));     // held at the edges
  CHECK(rise.at(9.0, 9.0) == doctest::Approx(0.06));
  CHECK(output.timing[0].rise_transition->at(5.0, 5.0) == doctest::Approx(0.07));

  // Energy unit: (0.1 V)^2 * 10 fF = 1e-4 pJ; rows of the file are loads.
  const LookupTable& energy = *output.internal_power[0].rise;
  CHECK(energy.at(0.02, 0.1) == doctest::Approx(2e-4));
  CHECK(energy.at(0.01, 0.4) == doctest::Approx(5e-4));
  CHECK(output.internal_power[1].related_supply == "VSS");

  const LibertyCell& flip_flop = library.cells[1];
  CHECK(flip_flop.sequential);
  CHECK(flip_flop.pins.size() == 3);
  CHECK(flip_flop.pins[1].name == "CK");
  CHECK(flip_flop.pins[1].capacitance == doctest::Approx(0.005));
}

TEST_CASE("errors name file, line and cell") {
  CHECK(message_of(replaced("area : 2;", "area : two;")).find("tiny.lib:23: cell INV: area") == 0);
  CHECK(message_of(replaced("function : \"A'\"", "function : \"A+\"")).find("cell INV") != std::string::npos);
  CHECK(message_of(replaced("\"4, 5, 6\"", "\"4, 5\"")).find("expected 6 values, found 5") !=
        std::string::npos);
  CHECK(message_of(replaced("direction : input; capacitance", "direction : sideways; capacitance"))
            .find("sideways") != std::string::npos);
  CHECK(message_of(replaced("cell_rise (delay)", "cell_rise (delai)")).find("unknown template delai") !=
        std::string::npos);
  CHECK(message_of(replaced("cell (DFF)", "cell (INV)")).find("defined twice") != std::string::npos);
  CHECK(message_of(replaced("nom_voltage : 12;", "")).find("nom_voltage") != std::string::npos);
  CHECK(message_of(replaced("index_1 (\"1, 2\")", "index_1 (\"2, 1\")")).find("rising") != std::string::npos);
  CHECK(message_of("").find("tiny.lib:1: expected library") == 0);
  CHECK(message_of("library (x) { /*").find("comment") != std::string::npos);
}

TEST_CASE("damaged text is refused or read, and nothing else") {
  std::mt19937 random(7);
  const auto try_text = [](const std::string& text) {
    try {
      parse(text);
    } catch (const Error&) {
    }
  };
  for (size_t length = 0; length < kLibrary.size(); ++length)
    try_text(std::string(kLibrary.substr(0, length)));
  constexpr std::string_view kPieces[] = {"{",  "}",    "(",  ")",  ";",      ":", ",",
                                          "\"", "\\\n", "/*", "*/", "-1e999", "'", ""};
  for (int i = 0; i < 20000; ++i) {
    std::string text(kLibrary);
    for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes) {
      const size_t at = random() % text.size();
      const std::string_view piece = kPieces[random() % std::size(kPieces)];
      text.replace(at, random() % 12, piece);
      if (random() % 4 == 0) text[random() % text.size()] = static_cast<char>(random());
    }
    try_text(text);
  }
  try_text("library (x) " + std::string(100000, '{'));
  std::string nested = "library (x) {";
  for (int i = 0; i < 100000; ++i) nested += "g () {";
  try_text(nested);
}

TEST_CASE("a packed library reads as the plain one") {
  const TemporaryFolder folder;
  const auto packed = folder.path() / "tiny.lib.gz";
  gzFile out = gzopen(packed.c_str(), "wb");
  gzwrite(out, kLibrary.data(), static_cast<unsigned>(kLibrary.size()));
  gzclose(out);
  CHECK(read_liberty_text(packed) == kLibrary);
  write_file(folder.path() / "tiny.lib", kLibrary);
  CHECK(read_liberty_text(folder.path() / "tiny.lib") == kLibrary);

  const std::string bytes = read_file(packed);
  write_file(folder.path() / "cut.lib.gz", bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS_AS(read_liberty_text(folder.path() / "cut.lib.gz"), Error);
  CHECK_THROWS_AS(read_liberty_text(folder.path() / "none.lib"), Error);
  CHECK_THROWS_AS(read_liberty_text(folder.path()), Error);
}

TEST_CASE("the OSU library's data sheet values") {
  const Liberty& library = test::osu_liberty();
  CHECK(library.voltage == 1.8);
  CHECK(library.cells.size() == 32);
  const LibertyCell& nand = library.cells[static_cast<size_t>(library.find_cell("NAND2X1"))];
  CHECK(nand.area == 24.0);
  CHECK(nand.leakage == doctest::Approx(0.0393659e-9));
  CHECK(nand.pins[static_cast<size_t>(nand.find_pin("A"))].capacitance == 0.0125);
  const LibertyCell& latch = library.cells[static_cast<size_t>(library.find_cell("LATCH"))];
  CHECK(latch.sequential);
  CHECK_FALSE(library.cells[static_cast<size_t>(library.find_cell("TBUFX1"))].combinational());
}

TEST_CASE("cells are found by what they do") {
  const Liberty& library = test::osu_liberty();
  CHECK(find_gate(library, 1, kInverter)->name == "INVX1");
  CHECK(find_gate(library, 1, kBuffer)->name == "BUFX2");
  CHECK(find_gate(library, 2, kNand2)->name == "NAND2X1");
  CHECK(find_plain_flip_flop(library)->name == "DFFPOSX1");
  CHECK(data_pin(*find_plain_flip_flop(library)).name == "D");
  CHECK(clock_pin(*find_plain_flip_flop(library)).name == "CLK");
  const Surroundings surroundings = default_surroundings(library);
  CHECK(surroundings.output_load ==
        doctest::Approx(4 *
                        library.cells[static_cast<size_t>(library.find_cell("INVX1"))].pins[0].capacitance));
  CHECK(surroundings.input_slew > 0.0);
}
