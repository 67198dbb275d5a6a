#include "verify/elaboration.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"

namespace assay {
namespace {

std::string quoted(const std::filesystem::path& path) {
  const std::string text = path.string();
  if (text.find_first_of("\"\n\\") != std::string::npos) {
    fail("{}: file names with quotes, backslashes or line breaks cannot be given to Yosys", text);
  }
  return '"' + text + '"';
}

// Files by names that do not depend on where they are, because Yosys names cells after them, and `mutate` chooses by
// names: folders become links in the one where Yosys runs.
class LinkedFolders {
 public:
  explicit LinkedFolders(std::filesystem::path where) : where_(std::move(where)) {}

  std::filesystem::path name_of(const std::filesystem::path& file) {
    const std::filesystem::path full = std::filesystem::absolute(file);
    const auto [at, is_new] = links_.try_emplace(full.parent_path(), fmt::format("sources{}", links_.size()));
    if (is_new) std::filesystem::create_directory_symlink(full.parent_path(), where_ / at->second);
    return at->second / full.filename();
  }

 private:
  std::filesystem::path where_;
  std::map<std::filesystem::path, std::filesystem::path> links_;
};

std::string read_command(const TestBench& bench, const std::filesystem::path& file) {
  std::string text = file.extension() == ".v" ? "read_verilog -defer" : "read_verilog -sv -defer";
  for (const auto& [name, value] : bench.sources.defines) text += fmt::format(" -D{}={}", name, value);
  for (const auto& folder : bench.sources.include_folders) text += " -I" + quoted(folder);
  return text + " " + quoted(file) + "\n";
}

}  // namespace

std::string elaboration_commands(const TestBench& bench, const BenchWrapper& wrapper,
                                 const std::filesystem::path& folder) {
  std::string commands;
  LinkedFolders links(folder);
  for (const auto& file : bench.sources.files) commands += read_command(bench, links.name_of(file));
  for (const auto& [name, text] : wrapper.texts) {
    write_file(folder / name, text);
    commands += read_command(bench, name);
  }
  return commands + fmt::format(
                        "hierarchy -check -top {}\n"
                        "setattr -unset keep_hierarchy */c:*\n"
                        "setattr -mod -unset keep_hierarchy *\n"
                        "proc\nflatten\nopt\nsetundef -zero\nopt\n",
                        kBenchTop);
}

std::string graph_commands(const std::filesystem::path& file) {
  return fmt::format("opt -fast\ntechmap\nopt -fast\naigmap\nopt_clean\nwrite_blif {}\n", quoted(file));
}

void run_yosys_commands(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder) {
  write_file(folder / "commands.ys", commands);
  const ProcessResult result = run_process({"yosys", "-q", "-s", "commands.ys"}, folder);
  if (result.exit_status == 0) return;
  const size_t error = result.output.find("ERROR:");
  fail("{}: {}", what, result.output.substr(error == std::string::npos ? 0 : error, 2000));
}

Netlist map_unoptimized(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder, const std::filesystem::path& library,
                        const Liberty& liberty) {
  write_file(folder / "cells.lib", read_liberty_text(library));
  run_yosys_commands(what,
                     commands +
                         "read_liberty -lib -ignore_miss_func cells.lib\n"
                         "opt -fast\ntechmap\nopt -fast\nabc -liberty cells.lib -script +strash;map\n"
                         "opt_clean -purge\nsplitnets\nopt_clean -purge\nwrite_json mapped.json\n",
                     folder);
  return read_netlist(folder / "mapped.json", liberty);
}

}  // namespace assay
