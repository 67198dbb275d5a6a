#include "power/register_cost.h"

#include "base/error.h"
#include "power/cell_roles.h"
#include "power/internal_energy.h"

namespace assay {

RegisterCost register_cost(const Liberty& liberty, const EnergyConditions& conditions) {
  const LibertyCell* flip_flop = find_plain_flip_flop(liberty);
  if (flip_flop == nullptr) fail("{}: the library has no plain D flip-flop", liberty.file.string());
  const LibertyPin& clock = clock_pin(*flip_flop);
  const LibertyPin& data = data_pin(*flip_flop);
  const PinProbability even = [](std::string_view) { return 0.5; };
  const double slew = conditions.input_slew;

  RegisterCost cost;
  cost.cell = flip_flop->name;
  cost.area = flip_flop->area;
  cost.leakage = flip_flop->leakage;
  // Two edges a cycle: 2 * 1/2 C V^2 and twice the mean of rise and fall.
  cost.clock_energy =
      (clock.capacitance + conditions.wire_capacitance_per_sink) * liberty.voltage * liberty.voltage +
      2.0 * input_internal_energy(clock, slew, even);
  // All outputs of the cell change together.
  for (const LibertyPin& pin : flip_flop->pins) {
    if (pin.direction != PinDirection::output) continue;
    cost.output_energy += output_internal_energy(pin, clock.name, slew, conditions.output_load, even);
  }
  cost.data_energy = input_internal_energy(data, slew, even);
  cost.data_capacitance = data.capacitance;
  return cost;
}

RegisterCost register_cost(const Liberty& liberty) {
  return register_cost(liberty, default_conditions(liberty));
}

}  // namespace assay
