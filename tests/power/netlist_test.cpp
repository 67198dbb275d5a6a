#include "power/netlist.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "power/gate_simulator.h"
#include "tests/error_of.h"
#include "tests/power/fixtures.h"

using namespace assay;
using Json = nlohmann::ordered_json;

namespace {

Json cell(const std::string& type, const Json& connections) {
  Json pins = Json::object();
  for (const auto& [pin, bit] : connections.items()) pins[pin] = Json::array({bit});
  return {{"type", type}, {"connections", pins}};
}

Json port(const char* direction, const Json& bits) {
  return {{"direction", direction}, {"bits", bits}};
}

// A module with the inputs `a` (bits 2, 3, 4, 5) and the output `y`.
Json document(const Json& cells, const Json& y) {
  Json top = {{"attributes", {{"top", "1"}}},
              {"ports", {{"a", port("input", {2, 3, 4, 5})}, {"y", port("output", y)}}},
              {"cells", cells},
              {"netnames", {{"a", {{"bits", {2, 3, 4, 5}}}}, {"middle", {{"bits", {6}}}}}}};
  return {{"modules", {{"top_module", top}}}};
}

Netlist read(const Json& content) {
  const TemporaryFolder folder;
  write_file(folder.path() / "netlist.json", content.dump());
  return read_netlist(folder.path() / "netlist.json", test::osu_liberty());
}

std::string message_of(const Json& content) {
  return error_of([&] { read(content); });
}

std::vector<uint64_t> results(const Netlist& netlist, const std::vector<uint64_t>& codes) {
  std::vector<uint64_t> out(codes.size());
  GateSimulator(netlist, test::osu_liberty()).evaluate({codes}, {out});
  return out;
}

const std::vector<uint64_t> kAllCodes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

}  // namespace

TEST_CASE("every combinational cell of the library computes what its drawing says") {
  size_t checked = 0;
  for (const LibertyCell& type : test::osu_liberty().cells) {
    if (!type.combinational()) continue;
    CAPTURE(type.name);
    const test::ReferenceGate& gate = test::osu_gates().at(type.name);
    Json pins = Json::object();
    for (size_t i = 0; i < gate.inputs.size(); ++i) pins[gate.inputs[i]] = 2 + i;
    Json outputs = Json::array();
    for (const auto& [name, function] : gate.outputs) {
      pins[name] = 6 + outputs.size();
      outputs.push_back(6 + outputs.size());
    }
    const std::vector<uint64_t> found =
        results(read(document({{"u", cell(type.name, pins)}}, outputs)), kAllCodes);
    for (const uint64_t code : kAllCodes) {
      std::vector<bool> bits;
      for (size_t i = 0; i < gate.inputs.size(); ++i) bits.push_back((code >> i) & 1);
      uint64_t expected = 0;
      int position = 0;
      for (const auto& [name, function] : gate.outputs) expected |= uint64_t{function(bits)} << position++;
      CHECK(found[code] == expected);
    }
    ++checked;
  }
  CHECK(checked == test::osu_gates().size());
}

TEST_CASE("cells come after their drivers whatever the order in the file") {
  const Netlist netlist = read(document(
      {{"last", cell("INVX1", {{"A", 6}, {"Y", 7}})}, {"first", cell("INVX1", {{"A", 2}, {"Y", 6}})}},
      {7, 6, 2, "0", "1", "x"}));
  REQUIRE(netlist.cells.size() == 2);
  CHECK(netlist.cells[0].name == "first");
  CHECK(netlist.nets[netlist.cells[0].pins[1]] == "middle");
  CHECK(results(netlist, {0, 1}) == std::vector<uint64_t>{0b010010, 0b010101});
}

TEST_CASE("instances become groups and connect through their ports") {
  Json content =
      document({{"outer", {{"type", "pair"}, {"connections", {{"p", {2, 3}}, {"q", {6, 7}}}}}}}, {6, 7});
  content["modules"]["pair"] = {
      {"ports", {{"p", port("input", {2, 3})}, {"q", port("output", {4, 2})}}},
      {"cells", {{"inner", {{"type", "leaf"}, {"connections", {{"i", {3}}, {"o", {4}}}}}}}},
      {"netnames", {{"p", {{"bits", {2, 3}}}}}}};
  content["modules"]["leaf"] = {{"ports", {{"i", port("input", {2})}, {"o", port("output", {3})}}},
                                {"cells", {{"g", cell("INVX1", {{"A", 2}, {"Y", 3}})}}},
                                {"netnames", Json::object()}};
  const Netlist netlist = read(content);
  CHECK(netlist.groups == std::vector<std::string>{"", "outer", "outer.inner"});
  CHECK(netlist.find_group("outer.inner") == 2);
  CHECK(netlist.find_group("none") == -1);
  CHECK(netlist.cells[0].group == 2);
  CHECK(netlist.cells[0].name == "outer.inner.g");
  // y[0] = !a[1], y[1] = a[0] through both modules without a cell.
  CHECK(results(netlist, {0, 1, 2, 3}) == std::vector<uint64_t>{1, 3, 0, 2});
}

TEST_CASE("what is not a combinational netlist is refused by name") {
  const Json inverter = cell("INVX1", {{"A", 2}, {"Y", 6}});
  CHECK(message_of(document({{"r", cell("DFFPOSX1", {{"D", 2}, {"CLK", 3}, {"Q", 6}})}}, {6}))
            .find("cell r (DFFPOSX1)") != std::string::npos);
  CHECK(message_of(document({{"t", cell("TBUFX1", {{"A", 2}, {"EN", 3}, {"Y", 6}})}}, {6})).find("cell t") !=
        std::string::npos);
  CHECK(message_of(document({{"u", cell("$_NOT_", {{"A", 2}, {"Y", 6}})}}, {6})).find("$_NOT_") !=
        std::string::npos);
  CHECK(message_of(document({{"u", cell("NAND2X1", {{"A", 7}, {"B", 2}, {"Y", 6}})},
                             {"v", cell("INVX1", {{"A", 6}, {"Y", 7}})}},
                            {6}))
            .find("combinational loop through cell") != std::string::npos);
  CHECK(
      message_of(document({{"u", inverter}, {"v", inverter}}, {6})).find("net middle has several drivers") !=
      std::string::npos);
  CHECK(message_of(document({{"u", cell("INVX1", {{"A", 2}, {"Y", 3}})}}, {3})).find("several drivers") !=
        std::string::npos);
  CHECK(message_of(document({{"u", cell("INVX1", {{"A", 9}, {"Y", 6}})}}, {6})).find("has no driver") !=
        std::string::npos);
  CHECK(message_of(document({{"u", cell("NAND2X1", {{"A", 2}, {"Y", 6}})}}, {6})).find("not connected") !=
        std::string::npos);
  CHECK(message_of(document({{"u", cell("INVX1", {{"A", 2}, {"Z", 6}})}}, {6})).find("pin Z") !=
        std::string::npos);
  CHECK(message_of(document(Json::object(), {8})).find("output y") != std::string::npos);
  CHECK(message_of(document(Json::object(), {"z"})).find("constant z") != std::string::npos);
  CHECK(message_of(Json::object()).find("not a netlist") != std::string::npos);
  CHECK(message_of(Json::array({1, 2})).find("not a netlist") != std::string::npos);
}
