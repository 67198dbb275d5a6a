#include "cli/verbs.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "base/error.h"
#include "formats/format.h"

namespace assay {

CLI::App* add_verb(Program& program, const std::string& name, const std::string& what,
                   const std::string& example) {
  CLI::App* verb = program.app.add_subcommand(name, what);
  verb->add_flag("--json", program.json, "One JSON document on standard output instead of text");
  verb->footer("Example:\n  " + example);
  return verb;
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail("standard output: cannot write");
}

std::optional<uint64_t> parse_code(std::string_view word, int width) {
  std::string_view digits = word;
  if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") digits.remove_prefix(2);
  uint64_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (error != std::errc{} || end != digits.data() + digits.size() || code > code_mask(width))
    return std::nullopt;
  return code;
}

}  // namespace assay
