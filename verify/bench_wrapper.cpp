#include "verify/bench_wrapper.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

#include "base/error.h"
#include "base/file.h"
#include "verify/boxing.h"

namespace assay {
namespace {

class Wrapping {
 public:
  Wrapping(const TestBench& bench, const std::vector<ModulePort>& ports)
      : bench_(bench), ports_(ports), slots_(operand_slots(bench.specification)) {}

  BenchWrapper make();

 private:
  [[noreturn]] void bad(const std::string& key, const std::string& what) const {
    fail("{}: {}: {}", bench_.place, key, what);
  }
  const ModulePort& port(const std::string& key, const std::string& name, bool is_input) const;
  int width_of(const std::string& name) const { return port("inputs." + name, name, true).width; }
  void control(const std::string& key, const std::string& name, bool is_input, bool& has,
               const std::string& connected);
  void connect_controls();
  void connect_pins();
  void connect_operands();
  void connect_outputs();
  std::string port_list() const;
  void check_plain(const std::string& key, const ModulePort& port, const std::string& text) const;
  void check_expressions() const;
  void check_module(const std::string& module, const std::map<int, std::string>& keys) const;

  const TestBench& bench_;
  const std::vector<ModulePort>& ports_;
  std::vector<OperandSlot> slots_;
  BenchWrapper wrapper_;
  std::map<std::string, std::string> connections_;  // port of the design -> what the wrapper connects
  std::string wires_;
  std::map<int, std::string> input_keys_, output_keys_;  // line of the helper module -> key of the file
};

std::string range(int width) {
  return fmt::format("[{}:0]", width - 1);
}

bool is_number(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The number of the line that begins at the end of a text.
int next_line(const std::string& text) {
  return 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

// Bit `bit` of each lane's flags from an expression with a bit for each lane; empty: 0.
std::string flag_assignment(const std::string& name, const std::string& expression, int bit, int lanes) {
  if (lanes == 1) {
    return fmt::format("  assign assay_flags[{}] = {};\n", bit, expression.empty() ? "1'b0" : expression);
  }
  std::string text = fmt::format("  wire {} assay_{} = {};", range(lanes), name,
                                 expression.empty() ? fmt::format("{}'d0", lanes) : expression);
  for (int lane = 0; lane < lanes; ++lane) {
    text += fmt::format(" assign assay_flags[{}] = assay_{}[{}];", lane * kFlagBits + bit, name, lane);
  }
  return text + "\n";
}

std::string names(const std::vector<ModulePort>& ports, bool is_input) {
  std::vector<std::string> list;
  for (const ModulePort& port : ports) {
    if (port.is_input == is_input) list.push_back(fmt::format("{} ({} bits)", port.name, port.width));
  }
  return fmt::format("{}", fmt::join(list, ", "));
}

std::string black_box(const std::string& module, const std::vector<ModulePort>& ports) {
  std::vector<std::string> list;
  list.reserve(ports.size());
  for (const ModulePort& port : ports) {
    list.push_back(fmt::format("  {} {} {}", port.is_input ? "input" : "output", range(port.width),
                               identifier(port.name)));
  }
  return fmt::format("(* blackbox *)\nmodule {} (\n{}\n);\nendmodule\n", identifier(module),
                     fmt::join(list, ",\n"));
}

const ModulePort& Wrapping::port(const std::string& key, const std::string& name, bool is_input) const {
  const auto found =
      std::find_if(ports_.begin(), ports_.end(), [&](const ModulePort& p) { return p.name == name; });
  if (found == ports_.end()) {
    bad(key, fmt::format("module {} has no port {}; its {} ports are {}", bench_.sources.top, name,
                         is_input ? "input" : "output", names(ports_, is_input)));
  }
  if (found->is_input != is_input) {
    bad(key, fmt::format("expected an {} of module {}, found the {} {}", is_input ? "input" : "output",
                         bench_.sources.top, is_input ? "output" : "input", name));
  }
  return *found;
}

void Wrapping::control(const std::string& key, const std::string& name, bool is_input, bool& has,
                       const std::string& connected) {
  has = !name.empty();
  if (!has) return;
  const ModulePort& found = port("timing." + key, name, is_input);
  if (found.width != 1)
    bad("timing." + key, fmt::format("expected a port of 1 bit, {} has {}", name, found.width));
  if (!connections_.emplace(name, connected).second)
    bad("timing." + key, fmt::format("{} is connected twice", name));
}

void Wrapping::connect_controls() {
  const Timing& timing = bench_.timing;
  StreamPorts& ports = wrapper_.ports;
  control("clock", timing.clock, true, ports.clock, timing.rising_edge ? "clk" : "~clk");
  control("reset", timing.reset, true, ports.reset, timing.reset_high ? "rst" : "~rst");
  control("in_valid", timing.in_valid, true, ports.in_valid, "in_valid");
  control("out_ready", timing.out_ready, true, ports.out_ready, "out_ready");
  control("in_ready", timing.in_ready, false, ports.in_ready, "in_ready");
  control("out_valid", timing.out_valid, false, ports.out_valid, "out_valid");
}

void Wrapping::connect_pins() {
  for (size_t i = 0; i < bench_.specification.pins.size(); ++i) {
    const std::string& name = bench_.specification.pins[i].name;
    const std::string key = fmt::format("mode.pins.{}", name);
    const ModulePort& found = port(key, name, true);
    for (const Mode& mode : bench_.specification.modes) {
      if (found.width < 64 && mode.pins[i] >> found.width != 0) {
        bad(key, fmt::format("{} does not fit into the {} bits of the port", mode.pins[i], found.width));
      }
    }
    wrapper_.ports.inputs.push_back({fmt::format("pin_{}", name), found.width});
    if (!connections_.emplace(name, fmt::format("pin_{}", name)).second) {
      bad(key, fmt::format("{} is connected twice", name));
    }
  }
}

// A port that is given an operand as it is must be as wide as the operand's format.
void Wrapping::check_plain(const std::string& key, const ModulePort& port, const std::string& text) const {
  for (const Mode& mode : bench_.specification.modes) {
    const std::vector<std::string> known = operand_names(mode.unit);
    const auto found = std::find(known.begin(), known.end(), text);
    if (found == known.end()) continue;
    const Format& format = operand_format(mode.unit, static_cast<int>(found - known.begin()));
    const std::vector<std::string>& shared = bench_.specification.shared;
    const bool all_lanes = std::find(shared.begin(), shared.end(), text) == shared.end();
    const int width = boxed_width(format, bench_.specification.contract.nan_boxing) *
                      (all_lanes ? bench_.specification.lanes : 1);
    if (port.width < width || (port.width > width && bench_.specification.modes.size() == 1)) {
      bad(key,
          fmt::format("operand {} is {} of {} bits, the port has {}", text, format.name, width, port.width));
    }
  }
}

void Wrapping::connect_operands() {
  std::vector<std::string> outputs, assigns, bindings, keys;
  for (const ModulePort& found : ports_) {
    if (!found.is_input || connections_.contains(found.name)) continue;
    const std::string key = "inputs." + found.name;
    const auto given = bench_.inputs.find(found.name);
    if (given == bench_.inputs.end()) {
      bad("inputs", fmt::format("input {} of module {} ({} bits) is given nothing", found.name,
                                bench_.sources.top, found.width));
    }
    check_plain(key, found, given->second);
    const std::string wire = "dut_" + found.name;
    outputs.push_back(fmt::format("  output logic {} {}", range(found.width), identifier(wire)));
    assigns.push_back(fmt::format(
        "  assign {} = {};\n", identifier(wire),
        is_number(given->second) ? fmt::format("{}'d{}", found.width, given->second) : given->second));
    keys.push_back(key);
    bindings.push_back(fmt::format("    .{0}({0})", identifier(wire)));
    wires_ += fmt::format("  logic {} {};\n", range(found.width), identifier(wire));
    connections_[found.name] = identifier(wire);
  }
  for (const auto& [name, text] : bench_.inputs) {
    (void)port("inputs." + name, name, true);
    if (connections_.at(name) != identifier("dut_" + name))
      bad("inputs." + name, "the port is connected twice");
  }
  std::string text = "module assay_inputs (\n";
  std::vector<std::string> operands;
  for (const OperandPort& operand : operand_ports(bench_.specification)) {
    text += fmt::format("  input logic {} {},\n", range(operand.width), operand.name);
    operands.push_back(fmt::format("    .{0}({0})", operand.name));
  }
  text += fmt::format("{}\n);\n", fmt::join(outputs, ",\n")) + joined_lanes(bench_.specification);
  for (size_t i = 0; i < assigns.size(); ++i) {
    input_keys_[next_line(text)] = keys[i];
    text += assigns[i];
  }
  wrapper_.texts["assay_inputs.sv"] = text + "endmodule\n";
  operands.insert(operands.end(), bindings.begin(), bindings.end());
  wires_ += fmt::format("  assay_inputs u_inputs (\n{}\n  );\n", fmt::join(operands, ",\n"));
}

void Wrapping::connect_outputs() {
  const bool flags = bench_.specification.flags != 0;
  const Format& format = bench_.specification.modes[0].unit.result;
  const int width = result_width(bench_.specification), lanes = bench_.specification.lanes;
  const std::string& result = bench_.outputs.at("result");
  std::string text = "module assay_outputs (\n", bindings;
  for (const ModulePort& found : ports_) {
    if (found.is_input) continue;
    if (found.name == result && found.width != lanes * width) {
      bad("outputs.result", lanes == 1
                                ? fmt::format("the result is {} of {} bits, port {} has {}", format.name,
                                              width, result, found.width)
                                : fmt::format("the results are {} lanes of {} of {} bits, port {} has {}",
                                              lanes, format.name, width, result, found.width));
    }
    const std::string wire = identifier("dut_" + found.name);
    text += fmt::format("  input logic {} {},\n", range(found.width), identifier(found.name));
    bindings += fmt::format("    .{}({}),\n", identifier(found.name), wire);
    wires_ += fmt::format("  logic {} {};\n", range(found.width), wire);
    const auto control = connections_.find(found.name);
    if (control != connections_.end()) wires_ += fmt::format("  assign {} = {};\n", control->second, wire);
    connections_[found.name] = wire;
  }
  const std::string all_flags = range(lanes * kFlagBits);
  text += fmt::format("{}  output logic {} assay_result\n);\n",
                      flags ? fmt::format("  output logic {} assay_flags,\n", all_flags) : "",
                      range(lanes * width));
  output_keys_[next_line(text)] = "outputs.result";
  text += fmt::format("  assign assay_result = {};\n", result);
  for (int bit = kFlagBits - 1; flags && bit >= 0; --bit) {
    const std::string name(kFlagNames[static_cast<size_t>(kFlagBits - 1 - bit)]);
    const auto given = bench_.outputs.find(name);
    output_keys_[next_line(text)] = "outputs." + name;
    text += flag_assignment(name, given == bench_.outputs.end() ? "" : given->second, bit, lanes);
  }
  wrapper_.texts["assay_outputs.sv"] = text + "endmodule\n";
  wires_ += fmt::format("  logic {} all_results;\n", range(lanes * width));
  if (flags) {
    wires_ += fmt::format("  logic {} all_flags;\n", all_flags);
    bindings += "    .assay_flags(all_flags),\n";
  }
  wires_ += fmt::format("  assay_outputs u_outputs (\n{}    .assay_result(all_results)\n  );\n", bindings);
  const auto give = [&](std::string_view name, std::string_view all, int bits) {
    for (int lane = 0; lane < lanes; ++lane) {
      const std::string port = lane_port(bench_.specification, name, static_cast<size_t>(lane));
      wrapper_.ports.outputs.push_back({port, bits});
      wires_ += fmt::format("  assign {} = {}[{}:{}];\n", port, all, (lane + 1) * bits - 1, lane * bits);
    }
  };
  give("result", "all_results", width);
  if (flags) give("flags", "all_flags", kFlagBits);
}

std::string Wrapping::port_list() const {
  std::vector<std::string> list;
  const StreamPorts& ports = wrapper_.ports;
  const auto one = [&](bool has, std::string_view direction, std::string_view name) {
    if (has) list.push_back(fmt::format("  {} logic {}", direction, name));
  };
  one(ports.clock, "input ", "clk");
  one(ports.reset, "input ", "rst");
  one(ports.in_valid, "input ", "in_valid");
  one(ports.out_ready, "input ", "out_ready");
  one(ports.in_ready, "output", "in_ready");
  one(ports.out_valid, "output", "out_valid");
  for (const Port& port : ports.inputs)
    list.push_back(fmt::format("  input  logic {} {}", range(port.width), port.name));
  for (const Port& port : ports.outputs) {
    list.push_back(fmt::format("  output logic {} {}", range(port.width), port.name));
  }
  return fmt::format("{}", fmt::join(list, ",\n"));
}

// Verilator's complaints about the lines of a helper module, told of the file's keys.
void Wrapping::check_module(const std::string& module, const std::map<int, std::string>& keys) const {
  const TemporaryFolder work;
  ModelSources sources = bench_.sources;
  sources.parameters.clear();
  sources.top = module;
  sources.generated[module + ".sv"] = wrapper_.texts.at(module + ".sv");
  std::string said;
  try {
    said = run_verilator(sources, {"--lint-only", "-Wwarn-WIDTH", "-Wno-MULTITOP"}, work.path());
  } catch (const Error& error) {
    said = error.what();
  }
  static const std::regex complaint(
      R"(%(Error|Warning)[^\n]*?(assay_inputs|assay_outputs)\.sv:(\d+):\d+: ([^\n]*))");
  for (std::sregex_iterator at(said.begin(), said.end(), complaint), end; at != end; ++at) {
    if (at->str(2) != module) continue;
    const auto key = keys.find(std::stoi(at->str(3)));
    bad(key == keys.end() ? "inputs" : key->second, at->str(4));
  }
  if (said.find("%Error") != std::string::npos) bad(module, said);
}

// Operands, constants and ports as they are have been checked already.
void Wrapping::check_expressions() const {
  const bool plain_inputs = std::all_of(bench_.inputs.begin(), bench_.inputs.end(), [&](const auto& input) {
    return is_number(input.second) || std::any_of(slots_.begin(), slots_.end(), [&](const OperandSlot& slot) {
             return slot.name == input.second && slot.width == width_of(input.first) &&
                    bench_.specification.lanes == 1;
           });
  });
  if (!plain_inputs) check_module("assay_inputs", input_keys_);
  const bool plain_result = std::any_of(ports_.begin(), ports_.end(), [&](const ModulePort& p) {
    return !p.is_input && p.name == bench_.outputs.at("result");
  });
  if (!plain_result || bench_.outputs.size() > 1) check_module("assay_outputs", output_keys_);
}

BenchWrapper Wrapping::make() {
  for (const OperandPort& operand : operand_ports(bench_.specification)) {
    wrapper_.ports.inputs.push_back({operand.name, operand.width});
  }
  connect_controls();
  connect_pins();
  connect_operands();
  connect_outputs();
  std::vector<std::string> connections, parameters;
  for (const ModulePort& port : ports_) {
    connections.push_back(fmt::format("    .{}({})", identifier(port.name), connections_.at(port.name)));
  }
  for (const auto& [name, value] : bench_.sources.parameters) {
    parameters.push_back(fmt::format("    .{}({})", name, value));
  }
  wrapper_.texts[fmt::format("{}.sv", kBenchTop)] =
      fmt::format("module {} (\n{}\n);\n{}  {}{} u_design (\n{}\n  );\nendmodule\n", kBenchTop, port_list(),
                  wires_, identifier(bench_.sources.top),
                  parameters.empty() ? "" : fmt::format(" #(\n{}\n  )", fmt::join(parameters, ",\n")),
                  fmt::join(connections, ",\n"));
  wrapper_.black_box = black_box(bench_.sources.top, ports_);
  check_expressions();
  return std::move(wrapper_);
}

}  // namespace

std::string identifier(const std::string& name) {
  static const std::regex plain("[A-Za-z_][A-Za-z0-9_$]*");
  return std::regex_match(name, plain) ? name : "\\" + name + " ";
}

std::string joined_lanes(const Specification& specification) {
  std::string text;
  for (const OperandSlot& slot : operand_slots(specification)) {
    if (specification.lanes == 1 || slot.shared) continue;
    std::vector<std::string> list;
    for (int lane = specification.lanes - 1; lane >= 0; --lane)
      list.push_back(fmt::format("{}_{}", slot.name, lane));
    text += fmt::format("  wire {0} {1} = {{{2}}};\n", range(specification.lanes * slot.width), slot.name,
                        fmt::join(list, ", "));
  }
  return text;
}

std::string lane_port(const Specification& specification, std::string_view name, size_t lane) {
  return specification.lanes == 1 ? std::string(name) : fmt::format("{}_{}", name, lane);
}

std::vector<OperandPort> operand_ports(const Specification& specification) {
  std::vector<OperandPort> ports;
  const std::vector<OperandSlot> slots = operand_slots(specification);
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    const auto lanes = static_cast<size_t>(slots[slot].shared ? 1 : specification.lanes);
    for (size_t lane = 0; lane < lanes; ++lane) {
      const bool one = slots[slot].shared;
      ports.push_back({one ? slots[slot].name : lane_port(specification, slots[slot].name, lane),
                       slots[slot].width, slot, lane});
    }
  }
  return ports;
}

BenchWrapper wrap(const TestBench& bench, const std::vector<ModulePort>& ports) {
  return Wrapping(bench, ports).make();
}

}  // namespace assay
