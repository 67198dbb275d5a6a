// A flat netlist of library cells, read from Yosys JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "power/liberty.h"

namespace assay {

using NetId = uint32_t;  // index into Netlist::nets
inline constexpr NetId kConstant0 = 0;
inline constexpr NetId kConstant1 = 1;
inline constexpr NetId kUnconnected = std::numeric_limits<NetId>::max();

struct NetlistCell {
  std::string name;         // full instance path
  uint32_t liberty_cell;    // index into Liberty::cells
  uint32_t group;           // index into Netlist::groups
  std::vector<NetId> pins;  // parallel to LibertyCell::pins
};

struct NetlistPort {
  std::string name;
  std::vector<NetId> bits;  // least significant first
};

struct Netlist {
  std::string top;
  std::vector<std::string> nets;    // names; the first two are the constants 0 and 1
  std::vector<NetlistPort> inputs;  // in the order of the module's ports
  std::vector<NetlistPort> outputs;
  std::vector<std::string> groups;  // instance paths of modules kept by synthesis ("u_unit.u_product"); the
                                    // first is the top module itself, ""
  std::vector<NetlistCell> cells;   // combinational, each after the drivers of its inputs
  std::vector<NetlistCell> registers;  // flip-flops

  // Index into `groups`, or -1.
  int find_group(std::string_view path) const;
};

struct NetlistOptions {
  bool registers = false;        // flip-flops are read; else they are refused
  std::filesystem::path design;  // another file, whose modules stand for the black boxes of the first
  std::string name;              // of that file in errors
};

// Reads what synthesize() wrote and flattens it. Undefined constants (x), which synthesis leaves where any
// value is right, become 0. Throws Error naming the cell or net for unmapped cells, latches and tri-state cells,
// combinational loops, nets with several drivers and used nets with none.
Netlist read_netlist(const std::filesystem::path& json, const Liberty& liberty,
                     const NetlistOptions& options = {});

}  // namespace assay
