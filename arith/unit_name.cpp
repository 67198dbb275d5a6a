// Canonical names of units.
#include <span>
#include <vector>

#include "arith/accumulation_words.h"
#include "arith/presets.h"
#include "arith/table_multiplier.h"
#include "arith/unit.h"
#include "base/error.h"
#include "base/hash.h"

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

void read_property(std::string_view word, std::string_view name, Unit& unit) {
  for (const ProductRule rule : plain_product_rules()) {
    if (word != to_string(rule)) continue;
    unit.product = rule;
    return;
  }
  if (word.starts_with("table_")) {
    fail("unit '{}': a table is given by a TOML file with product = \"table\" and table = \"FILE\"", name);
  }
  if (word.starts_with("via_")) {
    unit.product = ProductRule::via;
    unit.product_format = parse_format(word.substr(4));
  } else if (read_accumulation_word(word, name, unit.accumulation)) {
    return;
  } else if (word.substr(0, 4) == "sat_" || word == "wrap") {
    unit.saturation = parse_saturation(word);
  } else {
    try {
      unit.rounding = parse_rounding(word);
    } catch (const Error&) {
      fail(
          "unit '{}': unknown word '{}', expected a product rule (pam, pam_minimum_rms, pam_zero_mean, lmul, mbm, "
          "epfml, mfbprop, via_FORMAT), a rounding, a saturation or an accumulation (fused, windowF, windowF_floor, windowF_joinJ, tree, kahan, groupN, "
          "blockN, exactN, flush, sum_FORMAT, partial_FORMAT)",
          name, word);
    }
  }
}

// "-pam"; nothing for exact products.
std::string product_word(const Unit& unit) {
  if (unit.product == ProductRule::exact) return "";
  if (unit.product == ProductRule::via) return "-via_" + unit.product_format.name;
  if (unit.product == ProductRule::table) {
    const std::span<const uint16_t> entries = unit.table->entries();
    const std::string_view bytes(reinterpret_cast<const char*>(entries.data()), entries.size_bytes());
    return "-table_" + hash_text(bytes).substr(0, 8);
  }
  return "-" + std::string(to_string(unit.product));
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
  name += product_word(unit);
  if (unit.rounding != Rounding::rne) name += fmt::format("-{}", to_string(unit.rounding));
  if (unit.saturation != default_saturation(unit.result))
    name += fmt::format("-{}", to_string(unit.saturation));
  return name + accumulation_words(unit.accumulation);
}

Unit parse_unit(std::string_view name) {
  const std::vector<std::string_view> words = split(name, '-');
  if (is_preset_machine(words[0])) {
    if (words.size() == 4) return preset_unit(words[0], words[1], words[2], words[3]);
    fail("unit '{}': expected the formats a, b and result after '{}', as in nvidia_hopper-e4m3-e4m3-fp32",
         name, words[0]);
  }
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
