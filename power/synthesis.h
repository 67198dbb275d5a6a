// From SystemVerilog to a netlist of library cells, with Yosys and ABC.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace assay {

struct SynthesisJob {
  std::vector<std::filesystem::path>
      sources;                    // in this order: packages before their users; .v is Verilog 2005
  std::string top;                // module; its parameters take their defaults
  std::filesystem::path liberty;  // .lib or .lib.gz
  std::filesystem::path cache;    // folder where results are kept; made if missing
  bool flatten_all = false;       // ignore keep_hierarchy: optimise across all modules
  std::vector<std::filesystem::path> include_folders = {};
  std::map<std::string, std::string> defines = {};  // macro -> text
};

struct MappedDesign {
  std::filesystem::path json;     // Yosys JSON, for read_netlist()
  std::filesystem::path verilog;  // the same netlist as structural Verilog, names equal
  std::filesystem::path log;      // what Yosys and ABC said
  bool from_cache = false;
};

// Maps `job.top` to the library. Modules with the attribute keep_hierarchy stay modules, each optimised on
// its own; everything else is flattened. ABC sizes and buffers for the surroundings of cell_roles.h.
//
// Results are kept under a hash of the sources' and the library's contents, the top module, the tool's
// version and the script, so the same job a second time only reads them. Of files a source includes only those
// directly in `include_folders` are part of the hash. Safe to call from several processes on one cache.
//
// Throws Error with the tool's message if the RTL does not compile, if a source or the library cannot be
// read, if the library lacks an inverter or a two-input gate, or if something cannot be mapped to it.
MappedDesign synthesize(const SynthesisJob& job);

}  // namespace assay
