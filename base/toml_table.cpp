#include "base/toml_table.h"

#include <algorithm>

namespace assay {
namespace {

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a floating-point number";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

std::string integer_between(int64_t least, int64_t most) {
  if (most != std::numeric_limits<int64_t>::max()) return fmt::format("an integer in {}..{}", least, most);
  if (least == std::numeric_limits<int64_t>::min()) return "an integer";
  return fmt::format("an integer of at least {}", least);
}

}  // namespace

toml::table parse_toml(std::string_view text, std::string_view place) {
  try {
    return toml::parse(text, place);
  } catch (const toml::parse_error& error) {
    fail("{}:{}: {}", place, error.source().begin.line, error.description());
  }
}

std::string TomlTable::full_key(std::string_view key) const {
  if (key_.empty() || key.empty()) return key_ + std::string(key);
  return fmt::format("{}.{}", key_, key);
}

std::string TomlTable::where(std::string_view key) const {
  const toml::node* node = table_.get(key);
  const auto line = (node != nullptr ? *node : table_).source().begin.line;
  const std::string name = full_key(key);
  return fmt::format("{}:{}{}{}", place_, line, name.empty() ? "" : ": ", name);
}

void TomlTable::fail_type(std::string_view key, std::string_view expected, const toml::node& found) const {
  fail("{}: expected {}, found {}", where(key), expected, type_name(found));
}

template <typename T>
std::optional<T> TomlTable::value(std::string_view key, std::string_view expected) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  std::optional<T> value = node->value_exact<T>();
  if (!value) fail_type(key, expected, *node);
  return value;
}

std::optional<std::string> TomlTable::text(std::string_view key) const {
  return value<std::string>(key, "a string");
}

std::optional<bool> TomlTable::boolean(std::string_view key) const {
  return value<bool>(key, "true or false");
}

std::optional<int64_t> TomlTable::integer(std::string_view key, int64_t least, int64_t most) const {
  const std::string expected = integer_between(least, most);
  const std::optional<int64_t> found = value<int64_t>(key, expected);
  if (found && (*found < least || *found > most)) {
    fail("{}: expected {}, found {}", where(key), expected, *found);
  }
  return found;
}

std::optional<double> TomlTable::number(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_number()) fail_type(key, "a number", *node);
  return node->value<double>();
}

const toml::node& TomlTable::required_node(std::string_view key, std::string_view expected) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) fail("{}: missing, expected {}", where(key), expected);
  return *node;
}

std::string TomlTable::required_text(std::string_view key) const {
  required_node(key, "a string");
  return *text(key);
}

int64_t TomlTable::required_integer(std::string_view key, int64_t least, int64_t most) const {
  required_node(key, integer_between(least, most));
  return *integer(key, least, most);
}

TomlTable TomlTable::required_table(std::string_view key) const {
  const toml::node& node = required_node(key, "a table");
  if (!node.is_table()) fail_type(key, "a table", node);
  return {*node.as_table(), place_, full_key(key)};
}

std::vector<TomlTable> TomlTable::required_tables(std::string_view key) const {
  const std::string expected = fmt::format("one or more [[{}]] tables", full_key(key));
  const toml::node& node = required_node(key, expected);
  const toml::array* array = node.as_array();
  if (array == nullptr) fail_type(key, expected, node);
  if (array->empty()) fail("{}: expected {}, found an empty array", where(key), expected);
  std::vector<TomlTable> tables;
  for (const toml::node& element : *array) {
    if (!element.is_table()) fail_type(key, expected, element);
    tables.emplace_back(*element.as_table(), place_, full_key(key));
  }
  return tables;
}

void TomlTable::expect_keys(const std::vector<std::string_view>& known) const {
  for (const auto& [key, node] : table_) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      fail("{}: unknown key, expected one of {}", where(key.str()), fmt::join(known, ", "));
    }
  }
}

}  // namespace assay
