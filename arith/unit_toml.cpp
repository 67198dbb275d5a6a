// Units written in TOML.
#include <algorithm>
#include <bit>
#include <filesystem>

#include "arith/table_multiplier.h"
#include "arith/unit.h"
#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"

namespace assay {
namespace {

// The canonical name that the keys spell out, which parse_unit then checks.
std::string name_from_keys(const TomlTable& table) {
  const std::string op = table.required_text("op");
  const OperationFacts& facts =
      table.at("op", [&]() -> const OperationFacts& { return parse_operation(op); });
  std::string name = op;
  if (facts.has_terms) name += fmt::format("{}", table.required_integer("terms", 1));
  name += "-" + table.required_text("a");
  if (facts.named_operands > 1) name += "-" + table.required_text("b");
  if (facts.named_operands > 2) name += "-" + table.required_text("c");
  name += "-" + table.required_text(accumulates(facts.operation) ? "acc" : "result");
  const std::string product = table.text("product").value_or("exact");
  const bool is_rule = std::ranges::any_of(plain_product_rules(),
                                           [&](ProductRule rule) { return to_string(rule) == product; });
  if (product != "exact" && product != "table") name += "-" + (is_rule ? product : "via_" + product);
  if (const auto rounding = table.text("rounding")) name += "-" + *rounding;
  if (const auto saturation = table.text("saturation")) name += "-" + *saturation;
  const std::string accumulation = table.text("accumulation").value_or("sequential");
  if (accumulation != "sequential") name += "-" + accumulation;
  if (const auto group = table.integer("group", 1)) name += fmt::format("-group{}", *group);
  if (const auto block = table.integer("block", 1)) name += fmt::format("-block{}", *block);
  if (const auto exact = table.integer("exact", 1)) name += fmt::format("-exact{}", *exact);
  if (table.boolean("flush_subnormals").value_or(false)) name += "-flush";
  if (const auto sum = table.text("sum")) name += "-sum_" + *sum;
  if (const auto partial = table.text("partial")) name += "-partial_" + *partial;
  return name;
}

// One byte an entry, 2^2m of them for m fraction bits.
std::shared_ptr<const TableMultiplier> read_table(const TomlTable& table) {
  const std::string name = table.required_text("table");
  return table.at("table", [&] {
    const std::string bytes = read_file(std::filesystem::path(table.place()).parent_path() / name);
    const int bits = static_cast<int>(std::bit_width(bytes.size())) / 2;
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    return std::make_shared<const TableMultiplier>(TableMultiplier::from_bytes(bits, {data, bytes.size()}));
  });
}

}  // namespace

Unit unit_from_toml(const TomlTable& table) {
  table.expect_keys({"op", "a", "b", "c", "result", "acc", "product", "table", "rounding", "saturation",
                     "terms", "accumulation", "group", "block", "exact", "flush_subnormals", "sum",
                     "partial"});
  const std::string name = name_from_keys(table);
  Unit unit = table.at("op", [&] { return parse_unit(name); });
  if (table.text("product") == "table") {
    unit.product = ProductRule::table;
    unit.table = read_table(table);
    table.at("product", [&] { check_unit(unit); });
  } else if (table.contains("table")) {
    fail("{}: expected only with product = \"table\"", table.where("table"));
  }
  return unit;
}

Unit load_unit(std::string_view name_or_path) {
  if (!name_or_path.ends_with(".toml")) return parse_unit(name_or_path);
  const std::string path(name_or_path);
  const toml::table table = parse_toml(read_file(path), path);
  return unit_from_toml({table, path, ""});
}

}  // namespace assay
