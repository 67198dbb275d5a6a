#include "verify/test_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"
#include "power/liberty.h"

namespace assay {
namespace {

constexpr int kMostCycles = 1'000'000;
constexpr int kMostLanes = 64;

std::vector<std::string> text_list(const TomlTable& table, std::string_view key) {
  std::vector<std::string> words;
  if (!table.contains(key)) return words;
  const toml::array* array = table.required_node(key, "a list of strings").as_array();
  if (array == nullptr) fail("{}: expected a list of strings", table.where(key));
  for (const toml::node& node : *array) {
    const auto word = node.value<std::string>();
    if (!word) fail("{}: expected a list of strings", table.where(key));
    words.push_back(*word);
  }
  return words;
}

std::filesystem::path beside(const std::filesystem::path& file, const std::string& path) {
  return file.parent_path() / path;  // an absolute path stays what it is
}

// A string, or an integer as one.
std::string text_or_number(const TomlTable& table, std::string_view key) {
  if (const auto* number = table.table().get_as<int64_t>(key)) return std::to_string(number->get());
  return table.required_text(key);
}

std::filesystem::path read_liberty_path(const TomlTable& design, const std::filesystem::path& file) {
  const std::optional<std::string> word = design.text("liberty");
  if (!word) return {};
  return *word == "osu018" ? default_liberty() : beside(file, *word);
}

void read_design(const TomlTable& design, const std::filesystem::path& file, TestBench& bench) {
  design.expect_keys({"sources", "netlist", "include", "defines", "top", "parameters", "liberty"});
  ModelSources& sources = bench.sources;
  sources.top = design.required_text("top");
  bench.liberty = read_liberty_path(design, file);
  for (const std::string& path : text_list(design, "sources")) sources.files.push_back(beside(file, path));
  if (const std::optional<std::string> path = design.text("netlist")) {
    bench.netlist = beside(file, *path);
    if (!std::filesystem::is_regular_file(bench.netlist)) {
      fail("{}: {}: no such file", design.where("netlist"), bench.netlist.string());
    }
    if (design.contains("parameters")) fail("{}: a netlist has no parameters", design.where("parameters"));
  } else if (sources.files.empty()) {
    fail("{}: expected the design's files, or a netlist", design.where("sources"));
  }
  for (const std::filesystem::path& path : sources.files) {
    if (!std::filesystem::exists(path)) fail("{}: {}: no such file", design.where("sources"), path.string());
  }
  for (const std::string& path : text_list(design, "include")) {
    sources.include_folders.push_back(beside(file, path));
  }
  if (design.contains("defines")) {
    const TomlTable defines = design.required_table("defines");
    for (const auto& [key, value] : defines.table()) {
      sources.defines[std::string(key.str())] = text_or_number(defines, key.str());
    }
  }
  if (design.contains("parameters")) {
    const TomlTable parameters = design.required_table("parameters");
    for (const auto& [key, value] : parameters.table()) {
      sources.parameters[std::string(key.str())] = parameters.required_integer(key.str());
    }
  }
}

bool read_either(const TomlTable& table, std::string_view key, std::string_view yes, std::string_view no,
                 bool otherwise) {
  const std::optional<std::string> word = table.text(key);
  if (!word) return otherwise;
  if (*word != yes && *word != no) fail("{}: expected {} or {}, found {}", table.where(key), yes, no, *word);
  return *word == yes;
}

void read_timing(const TomlTable& table, TestBench& bench) {
  table.expect_keys({"clock", "edge", "reset", "reset_active", "reset_cycles", "latency", "in_valid",
                     "in_ready", "out_valid", "out_ready", "stalls", "timeout"});
  Timing& timing = bench.timing;
  timing.clock = table.required_text("clock");
  timing.rising_edge = read_either(table, "edge", "rising", "falling", true);
  timing.reset = table.text("reset").value_or("");
  timing.reset_high = read_either(table, "reset_active", "high", "low", false);
  timing.in_valid = table.text("in_valid").value_or("");
  timing.in_ready = table.text("in_ready").value_or("");
  timing.out_valid = table.text("out_valid").value_or("");
  timing.out_ready = table.text("out_ready").value_or("");
  StreamOptions& stream = bench.stream;
  const bool handshake = !timing.in_ready.empty() || !timing.out_ready.empty();
  if (handshake && (timing.in_valid.empty() || timing.out_valid.empty())) {
    fail("{}: a handshake has both in_valid and out_valid", table.where(""));
  }
  if (handshake && table.contains("latency")) {
    fail("{}: expected either a latency or a handshake", table.where("latency"));
  }
  const bool by_valid = timing.in_valid.empty() && !timing.out_valid.empty();
  if (!handshake && !by_valid)
    stream.latency = static_cast<int>(table.required_integer("latency", 0, kMostCycles));
  if (const auto cycles = table.integer("reset_cycles", 1, kMostCycles)) {
    stream.reset_cycles = static_cast<int>(*cycles);
  }
  if (const auto cycles = table.integer("timeout", 1)) stream.timeout = static_cast<uint64_t>(*cycles);
  stream.stalls = table.number("stalls").value_or(stream.stalls);
  if (stream.stalls < 0 || stream.stalls > 0.95) {
    fail("{}: expected a share of 0 to 0.95, found {}", table.where("stalls"), stream.stalls);
  }
}

Unit read_unit(const TomlTable& table, const std::filesystem::path& file) {
  const std::string word = table.required_text("unit");
  return table.at("unit",
                  [&] { return load_unit(word.ends_with(".toml") ? beside(file, word).string() : word); });
}

void read_modes(const TomlTable& root, const std::filesystem::path& file, Specification& specification) {
  if (root.contains("unit") == root.contains("mode")) {
    fail("{}: expected either a unit or [[mode]] tables", root.where(""));
  }
  if (root.contains("unit")) {
    specification.modes = {{read_unit(root, file), {}}};
    return;
  }
  for (const TomlTable& table : root.required_tables("mode")) {
    table.expect_keys({"unit", "pins"});
    const TomlTable pins = table.required_table("pins");
    if (specification.pins.empty()) {
      for (const auto& [key, value] : pins.table()) specification.pins.push_back({std::string(key.str()), 0});
    }
    Mode mode{read_unit(table, file), {}};
    for (const Pin& pin : specification.pins) {
      mode.pins.push_back(static_cast<uint64_t>(pins.required_integer(pin.name, 0)));
    }
    if (pins.table().size() != specification.pins.size()) {
      fail("{}: expected the same pins in every mode", table.where("pins"));
    }
    specification.modes.push_back(std::move(mode));
  }
}

// Every mode once with each rounding that a pin chooses.
void read_roundings(const TomlTable& table, Specification& specification) {
  const std::string pin = table.required_text("pin");
  std::vector<Mode> modes;
  for (const auto& [key, value] : table.table()) {
    if (key.str() == "pin") continue;
    const Rounding rounding = table.at(key.str(), [&] { return parse_rounding(key.str()); });
    for (Mode mode : specification.modes) {
      mode.unit.rounding = rounding;
      mode.pins.push_back(static_cast<uint64_t>(table.required_integer(key.str(), 0)));
      modes.push_back(std::move(mode));
    }
  }
  if (modes.empty())
    fail("{}: expected roundings with the values of the pin, such as rne = 0", table.where(""));
  specification.modes = std::move(modes);
  specification.pins.push_back({pin, 0});
}

void read_lanes(const TomlTable& root, Specification& specification) {
  if (const auto lanes = root.integer("lanes", 1, kMostLanes)) specification.lanes = static_cast<int>(*lanes);
  specification.shared = text_list(root, "shared");
  if (!specification.shared.empty() && specification.lanes == 1) {
    fail("{}: expected several lanes to share them", root.where("shared"));
  }
  const std::vector<OperandSlot> slots = operand_slots(specification);
  const auto shared =
      std::count_if(slots.begin(), slots.end(), [](const OperandSlot& s) { return s.shared; });
  if (static_cast<size_t>(shared) != specification.shared.size()) {
    fail("{}: expected operands, each once", root.where("shared"));
  }
}

void read_connections(const TomlTable& root, TestBench& bench) {
  const TomlTable inputs = root.required_table("inputs"), outputs = root.required_table("outputs");
  for (const auto& [key, value] : inputs.table()) {
    bench.inputs[std::string(key.str())] = text_or_number(inputs, key.str());
  }
  outputs.expect_keys({"result", "invalid", "divide_by_zero", "overflow", "underflow", "inexact"});
  bench.outputs["result"] = outputs.required_text("result");
  for (const auto& [key, value] : outputs.table()) {
    const std::string name(key.str());
    bench.outputs[name] = outputs.required_text(name);
    bench.specification.flags |= exception_bit(name);
  }
}

void read_stimulus(const TomlTable& table, const std::filesystem::path& file, TestBench& bench) {
  table.expect_keys({"seed", "random", "exhaustive_bits", "captured"});
  StimulusOptions& options = bench.stimulus;
  if (const auto seed = table.integer("seed", 0)) options.seed = static_cast<uint64_t>(*seed);
  if (const auto random = table.integer("random", 0)) options.random_vectors = static_cast<uint64_t>(*random);
  if (const auto bits = table.integer("exhaustive_bits", 0, 40))
    options.exhaustive_bits = static_cast<int>(*bits);
  if (const auto path = table.text("captured")) {
    bench.captured = beside(file, *path);
    if (!std::filesystem::exists(bench.captured)) {
      fail("{}: {}: no such file or folder", table.where("captured"), bench.captured.string());
    }
  }
}

// Lanes of one port, the first in the least significant bits: "{a2, a1}".
std::string lanes(std::string_view prefix, int count) {
  std::string text;
  for (int i = count; i >= 1; --i) text += fmt::format("{}{}{}", text.empty() ? "" : ", ", prefix, i);
  return "{" + text + "}";
}

}  // namespace

TestBench read_test_bench(const std::filesystem::path& file) {
  const std::string place = file.string();
  const toml::table parsed = parse_toml(read_file(file), place);
  const TomlTable root(parsed, place, "");
  root.expect_keys({"unit", "random_bits", "lanes", "shared", "design", "inputs", "outputs", "timing", "mode",
                    "roundings", "contract", "stimulus"});
  TestBench bench;
  bench.place = place;
  bench.specification.name = file.stem().string();
  read_design(root.required_table("design"), file, bench);
  read_modes(root, file, bench.specification);
  if (root.contains("roundings")) read_roundings(root.required_table("roundings"), bench.specification);
  if (const auto bits = root.integer("random_bits", 1, 32))
    bench.specification.random_bits = static_cast<int>(*bits);
  read_lanes(root, bench.specification);
  read_connections(root, bench);
  if (root.contains("timing")) read_timing(root.required_table("timing"), bench);
  if (root.contains("contract"))
    bench.specification.contract = contract_from_toml(root.required_table("contract"));
  if (root.contains("stimulus")) read_stimulus(root.required_table("stimulus"), file, bench);
  (void)Golden(bench.specification);  // whether the modes make sense together
  return bench;
}

TestBench catalog_test_bench(const CatalogEntry& entry, const std::filesystem::path& rtl) {
  const Unit& unit = entry.unit;
  TestBench bench;
  bench.place = (rtl / "catalog.toml").string();
  bench.specification = specification_of(unit);
  bench.specification.random_bits = entry.random_bits;
  bench.sources.files = rtl_sources_of(entry.module, rtl);
  bench.sources.top = entry.module;
  bench.sources.parameters = entry.parameters;
  if (facts_of(unit.operation).has_terms) {
    bench.inputs = {{"a_i", lanes("a", unit.terms)}, {"b_i", lanes("b", unit.terms)}, {"c_i", "c"}};
    const int scales = (operand_count(unit) - 2 * unit.terms - 1) / 2;
    if (scales > 0) {
      bench.inputs["scale_a_i"] = scales == 1 ? "sa" : lanes("sa", scales);
      bench.inputs["scale_b_i"] = scales == 1 ? "sb" : lanes("sb", scales);
    }
  } else {
    for (const std::string& name : operand_names(unit)) bench.inputs[name + "_i"] = name;
  }
  if (entry.random_bits > 0) bench.inputs["random_i"] = "random";
  bench.outputs = {{"result", "result_o"}};
  if (entry.latency > 0) {
    bench.timing.clock = "clk_i";
    bench.timing.reset = "rst_ni";
    bench.stream.latency = entry.latency;
  }
  return bench;
}

}  // namespace assay
