// Flip-flops of all kinds against what a register of that kind does, one lane and one cycle at a time.
#include "power/clocked_simulator.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "tests/error_of.h"
#include "tests/power/fixtures.h"

using namespace assay;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kLibrary = R"lib(library (flip_flops) {
  nom_voltage : 1.8; voltage_unit : "1V"; capacitive_load_unit (1, pf); time_unit : "1ns";
  cell (INV) { pin (A) { direction : input; } pin (Y) { direction : output; function : "!A"; } }
  cell (AND) { pin (A, B) { direction : input; } pin (Y) { direction : output; function : "A B"; } }
  cell (DFF) { ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; }
    pin (C, D) { direction : input; } pin (Q) { direction : output; function : "IQ"; }
    pin (QN) { direction : output; function : "IQN"; } }
  cell (DFFN) { ff (IQ, IQN) { next_state : "D"; clocked_on : "C'"; }
    pin (C, D) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (DFFE) { ff (IQ, IQN) { next_state : "(E D) + (E' IQ)"; clocked_on : "C"; }
    pin (C, D, E) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (DFFS) { ff (IQ, IQN) { next_state : "D R'"; clocked_on : "C"; }
    pin (C, D, R) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (DFFRS) { ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; clear : "RN'"; preset : "SN'";
      clear_preset_var1 : L; clear_preset_var2 : L; }
    pin (C, D, RN, SN) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (DFFSR) { ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; clear : "R"; preset : "S";
      clear_preset_var1 : H; clear_preset_var2 : L; }
    pin (C, D, R, S) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (FILL) { area : 1; }
  cell (DIODE) { pin (A) { direction : input; } }
  cell (LATCH) { latch (IQ, IQN) { data_in : "D"; enable : "G"; }
    pin (G, D) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (TWO) { ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; } ff (JQ, JQN) { next_state : "E"; clocked_on : "C"; }
    pin (C, D, E) { direction : input; } pin (Q) { direction : output; function : "IQ"; }
    pin (P) { direction : output; function : "JQ"; } }
  cell (GATED) { ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; }
    pin (C, D) { direction : input; } pin (Q) { direction : output; function : "IQ D"; } }
})lib";

const Liberty& library() {
  static const Liberty liberty = parse_liberty(kLibrary, "flip_flops.lib");
  return liberty;
}

// Inputs ck (bit 2), d (bits 3, 4, 5, 6); output y.
Netlist read(const Json& cells, const Json& y) {
  Json list = Json::object();
  for (const auto& [name, cell] : cells.items()) {
    list[name] = {{"type", cell[0]}, {"connections", Json::object()}};
    for (const auto& [pin, bit] : cell[1].items()) list[name]["connections"][pin] = Json::array({bit});
  }
  const Json top = {{"attributes", {{"top", "1"}}},
                    {"ports",
                     {{"ck", {{"direction", "input"}, {"bits", {2}}}},
                      {"d", {{"direction", "input"}, {"bits", {3, 4, 5, 6}}}},
                      {"y", {{"direction", "output"}, {"bits", y}}}}},
                    {"cells", list},
                    {"netnames", Json::object()}};
  const TemporaryFolder folder;
  write_file(folder.path() / "netlist.json", Json({{"modules", {{"top_module", top}}}}).dump());
  return read_netlist(folder.path() / "netlist.json", library(),
                      {.registers = true, .design = {}, .name = {}});
}

std::string refused(const Json& cells, const Json& y) {
  return error_of([&] { (void)ClockedSimulator(read(cells, y), library()); });
}

// What a register holds: after a rising edge, given what it held and d; and at rest, under asynchronous controls.
struct Kind {
  Json cell;
  bool (*rising)(bool q, unsigned d);
  bool (*at_rest)(bool q, unsigned d);
};

bool kept(bool q, unsigned) {
  return q;
}

}  // namespace

TEST_CASE("flip-flops of every kind, in every lane, for 400 cycles of random inputs") {
  const std::vector<Kind> kinds = {
      {{"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}}}, [](bool, unsigned d) { return (d & 1) != 0; }, kept},
      {{"DFFE", {{"C", 2}, {"D", 3}, {"E", 4}, {"Q", 10}}},
       [](bool q, unsigned d) { return (d & 2) != 0 ? (d & 1) != 0 : q; },
       kept},
      {{"DFFS", {{"C", 2}, {"D", 3}, {"R", 4}, {"Q", 10}}},
       [](bool, unsigned d) { return (d & 1) != 0 && (d & 2) == 0; },
       kept},
      {{"DFFRS", {{"C", 2}, {"D", 3}, {"RN", 4}, {"SN", 5}, {"Q", 10}}},
       [](bool, unsigned d) { return (d & 2) == 0   ? false
                                     : (d & 4) == 0 ? true
                                                    : (d & 1) != 0; },
       [](bool q, unsigned d) { return (d & 2) == 0   ? false
                                       : (d & 4) == 0 ? true
                                                      : q; }},
      {{"DFFSR", {{"C", 2}, {"D", 3}, {"R", 4}, {"S", 5}, {"Q", 10}}},
       [](bool, unsigned d) { return (d & 4) != 0   ? true
                                     : (d & 2) != 0 ? false
                                                    : (d & 1) != 0; },
       [](bool q, unsigned d) { return (d & 4) != 0   ? true
                                       : (d & 2) != 0 ? false
                                                      : q; }},
  };
  for (const Kind& kind : kinds) {
    CAPTURE(kind.cell[0]);
    ClockedSimulator simulator(read({{"r", kind.cell}}, {10}), library());
    CHECK(simulator.clock() == 0);
    simulator.start(7);
    std::array<uint64_t, kLanes> d{}, y{};
    std::array<bool, kLanes> q{};
    std::mt19937_64 random(1);
    bool first = true;
    size_t wrong = 0;
    for (int cycle = 0; cycle < 400; ++cycle) {
      for (uint64_t& code : d) code = random() & 15;
      simulator.set(1, d.data());
      simulator.fall();
      simulator.get(0, y.data());
      for (size_t l = 0; l < kLanes; ++l) {
        q[l] = first ? y[l] != 0 : kind.at_rest(q[l], static_cast<unsigned>(d[l]));
        wrong += (y[l] != 0) != q[l];
        wrong += lane_bit(simulator.get(0), l) != q[l];
        q[l] = kind.rising(q[l], static_cast<unsigned>(d[l]));
      }
      first = false;
      simulator.rise();
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("registers start with other values in other lanes and for other seeds, the same for the same") {
  ClockedSimulator simulator(read({{"r", {"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}, {"QN", 11}}}}}, {10, 11}),
                             library());
  std::set<std::vector<uint64_t>> seen;
  for (const uint64_t seed : {1, 2, 3, 1}) {
    simulator.start(seed);
    simulator.fall();
    std::vector<uint64_t> y(kLanes);
    simulator.get(0, y.data());
    CHECK(std::set<uint64_t>(y.begin(), y.end()) == std::set<uint64_t>{1, 2});  // QN is the complement
    seen.insert(y);
  }
  CHECK(seen.size() == 3);
}

TEST_CASE("all registers of an edge change at once, those of the other edge half a cycle later") {
  // y = d three, two and one rising edges ago; a falling edge between two rising ones costs no cycle.
  ClockedSimulator shift(read({{"a", {"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}}}},
                               {"b", {"DFF", {{"C", 2}, {"D", 10}, {"Q", 11}}}},
                               {"c", {"DFF", {{"C", 2}, {"D", 11}, {"Q", 12}}}},
                               {"n", {"DFFN", {{"C", 2}, {"D", 11}, {"Q", 13}}}},
                               {"e", {"DFF", {{"C", 2}, {"D", 13}, {"Q", 14}}}},
                               // The same through inverted clocks.
                               {"i", {"INV", {{"A", 2}, {"Y", 20}}}},
                               {"j", {"INV", {{"A", 20}, {"Y", 21}}}},
                               {"m", {"DFF", {{"C", 20}, {"D", 11}, {"Q", 22}}}},
                               {"f", {"DFFN", {{"C", 20}, {"D", 22}, {"Q", 23}}}},
                               {"g", {"DFF", {{"C", 21}, {"D", 11}, {"Q", 24}}}}},
                              {10, 11, 12, 13, 14, 22, 23, 24}),
                         library());
  shift.start(1);
  std::mt19937 random(5);
  std::vector<std::array<uint64_t, kLanes>> history;
  size_t wrong = 0;
  for (int cycle = 0; cycle < 50; ++cycle) {
    auto& d = history.emplace_back();
    for (uint64_t& code : d) code = random() & 1;
    shift.set(1, d.data());
    shift.fall();
    std::array<uint64_t, kLanes> y{};
    shift.get(0, y.data());
    for (size_t l = 0; l < kLanes && cycle >= 4; ++l) {
      const auto ago = [&](size_t cycles) { return history[history.size() - 1 - cycles][l]; };
      // At the falling edge of this cycle n takes b, which is d of two rising edges ago.
      const uint64_t expected = ago(1) | ago(2) << 1 | ago(3) << 2 | ago(2) << 3 | ago(3) << 4 | ago(2) << 5 |
                                ago(3) << 6 | ago(3) << 7;
      wrong += y[l] != expected;
    }
    shift.rise();
  }
  CHECK(wrong == 0);
}

TEST_CASE("fillers and antenna diodes have no part in the logic") {
  const Netlist netlist = read({{"r", {"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}}}},
                                {"f", {"FILL", Json::object()}},
                                {"d", {"DIODE", {{"A", 10}}}}},
                               {10});
  CHECK(netlist.cells.empty());
  CHECK(netlist.registers.size() == 1);
}

TEST_CASE("an asynchronous reset that a register gives reaches the next one without an edge") {
  // b is reset while a is 0; a is reset by d[1].
  ClockedSimulator chain(read({{"a", {"DFFRS", {{"C", 2}, {"D", "1"}, {"RN", 4}, {"SN", "1"}, {"Q", 10}}}},
                               {"b", {"DFFRS", {{"C", 2}, {"D", "1"}, {"RN", 10}, {"SN", "1"}, {"Q", 11}}}}},
                              {10, 11}),
                         library());
  chain.start(1);
  std::array<uint64_t, kLanes> d{}, y{};
  const auto cycle = [&](uint64_t code) {
    d.fill(code);
    chain.set(1, d.data());
    chain.fall();
    chain.get(0, y.data());
    chain.rise();
    return y[3];
  };
  CHECK(cycle(0) == 0);
  CHECK(cycle(2) == 0);
  CHECK(cycle(2) == 1);
  CHECK(cycle(2) == 3);
  CHECK(cycle(0) == 0);
}

TEST_CASE("what is no synchronous netlist is refused by name") {
  const auto has = [](const std::string& text, const char* part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  has(refused({{"r", {"LATCH", {{"G", 2}, {"D", 3}, {"Q", 10}}}}}, {10}), "cell r (LATCH) is a latch");
  has(refused({{"r", {"TWO", {{"C", 2}, {"D", 3}, {"E", 4}, {"Q", 10}}}}}, {10}), "cell r (TWO)");
  has(refused({{"r", {"GATED", {{"C", 2}, {"D", 3}, {"Q", 10}}}}}, {10}), "cell r (GATED)");
  has(refused(
          {{"g", {"AND", {{"A", 2}, {"B", 3}, {"Y", 10}}}}, {"r", {"DFF", {{"C", 10}, {"D", 3}, {"Q", 11}}}}},
          {11}),
      "register r (DFF) is not clocked by an input");
  has(refused(
          {{"r", {"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}}}}, {"s", {"DFF", {{"C", 3}, {"D", 10}, {"Q", 11}}}}},
          {11}),
      "register s (DFF) is clocked by another input");
  has(refused({{"r", {"DFF", {{"C", 2}, {"D", 11}, {"Q", 10}}}}}, {10}), "has no driver");
  has(refused(
          {{"r", {"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}}}}, {"s", {"DFF", {{"C", 2}, {"D", 3}, {"Q", 10}}}}},
          {10}),
      "several drivers");
  // A register that resets itself.
  ClockedSimulator ring(read({{"i", {"INV", {{"A", 10}, {"Y", 11}}}},
                              {"r", {"DFFSR", {{"C", 2}, {"D", 3}, {"R", 10}, {"S", 11}, {"Q", 10}}}}},
                             {10}),
                        library());
  ring.start(1);
  has(error_of([&] { ring.fall(); }), "do not come to rest");
}
