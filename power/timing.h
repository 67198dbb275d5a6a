// Critical path of a combinational netlist, by OpenSTA.
#pragma once

#include <filesystem>
#include <string>

namespace assay {

struct TimingConditions {
  double input_slew = 0.0;   // ns at every input port
  double output_load = 0.0;  // pF at every output port
};

struct CriticalPath {
  double delay = 0.0;      // ns from an input port to an output port; 0 if no output depends on an input
  std::string startpoint;  // input port bit
  std::string endpoint;    // output port bit
};

// Worst delay over all input-to-output paths, rising and falling, with wires of no delay or capacitance.
// `verilog` is the structural netlist that synthesize() wrote for module `top` with the library `liberty`.
// Throws Error with OpenSTA's message if it cannot read them.
CriticalPath critical_path(const std::filesystem::path& verilog, const std::string& top,
                           const std::filesystem::path& liberty, const TimingConditions& conditions);

}  // namespace assay
