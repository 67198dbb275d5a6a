#include "rtl/catalog.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/toml_table.h"

namespace assay {
namespace {

CatalogEntry read_entry(const TomlTable& table) {
  table.expect_keys({"name", "module", "latency", "random_bits", "parameters"});
  CatalogEntry entry;
  const std::string name = table.required_text("name");
  entry.unit = table.at("name", [&] { return parse_unit(name); });
  entry.name = unit_name(entry.unit);
  entry.module = table.required_text("module");
  entry.latency = static_cast<int>(table.required_integer("latency", 0, std::numeric_limits<int>::max()));
  entry.random_bits = static_cast<int>(table.integer("random_bits", 1, 32).value_or(0));
  if (table.contains("parameters")) {
    const TomlTable parameters = table.required_table("parameters");
    for (const auto& [key, value] : parameters.table()) {
      entry.parameters[std::string(key.str())] = parameters.required_integer(key.str());
    }
  }
  return entry;
}

// The identifiers of a source text; words in comments and strings come along.
std::set<std::string> identifiers(const std::string& text) {
  std::set<std::string> words;
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), in_word);
    at = std::find_if_not(begin, text.end(), in_word);
    words.emplace(begin, at);
  }
  return words;
}

}  // namespace

std::filesystem::path rtl_folder() {
  const char* folder = std::getenv("ASSAY_RTL_DIR");
  return folder != nullptr && *folder != '\0' ? folder : ASSAY_RTL_SOURCE_DIR;
}

std::vector<CatalogEntry> read_catalog(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "catalog.toml";
  const std::string file = path.string();
  const toml::table root = parse_toml(read_file(path), file);
  std::vector<CatalogEntry> catalog;
  std::set<std::string> names;
  for (const TomlTable& table : TomlTable(root, file, "").required_tables("unit")) {
    catalog.push_back(read_entry(table));
    const std::string& name = catalog.back().name;
    if (!names.insert(name).second)
      fail("{}: unit {} stands here for the second time", table.where(""), name);
  }
  return catalog;
}

std::optional<CatalogEntry> find_in_catalog(const Unit& unit, const std::filesystem::path& folder) {
  const std::string name = unit_name(unit);
  for (CatalogEntry& entry : read_catalog(folder)) {
    if (entry.name == name) return std::move(entry);
  }
  return std::nullopt;
}

std::vector<std::filesystem::path> rtl_sources(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder))
    fail("{}: expected a folder with SystemVerilog files", folder.string());
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".sv") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::filesystem::path> rtl_sources_of(std::string_view top, const std::filesystem::path& folder) {
  std::map<std::string, std::filesystem::path> file_of;
  for (const auto& file : rtl_sources(folder)) file_of[file.stem().string()] = file;
  if (!file_of.contains(std::string(top))) fail("{}: no file {}.sv", folder.string(), top);
  std::set<std::string> needed = {std::string(top)};
  std::vector<std::string> unread = {std::string(top)};
  while (!unread.empty()) {
    const std::string module = unread.back();
    unread.pop_back();
    for (const std::string& word : identifiers(read_file(file_of.at(module)))) {
      if (file_of.contains(word) && needed.insert(word).second) unread.push_back(word);
    }
  }
  std::vector<std::filesystem::path> files;
  files.reserve(needed.size());
  for (const std::string& module : needed) files.push_back(file_of.at(module));
  return files;
}

UnitPorts unit_ports(const Unit& unit) {
  constexpr std::string_view letters = "abc";
  const int count = operand_count(unit);
  UnitPorts ports;
  ports.result = {"result_o", unit.result.width};
  if (facts_of(unit.operation).has_terms) {
    const int scales = (count - 2 * unit.terms - 1) / 2;
    ports.operands = {{"a_i", unit.terms * unit.a.width}, {"b_i", unit.terms * unit.b.width}};
    if (scales > 0) {
      ports.operands.push_back({"scale_a_i", scales * unit.c.width});
      ports.operands.push_back({"scale_b_i", scales * unit.c.width});
    }
    ports.operands.push_back({"c_i", unit.result.width});
    return ports;
  }
  if (count > static_cast<int>(letters.size())) {
    fail("unit {}: a datapath of the library has at most 3 operands, found {}", unit_name(unit), count);
  }
  for (int i = 0; i < count; ++i) {
    ports.operands.push_back(
        {fmt::format("{}_i", letters[static_cast<size_t>(i)]), operand_format(unit, i).width});
  }
  return ports;
}

std::string wrapper_verilog(const CatalogEntry& entry, std::string_view name) {
  if (entry.latency != 0) {
    fail("unit {}: module {} has a latency of {} cycles, expected a combinational one", entry.name,
         entry.module, entry.latency);
  }
  UnitPorts ports = unit_ports(entry.unit);
  if (entry.random_bits > 0) ports.operands.push_back({"random_i", entry.random_bits});
  std::vector<std::string> declarations, connections, parameters;
  for (const Port& port : ports.operands) {
    declarations.push_back(fmt::format("    input  logic [{}:0] {}", port.width - 1, port.name));
  }
  declarations.push_back(
      fmt::format("    output logic [{}:0] {}", ports.result.width - 1, ports.result.name));
  for (const Port& port : ports.operands) connections.push_back(fmt::format("      .{0}({0})", port.name));
  connections.push_back(fmt::format("      .{0}({0})", ports.result.name));
  for (const auto& [key, value] : entry.parameters)
    parameters.push_back(fmt::format("      .{}({})", key, value));
  return fmt::format("// {}\nmodule {} (\n{}\n);\n\n  {}{} u_unit (\n{}\n  );\n\nendmodule\n", entry.name,
                     name, fmt::join(declarations, ",\n"), entry.module,
                     parameters.empty() ? "" : fmt::format(" #(\n{}\n  )", fmt::join(parameters, ",\n")),
                     fmt::join(connections, ",\n"));
}

}  // namespace assay
