// Units written in TOML.
#include <initializer_list>
#include <optional>

#include "arith/unit.h"
#include "base/error.h"
#include "base/file.h"

namespace assay {
namespace {

// A unit's table and where it stands, for errors.
struct Source {
  const toml::table& table;
  std::string_view place;

  std::optional<std::string> text(std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    const std::optional<std::string> value = node->value_exact<std::string>();
    if (!value) fail("{}:{}: {}: expected a string", place, node->source().begin.line, key);
    return value;
  }

  std::string required(std::string_view key) const {
    const std::optional<std::string> value = text(key);
    if (!value) fail("{}:{}: missing key '{}'", place, table.source().begin.line, key);
    return *value;
  }
};

void reject_unknown_keys(const Source& source) {
  for (const auto& [key, node] : source.table) {
    bool known = false;
    for (const char* name : {"op", "a", "b", "c", "result", "acc", "product", "rounding", "saturation",
                             "terms", "accumulation"}) {
      known = known || key.str() == name;
    }
    if (!known) fail("{}:{}: unknown key '{}' in a unit", source.place, node.source().begin.line, key.str());
  }
}

std::string name_from_keys(const Source& source) {
  const std::string op = source.required("op");
  const bool accumulates = op == "mac" || op == "dot";
  std::string name = op;
  if (op == "dot") {
    const std::optional<int64_t> terms = source.table["terms"].value<int64_t>();
    if (!terms) fail("{}:{}: dot: expected terms = N", source.place, source.table.source().begin.line);
    name += fmt::format("{}", *terms);
  }
  name += "-" + source.required("a");
  if (op != "convert") name += "-" + source.required("b");
  if (op == "fma") name += "-" + source.required("c");
  name += "-" + source.required(accumulates ? "acc" : "result");
  const std::string product = source.text("product").value_or("exact");
  const bool is_rule = product == "exact" || product == "pam" || product == "mfbprop";
  if (product != "exact") name += "-" + (is_rule ? product : "via_" + product);
  if (const auto rounding = source.text("rounding")) name += "-" + *rounding;
  if (const auto saturation = source.text("saturation")) name += "-" + *saturation;
  const std::string accumulation = source.text("accumulation").value_or("sequential");
  if (accumulation == "fused") {
    name += "-fused";
  } else if (accumulation != "sequential") {
    fail("{}: accumulation: expected sequential or fused, found '{}'", source.place, accumulation);
  }
  return name;
}

}  // namespace

Unit unit_from_toml(const toml::table& table, std::string_view place) {
  const Source source{table, place};
  reject_unknown_keys(source);
  const std::string name = name_from_keys(source);
  try {
    return parse_unit(name);
  } catch (const Error& error) {
    fail("{}:{}: {}", place, table.source().begin.line, error.what());
  }
}

Unit load_unit(std::string_view name_or_path) {
  if (!name_or_path.ends_with(".toml")) return parse_unit(name_or_path);
  const std::string text = read_file(name_or_path);
  try {
    return unit_from_toml(toml::parse(text, name_or_path), name_or_path);
  } catch (const toml::parse_error& error) {
    fail("{}:{}: {}", name_or_path, error.source().begin.line, error.description());
  }
}

}  // namespace assay
