#include "verify/directed_test.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "verify/bench_wrapper.h"

namespace assay {
namespace {

std::string hexadecimal(int width, uint64_t value) {
  return fmt::format("{}'h{:x}", width, value);
}

// What each port of the design is connected to.
std::string connections(const TestBench& bench, const std::vector<ModulePort>& ports) {
  const Timing& timing = bench.timing;
  std::vector<std::string> list;
  for (const ModulePort& port : ports) {
    std::string to = identifier(port.name);
    if (port.name == timing.clock) {
      to = timing.rising_edge ? "assay_clk" : "~assay_clk";
    } else if (port.name == timing.reset) {
      to = timing.reset_high ? "assay_rst" : "~assay_rst";
    } else if (port.name == timing.in_valid) {
      to = "assay_valid";
    } else if (port.name == timing.out_ready) {
      to = "1'b1";
    } else if (const auto given = bench.inputs.find(port.name); given != bench.inputs.end()) {
      const std::string& text = given->second;
      const bool number =
          std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
      to = number ? fmt::format("{}'d{}", port.width, text) : text;
    }
    list.push_back(fmt::format("    .{}({})", identifier(port.name), to));
  }
  return fmt::format("{}", fmt::join(list, ",\n"));
}

std::string parameters(const ModelSources& sources) {
  std::vector<std::string> list;
  for (const auto& [name, value] : sources.parameters) list.push_back(fmt::format(".{}({})", name, value));
  return list.empty() ? "" : fmt::format(" #({})", fmt::join(list, ", "));
}

// Writes the parts of the test bench.
class DirectedTest {
 public:
  DirectedTest(const TestBench& bench, const std::vector<ModulePort>& ports, const Golden& golden,
               const CheckResult& result)
      : bench_(bench),
        golden_(golden),
        vectors_(result.context),
        ports_(ports),
        operands_(operand_ports(bench.specification)),
        clocked_(!bench.timing.clock.empty()),
        by_valid_(!bench.timing.out_valid.empty()) {
    vectors_.push_back(*result.smallest);
  }

  std::string text() const;

 private:
  int width_of(const std::string& port) const {
    return std::find_if(ports_.begin(), ports_.end(), [&](const ModulePort& p) { return p.name == port; })
        ->width;
  }
  std::string declarations() const;
  std::string apply(const Mismatch& vector) const;
  std::string stimulus() const;

  const TestBench& bench_;
  const Golden& golden_;
  std::vector<Mismatch> vectors_;
  std::vector<ModulePort> ports_;
  std::vector<OperandPort> operands_;
  bool clocked_, by_valid_;
};

std::string DirectedTest::declarations() const {
  std::string text;
  const auto declare = [&](int width, const std::string& name) {
    text += fmt::format("  logic [{}:0] {};\n", width - 1, identifier(name));
  };
  for (const OperandPort& operand : operands_) declare(operand.width, operand.name);
  text += joined_lanes(bench_.specification);
  for (const Pin& pin : bench_.specification.pins) declare(width_of(pin.name), pin.name);
  for (const ModulePort& port : ports_) {
    if (!port.is_input) declare(port.width, port.name);
  }
  declare(bench_.specification.lanes * result_width(bench_.specification), "assay_result");
  if (!clocked_) return text;
  text +=
      "  logic assay_clk = 1'b0, assay_rst = 1'b1, assay_valid = 1'b0;\n  always #5 assay_clk = ~assay_clk;\n";
  if (by_valid_) {
    text += fmt::format(
        "  int assay_results = 0;\n  always @(posedge assay_clk) begin\n"
        "    if ({} & ~assay_rst) begin\n      assay_results <= assay_results + 1;\n      assay_result <= {};\n"
        "    end\n  end\n",
        bench_.timing.out_valid, bench_.outputs.at("result"));
  }
  return text;
}

std::string DirectedTest::apply(const Mismatch& vector) const {
  std::string text;
  const auto assign = [&](const std::string& name, int width, uint64_t value) {
    text += fmt::format("    {} = {};\n", name, hexadecimal(width, value));
  };
  const size_t slots = vector.operands.size() / static_cast<size_t>(bench_.specification.lanes);
  for (const OperandPort& operand : operands_) {
    assign(operand.name, operand.width, vector.operands[operand.lane * slots + operand.slot]);
  }
  const Specification& specification = bench_.specification;
  for (size_t i = 0; i < specification.pins.size(); ++i) {
    const std::string& name = specification.pins[i].name;
    assign(name, width_of(name), specification.modes[vector.mode].pins[i]);
  }
  if (!clocked_) return text + "    #1;\n";
  text += "    assay_valid = 1'b1;\n";
  if (!bench_.timing.in_ready.empty()) text += fmt::format("    #1 wait ({});\n", bench_.timing.in_ready);
  return text + "    @(negedge assay_clk);\n    assay_valid = 1'b0;\n";
}

std::string DirectedTest::stimulus() const {
  std::string text;
  if (clocked_) {
    text += fmt::format("    repeat ({}) @(negedge assay_clk);\n    assay_rst = 1'b0;\n",
                        bench_.stream.reset_cycles);
  }
  for (const Mismatch& vector : vectors_) text += apply(vector);
  if (by_valid_) return text + fmt::format("    wait (assay_results == {});\n", vectors_.size());
  if (bench_.stream.latency > 1) {
    text += fmt::format("    repeat ({}) @(negedge assay_clk);\n", bench_.stream.latency - 1);
  }
  return text;
}

std::string DirectedTest::text() const {
  const Mismatch& last = vectors_.back();
  const Unit& unit = golden_.unit(last.mode);
  const int width = result_width(bench_.specification);
  const std::string expected = hexadecimal(width, last.expected.code);
  std::string text = fmt::format("// {}{}: expected {}, found {}\n", unit_name(unit),
                                 bench_.specification.lanes == 1 ? "" : fmt::format(", lane {}", last.lane),
                                 expected, hexadecimal(width, last.actual.code));
  text +=
      fmt::format("module {};\n{}\n  {}{} u_design (\n{}\n  );\n", identifier(bench_.sources.top + "_case"),
                  declarations(), identifier(bench_.sources.top), parameters(bench_.sources),
                  connections(bench_, ports_));
  if (!by_valid_) text += fmt::format("  assign assay_result = {};\n", bench_.outputs.at("result"));
  text += "\n  initial begin\n" + stimulus();
  if (last.expected.code == last.actual.code) {
    text += fmt::format("    // The result is right; the flags are not: expected {}, found {}.\n",
                        exception_names(last.expected.flags), exception_names(last.actual.flags));
  }
  const std::string result =
      bench_.specification.lanes == 1
          ? "assay_result"
          : fmt::format("assay_result[{}+:{}]", static_cast<int>(last.lane) * width, width);
  return text + fmt::format(
                    "    if ({1} !== {0}) $fatal(1, \"expected {0}, found %h\", {1});\n"
                    "    $finish;\n  end\nendmodule\n",
                    expected, result);
}

}  // namespace

std::string directed_test(const TestBench& bench, const std::vector<ModulePort>& ports, const Golden& golden,
                          const CheckResult& result) {
  return result.smallest ? DirectedTest(bench, ports, golden, result).text() : "";
}

}  // namespace assay
