#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/error.h"
#include "cli/verbs.h"

namespace {

constexpr int kUnusableInput = 2;

int run(int argc, char** argv) {
  assay::Program program;
  program.app.require_subcommand(1);
  program.app.set_version_flag("--version", ASSAY_VERSION);
  program.app.footer(
      "Exit status: 0 good, 1 the answer is no (a mismatch), 2 unusable input.\n"
      "Every verb explains itself: assay VERB --help");
  assay::add_formats(program);
  assay::add_convert(program);
  assay::add_eval(program);
  assay::add_vectors(program);
  assay::add_verify(program);
  assay::add_characterize(program);
  assay::add_simulate(program);
  assay::add_run(program);
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return program.app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    program.app.exit(error);
    return kUnusableInput;
  }
  return program.status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const assay::Error& error) {
    fmt::print(stderr, "assay: {}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "assay: unexpected error: {}\n", error.what());
  }
  return kUnusableInput;
}
