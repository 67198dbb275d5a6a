// Finds cells of a library by what they do, so that nothing depends on a library's names.
#pragma once

#include <cstdint>
#include <string_view>

#include "power/liberty.h"

namespace assay {

// Truth tables of one- and two-input gates, as truth_table() gives them.
inline constexpr uint64_t kBuffer = kTruthTableOfInput[0];
inline constexpr uint64_t kInverter = ~kTruthTableOfInput[0];
inline constexpr uint64_t kNand2 = ~(kTruthTableOfInput[0] & kTruthTableOfInput[1]);

// The smallest usable combinational cell with one output and `inputs` inputs that computes `function`, or
// nullptr.
const LibertyCell* find_gate(const Liberty& liberty, size_t inputs, uint64_t function);

// The plainest edge-triggered flip-flop: never one with an enable or scan input; without asynchronous clear
// and preset before with, rising edge before falling, one output (true or complemented) before two, then the
// smallest. nullptr if there is none.
const LibertyCell* find_plain_flip_flop(const Liberty& liberty);

// The only output pin of a gate or flip-flop found above, resp. its first one.
const LibertyPin& output_pin(const LibertyCell& cell);
// The first input pin that is not the clock.
const LibertyPin& data_pin(const LibertyCell& flip_flop);
const LibertyPin& clock_pin(const LibertyCell& flip_flop);

// The surroundings a circuit is measured in when nothing else is known: each input is driven by the library's
// smallest buffer (the smallest inverter if there is no buffer) with a fan-out of four, each output drives
// four of the smallest inverters.
struct Surroundings {
  std::string_view driving_cell;  // a name within the Liberty object
  double input_slew = 0.0;        // ns, mean of rise and fall
  double output_load = 0.0;       // pF
};

// Throws Error if the library has no inverter.
Surroundings default_surroundings(const Liberty& liberty);

// Mean of rise and fall slew (ns) at `output`, averaged over the delay arcs from `related_pin` (all arcs if
// empty). 0 if the library describes none.
double output_slew(const LibertyPin& output, std::string_view related_pin, double input_slew, double load);

}  // namespace assay
