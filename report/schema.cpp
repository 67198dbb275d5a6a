#include "report/schema.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"
#include "report/consistency.h"
#include "report/measure.h"
#include "report/results_shape.h"

namespace assay {
namespace {

using nlohmann::json;

std::string found(const json& value) {
  if (value.is_string()) return "a text";
  if (value.is_number()) return "the number " + value.dump();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_null()) return "null";
  return value.is_array() ? "a list" : value.is_object() ? "an object" : "binary data";
}

[[noreturn]] void expected(const std::string& what, const json& value, const std::string& where) {
  fail("results: {}: expected {}, found {}", where.empty() ? "the whole" : where, what, found(value));
}

std::string member(const std::string& where, std::string_view name) {
  return where.empty() ? std::string(name) : fmt::format("{}.{}", where, name);
}

// Text that can be written to a file: JSON is UTF-8.
const std::string& check_text(const json& value, const std::string& where) {
  if (!value.is_string()) expected("a text", value, where);
  try {
    static_cast<void>(value.dump());
  } catch (const json::exception&) {
    fail("results: {}: expected UTF-8 text, found other bytes", where);
  }
  return value.get_ref<const std::string&>();
}

void check_whole_number(const json& value, const std::string& where) {
  const bool fits = value.is_number_unsigned()
                        ? value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())
                        : value.is_number_integer() && value.get<int64_t>() >= 0;
  if (!fits) expected("a whole number from 0 that fits 63 bits", value, where);
}

void check_choice(const json& value, std::string_view words, const std::string& where) {
  const std::string& word = check_text(value, where);
  for (std::string_view rest = words;;) {
    const size_t end = rest.find(' ');
    if (rest.substr(0, end) == word) return;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  fail("results: {}: expected one of {}, found '{}'", where, words, word);
}

const json& required(const json& object, std::string_view name, const std::string& where) {
  const auto at = object.find(std::string(name));
  if (at == object.end()) fail("results: {}: missing", member(where, name));
  return *at;
}

void check_quantity(const json& value, std::string_view base, const json& sources, const std::string& where) {
  if (!value.is_object()) expected("a quantity {\"value\", \"unit\", \"source\"}", value, where);
  const json& number = required(value, "value", where);
  if (!number.is_number() || !std::isfinite(number.get<double>()) || number.get<double>() < 0.0) {
    expected("a finite number from 0", number, member(where, "value"));
  }
  const std::string& unit = check_text(required(value, "unit", where), member(where, "unit"));
  const Measure* measure = find_measure(unit);
  if (!base.empty() && (measure == nullptr || measure->base != base)) {
    fail("results: {}.unit: expected {}, found '{}'", where, units_of(base), unit);
  }
  const std::string& source = check_text(required(value, "source", where), member(where, "source"));
  if (!sources.contains(source)) {
    fail("results: {}.source: '{}' is not in sources, expected one of its keys", where, source);
  }
}

void check_shape(const json& value, const Shape& shape, const json& sources, const std::string& where) {
  switch (shape.kind) {
    case ShapeKind::text:
      check_text(value, where);
      return;
    case ShapeKind::truth:
      if (!value.is_boolean()) expected("true or false", value, where);
      return;
    case ShapeKind::truth_or_text:
      if (value.is_boolean()) return;
      if (!value.is_string()) expected("true, false or a text", value, where);
      check_text(value, where);
      return;
    case ShapeKind::whole_number:
      check_whole_number(value, where);
      return;
    case ShapeKind::choice:
      check_choice(value, shape.detail, where);
      return;
    case ShapeKind::quantity:
      check_quantity(value, shape.detail, sources, where);
      return;
    case ShapeKind::object:
      if (!value.is_object()) expected("an object", value, where);
      for (const Key& key : shape.keys) {
        if (!key.required && !value.contains(key.name)) continue;
        check_shape(required(value, key.name, where), key.shape, sources, member(where, key.name));
      }
      return;
    case ShapeKind::map:
      if (!value.is_object()) expected("an object", value, where);
      for (const auto& [name, element] : value.items()) {
        check_shape(element, shape.element[0], sources, member(where, name));
      }
      return;
    case ShapeKind::list:
      if (!value.is_array()) expected("a list", value, where);
      for (size_t i = 0; i < value.size(); ++i) {
        check_shape(value[i], shape.element[0], sources, fmt::format("{}[{}]", where, i));
      }
      return;
  }
}

// Keys the schema does not know are written to the files as well.
void check_utf8(const json& results) {
  try {
    static_cast<void>(results.dump());
  } catch (const json::exception&) {
    fail("results: expected UTF-8 text in every key and value, found other bytes");
  }
}

}  // namespace

void check_results(const json& results) {
  if (!results.is_object()) expected("an object", results, "");
  const json& sources = required(results, "sources", "");
  if (!sources.is_object()) expected("an object", sources, "sources");
  check_shape(results, results_shape(), sources, "");
  check_utf8(results);
  check_consistency(results);
}

}  // namespace assay
