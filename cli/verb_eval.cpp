// assay eval: the golden model as a filter.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "arith/evaluator.h"
#include "arith/exception_flags.h"
#include "arith/presets.h"
#include "base/error.h"
#include "cli/verbs.h"
#include "formats/random_bits.h"

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

struct Options {
  std::string unit, flags;
  bool machines = false;
  uint64_t seed = 1;
  int random_bits = 16;
};

// The operand codes of one line, which are as many as `operands` has places.
void read_operands(const Unit& unit, std::string_view line, uint64_t number,
                   std::vector<uint64_t>& operands) {
  const size_t expected = operands.size();
  std::string_view rest = line;
  for (size_t i = 0; i < expected; ++i) {
    const std::string_view word = take_word(rest);
    if (word.empty()) fail("standard input:{}: expected {} operands, found {}", number, expected, i);
    const int width = operand_format(unit, static_cast<int>(i)).width;
    const std::optional<uint64_t> code = parse_code(word, width);
    if (!code)
      fail("standard input:{}: expected a hexadecimal code of {} bits, found '{}'", number, width, word);
    operands[i] = *code;
  }
  if (const std::string_view word = take_word(rest); !word.empty()) {
    fail("standard input:{}: expected {} operands, found more: '{}'", number, expected, word);
  }
}

std::string flag_words(const ExceptionFlags& flags) {
  std::string words;
  for (const auto& [raised, word] : {std::pair{flags.invalid, "invalid"},
                                     {flags.divide_by_zero, "divide_by_zero"},
                                     {flags.overflow, "overflow"},
                                     {flags.underflow, "underflow"},
                                     {flags.inexact, "inexact"}}) {
    if (raised) words += (words.empty() ? "" : "|") + std::string(word);
  }
  return words.empty() ? "none" : words;
}

// Writes one result after the other, and what holds them together in JSON.
class Results {
 public:
  Results(bool json, int digits) : json_(json), digits_(digits) {
    if (json_) append("[");
  }

  void add(uint64_t code, const std::string& flags) {
    const bool has_flags = !flags.empty();
    if (json_) {
      append(count_++ == 0 ? "" : ",");
      append(has_flags ? fmt::format("{{\"code\":\"0x{:0{}x}\",\"flags\":\"{}\"}}", code, digits_, flags)
                       : fmt::format("\"0x{:0{}x}\"", code, digits_));
    } else {
      fmt::format_to(std::back_inserter(out_), "0x{:0{}x}{}{}\n", code, digits_, has_flags ? " " : "", flags);
    }
    if (out_.size() > 1 << 16) flush();
  }

  void finish() {
    if (json_) append("]\n");
    flush();
  }

 private:
  void append(std::string_view text) { out_.append(text); }
  void flush() {
    print({out_.data(), out_.size()});
    out_.clear();
  }

  bool json_;
  int digits_;
  uint64_t count_ = 0;
  fmt::memory_buffer out_;
};

void list_machines(bool json) {
  nlohmann::ordered_json list;
  std::string text;
  for (const std::string& name : preset_names()) {
    const std::string unit = unit_name(parse_unit(name));
    list.push_back({{"name", name}, {"unit", unit}});
    text += fmt::format("{:<50} {}\n", name, unit);
  }
  print(json ? list.dump(2) + "\n" : text);
}

void eval(const Options& options, bool json) {
  if (options.machines) return list_machines(json);
  if (options.unit.empty())
    fail("eval: expected the name of a unit, such as mac-e4m3-e4m3-fp32, or a TOML file");
  const Unit unit = load_unit(options.unit);
  const Evaluator evaluator(unit);
  const Tininess tininess = options.flags == "before" ? Tininess::before_rounding : Tininess::after_rounding;
  std::vector<uint64_t> operands(static_cast<size_t>(operand_count(unit)));
  Results results(json, (unit.result.width + 3) / 4);
  std::string line;
  uint64_t evaluated = 0;
  std::ios::sync_with_stdio(false);
  for (uint64_t number = 1; std::getline(std::cin, line); ++number) {
    if (line.find_first_not_of(kBlanks) == std::string::npos) continue;
    read_operands(unit, line, number, operands);
    RandomBits random;
    if (is_stochastic(unit.rounding)) {
      random = element_random_bits(options.seed, 0, evaluated, options.random_bits);
    }
    ++evaluated;
    if (options.flags.empty()) {
      results.add(evaluator(operands, random), "");
    } else {
      const FlaggedResult result = evaluate_with_flags(unit, operands, random, {tininess});
      results.add(result.code, flag_words(result.flags));
    }
  }
  results.finish();
}

}  // namespace

void add_eval(Program& program) {
  CLI::App* verb = add_verb(program, "eval",
                            "Evaluate a unit: operand codes in hex, one operation a line on standard input",
                            "echo 38 40 3f800000 | assay eval mac-e4m3-e4m3-fp32");
  auto options = std::make_shared<Options>();
  verb->add_option("UNIT", options->unit, "Canonical name (mac-e4m3-e4m3-fp32) or a TOML file");
  verb->add_flag("--machines", options->machines, "List the tensor and matrix cores known by name");
  verb->add_option(
          "--flags", options->flags,
          "Print the exception flags after each result, with tininess detected before or after rounding")
      ->check(CLI::IsMember({"before", "after"}));
  verb->add_option("--seed", options->seed, "Seed of the random bits of sr_a, sr_b and sr_c")
      ->capture_default_str();
  verb->add_option("--random-bits", options->random_bits, "Random bits of one stochastic rounding")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
  verb->callback([&program, options] { eval(*options, program.json); });
}

}  // namespace assay
