// Canonical names of units.
#include <charconv>
#include <vector>

#include "arith/unit.h"
#include "base/error.h"

namespace assay {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string operation_words() {
  std::string words;
  for (const OperationFacts& facts : all_operations()) {
    words += fmt::format("{}{}{}", words.empty() ? "" : ", ", facts.name, facts.has_terms ? "N" : "");
  }
  return words;
}

// The number at the end of a word such as dot8.
int read_number(std::string_view digits, std::string_view word, std::string_view name) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{} && end == digits.data() + digits.size() && number >= 1) return number;
  fail("unit '{}': expected a number of at least 1 in '{}'", name, word);
}

// "dot8" -> dot, 8; operations without terms carry no number.
void read_operation(std::string_view word, std::string_view name, Unit& unit) {
  for (const OperationFacts& facts : all_operations()) {
    if (facts.has_terms ? !word.starts_with(facts.name) : word != facts.name) continue;
    unit.operation = facts.operation;
    if (!facts.has_terms) return;
    if (word == facts.name) {
      fail("unit '{}': expected the number of terms after '{}', as in dot8-e4m3-e4m3-fp32", name, word);
    }
    unit.terms = read_number(word.substr(facts.name.size()), word, name);
    return;
  }
  fail("unit '{}': unknown operation '{}', expected one of {}", name, word, operation_words());
}

bool read_accumulation(std::string_view word, std::string_view name, Accumulation& accumulation) {
  if (word == "fused") {
    accumulation.kind = AccumulationKind::fused;
  } else if (word == "tree") {
    accumulation.kind = AccumulationKind::tree;
  } else if (word == "kahan") {
    accumulation.kind = AccumulationKind::kahan;
  } else if (word.starts_with("window")) {
    std::string_view digits = word.substr(6);
    accumulation.kind = AccumulationKind::window;
    accumulation.window_floor = digits.ends_with("_floor");
    if (accumulation.window_floor) digits.remove_suffix(6);
    accumulation.window = read_number(digits, word, name);
  } else if (word.starts_with("group")) {
    accumulation.group = read_number(word.substr(5), word, name);
  } else if (word.starts_with("partial_")) {
    accumulation.partial = parse_format(word.substr(8));
  } else {
    return false;
  }
  return true;
}

std::string accumulation_words(const Accumulation& accumulation) {
  std::string words;
  if (accumulation.kind == AccumulationKind::fused) words += "-fused";
  if (accumulation.kind == AccumulationKind::tree) words += "-tree";
  if (accumulation.kind == AccumulationKind::kahan) words += "-kahan";
  if (accumulation.kind == AccumulationKind::window) {
    words += fmt::format("-window{}{}", accumulation.window, accumulation.window_floor ? "_floor" : "");
  }
  if (accumulation.group > 0) words += fmt::format("-group{}", accumulation.group);
  if (accumulation.partial) words += "-partial_" + accumulation.partial->name;
  return words;
}

void read_property(std::string_view word, std::string_view name, Unit& unit) {
  if (word == "pam") {
    unit.product = ProductRule::pam;
  } else if (word == "mfbprop") {
    unit.product = ProductRule::mfbprop;
  } else if (word.substr(0, 4) == "via_") {
    unit.product = ProductRule::via;
    unit.product_format = parse_format(word.substr(4));
  } else if (read_accumulation(word, name, unit.accumulation)) {
    return;
  } else if (word.substr(0, 4) == "sat_" || word == "wrap") {
    unit.saturation = parse_saturation(word);
  } else {
    try {
      unit.rounding = parse_rounding(word);
    } catch (const Error&) {
      fail(
          "unit '{}': unknown word '{}', expected a product rule (pam, mfbprop, via_FORMAT), a rounding, a "
          "saturation or an accumulation (fused, windowF, windowF_floor, tree, kahan, groupN, partial_FORMAT)",
          name, word);
    }
  }
}

}  // namespace

std::string unit_name(const Unit& unit) {
  const OperationFacts& facts = facts_of(unit.operation);
  std::string name(facts.name);
  if (facts.has_terms) name += fmt::format("{}", unit.terms);
  name += "-" + unit.a.name;
  if (facts.named_operands > 1) name += "-" + unit.b.name;
  if (facts.named_operands > 2) name += "-" + unit.c.name;
  name += "-" + unit.result.name;
  if (unit.product == ProductRule::pam) name += "-pam";
  if (unit.product == ProductRule::mfbprop) name += "-mfbprop";
  if (unit.product == ProductRule::via) name += "-via_" + unit.product_format.name;
  if (unit.rounding != Rounding::rne) name += fmt::format("-{}", to_string(unit.rounding));
  if (unit.saturation != default_saturation(unit.result))
    name += fmt::format("-{}", to_string(unit.saturation));
  return name + accumulation_words(unit.accumulation);
}

Unit parse_unit(std::string_view name) {
  const std::vector<std::string_view> words = split(name, '-');
  Unit unit;
  read_operation(words[0], name, unit);
  std::vector<Format*> formats = {&unit.a, &unit.b, &unit.c};
  formats.resize(static_cast<size_t>(facts_of(unit.operation).named_operands));
  formats.push_back(&unit.result);
  if (words.size() < formats.size() + 1) {
    fail("unit '{}': expected {} formats after '{}', as in mac-e4m3-e4m3-fp32", name, formats.size(),
         words[0]);
  }
  for (size_t i = 0; i < formats.size(); ++i) {
    try {
      *formats[i] = parse_format(words[i + 1]);
    } catch (const Error& error) {
      fail("unit '{}': {}", name, error.what());
    }
  }
  unit.saturation = default_saturation(unit.result);
  for (size_t i = formats.size() + 1; i < words.size(); ++i) read_property(words[i], name, unit);
  check_unit(unit);
  return unit;
}

}  // namespace assay
