// The ports of a module as Verilator elaborates it.
#pragma once

#include <string>
#include <vector>

#include "rtl/verilated_model.h"

namespace assay {

struct ModulePort {
  std::string name;
  int width = 0;  // bits of the packed type
  bool is_input = false;
};

// The ports of sources.top with sources.parameters applied, in the order of the module. Throws Error with Verilator's
// first error if the sources do not compile, and naming the port if one is bidirectional or of no packed type.
std::vector<ModulePort> module_ports(const ModelSources& sources);

}  // namespace assay
