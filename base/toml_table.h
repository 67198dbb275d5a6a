// Reading one TOML table, with errors that name file, line and key.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "base/error.h"

namespace assay {

// The table of a TOML text. Throws Error "place:line: problem".
toml::table parse_toml(const std::string& text, const std::string& place);

// A table, the file it stands in and its key there (empty: the whole file). What is wrong is thrown as Error
// "place:line: table.key: expected ...".
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string_view place, std::string_view key)
      : table_(table), place_(place), key_(key) {}

  // The value of a key, if it is there.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;  // float or integer

  std::string required_text(std::string_view key) const;
  TomlTable required_table(std::string_view key) const;
  const toml::node& required_node(std::string_view key, std::string_view expected) const;

  // Throws Error for the first key of the table that is not among these.
  void expect_keys(std::initializer_list<std::string_view> known) const;

  // The result of `action`, whose Error is prefixed with the place of `key`.
  template <typename Action>
  auto at(std::string_view key, Action action) const {
    try {
      return action();
    } catch (const Error& error) {
      fail("{}: {}", where(key), error.what());
    }
  }

  // "place:line: table.key", with the line of the table if it has no such key.
  std::string where(std::string_view key) const;

  const toml::table& table() const { return table_; }
  const std::string& place() const { return place_; }
  const std::string& key() const { return key_; }

 private:
  std::string full_key(std::string_view key) const;
  template <typename T>
  std::optional<T> value(std::string_view key, std::string_view expected) const;

  const toml::table& table_;
  std::string place_, key_;
};

}  // namespace assay
