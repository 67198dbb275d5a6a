// Runs other programs (yosys, verilator, sta, g++) without a shell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay {

struct ProcessResult {
  int exit_status = 0;  // 128 + signal number if a signal ended the program
  std::string output;   // standard output and standard error as they came
};

// Runs `command` (program, arguments) in `folder` and waits for it. The program is looked up on PATH.
// Throws Error if it cannot be started; a non-zero exit status is the caller's to judge.
ProcessResult run_process(const std::vector<std::string>& command,
                          const std::filesystem::path& folder = std::filesystem::current_path());

// As run_process, but throws Error with `what` and the end of the output if the exit status is not 0.
std::string run_or_fail(const std::string& what, const std::vector<std::string>& command,
                        const std::filesystem::path& folder = std::filesystem::current_path());

}  // namespace assay
