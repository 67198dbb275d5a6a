// assay formats: lists, describes, draws, tabulates and compares formats.
#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "cli/verbs.h"
#include "formats/block_format.h"
#include "formats/difference.h"
#include "formats/inspect.h"
#include "formats/picture.h"
#include "formats/round.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostTableBits = 24;
constexpr size_t kMostRows = 20;
constexpr ptrdiff_t kMostExamples = 4;

// Whether the characters of the user's locale are those of Unicode.
Glyphs glyphs_of_terminal() {
  const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return Glyphs::ascii;
  const std::string_view codeset = nl_langinfo_l(CODESET, locale);
  const Glyphs glyphs = codeset == "UTF-8" ? Glyphs::unicode : Glyphs::ascii;
  freelocale(locale);
  return glyphs;
}

std::string code_text(uint64_t code, int width) {
  return fmt::format("0x{:0{}x}", code, (width + 3) / 4);
}

// As a JSON number if it is one.
Json number_json(const Real& value) {
  return value.kind == RealClass::zero || value.kind == RealClass::finite ? Json(to_double(value)) : Json();
}

Json parameter_json(const Parameter& parameter) {
  return std::visit([](const auto& value) { return Json(value); }, parameter.value);
}

Json range_json(const DynamicRange& range) {
  return {{"binades", range.binades}, {"decibels", range.decibels}};
}

Json summarize(const Format& format) {
  Json facts = {{"name", format.name}};
  for (const Parameter& parameter : parameters(format)) facts[parameter.name] = parameter_json(parameter);
  for (const NotableCode& entry : notable_codes(format)) {
    if (entry.what == "least subnormal") facts["least_subnormal"] = number_json(entry.value);
    if (entry.what == "least normal") facts["least_normal"] = number_json(entry.value);
    if (entry.what == "largest finite") facts["largest_finite"] = number_json(entry.value);
  }
  return facts;
}

Json describe(const Format& format) {
  Json facts = summarize(format);
  facts["bits"] = bit_layout(format);
  facts["formula"] = value_formula(format);
  facts["finite_values"] = finite_value_count(format);
  facts["nan_codes"] = nan_code_count(format);
  facts["dynamic_range"] = range_json(dynamic_range(format));
  for (const NotableCode& entry : notable_codes(format)) {
    facts["codes"].push_back({{"what", entry.what},
                              {"code", code_text(entry.code, format.width)},
                              {"value", to_hex_float(entry.value)},
                              {"number", number_json(entry.value)}});
  }
  facts["binades"] = Json::array();
  for (const Binade& binade : binades(format)) {
    facts["binades"].push_back({{"exponent", binade.exponent},
                                {"positive_values", binade.values},
                                {"relative_step", binade.relative_step},
                                {"subnormal", binade.subnormal}});
  }
  return facts;
}

// Words and commas in lines of at most `width` columns, all but the first with an indent.
std::string wrapped(const std::vector<std::string>& words, size_t indent, size_t width) {
  std::string text, line;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) {
      text += line + "\n" + std::string(indent, ' ');
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return text + line + "\n";
}

std::string range_text(const DynamicRange& range) {
  return fmt::format("{:.4g} binades, {:.4g} dB", range.binades, range.decibels);
}

void print_description(const Format& format) {
  std::vector<std::string> words;
  for (const Parameter& parameter : parameters(format)) {
    if (parameter.name != "kind" && parameter.name != "width") {
      words.push_back(fmt::format("{} {}", parameter.name, to_string(parameter)));
    }
  }
  const Canvas canvas{glyphs_of_terminal(), 80};
  std::string text = fmt::format("{}: {} bits, {}\n", format.name, format.width, to_string(format.kind));
  text += fmt::format("  bits      {}\n  value     {}\n", bit_layout(format), value_formula(format));
  text += "  fields    " + wrapped(words, 12, 80);
  text += fmt::format("  numbers   {} finite, {} NaN code{}\n", finite_value_count(format),
                      nan_code_count(format), nan_code_count(format) == 1 ? "" : "s");
  text += fmt::format("  range     {} from the least to the largest magnitude\n\n",
                      range_text(dynamic_range(format)));
  const std::vector<NotableCode> codes = notable_codes(format);
  size_t wide = 0;
  for (const NotableCode& entry : codes) wide = std::max(wide, to_hex_float(entry.value).size());
  for (const NotableCode& entry : codes) {
    const std::string value = to_hex_float(entry.value), decimal = to_decimal(entry.value);
    // The codes of fp64 leave room for one blank only.
    text += fmt::format("  {:<18} {}{}{}", entry.what, code_text(entry.code, format.width),
                        format.width > 32 ? " " : "   ", value);
    if (decimal != value) text += std::string(wide + 1 - value.size(), ' ') + decimal;
    text += "\n";
  }
  print(text + "\n" + draw_format(format, canvas));
}

Json describe_block(const BlockFormat& format) {
  const BlockFacts facts = block_facts(format);
  Json json = {{"name", format.name},
               {"kind", "block"},
               {"element", format.element.name},
               {"element_width", format.element.width},
               {"scale", format.scale.name},
               {"scale_width", format.scale.width},
               {"block_size", format.block_size},
               {"scale_policy", to_string(format.scale_policy)},
               {"tensor_scale", to_string(format.tensor_scale)},
               {"non_finite", to_string(format.non_finite)}};
  if (has_power_of_two_scale(format.scale_policy)) json["zero_block"] = to_string(format.zero_block);
  if (format.sub_block_size > 0) {
    json["sub_block_size"] = format.sub_block_size;
    json["sub_exponent_width"] = format.sub_exponent_width;
  }
  json["bits_per_element"] = facts.bits_per_element;
  json["largest"] = facts.largest;
  json["least_positive"] = facts.least_positive;
  json["dynamic_range"] = range_json(facts.range);
  json["dynamic_range_within_block"] = range_json(facts.within_block);
  return json;
}

void print_block_description(const BlockFormat& format) {
  const BlockFacts facts = block_facts(format);
  const std::string size =
      format.block_size > 0 ? fmt::format("{} numbers", format.block_size) : "a whole row or column";
  std::string text = fmt::format("{}: numbers with a shared scale\n", format.name);
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<15}{}\n", name, value);
  };
  line("element", fmt::format("{}, {} bits", format.element.name, format.element.width));
  line("scale", fmt::format("{}, {} bits, policy {}", format.scale.name, format.scale.width,
                            to_string(format.scale_policy)));
  line("block", size);
  if (format.sub_block_size > 0) {
    line("sub-blocks", fmt::format("{} numbers, {} bits of exponent each", format.sub_block_size,
                                   format.sub_exponent_width));
  }
  if (format.scale_policy == ScalePolicy::zero_point) {
    line("offset", fmt::format("a zero point of {} bits a block", format.element.width));
  }
  if (format.scale_policy == ScalePolicy::minimum) line("offset", "a float32 minimum a block");
  if (format.tensor_scale == TensorScale::float32) line("tensor scale", "one float32");
  line("memory", format.block_size > 0 ? fmt::format("{:.6g} bits a number", facts.bits_per_element)
                                       : fmt::format("{} bits a number and {} a block", format.element.width,
                                                     format.scale.width));
  line("NaN, infinity", format.non_finite == NonFinite::nan_scale ? "make the scale of their block NaN"
                                                                  : "keep to their own element");
  if (!has_offset(format.scale_policy)) {
    line("magnitudes",
         fmt::format("{:.6g} .. {:.6g}{}", facts.least_positive, facts.largest,
                     format.tensor_scale == TensorScale::float32 ? " (times the tensor's scale)" : ""));
    line("range", range_text(facts.range));
    line("in a block", range_text(facts.within_block));
  }
  text += fmt::format("\nan element before its scale, {}\n", format.element.name);
  print(text + draw_format(format.element, {glyphs_of_terminal(), 80}));
}

void print_table(const Format& format, bool json) {
  constexpr size_t kPieceBytes = size_t{1} << 20;
  if (format.width > kMostTableBits) {
    fail("formats --table: {} has {} bits, expected at most {}", format.name, format.width, kMostTableBits);
  }
  const int digits = (format.width + 3) / 4;
  std::string text = json ? "[" : "code,value\n";
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const std::string value = to_hex_float(decode(format, code));
    if (json) {
      fmt::format_to(std::back_inserter(text), "{}{{\"code\":\"0x{:0{}x}\",\"value\":\"{}\"}}",
                     code == 0 ? "" : ",\n", code, digits, value);
    } else {
      fmt::format_to(std::back_inserter(text), "0x{:0{}x},{}\n", code, digits, value);
    }
    if (text.size() >= kPieceBytes) {
      print(text);
      text.clear();
    }
  }
  print(json ? text + "]\n" : text);
}

void print_list(bool json) {
  Json list = Json::array();
  for (const std::string& name : named_formats()) list.push_back(summarize(parse_format(name)));
  const size_t plain = list.size();
  for (const std::string& name : named_block_formats()) {
    list.push_back(describe_block(parse_block_format(name)));
  }
  if (json) return print(list.dump(2) + "\n");
  std::string text = fmt::format("{:<16}{:>5}  {:<18}{:>14}\n", "name", "bits", "kind", "largest finite");
  for (size_t i = 0; i < plain; ++i) {
    const Json& facts = list[i];
    text += fmt::format("{:<16}{:>5}  {:<18}{:>14.6g}\n", facts["name"].get<std::string>(),
                        facts["width"].get<int>(), facts["kind"].get<std::string>(),
                        facts["largest_finite"].get<double>());
  }
  text +=
      "and any eXmY[bBIAS][ieee|fn|f|fnuz], intN, uintN, smintN, symintN, binary{K}p{P}{s|u}{e|f}, positN[esE],\n"
      "fixW.F, ufixW.F, symfixW.F, lnsWfF, or a TOML file (formats/format.h says which keys)\n\n";
  text += fmt::format("{:<16}{:>5}  {:<11}{:<7}{:>6}  {}\n", "block format", "bits", "element", "scale",
                      "block", "scale policy");
  for (size_t i = plain; i < list.size(); ++i) {
    const Json& facts = list[i];
    text += fmt::format(
        "{:<16}{:>5.4g}  {:<11}{:<7}{:>6}  {}\n", facts["name"].get<std::string>(),
        facts["bits_per_element"].get<double>(),
        facts["element"].get<std::string>().substr(0, facts["element"].get<std::string>().find(' ')),
        facts["scale"].get<std::string>(), facts["block_size"].get<int>(),
        facts["scale_policy"].get<std::string>());
  }
  print(
      text +
      "and bfpW_gK[_eE][_sDxB], absmax_ELEMENT_SCALE[_gK], affine_INTEGER[_gK], minmax_uintN[_gK], and with a\n"
      "scale policy, as mxfp4_rceil (formats/block_format.h says what they are)\n");
}

Json outcomes_json(const ConversionOutcomes& outcomes) {
  return {{"saturation", to_string(outcomes.saturation)},
          {"exact", outcomes.exact},
          {"rounded", outcomes.rounded},
          {"to_zero", outcomes.to_zero},
          {"clamped", outcomes.clamped},
          {"to_infinity", outcomes.to_infinity},
          {"to_nan", outcomes.to_nan},
          {"nan_replaced", outcomes.nan_replaced}};
}

Json values_json(const std::vector<Real>& values) {
  Json list = Json::array();
  for (const Real& value : values) list.push_back(to_hex_float(value));
  return list;
}

Json difference_json(const Format& a, const Format& b, const FormatDifference& difference) {
  Json json = {{"a", a.name}, {"b", b.name}, {"parameters", Json::array()}};
  for (const ParameterDifference& entry : difference.parameters) {
    json["parameters"].push_back({{"name", entry.name}, {"a", entry.a}, {"b", entry.b}});
  }
  if (!difference.compared) return json;
  json["values"] = {{"only_in_a", values_json(difference.only_in_a)},
                    {"only_in_b", values_json(difference.only_in_b)},
                    {"in_both", values_json(difference.in_both)}};
  json["codes"] = Json::array();
  for (const CodeDifference& entry : difference.codes) {
    json["codes"].push_back({{"code", code_text(entry.code, a.width)},
                             {"a", to_hex_float(entry.a)},
                             {"b", to_hex_float(entry.b)}});
  }
  json["conversions"] = Json::array();
  for (const ConversionOutcomes& outcomes : difference.conversions) {
    json["conversions"].push_back(outcomes_json(outcomes));
  }
  return json;
}

std::string value_text(const Real& value) {
  if (value.kind == RealClass::zero) return value.negative ? "-0" : "0";
  return value.kind == RealClass::finite ? fmt::format("{:.6g}", to_double(value)) : to_hex_float(value);
}

// How many values, from where to where, and the first ones that are not negative.
std::string value_set_line(const std::string& name, const std::vector<Real>& values) {
  std::string text = fmt::format("  {:<24}{:>6}", name, values.size());
  if (values.empty()) return text + "\n";
  text += fmt::format("  from {} to {}\n", value_text(values.front()), value_text(values.back()));
  const auto first = std::ranges::find(values, false, &Real::negative);
  std::string line;
  for (auto value = first; value != values.end() && value < first + kMostExamples; ++value) {
    line += value_text(*value) + " ";
  }
  if (line.empty()) return text;
  return text + fmt::format("  {:<32}{}{}\n", "", line, values.end() - first > kMostExamples ? "..." : "");
}

std::string outcomes_text(const std::vector<ConversionOutcomes>& list) {
  struct Row {
    std::string_view what;
    uint64_t ConversionOutcomes::*count;
  };
  static constexpr std::array<Row, 7> kRows = {{{"exact", &ConversionOutcomes::exact},
                                                {"rounded", &ConversionOutcomes::rounded},
                                                {"to zero", &ConversionOutcomes::to_zero},
                                                {"clamped to the range", &ConversionOutcomes::clamped},
                                                {"to infinity", &ConversionOutcomes::to_infinity},
                                                {"to NaN", &ConversionOutcomes::to_nan},
                                                {"NaN to a number", &ConversionOutcomes::nan_replaced}}};
  std::string text = fmt::format("  {:<24}", "");
  for (const ConversionOutcomes& outcomes : list)
    text += fmt::format("{:>12}", to_string(outcomes.saturation));
  text += "\n";
  for (const auto& [what, count] : kRows) {
    std::string line = fmt::format("  {:<24}", what);
    uint64_t sum = 0;
    for (const ConversionOutcomes& outcomes : list) {
      line += fmt::format("{:>12}", outcomes.*count);
      sum += outcomes.*count;
    }
    if (sum > 0) text += line + "\n";
  }
  return text;
}

Format load_single(const std::string& name) {
  if (is_block_format_name(name)) fail("formats --diff: {}: expected two formats of single numbers", name);
  return load_format(name);
}

void print_difference(const std::string& name_a, const std::string& name_b, bool json) {
  const Format a = load_single(name_a), b = load_single(name_b);
  const FormatDifference difference = compare_formats(a, b);
  if (json) return print(difference_json(a, b, difference).dump(2) + "\n");
  std::string text = fmt::format("{:<26}{:<20}{}\n", "", a.name, b.name);
  for (const ParameterDifference& entry : difference.parameters) {
    text += fmt::format("  {:<24}{:<20}{}\n", entry.name, entry.a, entry.b);
  }
  if (difference.parameters.empty()) text += "  the same parameters\n";
  if (!difference.compared) {
    return print(
        text + fmt::format("\nonly the parameters: one of them has more than {} bits\n", kMostComparedBits));
  }
  text += "\nnumbers\n" + value_set_line("only in " + a.name, difference.only_in_a) +
          value_set_line("only in " + b.name, difference.only_in_b) +
          value_set_line("in both", difference.in_both);
  if (difference.same_width) {
    text += fmt::format("\ncodes that mean different things: {} of {}\n", difference.codes.size(),
                        code_mask(a.width) + 1);
  }
  for (size_t i = 0; i < std::min(kMostRows, difference.codes.size()); ++i) {
    const CodeDifference& entry = difference.codes[i];
    text += fmt::format("  {:<24}{:<20}{}\n", code_text(entry.code, a.width), value_text(entry.a),
                        value_text(entry.b));
  }
  if (difference.codes.size() > kMostRows) {
    text += fmt::format("  ... and {} more\n", difference.codes.size() - kMostRows);
  }
  text += fmt::format("\nwhat becomes of the {} codes of {} in {} (rounded to nearest even)\n",
                      code_mask(a.width) + 1, a.name, b.name);
  print(text + outcomes_text(difference.conversions));
}

void print_one(const std::string& name, bool table, bool json) {
  if (is_block_format_name(name)) {
    if (table)
      fail("formats --table: {}: a block format has no codes of its own; its element format has", name);
    const BlockFormat format = parse_block_format(name);
    return json ? print(describe_block(format).dump(2) + "\n") : print_block_description(format);
  }
  const Format format = load_format(name);
  if (table) return print_table(format, json);
  json ? print(describe(format).dump(2) + "\n") : print_description(format);
}

}  // namespace

void add_formats(Program& program) {
  CLI::App* verb =
      add_verb(program, "formats", "List the number formats, describe, draw or compare them",
               "assay formats e4m3\n  assay formats e4m3 --table\n  assay formats --diff e4m3 e4m3fnuz");
  auto name = std::make_shared<std::string>();
  auto table = std::make_shared<bool>(false);
  auto pair = std::make_shared<std::vector<std::string>>();
  CLI::Option* one = verb->add_option("NAME", *name, "A format, such as e4m3, int8 or mxfp4, or a TOML file");
  CLI::Option* codes = verb->add_flag("--table", *table, "Every code and its exact value as CSV");
  verb->add_option("--diff", *pair, "Two formats: what differs, and what becomes of the first in the second")
      ->expected(2)
      ->type_name("A B")
      ->excludes(one)
      ->excludes(codes);
  verb->callback([&program, name, table, pair] {
    if (!pair->empty()) return print_difference((*pair)[0], (*pair)[1], program.json);
    if (!name->empty()) return print_one(*name, *table, program.json);
    if (*table) fail("formats --table: expected the name of a format");
    print_list(program.json);
  });
}

}  // namespace assay
