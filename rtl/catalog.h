// The datapath library: which SystemVerilog module, with which parameters, computes which unit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arith/unit.h"

namespace assay {

struct CatalogEntry {
  Unit unit;
  std::string name;  // the unit's canonical name
  std::string module;
  int latency = 0;      // clock cycles; 0: combinational
  int random_bits = 0;  // of a unit that rounds stochastically: width of the port random_i
  std::map<std::string, int64_t> parameters;
};

// The folder of the library: the environment variable ASSAY_RTL_DIR if it is set, else the rtl/ of the
// sources this program was compiled from.
std::filesystem::path rtl_folder();

// The entries of <folder>/catalog.toml in the order of the file. Throws Error naming the file, the line and
// what was expected; a unit must parse and stand in the file once.
std::vector<CatalogEntry> read_catalog(const std::filesystem::path& folder = rtl_folder());

// The entry whose unit has the same canonical name, if there is one.
std::optional<CatalogEntry> find_in_catalog(const Unit& unit,
                                            const std::filesystem::path& folder = rtl_folder());

// Every SystemVerilog file of the folder, sorted by name.
std::vector<std::filesystem::path> rtl_sources(const std::filesystem::path& folder = rtl_folder());

// The files that module `top` needs, itself included, sorted by name. The library has one module a file,
// named like the module; a file counts as needed if its module's name occurs in a file that is needed. Throws
// Error if there is no file for `top`.
std::vector<std::filesystem::path> rtl_sources_of(std::string_view top,
                                                  const std::filesystem::path& folder = rtl_folder());

// One port of a module.
struct Port {
  std::string name;
  int width = 0;  // bits
};

// The ports of a combinational datapath of the library: a_i, b_i, c_i for the operands in the order of
// operand_count (unit.h), and result_o, as wide as their formats. Of dots a_i and b_i hold all the products' operands
// side by side, the first in the least significant bits, and before c_i come scale_a_i and scale_b_i if there are
// scales. Other operations with more than three operands have no such ports: throws Error.
struct UnitPorts {
  std::vector<Port> operands;
  Port result;
};
UnitPorts unit_ports(const Unit& unit);

// A SystemVerilog module called `name`, without parameters and with the ports of unit_ports, and random_i behind the
// operands if the entry has random bits, that instantiates the entry's module as u_unit with the entry's parameters. Throws Error if the entry is not
// combinational.
std::string wrapper_verilog(const CatalogEntry& entry, std::string_view name = "mac_unit");

}  // namespace assay
