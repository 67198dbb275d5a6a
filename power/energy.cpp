#include "power/energy.h"

#include <algorithm>

#include "base/error.h"
#include "power/cell_roles.h"
#include "power/internal_energy.h"

namespace assay {
namespace {

constexpr uint32_t kNoGroup = 0xffffffff;

// Walks the cells in order, so that the slews of a cell's inputs are known before it.
class Calculator {
 public:
  Calculator(const Netlist& netlist, const Liberty& liberty, const Activity& activity,
             const EnergyConditions& conditions)
      : netlist_(netlist),
        liberty_(liberty),
        activity_(activity),
        conditions_(conditions),
        half_v2_(0.5 * liberty.voltage * liberty.voltage),
        load_(netlist.nets.size(), 0.0),
        slew_(netlist.nets.size(), conditions.input_slew),
        driving_group_(netlist.nets.size(), kNoGroup) {
    cost_.groups = netlist.groups;
    cost_.of_group.resize(netlist.groups.size());
    const LibertyCell* nand2 = find_gate(liberty, 2, kNand2);
    if (nand2 != nullptr) cost_.nand2_area = nand2->area;
  }

  NetlistCost calculate() {
    for (const NetlistCell& cell : netlist_.cells) add_loads(cell);
    for (const NetlistPort& port : netlist_.outputs) {
      for (const NetId net : port.bits) load_[net] += conditions_.output_load;
    }
    for (const NetlistCell& cell : netlist_.cells) add_cell(cell);
    for (const NetlistPort& port : netlist_.outputs) {
      for (const NetId net : port.bits) {
        if (driving_group_[net] == kNoGroup)
          cost_.of_group[0].input_switching += charge(net, conditions_.output_load);
      }
    }
    return std::move(cost_);
  }

 private:
  const LibertyCell& type_of(const NetlistCell& cell) const { return liberty_.cells[cell.liberty_cell]; }

  double sink_capacitance(const LibertyPin& pin) const {
    return pin.capacitance + conditions_.wire_capacitance_per_sink;
  }

  double changes_per_operation(NetId net) const {
    return static_cast<double>(activity_.toggles[net]) / static_cast<double>(activity_.transitions);
  }

  // Energy per operation for charging and discharging `capacitance` (pF) on `net`.
  double charge(NetId net, double capacitance) const {
    return changes_per_operation(net) * half_v2_ * capacitance;
  }

  void add_loads(const NetlistCell& cell) {
    const LibertyCell& type = type_of(cell);
    for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
      const NetId net = cell.pins[pin];
      if (net == kUnconnected) continue;
      if (type.pins[pin].direction == PinDirection::input) load_[net] += sink_capacitance(type.pins[pin]);
      if (type.pins[pin].direction == PinDirection::output) driving_group_[net] = cell.group;
    }
  }

  void add_cell(const NetlistCell& cell) {
    const LibertyCell& type = type_of(cell);
    GroupCost& cost = cost_.of_group[cell.group];
    ++cost.cells;
    cost.area += type.area;
    cost.leakage += type.leakage;
    const PinProbability probability = [&](std::string_view pin) { return pin_probability(cell, type, pin); };
    for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
      const NetId net = cell.pins[pin];
      if (net == kUnconnected) continue;
      const LibertyPin& description = type.pins[pin];
      if (description.direction == PinDirection::input) {
        if (driving_group_[net] == kNoGroup)
          cost.input_switching += charge(net, sink_capacitance(description));
        cost.internal +=
            changes_per_operation(net) * input_internal_energy(description, slew_[net], probability);
      } else {
        cost.switching += charge(net, load_[net]);
        cost.internal +=
            changes_per_operation(net) * output_energy(cell, type, description, net, probability);
        slew_[net] = mean_slew(cell, type, description, net);
      }
    }
  }

  // An unconnected output's value is unknown.
  double pin_probability(const NetlistCell& cell, const LibertyCell& type, std::string_view pin) const {
    const int index = type.find_pin(pin);
    const NetId net = index < 0 ? kUnconnected : cell.pins[static_cast<size_t>(index)];
    if (net == kUnconnected || activity_.vectors == 0) return 0.5;
    return static_cast<double>(activity_.ones[net]) / static_cast<double>(activity_.vectors);
  }

  // Calls visit(pin name, net) for each input that is not constant.
  template <typename Visit>
  static void for_inputs(const NetlistCell& cell, const LibertyCell& type, Visit visit) {
    for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
      if (type.pins[pin].direction == PinDirection::input && cell.pins[pin] > kConstant1) {
        visit(type.pins[pin].name, cell.pins[pin]);
      }
    }
  }

  // pJ per change of `output`.
  double output_energy(const NetlistCell& cell, const LibertyCell& type, const LibertyPin& output, NetId net,
                       const PinProbability& probability) const {
    if (activity_.toggles[net] == 0) return 0.0;
    double sum = 0.0;
    double weights = 0.0;
    for_inputs(cell, type, [&](const std::string& name, NetId input) {
      const auto described = [&](const InternalPower& power) { return power.related_pin == name; };
      const auto& groups = output.internal_power;
      if (std::none_of(groups.begin(), groups.end(), described)) return;
      const double weight = static_cast<double>(activity_.toggles[input]);
      sum += weight * output_internal_energy(output, name, slew_[input], load_[net], probability);
      weights += weight;
    });
    return weights > 0.0 ? sum / weights : 0.0;
  }

  double mean_slew(const NetlistCell& cell, const LibertyCell& type, const LibertyPin& output,
                   NetId net) const {
    double sum = 0.0;
    int count = 0;
    for_inputs(cell, type, [&](const std::string& name, NetId input) {
      const double slew = output_slew(output, name, slew_[input], load_[net]);
      if (slew <= 0.0) return;
      sum += slew;
      ++count;
    });
    return count == 0 ? conditions_.input_slew : sum / count;
  }

  const Netlist& netlist_;
  const Liberty& liberty_;
  const Activity& activity_;
  const EnergyConditions& conditions_;
  double half_v2_;                       // V^2; times pF gives pJ
  std::vector<double> load_;             // [net] pF
  std::vector<double> slew_;             // [net] ns
  std::vector<uint32_t> driving_group_;  // [net]
  NetlistCost cost_;
};

bool is_under(std::string_view group, std::string_view path) {
  return path.empty() || group == path || (group.starts_with(path) && group[path.size()] == '.');
}

}  // namespace

EnergyConditions default_conditions(const Liberty& liberty) {
  const Surroundings surroundings = default_surroundings(liberty);
  return {surroundings.input_slew, surroundings.output_load, 0.0};
}

GroupCost& GroupCost::operator+=(const GroupCost& other) {
  cells += other.cells;
  area += other.area;
  leakage += other.leakage;
  internal += other.internal;
  switching += other.switching;
  input_switching += other.input_switching;
  return *this;
}

GroupCost NetlistCost::total() const {
  return under("");
}

GroupCost NetlistCost::under(std::string_view path) const {
  GroupCost sum;
  bool found = false;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (!is_under(groups[i], path)) continue;
    sum += of_group[i];
    found = true;
  }
  if (!found) fail("the netlist has no instance {}", path);
  return sum;
}

double NetlistCost::gate_equivalents(const GroupCost& cost) const {
  return nand2_area > 0.0 ? cost.area / nand2_area : 0.0;
}

NetlistCost netlist_cost(const Netlist& netlist, const Liberty& liberty, const Activity& activity,
                         const EnergyConditions& conditions) {
  if (activity.transitions == 0) fail("{}: energy needs a stimulus of at least two vectors", netlist.top);
  if (activity.toggles.size() != netlist.nets.size())
    fail("{}: the activity is of another netlist", netlist.top);
  return Calculator(netlist, liberty, activity, conditions).calculate();
}

}  // namespace assay
