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
#include "base/seconds_since.h"
#include "verify/exhaustion.h"

namespace assay {
namespace {

constexpr size_t kMostPortsWithCases = 9;
// Exit statuses. `iprove` fails an assertion of its own on some graphs it cannot decide.
constexpr int kTimeIsUp = 128 + SIGXCPU, kAborted = 128 + SIGABRT;

std::string quoted(const std::filesystem::path& path) {
  const std::string text = path.string();
  if (text.find_first_of("\"\n\\") != std::string::npos) {
    fail("{}: file names with quotes, backslashes or line breaks cannot be given to Yosys", text);
  }
  return '"' + text + '"';
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

using InputBits = std::map<std::string, bool>;

// Each takes a miter in AIGER.
struct Engine {
  std::string_view commands;
};
constexpr Engine kGlucose = {"&get -n; &glucose"}, kProve = {"iprove"},
                 kCec = {"&get -n; &cec -m -T 1000000 -C 1000000"};

Equivalence prove_zero(const AndInverterGraph& graph, std::initializer_list<Engine> engines, int seconds) {
  const AndInverterGraph::Literal output = graph.outputs().begin()->second;
  if (output == AndInverterGraph::kFalse) return {Verdict::equal, {}, 0};
  const TemporaryFolder work;
  const std::filesystem::path file = work.path() / "miter.aig";
  write_file(file, graph.aiger());
  for (const Engine& engine : engines) {
    // Of processor time, so that a busy machine decides nothing.
    const ProcessResult result = run_process(
        {"prlimit", fmt::format("--cpu={}:{}", seconds, seconds + 1), "berkeley-abc", "-c",
         fmt::format("read_aiger {}; {}; write_cex -n /dev/stdout", quoted(file), engine.commands)});
    const auto says = [&](const char* text) { return result.output.find(text) != std::string::npos; };
    if (says("UNSATISFIABLE") || says("are equivalent")) return {Verdict::equal, {}, 0};
    if (says("SATISFIABLE") || says("NOT EQUIVALENT"))
      return {Verdict::different, pattern_of(result.output), 0};
    const bool gave_up = result.exit_status == kTimeIsUp || result.exit_status == kAborted;
    if (!gave_up && !says("UNDECIDED") && !says("Timed out")) {
      fail("equivalence by {}: {}", engine.commands, result.output);
    }
  }
  return {};
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

Equivalence prove_by_cases(const AndInverterGraph& miter, int seconds) {
  const auto ports = ports_of(miter);
  if (ports.size() > kMostPortsWithCases) return {};
  struct Case {
    InputBits bits;
    AndInverterGraph graph;
  };
  std::vector<std::pair<std::string, std::vector<Case>>> ways;  // by port: the cases that are not trivial
  for (const auto& [name, places] : ports) {
    std::vector<std::string> bits;
    for (const auto& [place, bit] : places) bits.push_back(bit);
    ways.push_back({name, {}});
    for (const InputBits& one : cases_of(bits)) {
      AndInverterGraph graph = with_constants(miter, one);
      if (graph.outputs().begin()->second != AndInverterGraph::kFalse)
        ways.back().second.push_back({one, std::move(graph)});
    }
  }
  std::stable_sort(ways.begin(), ways.end(),
                   [](const auto& x, const auto& y) { return x.second.size() < y.second.size(); });
  for (const auto& [name, cases] : ways) {
    Equivalence found{Verdict::equal, {}, 0};
    for (const Case& one : cases) {
      found = prove_zero(one.graph, {kGlucose, kProve}, seconds);
      if (found.verdict == Verdict::equal) continue;
      for (const auto& [port, value] : port_values(one.bits)) found.counterexample[port] |= value;
      break;
    }
    if (found.verdict != Verdict::undecided) return found;
  }
  return {};
}

Equivalence prove_equal(const AndInverterGraph& miter, int seconds) {
  const auto start = std::chrono::steady_clock::now();
  const int part = std::max(seconds / 4, 1);
  Equivalence found = prove_zero(miter, {kGlucose, kProve, kCec}, part);
  if (found.verdict == Verdict::undecided) found = exhaust(miter);
  if (found.verdict == Verdict::undecided) found = prove_by_cases(miter, part);
  found.seconds = seconds_since(start);
  return found;
}

}  // namespace assay
