#include "power/synthesis.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"
#include "power/cell_roles.h"
#include "power/liberty.h"

namespace assay {
namespace {

constexpr std::string_view kLibertyName = "cells.lib";
constexpr std::string_view kConstraintName = "constraints";
constexpr std::string_view kJsonName = "netlist.json";
constexpr std::string_view kVerilogName = "netlist.v";
constexpr std::string_view kScriptName = "synthesis.ys";
constexpr std::string_view kLogName = "synthesis.log";

// `read_sources` is the part that names files and so stays out of the hash. read_liberty -lib comes first
// because check and write_json need the cells' pin directions; -simple-lhs because OpenSTA cannot read
// concatenations on the left of an assign; rename because the two outputs must use the same names.
std::string script_text(std::string_view read_sources, const SynthesisJob& job) {
  return fmt::format(
      "read_liberty -lib -ignore_miss_func {lib}\n"
      "{read_sources}"
      "hierarchy -check -top {top}\n"
      "{flatten_all}"
      "synth -flatten -noabc -top {top}\n"
      "dfflibmap -liberty {lib}\n"
      "abc -liberty {lib} -constr {constraints}\n"
      "opt_clean -purge\n"
      "splitnets\n"
      "opt_clean -purge\n"
      "rename -enumerate -pattern n%\n"
      "check -mapped -assert\n"
      "stat -liberty {lib}\n"
      "write_verilog -noattr -noexpr -nohex -simple-lhs {verilog}\n"
      "write_json {json}\n",
      fmt::arg("lib", kLibertyName), fmt::arg("read_sources", read_sources), fmt::arg("top", job.top),
      fmt::arg("flatten_all", job.flatten_all ? "setattr -unset keep_hierarchy */c:*\n" : ""),
      fmt::arg("constraints", kConstraintName), fmt::arg("verilog", kVerilogName),
      fmt::arg("json", kJsonName));
}

// ABC takes the load in fF whatever the library's unit.
std::string constraint_text(const Liberty& liberty) {
  const Surroundings surroundings = default_surroundings(liberty);
  return fmt::format("set_driving_cell {}\nset_load {:.6g} [all_outputs]\n", surroundings.driving_cell,
                     surroundings.output_load * 1e3);
}

void require_basic_gates(const Liberty& liberty) {
  if (find_gate(liberty, 1, kInverter) == nullptr) {
    fail("{}: the library has no inverter; nothing can be mapped to it", liberty.file.string());
  }
  constexpr uint64_t a = kTruthTableOfInput[0];
  constexpr uint64_t b = kTruthTableOfInput[1];
  for (const uint64_t function : {a & b, a | b, ~(a & b), ~(a | b)}) {
    if (find_gate(liberty, 2, function) != nullptr) return;
  }
  fail("{}: the library has no two-input AND, OR, NAND or NOR gate; nothing can be mapped to it",
       liberty.file.string());
}

std::string quoted(const std::filesystem::path& path) {
  const std::string text = path.string();
  if (text.find_first_of("\"\n\\") != std::string::npos) {
    fail("{}: file names with quotes, backslashes or line breaks cannot be given to Yosys", text);
  }
  return '"' + text + '"';
}

bool is_identifier(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !is_letter(name[0])) return false;
  for (const char c : name) {
    if (!is_letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

// The first line that says ERROR, and all that follows it.
std::string tool_message(const std::string& output) {
  const size_t error = output.find("ERROR:");
  if (error == std::string::npos) return output.substr(output.size() - std::min<size_t>(output.size(), 2000));
  const size_t line = output.rfind('\n', error);
  return output.substr(line == std::string::npos ? 0 : line + 1, 2000);
}

void run_yosys(const SynthesisJob& job, const std::filesystem::path& folder) {
  const ProcessResult result =
      run_process({"yosys", "-q", "-l", std::string(kLogName), "-s", std::string(kScriptName)}, folder);
  if (result.exit_status == 0) return;
  fail("synthesis of {} with {}: {}", job.top, job.liberty.string(), tool_message(result.output));
}

// Names and texts of a folder's files, by name.
std::vector<std::string> texts_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> texts;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.is_regular_file()) texts[file.path().filename().string()] = read_file(file.path());
  }
  std::vector<std::string> list;
  for (const auto& [name, text] : texts) list.insert(list.end(), {name, text});
  return list;
}

MappedDesign design_in(const std::filesystem::path& folder, bool from_cache) {
  return {folder / kJsonName, folder / kVerilogName, folder / kLogName, from_cache};
}

}  // namespace

MappedDesign synthesize(const SynthesisJob& job) {
  if (!is_identifier(job.top)) fail("synthesis: \"{}\" is not a module name", job.top);
  if (job.sources.empty()) fail("synthesis of {}: no source files", job.top);
  const std::string liberty_text = read_liberty_text(job.liberty);
  const Liberty liberty = parse_liberty(liberty_text, job.liberty);
  require_basic_gates(liberty);
  const std::string constraints = constraint_text(liberty);

  ContentHash hash;
  std::string read_sources, options;
  for (const auto& [name, text] : job.defines) {
    hash.add(fmt::format("{}={}", name, text));
    options += fmt::format(" -D{}={}", name, text);
  }
  for (const std::filesystem::path& folder : job.include_folders) {
    for (const std::string& text : texts_in(folder)) hash.add(text);
    options += " -I" + quoted(std::filesystem::absolute(folder));
  }
  for (const std::filesystem::path& source : job.sources) {
    const std::string_view language = source.extension() == ".v" ? "" : " -sv";
    hash.add(read_file(source));
    // -defer: modules that are not used, or not with these parameters, are never elaborated.
    read_sources += fmt::format("read_verilog{} -defer{} {}\n", language, options,
                                quoted(std::filesystem::absolute(source)));
  }
  hash.add(liberty_text);
  hash.add(constraints);
  hash.add(script_text("", job));
  hash.add(run_or_fail("yosys", {"yosys", "-V"}));

  const std::filesystem::path entry = std::filesystem::absolute(job.cache) / (job.top + "-" + hash.hex());
  if (std::filesystem::exists(entry / kJsonName)) return design_in(entry, true);

  const TemporaryFolder work;
  write_file(work.path() / kLibertyName, liberty_text);
  write_file(work.path() / kConstraintName, constraints);
  write_file(work.path() / kScriptName, script_text(read_sources, job));
  run_yosys(job, work.path());
  // The JSON file comes last: an entry that has it is complete.
  for (const std::string_view name : {kLogName, kVerilogName, kJsonName}) {
    write_file(entry / name, read_file(work.path() / name));
  }
  return design_in(entry, false);
}

}  // namespace assay
