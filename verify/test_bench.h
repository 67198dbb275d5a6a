// How a design is connected to what it must do: its files, what each port is given or stands for, and when.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "rtl/catalog.h"
#include "rtl/stream_model.h"
#include "rtl/verilated_model.h"
#include "verify/specification.h"
#include "verify/stimulus.h"

namespace assay {

// Ports of the design, empty where it has none.
struct Timing {
  std::string clock;
  bool rising_edge = true;
  std::string reset;
  bool reset_high = false;
  std::string in_valid, in_ready, out_valid, out_ready;
};

struct TestBench {
  Specification specification;
  ModelSources sources;  // of the design; harness and trace stay empty
  std::filesystem::path
      netlist;  // the design in gates, instead of its RTL; the sources are those of expressions then
  std::filesystem::path liberty;  // what RTL may be mapped to and a netlist is; empty: the default library
  std::map<std::string, std::string>
      inputs;  // input port -> SystemVerilog expression over the operands' names
  std::map<std::string, std::string>
      outputs;  // "result" or a flag's name -> expression over the output ports' names
  Timing timing;
  StreamOptions stream;
  StimulusOptions stimulus;
  std::filesystem::path
      captured;       // what stimulus.captured is to be read from (experiment/captured_vectors.h)
  std::string place;  // where it was read, for errors
};

// A verification described by a TOML file:
//
//   unit = "fma-fp16-fp16-fp16-fp16"     what the design must do: a name, or the path of a unit's TOML file
//   random_bits = 8                      of a unit that rounds stochastically: the operand `random`
//   lanes = 4                            computed side by side: operands a_0 a_1 a_2 a_3, or a for all of them, a_0 in
//                                        the least significant bits, as the lanes' results and each of their flags are
//   shared = ["c"]                       operands that all lanes have in common, called c
//
//   [design]
//   sources = ["fma.sv", "lzc.v"]        .v is Verilog 2005; paths are relative to this file
//   include = ["inc"]   defines = { FAST = "1" }   top = "fma"   parameters = { Width = 16 }
//   liberty = "osu018"                   or the path of a .lib, for netlists, --liberty, --prove and --mutants
//   netlist = "fma.json"                 instead of sources: gates of that library, in Yosys JSON (.json) or Verilog
//
//   [inputs]                             every input port of the top module but clock, reset, handshakes and mode pins
//   x_i = "a"                            an operand (a b c; of dots a1 b1 ... c), whose format has the port's width,
//   yz_i = "{c, b}"                      or any SystemVerilog expression over operands; a number is a constant
//   sign_i = "a[15]"
//
//   [outputs]                            of result, invalid, divide_by_zero, overflow, underflow, inexact those it has,
//   result = "{s_o, e_o, m_o}"           as expressions over the output ports
//   inexact = "status_o[0]"
//
//   [timing]                             nothing: combinational
//   clock = "clk_i"   edge = "rising"   reset = "rst_ni"   reset_active = "low"   reset_cycles = 2
//   latency = 3                          cycles, without handshake
//   in_valid, in_ready, out_valid, out_ready       ports of a handshake
//   stalls = 0.25                        share of cycles
//   timeout = 10000                      cycles
//
//   [[mode]]                             instead of `unit`: what mode pins choose, changed from vector to vector
//   unit = "fma-fp16-fp16-fp16-fp16-rtz"
//   pins = { rm_i = 1 }
//
//   [roundings]                          every mode (or the unit) once with each of these roundings
//   pin = "rm_i"   rne = 0   rtz = 1
//
//   [contract]                           verify/contract.h
//   profile = "ieee"
//
//   [stimulus]
//   seed = 1   random = 1000000   exhaustive_bits = 24
//   captured = "captures"                a folder of captured tensors, or a .npy file of float32 with a vector a row
//
// Throws Error "file:line: key: ..." for what is wrong in the file.
TestBench read_test_bench(const std::filesystem::path& file);

// The test bench of a unit of the catalog.
TestBench catalog_test_bench(const CatalogEntry& entry, const std::filesystem::path& rtl);

}  // namespace assay
