// Reading one TOML table, with errors that name file, line and key.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "base/error.h"

namespace assay {

// The table of a TOML text. Throws Error "place:line: problem".
toml::table parse_toml(std::string_view text, std::string_view place);

// A table, which must outlive this view of it, the file it stands in and its key there (empty: the whole
// file). What is wrong is thrown as Error "place:line: table.key: expected ..., found ...".
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string_view place, std::string_view key)
      : table_(table), place_(place), key_(key) {}

  // The value of a key, if it is there; an integer must lie in least..most.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<int64_t> integer(std::string_view key, int64_t least = kLeast, int64_t most = kMost) const;
  std::optional<double> number(std::string_view key) const;  // float or integer

  // The same for keys that must be there. required_tables reads one or more [[key]] tables.
  std::string required_text(std::string_view key) const;
  int64_t required_integer(std::string_view key, int64_t least = kLeast, int64_t most = kMost) const;
  TomlTable required_table(std::string_view key) const;
  std::vector<TomlTable> required_tables(std::string_view key) const;
  const toml::node& required_node(std::string_view key, std::string_view expected) const;

  // Throws Error for the first key of the table that is not among these.
  void expect_keys(const std::vector<std::string_view>& known) const;

  // The result of `action`, whose Error is prefixed with the place of `key`.
  template <typename Action>
  auto at(std::string_view key, Action action) const {
    try {
      return action();
    } catch (const Error& error) {
      fail("{}: {}", where(key), error.what());
    }
  }

  // "place:line: table.key", with the line of the table if it has no such key; an empty key is the table
  // itself.
  std::string where(std::string_view key) const;

  bool contains(std::string_view key) const { return table_.contains(key); }
  const toml::table& table() const { return table_; }
  const std::string& place() const { return place_; }
  const std::string& key() const { return key_; }

 private:
  static constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

  std::string full_key(std::string_view key) const;
  [[noreturn]] void fail_type(std::string_view key, std::string_view expected, const toml::node& found) const;
  template <typename T>
  std::optional<T> value(std::string_view key, std::string_view expected) const;

  const toml::table& table_;
  std::string place_, key_;
};

}  // namespace assay
