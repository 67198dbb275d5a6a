// assay eval: the golden model as a filter.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "arith/evaluate.h"
#include "base/error.h"
#include "cli/verbs.h"

namespace assay {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view take_word(std::string_view& rest) {
  const size_t start = rest.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return rest = {};
  rest.remove_prefix(start);
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(word.size());
  return word;
}

void eval(const std::string& name, bool json) {
  const Unit unit = load_unit(name);
  if (is_stochastic(unit.rounding))
    fail("eval: {} rounds stochastically; use convert with a seed", unit_name(unit));
  const int digits = (unit.result.width + 3) / 4;
  const int expected = operand_count(unit);
  std::vector<uint64_t> operands(static_cast<size_t>(expected));
  std::string line;
  fmt::memory_buffer out;
  if (json) fmt::format_to(std::back_inserter(out), "[");
  std::ios::sync_with_stdio(false);
  for (uint64_t number = 1, results = 0; std::getline(std::cin, line); ++number) {
    std::string_view rest = line;
    std::string_view word = take_word(rest);
    if (word.empty()) continue;
    for (int i = 0; i < expected; ++i, word = take_word(rest)) {
      if (word.empty()) fail("standard input:{}: expected {} operands, found {}", number, expected, i);
      const int width = operand_format(unit, i).width;
      const std::optional<uint64_t> code = parse_code(word, width);
      if (!code)
        fail("standard input:{}: expected a hexadecimal code of {} bits, found '{}'", number, width, word);
      operands[static_cast<size_t>(i)] = *code;
    }
    if (!word.empty())
      fail("standard input:{}: expected {} operands, found more: '{}'", number, expected, word);
    const uint64_t result = evaluate(unit, operands);
    if (json) {
      fmt::format_to(std::back_inserter(out), "{}\"0x{:0{}x}\"", results++ == 0 ? "" : ",", result, digits);
    } else {
      fmt::format_to(std::back_inserter(out), "0x{:0{}x}\n", result, digits);
    }
    if (out.size() > 1 << 16) {
      print({out.data(), out.size()});
      out.clear();
    }
  }
  if (json) fmt::format_to(std::back_inserter(out), "]\n");
  print({out.data(), out.size()});
}

}  // namespace

void add_eval(Program& program) {
  CLI::App* verb = add_verb(program, "eval",
                            "Evaluate a unit: operand codes in hex, one operation a line on standard input",
                            "echo 38 40 3f800000 | assay eval mac-e4m3-e4m3-fp32");
  auto unit = std::make_shared<std::string>();
  verb->add_option("UNIT", *unit, "Canonical name (mac-e4m3-e4m3-fp32) or a TOML file")->required();
  verb->callback([&program, unit] { eval(*unit, program.json); });
}

}  // namespace assay
