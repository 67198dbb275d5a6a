// assay formats: lists, describes and tabulates formats.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/verbs.h"
#include "formats/format.h"
#include "formats/real.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr int kMostTableBits = 24;

nlohmann::ordered_json describe(const Format& format) {
  const bool floating = format.kind == FormatKind::floating;
  nlohmann::ordered_json facts = {{"name", format.name},
                                  {"kind", to_string(format.kind)},
                                  {"width", format.width},
                                  {"signed", format.is_signed}};
  if (floating) {
    facts["exponent_width"] = format.exponent_width;
    facts["fraction_width"] = format.fraction_width;
    facts["exponent_bias"] = format.exponent_bias;
    facts["infinity"] = format.has_infinity;
    facts["nan"] = to_string(format.nan);
    facts["minus_zero"] = has_negative_zero(format);
    facts["subnormals"] = format.has_subnormals && format.fraction_width > 0;
    facts["least_normal"] =
        to_double(decode(format, format.has_subnormals ? uint64_t{1} << format.fraction_width : 0));
    if (format.has_subnormals && format.fraction_width > 0)
      facts["least_subnormal"] = to_double(decode(format, 1));
  }
  if (format.kind == FormatKind::posit) {
    facts["exponent_width"] = format.exponent_width;
    facts["quire_width"] = quire_width(format);
  }
  if (is_integer(format) && format.fraction_width != 0) facts["fraction_width"] = format.fraction_width;
  if (format.kind == FormatKind::logarithmic) {
    facts["fraction_width"] = format.fraction_width;
    facts["rounding_domain"] = to_string(format.rounding_domain);
  }
  facts["largest_finite"] = to_double(decode(format, largest_finite_code(format, false)));
  return facts;
}

void print_table(const Format& format, bool json) {
  if (format.width > kMostTableBits) {
    fail("formats --table: {} has {} bits, expected at most {}", format.name, format.width, kMostTableBits);
  }
  const int digits = (format.width + 3) / 4;
  std::string text = json ? "[" : "code,value\n";
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const std::string value = to_hex_float(decode(format, code));
    text += json ? fmt::format("{}{{\"code\":\"0x{:0{}x}\",\"value\":\"{}\"}}", code == 0 ? "" : ",", code,
                               digits, value)
                 : fmt::format("0x{:0{}x},{}\n", code, digits, value);
  }
  print(json ? text + "]\n" : text);
}

void print_list(bool json) {
  auto list = nlohmann::ordered_json::array();
  for (const std::string& name : named_formats()) list.push_back(describe(parse_format(name)));
  if (json) return print(list.dump(2) + "\n");
  std::string text = fmt::format("{:<14}{:>5}  {:<26}{:>14}\n", "name", "bits", "kind", "largest finite");
  for (const auto& facts : list) {
    text += fmt::format("{:<14}{:>5}  {:<26}{:>14.6g}\n", facts["name"].get<std::string>(),
                        facts["width"].get<int>(), facts["kind"].get<std::string>(),
                        facts["largest_finite"].get<double>());
  }
  print(text +
        "and any eXmY[bBIAS][ieee|fn|f|fnuz], intN, uintN, smintN with N = 2..32, binary{K}p{P}{s|u}{e|f}, "
        "positN,\n"
        "fixW.F, ufixW.F, lnsWfF, or a TOML file (formats/format.h says which keys)\n");
}

}  // namespace

void add_formats(Program& program) {
  CLI::App* verb =
      add_verb(program, "formats", "List the number formats, describe one, or print all its codes",
               "assay formats e4m3 --table");
  auto name = std::make_shared<std::string>();
  auto table = std::make_shared<bool>(false);
  verb->add_option("NAME", *name, "A format, such as e4m3 or int8");
  verb->add_flag("--table", *table, "Every code and its exact value as CSV");
  verb->callback([&program, name, table] {
    if (name->empty()) {
      if (*table) fail("formats --table: expected the name of a format");
      return print_list(program.json);
    }
    const Format format = load_format(*name);
    if (*table) return print_table(format, program.json);
    const nlohmann::ordered_json facts = describe(format);
    if (program.json) return print(facts.dump(2) + "\n");
    std::string text;
    for (const auto& [key, value] : facts.items()) {
      text += fmt::format("{:<16}{}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
    }
    print(text);
  });
}

}  // namespace assay
