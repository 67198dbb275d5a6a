#include "verify/design_netlist.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"
#include "verify/devices.h"
#include "verify/elaboration.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;  // keeps the order of the ports

constexpr std::string_view kJsonName = "netlist.json";

[[noreturn]] void bad(const TestBench& bench, const std::string& key, const std::string& what) {
  fail("{}: design.{}: {}", bench.place, key, what);
}

std::string module_names(const Json& modules) {
  std::vector<std::string> names;
  for (const auto& [name, module] : modules.items()) {
    const auto attributes = module.find("attributes");
    if (attributes == module.end() || !attributes->contains("blackbox")) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<ModulePort> ports_of_top(const TestBench& bench, const std::filesystem::path& json) {
  const Json document = Json::parse(read_file(json));
  const Json& modules = document.at("modules");
  const auto top = modules.find(bench.sources.top);
  if (top == modules.end()) {
    bad(bench, "top",
        fmt::format("{} has no module {}; it has {}", bench.netlist.string(), bench.sources.top,
                    module_names(modules)));
  }
  std::vector<ModulePort> ports;
  for (const auto& [name, port] : top->at("ports").items()) {
    const std::string direction = port.at("direction");
    if (direction != "input" && direction != "output") {
      bad(bench, "netlist",
          fmt::format("port {} of module {}: expected an input or output, found {}", name, bench.sources.top,
                      direction));
    }
    ports.push_back({name, static_cast<int>(port.at("bits").size()), direction == "input"});
  }
  return ports;
}

}  // namespace

std::filesystem::path library_of(const TestBench& bench) {
  return bench.liberty.empty() ? default_liberty() : bench.liberty;
}

std::filesystem::path netlist_json(const TestBench& bench, const std::filesystem::path& cache) {
  if (bench.netlist.extension() == ".json") return bench.netlist;
  const std::string text = read_file(bench.netlist), library = read_liberty_text(library_of(bench));
  // No -check: a cell that is nowhere is told of by read_netlist, by its whole path. The pins are checked.
  const std::string commands = fmt::format(
      "read_liberty -lib -ignore_miss_func cells.lib\n"
      "read_verilog design.v\n"
      "hierarchy\n"
      "proc\n"
      "write_json {}\n",
      kJsonName);
  ContentHash hash;
  for (const std::string& part : {text, library, commands, run_or_fail("yosys", {"yosys", "-V"})}) {
    hash.add(part);
  }
  std::filesystem::path kept =
      std::filesystem::absolute(cache) / ("gates-" + hash.hex()) / std::string(kJsonName);
  if (std::filesystem::exists(kept)) return kept;
  const TemporaryFolder work;
  write_file(work.path() / "cells.lib", library);
  write_file(work.path() / "design.v", text);
  run_yosys_commands(fmt::format("{}: design.netlist: {}", bench.place, bench.netlist.string()), commands,
                     work.path());
  write_file(kept, read_file(work.path() / std::string(kJsonName)));
  return kept;
}

std::vector<ModulePort> design_ports(const TestBench& bench, const std::filesystem::path& cache) {
  if (bench.netlist.empty()) return module_ports(bench.sources);
  try {
    return ports_of_top(bench, netlist_json(bench, cache));
  } catch (const nlohmann::json::exception& error) {
    bad(bench, "netlist",
        fmt::format("{}: not a netlist in Yosys JSON: {}", bench.netlist.string(), error.what()));
  }
}

Netlist bench_netlist(const TestBench& bench, const BenchWrapper& wrapper, const Liberty& liberty,
                      const std::filesystem::path& cache) {
  NetlistOptions options{.registers = true, .design = {}, .name = {}};
  if (!bench.netlist.empty()) {
    options.design = netlist_json(bench, cache);
    options.name = fmt::format("{}: design.netlist: {}", bench.place, bench.netlist.string());
  }
  Netlist netlist = read_netlist(map_bench(bench, wrapper, library_of(bench), cache).json, liberty, options);
  if (bench.timing.clock.empty() && !netlist.registers.empty()) {
    fail("{}: the design has registers ({}); expected [timing] with a clock", bench.place,
         netlist.registers.front().name);
  }
  return netlist;
}

}  // namespace assay
