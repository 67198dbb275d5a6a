// The SystemVerilog around a design under test that gives it the ports of rtl/stream_model.h.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rtl/module_ports.h"
#include "rtl/stream_model.h"
#include "verify/test_bench.h"

namespace assay {

inline constexpr std::string_view kBenchTop = "assay_bench";

// An input port of the bench, which one lane's operand, or the operand of all of them, goes into.
struct OperandPort {
  std::string name;  // a, or a_2 of the third of several lanes
  int width = 0;
  size_t slot = 0, lane = 0;
};
// Slot by slot.
std::vector<OperandPort> operand_ports(const Specification& specification);

// Declarations of what expressions may call the operands of all of several lanes: "wire [15:0] a = {a_1, a_0};".
std::string joined_lanes(const Specification& specification);

// "result", or "result_2" of the third of several lanes.
std::string lane_port(const Specification& specification, std::string_view name, size_t lane);

struct BenchWrapper {
  StreamPorts
      ports;  // inputs: operand_ports, then the pins; outputs: results of all lanes, and flags if there are any
  // Modules assay_bench, assay_inputs (operands to input ports) and assay_outputs (output ports to result and flags):
  // each in a text of its own, so that names of the design and of the operands cannot meet.
  std::map<std::string, std::string> texts;  // file name -> text
  std::string black_box;                     // the design's module without its inside
};

// The name as SystemVerilog takes it: escaped if it is no plain one.
std::string identifier(const std::string& name);

// Throws Error "place: key: ..." if a port does not exist, is connected twice or not at all, has another width than what
// it is given, or if an expression does not compile or has another width than its port.
BenchWrapper wrap(const TestBench& bench, const std::vector<ModulePort>& ports);

// Flag bits in the order of exception_word, most significant first.
inline constexpr int kFlagBits = 5;
inline constexpr std::array<std::string_view, kFlagBits> kFlagNames = {"invalid", "divide_by_zero",
                                                                       "overflow", "underflow", "inexact"};

}  // namespace assay
