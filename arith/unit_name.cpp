// Canonical names of units.
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "arith/unit.h"
#include "base/error.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, Operation>, 6> kOperations = {
    {{"add", Operation::add},
     {"mul", Operation::mul},
     {"fma", Operation::fma},
     {"mac", Operation::mac},
     {"dot", Operation::dot},
     {"convert", Operation::convert}}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// "dot8" -> dot, 8; other operations carry no number.
void read_operation(std::string_view word, std::string_view name, Unit& unit) {
  for (const auto& [known, operation] : kOperations) {
    if (word.substr(0, known.size()) != known) continue;
    const std::string_view number = word.substr(known.size());
    if (operation != Operation::dot && !number.empty()) continue;
    unit.operation = operation;
    if (operation != Operation::dot) return;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), unit.terms);
    if (error == std::errc{} && end == number.data() + number.size() && unit.terms >= 1) return;
    fail("unit '{}': expected the number of terms after 'dot', as in dot8-e4m3-e4m3-fp32", name);
  }
  fail("unit '{}': unknown operation '{}', expected add, mul, fma, mac, dotN or convert", name, word);
}

void read_property(std::string_view word, std::string_view name, Unit& unit) {
  if (word == "pam") {
    unit.product = ProductRule::pam;
  } else if (word == "mfbprop") {
    unit.product = ProductRule::mfbprop;
  } else if (word.substr(0, 4) == "via_") {
    unit.product = ProductRule::via;
    unit.product_format = parse_format(word.substr(4));
  } else if (word == "fused") {
    unit.accumulation = Accumulation::fused;
  } else if (word.substr(0, 4) == "sat_" || word == "wrap") {
    unit.saturation = parse_saturation(word);
  } else {
    try {
      unit.rounding = parse_rounding(word);
    } catch (const Error&) {
      fail(
          "unit '{}': unknown word '{}', expected a product rule (pam, mfbprop, via_FORMAT), a rounding, a "
          "saturation or fused",
          name, word);
    }
  }
}

}  // namespace

std::string unit_name(const Unit& unit) {
  std::string name;
  for (const auto& [word, operation] : kOperations) {
    if (operation == unit.operation) name = word;
  }
  if (unit.operation == Operation::dot) name += fmt::format("{}", unit.terms);
  name += "-" + unit.a.name;
  if (unit.operation != Operation::convert) name += "-" + unit.b.name;
  if (unit.operation == Operation::fma) name += "-" + unit.c.name;
  name += "-" + unit.result.name;
  if (unit.product == ProductRule::pam) name += "-pam";
  if (unit.product == ProductRule::mfbprop) name += "-mfbprop";
  if (unit.product == ProductRule::via) name += "-via_" + unit.product_format.name;
  if (unit.rounding != Rounding::rne) name += fmt::format("-{}", to_string(unit.rounding));
  if (unit.saturation != default_saturation(unit.result))
    name += fmt::format("-{}", to_string(unit.saturation));
  if (unit.accumulation == Accumulation::fused) name += "-fused";
  return name;
}

Unit parse_unit(std::string_view name) {
  const std::vector<std::string_view> words = split(name, '-');
  Unit unit;
  read_operation(words[0], name, unit);
  std::vector<Format*> formats = {&unit.a, &unit.b, &unit.result};
  if (unit.operation == Operation::convert) formats = {&unit.a, &unit.result};
  if (unit.operation == Operation::fma) formats = {&unit.a, &unit.b, &unit.c, &unit.result};
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
