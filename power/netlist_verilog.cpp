#include "power/netlist_verilog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace assay {
namespace {

class Writer {
 public:
  Writer(const Netlist& netlist, const Liberty& liberty) : netlist_(netlist), liberty_(liberty) {
    std::set<std::string> taken;
    for (const std::string& net : netlist.nets) {
      std::string name = net.find('.') == std::string::npos ? "net." + net : net;
      std::replace(name.begin(), name.end(), ' ', '_');
      while (!taken.insert(name).second) name += "'";
      nets_.push_back(fmt::format("\\{} ", name));
    }
    nets_[kConstant0] = "1'b0";
    nets_[kConstant1] = "1'b1";
  }

  std::string write() {
    std::vector<std::string> ports;
    for (const NetlistPort& port : netlist_.inputs) ports.push_back(declaration("input", port));
    for (const NetlistPort& port : netlist_.outputs) ports.push_back(declaration("output", port));
    text_ = fmt::format("module {} (\n{}\n);\n", netlist_.top, fmt::join(ports, ",\n"));
    for (size_t net = kConstant1 + 1; net < nets_.size(); ++net)
      text_ += fmt::format("  wire {};\n", nets_[net]);
    for (const NetlistPort& port : netlist_.inputs) {
      for (size_t i = 0; i < port.bits.size(); ++i) assign(nets_[port.bits[i]], bit(port, i));
    }
    for (size_t i = 0; i < netlist_.registers.size(); ++i) write_register(netlist_.registers[i], i);
    for (const NetlistCell& cell : netlist_.cells) write_outputs(cell, "");
    for (const NetlistPort& port : netlist_.outputs) {
      for (size_t i = 0; i < port.bits.size(); ++i) assign(bit(port, i), nets_[port.bits[i]]);
    }
    return text_ + "endmodule\n";
  }

 private:
  static std::string declaration(const char* direction, const NetlistPort& port) {
    return fmt::format("  {} [{}:0] {}", direction, port.bits.size() - 1, port.name);
  }
  static std::string bit(const NetlistPort& port, size_t i) { return fmt::format("{}[{}]", port.name, i); }

  void assign(const std::string& to, const std::string& what) {
    text_ += fmt::format("  assign {} = {};\n", to, what);
  }

  const LibertyCell& type_of(const NetlistCell& cell) const { return liberty_.cells[cell.liberty_cell]; }

  std::string variable(const NetlistCell& cell, const std::string& name, const std::string& state) const {
    const LibertyCell& type = type_of(cell);
    if (type.flip_flop && name == type.flip_flop->state) return state;
    if (type.flip_flop && name == type.flip_flop->inverted_state) return "~" + state;
    return nets_[cell.pins[static_cast<size_t>(type.find_pin(name))]];
  }

  std::string expression(const NetlistCell& cell, const BooleanFunction& function,
                         const std::string& state) const {
    using Operator = BooleanFunction::Operator;
    std::vector<std::string> parts;
    for (const BooleanFunction::Node& node : function.nodes) {
      const auto binary = [&](char op) {
        return fmt::format("({} {} {})", parts[node.left], op, parts[node.right]);
      };
      switch (node.op) {
        case Operator::constant_0:
          parts.emplace_back("1'b0");
          break;
        case Operator::constant_1:
          parts.emplace_back("1'b1");
          break;
        case Operator::variable:
          parts.push_back(variable(cell, function.variables[node.left], state));
          break;
        case Operator::op_not:
          parts.push_back(fmt::format("(~{})", parts[node.left]));
          break;
        case Operator::op_and:
          parts.push_back(binary('&'));
          break;
        case Operator::op_or:
          parts.push_back(binary('|'));
          break;
        case Operator::op_xor:
          parts.push_back(binary('^'));
          break;
      }
    }
    return parts.back();
  }

  void write_outputs(const NetlistCell& cell, const std::string& state) {
    const LibertyCell& type = type_of(cell);
    for (size_t pin = 0; pin < cell.pins.size(); ++pin) {
      if (type.pins[pin].direction != PinDirection::output || cell.pins[pin] == kUnconnected) continue;
      assign(nets_[cell.pins[pin]], expression(cell, *type.pins[pin].function, state));
    }
  }

  void write_register(const NetlistCell& cell, size_t number) {
    const FlipFlop& flip_flop = *type_of(cell).flip_flop;
    const std::string state = fmt::format("state{}", number);
    text_ += fmt::format("  reg {};\n", state);
    std::string events, controls;
    const auto wire = [&](const char* name, const BooleanFunction& function) {
      text_ += fmt::format("  wire {}{} = {};\n", name, number, expression(cell, function, state));
      events += fmt::format("{}posedge {}{}", events.empty() ? "" : " or ", name, number);
    };
    const auto control = [&](const char* name, const std::optional<BooleanFunction>& function, char value) {
      if (!function) return;
      wire(name, *function);
      controls += fmt::format("if ({}{}) {} <= 1'b{}; else ", name, number, state, value);
    };
    wire("clock", flip_flop.clocked_on);
    if (flip_flop.preset_wins) control("preset", flip_flop.preset, '1');
    control("clear", flip_flop.clear, '0');
    if (!flip_flop.preset_wins) control("preset", flip_flop.preset, '1');
    text_ += fmt::format("  always @({}) {}{} <= {};\n", events, controls, state,
                         expression(cell, flip_flop.next_state, state));
    write_outputs(cell, state);
  }

  const Netlist& netlist_;
  const Liberty& liberty_;
  std::vector<std::string> nets_;
  std::string text_;
};

}  // namespace

std::string netlist_verilog(const Netlist& netlist, const Liberty& liberty) {
  return Writer(netlist, liberty).write();
}

}  // namespace assay
