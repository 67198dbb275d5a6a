#include "verify/equivalence.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <regex>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"

namespace assay {
namespace {

constexpr size_t kMostPortsWithCases = 4;
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

// "c[3]": c and 3; "c": c and 0.
std::pair<std::string, int> split_name(const std::string& bit) {
  const size_t bracket = bit.find('[');
  return {bit.substr(0, bracket), bracket == std::string::npos ? 0 : std::stoi(bit.substr(bracket + 1))};
}

std::vector<std::string> inputs_of(const std::string& blif) {
  const size_t begin = blif.find("\n.inputs ") + 9;
  std::istringstream words(blif.substr(begin, blif.find('\n', begin) - begin));
  return {std::istream_iterator<std::string>(words), {}};
}

using InputBits = std::map<std::string, bool>;

// The graph with those inputs made constant.
std::string with_bits(const std::string& blif, const InputBits& bits) {
  const size_t begin = blif.find("\n.inputs ") + 1, end = blif.find('\n', begin);
  std::string inputs = ".inputs ", constants;
  for (const std::string& name : inputs_of(blif)) {
    const auto at = bits.find(name);
    if (at == bits.end()) {
      inputs += name + " ";
    } else {
      constants += fmt::format(".names {}\n{}", name, at->second ? "1\n" : "");
    }
  }
  // Constants come after the line of the outputs.
  const size_t outputs_end = blif.find('\n', end + 1) + 1;
  return blif.substr(0, begin) + inputs + blif.substr(end, outputs_end - end) + constants +
         blif.substr(outputs_end);
}

// By two engines of ABC, each with so many seconds.
Equivalence prove_at_once(const std::filesystem::path& a, const std::filesystem::path& b, int seconds) {
  Equivalence found;
  const std::string files = quoted(a) + " " + quoted(b);
  for (const std::string& commands :
       {fmt::format("cec -T {} -C 2000000000 {}", seconds, files),
        fmt::format("miter {}; strash; &get -n; &cec -m -T {} -C 1000000; write_cex -n /dev/stdout", files,
                    seconds)}) {
    // ABC looks at its clock between steps only, which may be long. Both clocks are of processor time, so that a busy
    // machine decides nothing.
    const ProcessResult result = run_process(
        {"prlimit", fmt::format("--cpu={}:{}", seconds + 1, seconds + 2), "berkeley-abc", "-c", commands});
    const auto says = [&](const char* text) { return result.output.find(text) != std::string::npos; };
    if (says("NOT EQUIVALENT")) {
      // The pattern of cec lacks inputs that the first graph does not need: the other engine's replaces it.
      found.verdict = Verdict::different;
      found.counterexample = pattern_of(result.output);
      continue;
    }
    if (found.verdict == Verdict::different) return found;
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

// The cases of a port: its top bit and where the leading one of the others is, if there is any. They are together all of
// its values, and zero, infinity or a posit's NaR, and each length of a subnormal number, are cases of their own.
std::vector<InputBits> cases_of(const std::vector<std::string>& port) {
  std::vector<InputBits> cases;
  for (const bool top : {false, true}) {
    InputBits zeros = {{port.back(), top}};
    for (size_t i = port.size() - 1; i-- > 0;) {
      cases.push_back(zeros);
      cases.back()[port[i]] = true;
      zeros[port[i]] = false;
    }
    cases.push_back(zeros);
  }
  std::reverse(cases.begin(), cases.end());  // those with most bits fixed first: they are decided soon
  return cases;
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
  InputBits bits;
  for (const std::string& name : inputs_of(blif)) {
    const auto [owner, place] = split_name(name);
    if (owner == port) bits[name] = (value >> place & 1) != 0;
  }
  return with_bits(blif, bits);
}

void run_yosys_commands(const std::string& what, const std::string& commands,
                        const std::filesystem::path& folder) {
  write_file(folder / "commands.ys", commands);
  const ProcessResult result = run_process({"yosys", "-q", "-s", "commands.ys"}, folder);
  if (result.exit_status == 0) return;
  const size_t error = result.output.find("ERROR:");
  fail("{}: {}", what, result.output.substr(error == std::string::npos ? 0 : error, 2000));
}

Equivalence prove_by_cases(const std::filesystem::path& a, const std::filesystem::path& b, int seconds) {
  const TemporaryFolder work;
  const std::string text_a = read_file(a), text_b = read_file(b);
  std::map<std::string, std::map<int, std::string>> ports;
  for (const std::string& name : inputs_of(text_a)) {
    const auto [port, place] = split_name(name);
    ports[port][place] = name;
  }
  if (ports.size() > kMostPortsWithCases) return {};
  Equivalence found;
  for (const auto& [name, places] : ports) {
    std::vector<std::string> bits;
    for (const auto& [place, bit] : places) bits.push_back(bit);
    found.verdict = Verdict::equal;
    for (const InputBits& one : cases_of(bits)) {
      write_file(work.path() / "a.blif", with_bits(text_a, one));
      write_file(work.path() / "b.blif", with_bits(text_b, one));
      found = prove_at_once(work.path() / "a.blif", work.path() / "b.blif", seconds);
      if (found.verdict == Verdict::equal) continue;
      for (const auto& [bit, value] : one)
        found.counterexample[name] |= uint64_t{value} << split_name(bit).second;
      break;
    }
    if (found.verdict != Verdict::undecided) return found;
  }
  return {};
}

Equivalence prove_equal(const std::filesystem::path& a, const std::filesystem::path& b, int seconds) {
  const auto start = std::chrono::steady_clock::now();
  Equivalence found = prove_at_once(a, b, std::max(seconds / 2, 1));
  if (found.verdict == Verdict::undecided) found = prove_by_cases(a, b, std::max(seconds / 4, 1));
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return found;
}

}  // namespace assay
