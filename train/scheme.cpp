#include "train/scheme.h"

#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"

namespace assay {
namespace {

void check_operand(std::string_view quantizer_key, const Quantizer& quantizer, std::string_view operand_key,
                   const Format& operand, const Unit& unit) {
  if (quantizer.format == operand) return;
  fail("{}: expected format {} of operand {} of unit {}, found {}", quantizer_key, operand.name, operand_key,
       unit_name(unit), quantizer.format.name);
}

Unit read_unit(const TomlTable& phase, const std::filesystem::path& folder) {
  const toml::node& node = phase.required_node("unit", "the name of a unit, a path or a table");
  if (node.is_table()) return unit_from_toml(phase.required_table("unit"));
  const std::string text = phase.required_text("unit");
  const bool is_path = text.ends_with(".toml");
  return phase.at("unit", [&] { return load_unit(is_path ? (folder / text).string() : text); });
}

PhaseScheme read_phase(const TomlTable& table, const std::filesystem::path& folder) {
  table.expect_keys({"unit", "swap", "a", "b", "output"});
  PhaseScheme phase;
  phase.unit = read_unit(table, folder);
  phase.swap = table.boolean("swap").value_or(false);
  phase.a = quantizer_from_toml(table.required_table("a"));
  phase.b = quantizer_from_toml(table.required_table("b"));
  const std::string output = table.required_text("output");
  phase.output = table.at("output", [&] { return parse_format(output); });
  table.at("", [&] { check_phase(phase); });
  return phase;
}

OptimizerArithmetic read_optimizer(const TomlTable& table) {
  table.expect_keys({"master_weight", "rounding"});
  OptimizerArithmetic optimizer;
  const std::string format = table.required_text("master_weight");
  optimizer.master_weight = table.at("master_weight", [&] { return parse_format(format); });
  if (const auto word = table.text("rounding")) {
    optimizer.rounding = table.at("rounding", [&] { return parse_rounding(*word); });
  }
  return optimizer;
}

}  // namespace

void check_phase(const PhaseScheme& phase) {
  const Unit& unit = phase.unit;
  if (unit.operation != Operation::mac && unit.operation != Operation::dot) {
    fail("unit: expected a mac or dot, found {}", unit_name(unit));
  }
  check_operand("a", phase.a, phase.swap ? "b" : "a", phase.swap ? unit.b : unit.a, unit);
  check_operand("b", phase.b, phase.swap ? "a" : "b", phase.swap ? unit.a : unit.b, unit);
}

Scheme parse_scheme(std::string_view text, std::string_view place, const std::filesystem::path& folder) {
  const toml::table root = parse_toml(text, place);
  const TomlTable table(root, place, "");
  table.expect_keys({"name", "description", "fwd", "dgrad", "wgrad", "optimizer"});
  Scheme scheme;
  scheme.name = table.required_text("name");
  scheme.description = table.text("description").value_or("");
  scheme.fwd = read_phase(table.required_table("fwd"), folder);
  scheme.dgrad = read_phase(table.required_table("dgrad"), folder);
  scheme.wgrad = read_phase(table.required_table("wgrad"), folder);
  scheme.optimizer = read_optimizer(table.required_table("optimizer"));
  return scheme;
}

Scheme load_scheme(const std::filesystem::path& path) {
  return parse_scheme(read_file(path), path.string(), path.parent_path());
}

}  // namespace assay
