#include "power/timing.h"

#include <charconv>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "power/liberty.h"

namespace assay {
namespace {

// Delays are reported against a virtual clock at time 0: the data arrival time is the path's delay. The
// period is short because OpenSTA compares slacks in single precision; with a long one all paths would look
// alike. Two marker lines enclose the report.
std::string script_text(const std::string& top, double slew, double load) {
  return fmt::format(
      "if {{[catch {{\n"
      "read_liberty cells.lib\n"
      "read_verilog netlist.v\n"
      "link_design {top}\n"
      "create_clock -name virtual_clock -period 1\n"
      "set_input_delay 0 -clock virtual_clock [all_inputs]\n"
      "set_output_delay 0 -clock virtual_clock [all_outputs]\n"
      "set_input_transition {slew:.9g} [all_inputs]\n"
      "set_load {load:.9g} [all_outputs]\n"
      "puts BEGIN_REPORT\n"
      "report_checks -path_delay max -digits 6\n"
      "puts END_REPORT\n"
      "}} message]}} {{ puts \"Error: $message\" }}\n"
      "exit\n",
      fmt::arg("top", top), fmt::arg("slew", slew), fmt::arg("load", load));
}

// The word after `label` on the report's line that begins with it; empty if there is none.
std::string_view word_after(std::string_view report, std::string_view label) {
  const size_t found = report.find(label);
  if (found == std::string_view::npos) return {};
  const std::string_view rest = report.substr(found + label.size());
  const size_t begin = rest.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view{}
                                         : rest.substr(begin, rest.find_first_of(" \n", begin) - begin);
}

// The number in front of the first "data arrival time".
double arrival_time(std::string_view report, const std::string& top) {
  const size_t label = report.find("data arrival time");
  const size_t line = label == std::string_view::npos ? label : report.rfind('\n', label);
  if (line == std::string_view::npos)
    fail("timing of {}: OpenSTA reported no arrival time:\n{}", top, report);
  std::string_view text = report.substr(line + 1, label - line - 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  double value = 0.0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
    fail("timing of {}: cannot read OpenSTA's report:\n{}", top, report);
  }
  return value;
}

}  // namespace

CriticalPath critical_path(const std::filesystem::path& verilog, const std::string& top,
                           const std::filesystem::path& liberty, const TimingConditions& conditions) {
  const std::string liberty_text = read_liberty_text(liberty);
  const Liberty library = parse_liberty(liberty_text, liberty);
  const TemporaryFolder work;
  write_file(work.path() / "cells.lib", liberty_text);
  write_file(work.path() / "netlist.v", read_file(verilog));
  write_file(work.path() / "timing.tcl", script_text(top, conditions.input_slew / library.time_unit,
                                                     conditions.output_load / library.capacitance_unit));
  const std::string output =
      run_or_fail("timing of " + top, {"sta", "-no_init", "-no_splash", "-exit", "timing.tcl"}, work.path());
  const size_t begin = output.find("BEGIN_REPORT\n");
  const size_t end = output.find("END_REPORT");
  if (begin == std::string::npos || end == std::string::npos) {
    fail("timing of {} with {}: OpenSTA: {}", top, liberty.string(), output);
  }
  const std::string_view report = std::string_view(output).substr(begin, end - begin);
  if (report.find("No paths found") != std::string_view::npos) return {};
  CriticalPath path;
  path.delay = arrival_time(report, top) * library.time_unit;
  path.startpoint = word_after(report, "Startpoint:");
  path.endpoint = word_after(report, "Endpoint:");
  return path;
}

}  // namespace assay
