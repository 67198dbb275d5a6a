// Formats written in TOML.
#include <limits>
#include <optional>

#include "base/file.h"
#include "base/toml_table.h"
#include "formats/code_book.h"
#include "formats/format.h"

namespace assay {
namespace {

void read(const TomlTable& table, std::string_view key, int& field) {
  const std::optional<int64_t> value = table.integer(key);
  if (!value) return;
  constexpr int64_t kMost = 1 << 20;  // beyond every field's range, and safe to add up
  if (*value < -kMost || *value > kMost) fail("{}: {} is out of range", table.where(key), *value);
  field = static_cast<int>(*value);
}

void read(const TomlTable& table, std::string_view key, bool& field) {
  if (const std::optional<bool> value = table.boolean(key)) field = *value;
}

std::vector<double> read_values(const TomlTable& table) {
  constexpr std::string_view kExpected = "an array of numbers, one for each code";
  const toml::array* array = table.required_node("values", kExpected).as_array();
  if (array == nullptr) fail("{}: expected {}", table.where("values"), kExpected);
  std::vector<double> values;
  for (const toml::node& node : *array) {
    const std::optional<double> value = node.value<double>();
    if (!node.is_number() || !value) fail("{}: expected {}", table.where("values"), kExpected);
    values.push_back(*value);
  }
  return values;
}

Format code_book_from_toml(const TomlTable& table, const std::string& name) {
  table.expect_keys({"name", "kind", "values", "beyond"});
  const double beyond = table.number("beyond").value_or(0);
  return table.at("values", [&] { return make_code_book_format(name, read_values(table), beyond); });
}

Format fields_from_toml(const TomlTable& table, const std::string& name, FormatKind kind) {
  table.expect_keys({"name", "kind", "width", "is_signed", "exponent_width", "fraction_width",
                     "exponent_bias", "has_infinity", "has_subnormals", "is_symmetric", "nan",
                     "rounding_domain"});
  Format format;
  format.name = name;
  format.kind = kind;
  format.is_signed = kind != FormatKind::unsigned_integer;
  if (kind == FormatKind::posit || kind == FormatKind::logarithmic) format.nan = NanEncoding::negative_zero;
  if (kind == FormatKind::logarithmic) format.rounding_domain = RoundingDomain::logarithmic;
  read(table, "is_signed", format.is_signed);
  read(table, "exponent_width", format.exponent_width);
  read(table, "fraction_width", format.fraction_width);
  read(table, "exponent_bias", format.exponent_bias);
  read(table, "has_infinity", format.has_infinity);
  read(table, "has_subnormals", format.has_subnormals);
  read(table, "is_symmetric", format.is_symmetric);
  if (const auto word = table.text("nan")) {
    format.nan = table.at("nan", [&] { return parse_nan_encoding(*word); });
  }
  if (const auto word = table.text("rounding_domain")) {
    format.rounding_domain = table.at("rounding_domain", [&] { return parse_rounding_domain(*word); });
  }
  const bool has_fields = kind == FormatKind::floating || kind == FormatKind::logarithmic;
  if (has_fields) format.width = (format.is_signed ? 1 : 0) + format.exponent_width + format.fraction_width;
  read(table, "width", format.width);
  table.at("width", [&] { check_format(format); });
  return format;
}

// A name that parse_format knows must stand for the same format there.
void expect_new_name(const Format& format, const TomlTable& table) {
  std::optional<Format> known;
  try {
    known = parse_format(format.name);
  } catch (const Error&) {
    return;
  }
  if (!(*known == format)) {
    fail("{}: '{}' is the name of another format", table.where("name"), format.name);
  }
}

Format format_from_toml(const TomlTable& table) {
  const std::string name = table.required_text("name");
  const bool has_values = table.table().contains("values");
  const std::string kind_word =
      has_values ? table.text("kind").value_or("code_book") : table.required_text("kind");
  const FormatKind kind = table.at("kind", [&] { return parse_format_kind(kind_word); });
  if (has_values && kind != FormatKind::code_book) {
    fail("{}: `values` goes with kind code_book, found {}", table.where("kind"), kind_word);
  }
  Format format =
      kind == FormatKind::code_book ? code_book_from_toml(table, name) : fields_from_toml(table, name, kind);
  expect_new_name(format, table);
  return format;
}

}  // namespace

Format load_format(std::string_view name_or_path) {
  if (!name_or_path.ends_with(".toml")) return parse_format(name_or_path);
  const std::string path(name_or_path);
  const toml::table table = parse_toml(read_file(path), path);
  return format_from_toml({table, path, ""});
}

}  // namespace assay
