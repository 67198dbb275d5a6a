#include "base/toml_table.h"

#include <algorithm>

namespace assay {

toml::table parse_toml(const std::string& text, const std::string& place) {
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
  return fmt::format("{}:{}: {}", place_, line, full_key(key));
}

template <typename T>
std::optional<T> TomlTable::value(std::string_view key, std::string_view expected) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<T> value = node->value_exact<T>();
  if (!value) fail("{}: expected {}", where(key), expected);
  return value;
}

std::optional<std::string> TomlTable::text(std::string_view key) const {
  return value<std::string>(key, "a string");
}

std::optional<bool> TomlTable::boolean(std::string_view key) const {
  return value<bool>(key, "true or false");
}

std::optional<int64_t> TomlTable::integer(std::string_view key) const {
  return value<int64_t>(key, "an integer");
}

std::optional<double> TomlTable::number(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_number()) fail("{}: expected a number", where(key));
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

TomlTable TomlTable::required_table(std::string_view key) const {
  const toml::table* table = required_node(key, "a table").as_table();
  if (table == nullptr) fail("{}: expected a table", where(key));
  return {*table, place_, full_key(key)};
}

void TomlTable::expect_keys(std::initializer_list<std::string_view> known) const {
  for (const auto& [key, node] : table_) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
      fail("{}: unknown key, expected one of {}", where(key.str()), fmt::join(known, ", "));
    }
  }
}

}  // namespace assay
