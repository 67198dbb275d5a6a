// Energy a cell takes inside itself when one of its pins changes, from the library's internal_power tables.
#pragma once

#include <functional>
#include <string_view>

#include "power/liberty.h"

namespace assay {

// The probability that a pin of the cell is 1; pins are taken as independent of each other.
using PinProbability = std::function<double(std::string_view pin)>;

// Mean of rise and fall energy (pJ) per change of output `pin` when it is caused by `related_pin`. Where the
// library tells states apart (`when`), the mean over the states weighted by their probability; groups for
// different supplies add up. Groups without a condition only count if none has one: beside conditional ones
// they repeat their mean for tools that cannot evaluate conditions.
double output_internal_energy(const LibertyPin& pin, std::string_view related_pin, double slew_ns,
                              double load_pf, const PinProbability& probability);

// Mean energy (pJ) per change of input `pin`, apart from what the outputs' tables hold. Conditional groups
// count with the probability of their condition: in the other states the change costs nothing here. 0 if
// there is no table.
double input_internal_energy(const LibertyPin& pin, double slew_ns, const PinProbability& probability);

}  // namespace assay
