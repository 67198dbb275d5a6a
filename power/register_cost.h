// What one bit of pipeline register costs: the library's plain D flip-flop.
#pragma once

#include <string>

#include "power/energy.h"
#include "power/liberty.h"

namespace assay {

struct RegisterCost {
  std::string cell;            // chosen by find_plain_flip_flop()
  double area = 0.0;           // um2
  double leakage = 0.0;        // W
  double clock_energy = 0.0;   // pJ per cycle whatever the data does: C V^2 of the clock pin and the internal
                               // energy of both its edges
  double output_energy = 0.0;  // pJ per change of the stored bit, inside the cell; the load comes on top
  double data_energy = 0.0;    // pJ per change of the data input, inside the cell
  double data_capacitance = 0.0;  // pF: what the data input is to its driver
};

// Slews of clock and data and the load of the output (for table look-up only) are those of `conditions`. A
// register bit whose data changes with probability alpha per cycle takes clock_energy + alpha * (data_energy
// + output_energy + 1/2 C_load V^2). Throws Error if the library has no flip-flop.
RegisterCost register_cost(const Liberty& liberty, const EnergyConditions& conditions);
RegisterCost register_cost(const Liberty& liberty);  // with default_conditions()

}  // namespace assay
