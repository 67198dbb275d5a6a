// Area, leakage and energy per operation of a mapped netlist for a stated stimulus.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "power/gate_simulator.h"
#include "power/liberty.h"
#include "power/netlist.h"

namespace assay {

// What surrounds the netlist. Every result depends on these; state them with it.
struct EnergyConditions {
  double input_slew = 0.0;                 // ns at the input ports
  double output_load = 0.0;                // pF at each output port bit
  double wire_capacitance_per_sink = 0.0;  // pF of wire per driven pin; the libraries here have no wire model
};

// The surroundings of cell_roles.h, and wires without capacitance.
EnergyConditions default_conditions(const Liberty& liberty);

// Cost of the cells of one module instance, or of several together. Energies are pJ per operation, i.e. per
// pair of consecutive vectors of the stimulus, without glitches and without leakage.
struct GroupCost {
  size_t cells = 0;
  double area = 0.0;             // um2, sum of the cells' Liberty areas; no wiring, no filling
  double leakage = 0.0;          // W, sum of the cells' mean leakages
  double internal = 0.0;         // pJ, inside the cells: internal_power tables at each cell's slew and load
  double switching = 0.0;        // pJ, 1/2 C V^2 per change of the nets the cells drive
  double input_switching = 0.0;  // pJ, 1/2 C V^2 per change of the pins the cells have on input ports' nets

  double energy() const { return internal + switching + input_switching; }
  GroupCost& operator+=(const GroupCost& other);
};

struct NetlistCost {
  std::vector<std::string> groups;  // instance paths, as in Netlist
  std::vector<GroupCost> of_group;  // parallel: only the cells directly in that module
  double nand2_area = 0.0;          // um2 of the library's smallest two-input NAND; 0 if it has none

  GroupCost total() const;
  // The instance `path` and everything inside it. Throws Error if there is no such instance.
  GroupCost under(std::string_view path) const;
  // Area in units of nand2_area.
  double gate_equivalents(const GroupCost& cost) const;
};

// C is the Liberty capacitance of the driven pins, plus wire, plus the output load at output ports; V the
// nominal voltage. Slews come from the transition tables, starting at conditions.input_slew: the mean over
// rise and fall and over the inputs that are not constant. The internal energy of an output change is the
// mean over its related pins weighted by how often each changes. Throws Error if the activity has no pair of
// vectors.
NetlistCost netlist_cost(const Netlist& netlist, const Liberty& liberty, const Activity& activity,
                         const EnergyConditions& conditions);

}  // namespace assay
