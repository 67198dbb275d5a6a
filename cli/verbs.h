// The verbs of the `assay` program. Each adds one subcommand, with its options and an example, to the
// program; when it runs it stores its exit status: 0 good, 1 the answer is "no". Unusable input is thrown as
// Error.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

struct Program {
  CLI::App app{"assay: low-precision arithmetic held against golden models: bits, RTL, cycles, joules"};
  bool json = false;  // --json: one JSON document on standard output instead of text
  int status = 0;
};

void add_formats(Program& program);
void add_convert(Program& program);
void add_eval(Program& program);
void add_vectors(Program& program);
void add_verify(Program& program);
void add_characterize(Program& program);
void add_simulate(Program& program);
void add_run(Program& program);

// A subcommand with --json and an example below its help.
CLI::App* add_verb(Program& program, const std::string& name, const std::string& what,
                   const std::string& example);

// Text as CSV, JSON or TOML goes to standard output.
void print(const std::string& text);

// The number that a word of hexadecimal digits (with or without 0x) stands for, if it is one of at most
// `width` bits.
std::optional<uint64_t> parse_code(std::string_view word, int width);

}  // namespace assay
