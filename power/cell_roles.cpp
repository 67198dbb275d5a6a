#include "power/cell_roles.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"

namespace assay {
namespace {

bool is_variable(const BooleanFunction& function) {
  return function.nodes.size() == 1 && function.nodes[0].op == BooleanFunction::Operator::variable;
}

// A variable or its complement.
bool is_literal(const BooleanFunction& function) {
  return is_variable(function) ||
         (function.nodes.size() == 2 && function.nodes[1].op == BooleanFunction::Operator::op_not &&
          function.variables.size() == 1);
}

size_t count_outputs(const LibertyCell& cell) {
  return static_cast<size_t>(std::count_if(cell.pins.begin(), cell.pins.end(), [](const LibertyPin& pin) {
    return pin.direction == PinDirection::output;
  }));
}

bool is_plain_flip_flop(const LibertyCell& cell) {
  if (cell.dont_use || !cell.flip_flop) return false;
  const FlipFlop& flip_flop = *cell.flip_flop;
  if (!is_literal(flip_flop.next_state) || !is_literal(flip_flop.clocked_on)) return false;
  const std::string& data = flip_flop.next_state.variables[0];
  const std::string& clock = flip_flop.clocked_on.variables[0];
  for (const LibertyPin& pin : cell.pins) {
    const auto& controls = flip_flop.clear_and_preset;
    const bool is_control = std::find(controls.begin(), controls.end(), pin.name) != controls.end();
    const bool known_input =
        pin.direction == PinDirection::input && (pin.name == data || pin.name == clock || is_control);
    const bool plain_output = pin.direction == PinDirection::output && pin.function && !pin.three_state;
    if (!known_input && !plain_output && pin.direction != PinDirection::internal) return false;
  }
  return cell.find_pin(data) >= 0 && cell.find_pin(clock) >= 0 && count_outputs(cell) > 0;
}

}  // namespace

const LibertyCell* find_gate(const Liberty& liberty, size_t inputs, uint64_t function) {
  const LibertyCell* best = nullptr;
  for (const LibertyCell& cell : liberty.cells) {
    if (cell.dont_use || !cell.combinational() || count_outputs(cell) != 1) continue;
    const std::vector<std::string> names = cell.input_names();
    if (names.size() != inputs) continue;
    if (truth_table(*output_pin(cell).function, names, cell.name) != function) continue;
    if (best == nullptr || cell.area < best->area) best = &cell;
  }
  return best;
}

const LibertyCell* find_plain_flip_flop(const Liberty& liberty) {
  const LibertyCell* best = nullptr;
  const auto rank = [](const LibertyCell& cell) {
    return std::make_tuple(cell.flip_flop->clear_and_preset.size(), !is_variable(cell.flip_flop->clocked_on),
                           count_outputs(cell), cell.area);
  };
  for (const LibertyCell& cell : liberty.cells) {
    if (is_plain_flip_flop(cell) && (best == nullptr || rank(cell) < rank(*best))) best = &cell;
  }
  return best;
}

const LibertyPin& output_pin(const LibertyCell& cell) {
  return *std::find_if(cell.pins.begin(), cell.pins.end(),
                       [](const LibertyPin& pin) { return pin.direction == PinDirection::output; });
}

const LibertyPin& data_pin(const LibertyCell& flip_flop) {
  return flip_flop
      .pins[static_cast<size_t>(flip_flop.find_pin(flip_flop.flip_flop->next_state.variables[0]))];
}

const LibertyPin& clock_pin(const LibertyCell& flip_flop) {
  return flip_flop
      .pins[static_cast<size_t>(flip_flop.find_pin(flip_flop.flip_flop->clocked_on.variables[0]))];
}

Surroundings default_surroundings(const Liberty& liberty) {
  const LibertyCell* inverter = find_gate(liberty, 1, kInverter);
  if (inverter == nullptr) fail("{}: the library has no inverter", liberty.file.string());
  const LibertyCell* buffer = find_gate(liberty, 1, kBuffer);
  const LibertyCell& driver = buffer == nullptr ? *inverter : *buffer;
  Surroundings result;
  result.driving_cell = driver.name;
  const auto input_capacitance = [](const LibertyCell& cell) {
    return cell.pins[static_cast<size_t>(cell.find_pin(cell.input_names()[0]))].capacitance;
  };
  result.output_load = 4.0 * input_capacitance(*inverter);
  // A chain of equal stages settles on a slew after a few of them.
  for (int stage = 0; stage < 8; ++stage) {
    result.input_slew =
        output_slew(output_pin(driver), "", result.input_slew, 4.0 * input_capacitance(driver));
  }
  return result;
}

double output_slew(const LibertyPin& output, std::string_view related_pin, double input_slew, double load) {
  double sum = 0.0;
  int count = 0;
  for (const TimingArc& arc : output.timing) {
    if (!related_pin.empty() && arc.related_pin != related_pin) continue;
    for (const auto* table : {&arc.rise_transition, &arc.fall_transition}) {
      if (!*table) continue;
      sum += (*table)->at(input_slew, load);
      ++count;
    }
  }
  return count == 0 ? 0.0 : sum / count;
}

}  // namespace assay
