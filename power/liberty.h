// A standard-cell library read from a Liberty file (.lib or .lib.gz), in one set of units:
// time ns, capacitance pF, voltage V, energy pJ, power W, area um2 (Liberty gives area without a unit; every
// library here uses um2).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "power/boolean_function.h"

namespace assay {

// A value over input slew (ns) and output load (pF). An axis the table does not depend on has one entry.
struct LookupTable {
  std::vector<double> slew;
  std::vector<double> load;
  std::vector<double> values;  // [slew][load]

  // Bilinear interpolation. Outside the table the nearest edge holds: extrapolated energies and slews of
  // real libraries turn negative.
  double at(double slew_ns, double load_pf) const;
};

// One internal_power group. Energy per transition of the pin it stands in, pJ.
struct InternalPower {
  std::string related_pin;              // empty if the group names none, as for input pins
  std::string related_supply;           // related_pg_pin; groups that differ only in it add up
  std::optional<BooleanFunction> when;  // condition on the other pins
  std::optional<LookupTable> rise;
  std::optional<LookupTable> fall;
};

// One timing group that describes a delay (constraints such as setup are left out).
struct TimingArc {
  std::string related_pin;
  std::string type;                                 // timing_type; "combinational" if the file gives none
  std::optional<LookupTable> cell_rise, cell_fall;  // ns
  std::optional<LookupTable> rise_transition, fall_transition;  // ns
};

enum class PinDirection { input, output, inout, internal };

struct LibertyPin {
  std::string name;
  PinDirection direction = PinDirection::input;
  double capacitance = 0.0;  // pF
  bool clock = false;
  bool three_state = false;
  std::optional<BooleanFunction> function;
  std::vector<InternalPower> internal_power;
  std::vector<TimingArc> timing;
};

// The one `ff` group of a cell that stores one bit on one edge of one clock.
struct FlipFlop {
  std::string state;           // name that stands for the stored bit in pin functions
  std::string inverted_state;  // and for its complement
  BooleanFunction next_state;
  BooleanFunction clocked_on;
  std::optional<BooleanFunction> clear, preset;  // asynchronous
  bool preset_wins = false;                      // when both are active: clear_preset_var1 is H
  std::vector<std::string> clear_and_preset;     // pins of the asynchronous controls; usually empty
};

struct LibertyCell {
  std::string name;
  double area = 0.0;     // um2
  double leakage = 0.0;  // W, the mean over input states
  bool dont_use = false;
  bool sequential = false;  // has an ff, latch, statetable or bank group
  std::optional<FlipFlop> flip_flop;
  std::vector<LibertyPin> pins;

  // Index of a pin in `pins`, or -1.
  int find_pin(std::string_view pin) const;
  std::vector<std::string> input_names() const;
  // True if every output is a plain function of the inputs: no state, no tri-state, no inout pins.
  bool combinational() const;
  // True of fillers, taps and antenna diodes.
  bool has_no_output() const;
  // True if it is a flip-flop whose outputs depend on nothing but its state.
  bool edge_triggered() const;
};

struct Liberty {
  std::filesystem::path file;
  std::string name;
  double voltage = 0.0;           // V
  double time_unit = 1.0;         // of the file, in ns
  double capacitance_unit = 1.0;  // of the file, in pF
  std::vector<LibertyCell> cells;

  // Index of a cell in `cells`, or -1.
  int find_cell(std::string_view cell) const;
};

// Text of a Liberty file; unpacks gzip. Throws Error naming the file.
std::string read_liberty_text(const std::filesystem::path& file);

// Parses a library. Internal energies are read in V_unit^2 * capacitance unit (Liberty gives energy no unit
// of its own). Leakage is cell_leakage_power, else the mean of the leakage_power groups, else the library's
// default. Throws Error naming file, line and cell.
Liberty parse_liberty(std::string_view text, const std::filesystem::path& file);
Liberty read_liberty(const std::filesystem::path& file);

// The OSU 180 nm library (1.8 V, 25 C, typical) of Debian's package qflow-tech-osu018. Throws Error naming
// the package if it is not installed.
std::filesystem::path default_liberty();

}  // namespace assay
