#include "power/liberty_merge.h"

#include <fmt/ranges.h>

#include <set>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "power/liberty.h"
#include "power/liberty_syntax.h"

namespace assay {
namespace {

constexpr std::string_view kMustAgree[] = {"time_unit",          "voltage_unit", "capacitive_load_unit",
                                           "leakage_power_unit", "nom_voltage",  "delay_model"};

std::string value_of(const LibertyGroup& library, std::string_view name) {
  const LibertyAttribute* attribute = library.find(name);
  return attribute == nullptr ? "" : fmt::format("{}", fmt::join(attribute->values, ","));
}

std::string identity(const LibertyGroup& group) {
  return fmt::format("{} ({})", group.name, fmt::join(group.arguments, ","));
}

}  // namespace

std::string merge_liberties(std::span<const std::filesystem::path> files) {
  if (files.empty()) fail("merging libraries: no files");
  std::string merged = read_liberty_text(files.front());
  const LibertyGroup first = parse_liberty_syntax(merged, files.front().string());
  merged.resize(first.end - 1);  // without the closing brace
  std::set<std::string> known;
  for (const LibertyGroup& group : first.groups) known.insert(identity(group));
  for (const std::filesystem::path& file : files.subspan(1)) {
    const std::string text = read_liberty_text(file);
    const LibertyGroup library = parse_liberty_syntax(text, file.string());
    for (const std::string_view name : kMustAgree) {
      if (value_of(library, name) == value_of(first, name)) continue;
      fail("{}: {} is \"{}\", but \"{}\" in {}", file.string(), name, value_of(library, name),
           value_of(first, name), files.front().string());
    }
    for (const LibertyGroup& group : library.groups) {
      if (known.insert(identity(group)).second) {
        merged += text.substr(group.begin, group.end - group.begin) + "\n";
      } else if (group.name == "cell") {
        fail("{}:{}: {} is defined in an earlier file too", file.string(), group.line, identity(group));
      }
    }
  }
  return merged + "}\n";
}

}  // namespace assay
