// The grammar of Liberty files: groups with attributes and subgroups, without their meaning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// `name : value ;` (one value) or `name (value, ...) ;`.
struct LibertyAttribute {
  std::string name;
  std::vector<std::string> values;
  int line = 0;
};

// `name (argument, ...) { ... }`
struct LibertyGroup {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<LibertyAttribute> attributes;
  std::vector<LibertyGroup> groups;
  int line = 0;
  size_t begin = 0;  // the group is text[begin, end)
  size_t end = 0;

  // The last attribute of that name, as tools let a later one override; nullptr if there is none.
  const LibertyAttribute* find(std::string_view attribute) const;
};

// Parses the text of a Liberty file, which is one `library` group. `file` is only named in errors. Throws
// Error with file and line for anything that is not a complete group.
LibertyGroup parse_liberty_syntax(std::string_view text, std::string_view file);

}  // namespace assay
