// Shared by the tests of this room: small designs mapped to the OSU library, and its gates written out by
// hand.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "power/liberty.h"
#include "power/netlist.h"
#include "power/synthesis.h"

namespace assay::test {

inline const Liberty& osu_liberty() {
  static const Liberty liberty = read_liberty(default_liberty());
  return liberty;
}

// SystemVerilog text, synthesised in a folder that lives as long as the object.
struct Design {
  TemporaryFolder folder;
  MappedDesign files;
  Netlist netlist;

  Design(std::string_view text, const std::string& top) {
    write_file(folder.path() / "design.sv", text);
    files = synthesize({{folder.path() / "design.sv"}, top, default_liberty(), folder.path() / "cache"});
    netlist = read_netlist(files.json, osu_liberty());
  }
};

// The combinational cells of OSU018 as anyone would draw them; an independent statement of their logic.
// Inputs in the order given, outputs by name.
struct ReferenceGate {
  std::vector<std::string> inputs;
  std::map<std::string, std::function<bool(const std::vector<bool>&)>> outputs;
};

inline const std::map<std::string, ReferenceGate>& osu_gates() {
  using Bits = const std::vector<bool>&;
  const auto one = [](std::vector<std::string> inputs, std::function<bool(Bits)> f) {
    return ReferenceGate{std::move(inputs), {{"Y", std::move(f)}}};
  };
  const auto and2 = one({"A", "B"}, [](Bits i) { return i[0] && i[1]; });
  const auto or2 = one({"A", "B"}, [](Bits i) { return i[0] || i[1]; });
  const auto wire = one({"A"}, [](Bits i) { return i[0]; });
  const auto inverter = one({"A"}, [](Bits i) { return !i[0]; });
  static const std::map<std::string, ReferenceGate> gates = {
      {"AND2X1", and2},
      {"AND2X2", and2},
      {"OR2X1", or2},
      {"OR2X2", or2},
      {"BUFX2", wire},
      {"BUFX4", wire},
      {"CLKBUF1", wire},
      {"CLKBUF2", wire},
      {"CLKBUF3", wire},
      {"INVX1", inverter},
      {"INVX2", inverter},
      {"INVX4", inverter},
      {"INVX8", inverter},
      {"NAND2X1", one({"A", "B"}, [](Bits i) { return !(i[0] && i[1]); })},
      {"NAND3X1", one({"A", "B", "C"}, [](Bits i) { return !(i[0] && i[1] && i[2]); })},
      {"NOR2X1", one({"A", "B"}, [](Bits i) { return !(i[0] || i[1]); })},
      {"NOR3X1", one({"A", "B", "C"}, [](Bits i) { return !(i[0] || i[1] || i[2]); })},
      {"AOI21X1", one({"A", "B", "C"}, [](Bits i) { return !((i[0] && i[1]) || i[2]); })},
      {"AOI22X1", one({"A", "B", "C", "D"}, [](Bits i) { return !((i[0] && i[1]) || (i[2] && i[3])); })},
      {"OAI21X1", one({"A", "B", "C"}, [](Bits i) { return !((i[0] || i[1]) && i[2]); })},
      {"OAI22X1", one({"A", "B", "C", "D"}, [](Bits i) { return !((i[0] || i[1]) && (i[2] || i[3])); })},
      {"MUX2X1", one({"A", "B", "S"}, [](Bits i) { return i[2] ? !i[0] : !i[1]; })},
      {"XNOR2X1", one({"A", "B"}, [](Bits i) { return i[0] == i[1]; })},
      {"XOR2X1", one({"A", "B"}, [](Bits i) { return i[0] != i[1]; })},
      {"FAX1",
       {{"A", "B", "C"},
        {{"YC", [](Bits i) { return i[0] + i[1] + i[2] >= 2; }},
         {"YS", [](Bits i) { return (i[0] + i[1] + i[2]) % 2 == 1; }}}}},
      {"HAX1",
       {{"A", "B"},
        {{"YC", [](Bits i) { return i[0] && i[1]; }}, {"YS", [](Bits i) { return i[0] != i[1]; }}}}},
  };
  return gates;
}

}  // namespace assay::test
