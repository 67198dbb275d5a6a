// A netlist as Verilog that needs no library.
#pragma once

#include <string>

#include "power/liberty.h"
#include "power/netlist.h"

namespace assay {

// A module of the netlist's name and ports: every gate an assignment, every flip-flop a process. Nets keep their names
// (escaped; "net.NAME" if that is also a port's). When set and reset of a flip-flop were both active, the one that stays
// longer shows only at the next edge.
std::string netlist_verilog(const Netlist& netlist, const Liberty& liberty);

}  // namespace assay
