#include "verify/equivalence.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <regex>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"

namespace assay {
namespace {

constexpr int kTimeIsUp = 128 + SIGXCPU;  // exit status

std::string quoted(const std::filesystem::path& path) {
  const std::string text = path.string();
  if (text.find_first_of("\"\n\\") != std::string::npos) {
    fail("{}: file names with quotes, backslashes or line breaks cannot be given to Yosys", text);
  }
  return '"' + text + '"';
}

// Files by names that do not depend on where they are, because Yosys names cells after them, and `mutate` chooses by
// names: folders become links in the one where Yosys runs.
class LinkedFolders {
 public:
  explicit LinkedFolders(std::filesystem::path where) : where_(std::move(where)) {}

  std::filesystem::path name_of(const std::filesystem::path& file) {
    const std::filesystem::path full = std::filesystem::absolute(file);
    const auto [at, is_new] = links_.try_emplace(full.parent_path(), fmt::format("sources{}", links_.size()));
    if (is_new) std::filesystem::create_directory_symlink(full.parent_path(), where_ / at->second);
    return at->second / full.filename();
  }

 private:
  std::filesystem::path where_;
  std::map<std::filesystem::path, std::filesystem::path> links_;
};

std::string read_command(const TestBench& bench, const std::filesystem::path& file) {
  std::string text = file.extension() == ".v" ? "read_verilog -defer" : "read_verilog -sv -defer";
  for (const auto& [name, value] : bench.sources.defines) text += fmt::format(" -D{}={}", name, value);
  for (const auto& folder : bench.sources.include_folders) text += " -I" + quoted(folder);
  return text + " " + quoted(file) + "\n";
}

// "Input pattern:  c[1]=0 random=1 ..." of cec, "c[1]@0=0" a line of write_cex: ports of one bit have no index.
std::map<std::string, uint64_t> pattern_of(const std::string& said) {
  std::map<std::string, uint64_t> values;
  static const std::regex bit(R"((\w+)(?:\[(\d+)\])?(?:@0)?=([01])\b)");
  for (std::sregex_iterator at(said.begin(), said.end(), bit), end; at != end; ++at) {
    const int place = at->str(2).empty() ? 0 : std::stoi(at->str(2));
    values[at->str(1)] |= uint64_t{at->str(3) == "1"} << place;
  }
  return values;
}

}  // namespace

std::string elaboration_commands(const TestBench& bench, const BenchWrapper& wrapper,
                                 const std::filesystem::path& folder) {
  std::string commands;
  LinkedFolders links(folder);
  for (const auto& file : bench.sources.files) commands += read_command(bench, links.name_of(file));
  for (const auto& [name, text] : wrapper.texts) {
    write_file(folder / name, text);
    commands += read_command(bench, name);
  }
  return commands + fmt::format(
                        "hierarchy -check -top {}\n"
                        "setattr -unset keep_hierarchy */c:*\n"
                        "setattr -mod -unset keep_hierarchy *\n"
                        "proc\nflatten\nopt\nsetundef -zero\nopt\n",
                        kBenchTop);
}

std::string graph_commands(const std::filesystem::path& file) {
  return fmt::format("opt -fast\ntechmap\nopt -fast\naigmap\nopt_clean\nwrite_blif {}\n", quoted(file));
}

std::string with_constant(const std::string& blif, const std::string& port, uint64_t value) {
  const size_t begin = blif.find("\n.inputs ") + 1, end = blif.find('\n', begin);
  std::istringstream words(blif.substr(begin, end - begin));
  std::string inputs, constants;
  for (std::string word; words >> word;) {
    if (word != port && !word.starts_with(port + "[")) {
      inputs += word + " ";
      continue;
    }
    const int bit = word == port ? 0 : std::stoi(word.substr(port.size() + 1));
    constants += fmt::format(".names {}\n{}", word, (value >> bit & 1) != 0 ? "1\n" : "");
  }
  // Constants come after the line of the outputs.
  const size_t outputs_end = blif.find('\n', end + 1) + 1;
  return blif.substr(0, begin) + inputs + blif.substr(end, outputs_end - end) + constants +
         blif.substr(outputs_end);
}

void run_yosys_commands(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder) {
  write_file(folder / "commands.ys", commands);
  const ProcessResult result = run_process({"yosys", "-q", "-s", "commands.ys"}, folder);
  if (result.exit_status == 0) return;
  const size_t error = result.output.find("ERROR:");
  fail("{}: {}", what, result.output.substr(error == std::string::npos ? 0 : error, 2000));
}

Equivalence prove_equal(const std::filesystem::path& a, const std::filesystem::path& b, int seconds) {
  const auto start = std::chrono::steady_clock::now();
  Equivalence found;
  const int each = std::max(seconds / 2, 1);
  const std::string files = quoted(a) + " " + quoted(b);
  for (const std::string& commands :
       {fmt::format("cec -T {} -C 2000000000 {}", each, files),
        fmt::format("miter {}; strash; &get -n; &cec -m -T {} -C 1000000; write_cex -n /dev/stdout", files,
                    each)}) {
    // ABC looks at its clock between steps only, which may be long. Both clocks are of processor time, so that a busy
    // machine decides nothing.
    const ProcessResult result = run_process(
        {"prlimit", fmt::format("--cpu={}:{}", each + 1, each + 2), "berkeley-abc", "-c", commands});
    found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto says = [&](const char* text) { return result.output.find(text) != std::string::npos; };
    if (says("NOT EQUIVALENT")) {
      found.verdict = Verdict::different;
      found.counterexample = pattern_of(result.output);
      return found;
    }
    if (says("Networks are equivalent")) {
      found.verdict = Verdict::equal;
      return found;
    }
    if (result.exit_status != kTimeIsUp && !says("UNDECIDED") && !says("Timed out")) {
      fail("equivalence of {} and {}: {}", a.string(), b.string(), result.output);
    }
  }
  return found;
}

}  // namespace assay
