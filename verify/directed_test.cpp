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
      to = "assay_ready";
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

// "64'h2, 64'h1" of values 1 and 2: an element `i` at bits [width*i+:width] of their concatenation.
template <typename Value, typename Of>
std::string concatenated(const std::vector<Value>& values, int width, const Of& of) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (const Value& value : values) words.push_back(hexadecimal(width, of(value)));
  std::reverse(words.begin(), words.end());
  return fmt::format("{}", fmt::join(words, ", "));
}

// Writes the parts of the test bench.
class DirectedTest {
 public:
  DirectedTest(const TestBench& bench, const std::vector<ModulePort>& ports, const Golden& golden,
               const CheckResult& result, const std::vector<StreamCycle>& cycles)
      : bench_(bench),
        golden_(golden),
        vectors_(result.context),
        cycles_(cycles),
        ports_(ports),
        operands_(operand_ports(bench.specification)),
        clocked_(!bench.timing.clock.empty()),
        by_valid_(!bench.timing.out_valid.empty()),
        has_flags_(bench.specification.flags != 0) {
    vectors_.push_back(*result.smallest);
  }

  std::string text() const;

 private:
  int width_of(const std::string& port) const {
    return std::find_if(ports_.begin(), ports_.end(), [&](const ModulePort& p) { return p.name == port; })
        ->width;
  }
  std::string declarations() const;
  std::string recorded() const;
  std::string apply(const Mismatch& vector) const;
  std::string apply_noise() const;
  std::string capture() const;
  std::string stimulus() const;
  std::string comparison() const;

  const TestBench& bench_;
  const Golden& golden_;
  std::vector<Mismatch> vectors_;
  const std::vector<StreamCycle>& cycles_;
  std::vector<ModulePort> ports_;
  std::vector<OperandPort> operands_;
  bool clocked_, by_valid_, has_flags_;
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
  if (has_flags_) declare(kFlagBits, "assay_flags");
  return text;
}

// The clock, and what the failure's stream decided in its cycles.
std::string DirectedTest::recorded() const {
  return fmt::format(
      "  logic assay_clk = 1'b0, assay_rst = 1'b1, assay_valid = 1'b0, assay_ready = 1'b0, assay_taken;\n"
      "  always #5 assay_clk = ~assay_clk;\n\n"
      "  // Registers without a reset begin with X, or in Verilator with 0: there run it with +verilator+rand+reset+2.\n"
      "  // The stalls of the failure, and what gives the inputs of a cycle without a vector; then there are none.\n"
      "  localparam int AssayCycles = {0};\n"
      "  localparam logic [AssayCycles-1:0] AssayMayOffer = {{{1}}};\n"
      "  localparam logic [AssayCycles-1:0] AssayMayTake = {{{2}}};\n"
      "  localparam logic [64*AssayCycles-1:0] AssayNoises = {{{3}}};\n"
      "  logic [63:0] assay_noise;\n"
      "  logic [{4}:0] assay_in_flight = '0;\n"
      "  int assay_cycle = 0, assay_fed = 0, assay_results = 0;\n",
      cycles_.size(), concatenated(cycles_, 1, [](const StreamCycle& c) { return uint64_t{c.may_offer}; }),
      concatenated(cycles_, 1, [](const StreamCycle& c) { return uint64_t{c.may_take}; }),
      concatenated(cycles_, 64, [](const StreamCycle& c) { return c.noise; }), bench_.stream.latency);
}

std::string DirectedTest::apply(const Mismatch& vector) const {
  std::string text;
  const auto assign = [&](const std::string& name, int width, uint64_t value) {
    text += fmt::format(" {} = {};", identifier(name), hexadecimal(width, value));
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
  return text;
}

// As in noise_at_port.
std::string DirectedTest::apply_noise() const {
  std::string text;
  size_t port = 0;
  const auto assign = [&](const std::string& name, int width) {
    text += fmt::format(" {} = {}'(assay_noise * 64'd{} ^ assay_noise >> {});", identifier(name), width,
                        2 * port + 1, port % 32);
    ++port;
  };
  for (const OperandPort& operand : operands_) assign(operand.name, operand.width);
  for (const Pin& pin : bench_.specification.pins) assign(pin.name, width_of(pin.name));
  return text;
}

std::string DirectedTest::capture() const {
  std::string text = fmt::format("assay_result = {};", bench_.outputs.at("result"));
  if (!has_flags_) return text;
  std::vector<std::string> flags;
  for (const std::string_view name : kFlagNames) {
    const auto given = bench_.outputs.find(std::string(name));
    flags.push_back(given == bench_.outputs.end() ? "1'b0"
                    : bench_.specification.lanes == 1
                        ? fmt::format("1'({})", given->second)
                        : fmt::format("1'(({}) >> {})", given->second, vectors_.back().lane));
  }
  return text + fmt::format(" assay_flags = {{{}}};", fmt::join(flags, ", "));
}

std::string DirectedTest::stimulus() const {
  if (!clocked_) {
    std::string text;
    for (const Mismatch& vector : vectors_) text += fmt::format("   {}\n    #1;\n", apply(vector));
    return text + fmt::format("    {}\n", capture());
  }
  const Timing& timing = bench_.timing;
  std::string text = fmt::format(
      "    repeat ({}) @(negedge assay_clk);\n    assay_rst = 1'b0;\n    while (assay_results < {}) begin\n"
      "      assay_ready = assay_cycle >= AssayCycles || AssayMayTake[assay_cycle];\n"
      "      if (assay_fed < {} && (assay_cycle >= AssayCycles || AssayMayOffer[assay_cycle])) assay_valid = 1'b1;\n"
      "      assay_noise = assay_cycle >= AssayCycles ? '0 : AssayNoises[64*assay_cycle+:64];\n"
      "      if (!assay_valid) begin\n       {}\n      end else case (assay_fed)\n",
      bench_.stream.reset_cycles, vectors_.size(), vectors_.size(), apply_noise());
  for (size_t i = 0; i < vectors_.size(); ++i) {
    text += fmt::format("        {}: begin{} end\n", i + 1 == vectors_.size() ? "default" : std::to_string(i),
                        apply(vectors_[i]));
  }
  text += fmt::format("      endcase\n      #1;\n      assay_taken = assay_valid{};\n",
                      timing.in_ready.empty() ? "" : fmt::format(" & 1'({})", timing.in_ready));
  if (!by_valid_) {
    text += fmt::format("      assay_in_flight = {}'({{assay_in_flight, assay_taken}});\n",
                        bench_.stream.latency + 1);
  }
  text += fmt::format(
      "      if ({}) begin\n        {}\n        assay_results += 1;\n      end\n"
      "      assay_cycle += 1;\n"
      "      if (assay_cycle > AssayCycles + {}) $fatal(1, \"no result\");\n"
      "      @(negedge assay_clk);\n"
      "      if (assay_taken) begin\n        assay_fed += 1;\n        assay_valid = 1'b0;\n      end\n    end\n",
      by_valid_ ? fmt::format("1'({}) & assay_ready", timing.out_valid)
                : fmt::format("assay_in_flight[{}]", bench_.stream.latency),
      capture(), bench_.stream.timeout);
  return text;
}

std::string DirectedTest::comparison() const {
  const Mismatch& last = vectors_.back();
  const int width = result_width(bench_.specification);
  const std::string expected = hexadecimal(width, last.expected.code);
  const std::string result =
      bench_.specification.lanes == 1
          ? "assay_result"
          : fmt::format("assay_result[{}+:{}]", static_cast<int>(last.lane) * width, width);
  std::string text =
      fmt::format("    if ({1} !== {0}) $fatal(1, \"expected {0}, found %h\", {1});\n", expected, result);
  if (!has_flags_) return text;
  return text + fmt::format(
                    "    if ((assay_flags & 5'd{1}) !== 5'd{2}) $fatal(1, \"expected the flags {0}, "
                    "found %b\", assay_flags);\n",
                    exception_names(last.expected.flags), bench_.specification.flags, last.expected.flags);
}

std::string DirectedTest::text() const {
  const Mismatch& last = vectors_.back();
  const int width = result_width(bench_.specification);
  return fmt::format(
      "// {}{}: expected {}, found {}\nmodule {};\n{}{}\n  {}{} u_design (\n{}\n  );\n\n  initial begin\n{}{}"
      "    $finish;\n  end\nendmodule\n",
      unit_name(golden_.unit(last.mode)),
      bench_.specification.lanes == 1 ? "" : fmt::format(", lane {}", last.lane),
      hexadecimal(width, last.expected.code), hexadecimal(width, last.actual.code),
      identifier(bench_.sources.top + "_case"), declarations(), clocked_ ? recorded() : "",
      identifier(bench_.sources.top), parameters(bench_.sources), connections(bench_, ports_), stimulus(),
      comparison());
}

}  // namespace

std::string directed_test(const TestBench& bench, const std::vector<ModulePort>& ports, const Golden& golden,
                          const CheckResult& result, const std::vector<StreamCycle>& cycles) {
  return result.smallest ? DirectedTest(bench, ports, golden, result, cycles).text() : "";
}

}  // namespace assay
