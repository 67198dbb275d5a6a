// Units written in TOML.
#include "arith/unit.h"
#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"

namespace assay {
namespace {

// The canonical name that the keys spell out, which parse_unit then checks.
std::string name_from_keys(const TomlTable& table) {
  const std::string op = table.required_text("op");
  const bool accumulates = op == "mac" || op == "dot";
  std::string name = op;
  if (op == "dot") {
    const std::optional<int64_t> terms = table.integer("terms");
    if (!terms) fail("{}: a dot expects the number of its products", table.where("terms"));
    name += fmt::format("{}", *terms);
  }
  name += "-" + table.required_text("a");
  if (op != "convert") name += "-" + table.required_text("b");
  if (op == "fma") name += "-" + table.required_text("c");
  name += "-" + table.required_text(accumulates ? "acc" : "result");
  const std::string product = table.text("product").value_or("exact");
  const bool is_rule = product == "exact" || product == "pam" || product == "mfbprop";
  if (product != "exact") name += "-" + (is_rule ? product : "via_" + product);
  if (const auto rounding = table.text("rounding")) name += "-" + *rounding;
  if (const auto saturation = table.text("saturation")) name += "-" + *saturation;
  const std::string accumulation = table.text("accumulation").value_or("sequential");
  if (accumulation == "fused") {
    name += "-fused";
  } else if (accumulation != "sequential") {
    fail("{}: expected sequential or fused, found '{}'", table.where("accumulation"), accumulation);
  }
  return name;
}

}  // namespace

Unit unit_from_toml(const toml::table& table, std::string_view place) {
  const TomlTable keys(table, place, "");
  keys.expect_keys({"op", "a", "b", "c", "result", "acc", "product", "rounding", "saturation", "terms", "accumulation"});
  const std::string name = name_from_keys(keys);
  return keys.at("op", [&] { return parse_unit(name); });
}

Unit load_unit(std::string_view name_or_path) {
  if (!name_or_path.ends_with(".toml")) return parse_unit(name_or_path);
  const std::string path(name_or_path);
  return unit_from_toml(parse_toml(read_file(path), path), path);
}

}  // namespace assay
