#include "arith/accumulation_words.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>

#include "arith/operation.h"
#include "base/error.h"
#include "formats/real.h"

namespace assay {
namespace {

// Takes `suffix` off the end of `text`, if it is there.
bool remove_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// "windowF[_floor][_joinJ[_even_odd]]" after the first six letters.
void read_window(std::string_view text, std::string_view word, std::string_view name,
                 Accumulation& accumulation) {
  accumulation.kind = AccumulationKind::window;
  accumulation.even_odd = remove_suffix(text, "_even_odd");
  const size_t join = text.find("_join");
  if (join != std::string_view::npos) {
    accumulation.join = read_number(text.substr(join + 5), word, name);
    text = text.substr(0, join);
  }
  accumulation.window_floor = remove_suffix(text, "_floor");
  accumulation.window = read_number(text, word, name);
}

int bits_of(uint64_t count) {
  return static_cast<int>(std::bit_width(count));
}

// Bits of the significand of any number, at most, without zeros at its end in a code book.
int significand_width(const Format& format) {
  if (format.kind == FormatKind::floating) return format.fraction_width + 1;
  if (format.kind == FormatKind::logarithmic) return std::numeric_limits<double>::digits;
  if (format.kind != FormatKind::code_book) return format.width;
  int width = 1;
  for (const uint32_t code : format.book->ascending) {
    const auto significand = static_cast<uint64_t>(decode(format, code).significand);
    if (significand != 0) width = std::max(width, bits_of(significand) - std::countr_zero(significand));
  }
  return width;
}

void check_window(const Unit& unit, std::string_view name) {
  const Accumulation& how = unit.accumulation;
  if (how.kind != AccumulationKind::window) return;
  if (how.window < 1 || how.window > 100) {
    fail("unit {}: window{}: expected 1 to 100 fraction bits", name, how.window);
  }
  if (how.join != 0 && (how.join < how.window || how.join > 100 || how.window_floor)) {
    fail("unit {}: join{}: expected {} to 100 fraction bits, in a window that cuts toward zero", name,
         how.join, how.window);
  }
  if (how.even_odd && how.join == 0) fail("unit {}: even_odd is for windows with join", name);
}

void check_group(const Unit& unit, std::string_view name) {
  const Accumulation& how = unit.accumulation;
  if (how.group == 0) return;
  if (how.group < 0 || how.group >= unit.terms) {
    fail("unit {}: group{}: expected 1 to {}, fewer than the terms", name, how.group, unit.terms - 1);
  }
  if (how.kind == AccumulationKind::sequential || how.kind == AccumulationKind::kahan) {
    fail("unit {}: group{} is for fused, window and tree", name, how.group);
  }
}

void check_blocks(const Unit& unit, std::string_view name) {
  const Accumulation& how = unit.accumulation;
  const bool block_dot = unit.operation == Operation::block_dot;
  if (how.block != 0 && (!block_dot || how.block < 0 || how.block >= unit.terms)) {
    fail("unit {}: block{}: expected a block_dot of more terms", name, how.block);
  }
  if (how.exact == 0) return;
  if (how.exact < 0 || !block_dot || how.kind != AccumulationKind::window || how.join > 0) {
    fail("unit {}: exact{} is for block_dot with a window", name, how.exact);
  }
  for (const int whole : {unit.terms, how.block, how.group}) {
    if (whole % how.exact != 0) fail("unit {}: exact{} does not divide {}", name, how.exact, whole);
  }
}

// Terms must fit into the 128 bits of a Real, and windows and their sums too.
void check_widths(const Unit& unit, std::string_view name) {
  const Accumulation& how = unit.accumulation;
  constexpr int kMostBits = 126;
  int bits = significand_width(unit.a) + significand_width(unit.b);
  if (how.exact > 0) {
    const BitRange a = bit_range(unit.a), b = bit_range(unit.b);
    const int top = a.greatest + b.greatest + 2 + bits_of(static_cast<uint64_t>(how.exact));
    bits = top - a.least - b.least;
    const int window_bits = how.window + top + 2 + bits_of(static_cast<uint64_t>(unit.terms));
    if (window_bits > kMostBits) fail("unit {}: exact{}: sums of {} bits", name, how.exact, window_bits);
  }
  if (unit.operation == Operation::block_dot) bits += 2 * significand_width(unit.c);
  if (bits > kMostBits) {
    fail("unit {}: products of {} bits with their scales, expected at most {}", name, bits, kMostBits);
  }
}

void check_formats(const Unit& unit, std::string_view name) {
  const Accumulation& how = unit.accumulation;
  if (how.sum) {
    const bool one_rounding = how.kind == AccumulationKind::fused || how.kind == AccumulationKind::window;
    if (!one_rounding || how.partial) {
      fail("unit {}: sum_{} is for fused and window without partial", name, how.sum->name);
    }
    const BitRange sum = bit_range(*how.sum), result = bit_range(unit.result);
    const bool held = how.sum->kind == FormatKind::floating && unit.result.kind == FormatKind::floating &&
                      how.sum->fraction_width <= unit.result.fraction_width && result.least <= sum.least &&
                      sum.greatest <= result.greatest;
    if (!held) {
      fail("unit {}: sum_{}: expected a floating-point format all of whose values {} has", name,
           how.sum->name, unit.result.name);
    }
  }
}

}  // namespace

int read_number(std::string_view digits, std::string_view word, std::string_view name) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{} && end == digits.data() + digits.size() && number >= 1) return number;
  fail("unit '{}': expected a number of at least 1 in '{}'", name, word);
}

std::string accumulation_words(const Accumulation& accumulation) {
  std::string words;
  if (accumulation.kind == AccumulationKind::fused) words += "-fused";
  if (accumulation.kind == AccumulationKind::tree) words += "-tree";
  if (accumulation.kind == AccumulationKind::kahan) words += "-kahan";
  if (accumulation.kind == AccumulationKind::window) {
    words += fmt::format("-window{}{}", accumulation.window, accumulation.window_floor ? "_floor" : "");
    if (accumulation.join > 0) words += fmt::format("_join{}", accumulation.join);
    if (accumulation.even_odd) words += "_even_odd";
  }
  if (accumulation.group > 0) words += fmt::format("-group{}", accumulation.group);
  if (accumulation.block > 0) words += fmt::format("-block{}", accumulation.block);
  if (accumulation.exact > 0) words += fmt::format("-exact{}", accumulation.exact);
  if (accumulation.flush_subnormals) words += "-flush";
  if (accumulation.sum) words += "-sum_" + accumulation.sum->name;
  if (accumulation.partial) words += "-partial_" + accumulation.partial->name;
  return words;
}

bool read_accumulation_word(std::string_view word, std::string_view name, Accumulation& accumulation) {
  if (word == "fused") {
    accumulation.kind = AccumulationKind::fused;
  } else if (word == "tree") {
    accumulation.kind = AccumulationKind::tree;
  } else if (word == "kahan") {
    accumulation.kind = AccumulationKind::kahan;
  } else if (word.starts_with("window")) {
    read_window(word.substr(6), word, name, accumulation);
  } else if (word.starts_with("group")) {
    accumulation.group = read_number(word.substr(5), word, name);
  } else if (word.starts_with("block")) {
    accumulation.block = read_number(word.substr(5), word, name);
  } else if (word.starts_with("exact")) {
    accumulation.exact = read_number(word.substr(5), word, name);
  } else if (word == "flush") {
    accumulation.flush_subnormals = true;
  } else if (word.starts_with("sum_")) {
    accumulation.sum = parse_format(word.substr(4));
  } else if (word.starts_with("partial_")) {
    accumulation.partial = parse_format(word.substr(8));
  } else {
    return false;
  }
  return true;
}

void check_accumulation(const Unit& unit, std::string_view name) {
  const bool has_terms = facts_of(unit.operation).has_terms;
  if (has_terms) check_widths(unit, name);
  if (unit.accumulation == Accumulation{}) return;
  if (!has_terms) fail("unit {}: ways of accumulation are for dot and block_dot", name);
  check_window(unit, name);
  check_group(unit, name);
  check_blocks(unit, name);
  check_formats(unit, name);
}

}  // namespace assay
