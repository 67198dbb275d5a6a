#include "verify/mutation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <limits>
#include <regex>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/seconds_since.h"
#include "verify/devices.h"
#include "verify/elaboration.h"
#include "verify/equivalence.h"
#include "verify/fault_miter.h"
#include "verify/fault_region.h"

namespace assay {
namespace {

constexpr std::string_view kSelect = "pin_mutant";  // input port of the mutated design; 0: no mutant
constexpr int kFirstExhaustiveBits = 20;
constexpr size_t kNearInputs = 48, kRegionInputs = 32;
constexpr uint64_t kAlive = std::numeric_limits<uint64_t>::max();

using Clock = std::chrono::steady_clock;

// ---- What a mutant is, in words.

std::string word_after(const std::string& command, const std::string& option) {
  std::istringstream words(command);
  for (std::string word; words >> word;) {
    if (word == option && words >> word) return word;
  }
  return "";
}

std::string mode_in_words(const std::string& command) {
  const std::string mode = word_after(command, "-mode");
  if (mode == "inv") return "invert";
  if (mode == "const0") return "stuck at 0:";
  if (mode == "const1") return "stuck at 1:";
  return fmt::format("invert where bit {} of the port is {}:", word_after(command, "-ctrlbit"),
                     mode == "cnot0" ? 0 : 1);
}

// "fp_round.sv:67": of the cell's name, which Yosys derives from its place, or else of the last source on one line.
std::string source_of(const std::string& command) {
  static const std::regex in_name(R"(([^/\s]+\.s?vh?:\d+)\$\d+)"),
      on_a_line(R"(([^/\s]+\.s?vh?:(\d+))\.\d+-(\d+)\.)");
  std::smatch found;
  const std::string cell = word_after(command, "-cell");
  if (std::regex_search(cell, found, in_name)) return found[1];
  std::string last;
  for (std::sregex_iterator at(command.begin(), command.end(), on_a_line), end; at != end; ++at) {
    if (at->str(2) == at->str(3)) last = at->str(1);
  }
  return last;
}

// "$flatten\u_design.\u_round.$or$/path/fp_round.sv:67$76": operation "or" of instance "u_round".
std::string change_of(const std::string& command) {
  static const std::regex operation(R"(\$([a-z_]+)\$[^\\]*$)"), instance(R"(([^.\\$]+)\.\$)");
  const std::string cell = word_after(command, "-cell");
  std::smatch found;
  std::string text = mode_in_words(command) + " ";
  text += std::regex_search(cell, found, operation) ? found.str(1) : cell;
  text += fmt::format(".{}[{}]", word_after(command, "-port"), word_after(command, "-portbit"));
  if (std::regex_search(cell, found, instance)) text += " in " + found.str(1);
  if (const std::string source = source_of(command); !source.empty()) text += ", " + source;
  if (const std::string wire = word_after(command, "-wire"); !wire.empty()) {
    text += fmt::format(", wire {}[{}]", wire.substr(wire.rfind('.') + 1), word_after(command, "-wirebit"));
  }
  return text;
}

// ---- The mutated design.

struct Elaborated {
  std::string design;                 // of Yosys, RTLIL
  std::vector<std::string> commands;  // one a mutant
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The plain design, and which mutants there are of it.
Elaborated elaborate(const TestBench& bench, const BenchWrapper& wrapper, int mutants) {
  const TemporaryFolder work;
  run_yosys_commands(fmt::format("mutation of {}", bench.specification.name),
                     elaboration_commands(bench, wrapper, work.path()) +
                         fmt::format("write_rtlil design.il\nmutate -list {} -seed {} -o list.ys\n", mutants,
                                     bench.stimulus.seed % 1'000'000'007),
                     work.path());
  Elaborated elaborated{read_file(work.path() / "design.il"), lines_of(read_file(work.path() / "list.ys"))};
  if (elaborated.commands.empty()) fail("{}: the design has no cell to mutate", bench.specification.name);
  return elaborated;
}

int select_width(size_t mutants) {
  return static_cast<int>(std::bit_width(mutants));
}

// Yosys commands that make all mutants one design.
std::string mutate_commands(const Elaborated& elaborated) {
  std::string commands = "read_rtlil design.il\n";
  for (size_t i = 0; i < elaborated.commands.size(); ++i) {
    commands += fmt::format("{} -ctrl {} {} {}\n", elaborated.commands[i], kSelect,
                            select_width(elaborated.commands.size()), i + 1);
  }
  return commands;
}

Netlist netlist_of_mutants(const TestBench& bench, const Elaborated& elaborated,
                           const std::filesystem::path& library, const Liberty& liberty) {
  const TemporaryFolder work;
  write_file(work.path() / "design.il", elaborated.design);
  return map_unoptimized(fmt::format("mutation of {}", bench.specification.name), mutate_commands(elaborated),
                         work.path(), library, liberty);
}

// Multiplication commutes, but its array of adders does not: where a mutant shifts one factor, the sums in the array are
// the design's, shifted, if the other factor selects the rows.
constexpr std::string_view kSwapFactors = R"((* techmap_celltype = "$mul" *)
module swap_factors(A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;
  \$mul #(
      .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)
  ) _TECHMAP_REPLACE_ (.A(B), .B(A), .Y(Y));
endmodule
)";

AndInverterGraph graph_of_mutants(const TestBench& bench, const Elaborated& elaborated, bool swap_factors) {
  const TemporaryFolder work;
  const std::string what = fmt::format("mutation of {}", bench.specification.name);
  write_file(work.path() / "design.il", elaborated.design);
  write_file(work.path() / "swap_factors.v", kSwapFactors);
  run_yosys_commands(what,
                     mutate_commands(elaborated) +
                         (swap_factors ? "techmap -max_iter 1 -map swap_factors.v\n" : "") +
                         graph_commands("mutated.blif"),
                     work.path());
  return parse_blif(read_file(work.path() / "mutated.blif"), what);
}

// The specification of the mutated netlist: its mode m + M k is mode m of M, of mutant k.
Specification selectable(const Specification& specification, size_t mutants) {
  Specification all = specification;
  all.pins.push_back({"mutant", select_width(mutants)});
  all.modes.clear();
  for (uint64_t mutant = 0; mutant <= mutants; ++mutant) {
    for (Mode mode : specification.modes) {
      mode.pins.push_back(mutant);
      all.modes.push_back(mode);
    }
  }
  return all;
}

// ---- Simulation.

// The b-th piece of a stimulus: small ones first, because most mutants die of the first vectors.
struct Piece {
  uint64_t first = 0, count = 0;
};
Piece piece(uint64_t b) {
  constexpr uint64_t smallest = 512, doublings = 5;
  static_assert(smallest << doublings == kBatch);
  if (b < doublings) return {smallest * ((uint64_t{1} << b) - 1), smallest << b};
  return {smallest * ((1U << doublings) - 1) + (b - doublings) * kBatch, kBatch};
}

// Mutants in one device: which of them the vectors of a stimulus kill.
class Trial {
 public:
  Trial(const Golden& golden, Device device, size_t mutants)
      : golden_(golden), device_(std::move(device)), killed_at_(mutants + 1) {
    for (auto& at : killed_at_) at = kAlive;
  }

  // Runs those mutants (and the design itself, as number 0) until they are killed or the stimulus ends. The result does
  // not depend on the number of threads.
  void run(const Stimulus& stimulus, std::vector<size_t> mutants, int threads) {
    mutants.push_back(0);
    Progress progress("mutants of " + golden_.specification().name, stimulus.size());
    std::atomic<uint64_t> next{0};
    parallel_for(static_cast<size_t>(threads), threads, [&](size_t) {
      Worker worker{device_.make(), {}, {}, {}};
      for (Piece now = piece(next++); now.first < stimulus.size(); now = piece(next++)) {
        now.count = std::min(now.count, stimulus.size() - now.first);
        run(stimulus, now, mutants, worker);
        progress.advance(now.count);
      }
    });
    if (killed_at_[0] != kAlive) {
      fail("{}: the design itself is wrong (vector {} of the stimulus): verify it before its mutants",
           golden_.specification().name, killed_at_[0].load());
    }
  }

  // Index of the first vector that kills it, or kAlive.
  uint64_t killed_at(size_t mutant) const { return killed_at_[mutant]; }

  // Whether the mutant is wrong for the vector.
  bool kills(size_t mode, const std::vector<uint64_t>& operands, size_t mutant) const {
    Worker worker{device_.make(), {}, {}, {}};
    for (const uint64_t operand : operands) worker.vectors.operands.push_back({operand});
    worker.vectors.modes = {static_cast<uint32_t>(mode)};
    golden_.evaluate(worker.vectors, worker.expected);
    return first_wrong(mutant, worker) == 0;
  }

 private:
  struct Worker {
    DeviceFunction device;
    VectorBatch vectors;
    ResultBatch expected, actual;
  };

  void run(const Stimulus& stimulus, Piece now, const std::vector<size_t>& mutants, Worker& worker) {
    bool filled = false;
    for (const size_t mutant : mutants) {
      std::atomic<uint64_t>& killed_at = killed_at_[mutant];
      if (killed_at < now.first) continue;
      if (!filled) {
        stimulus.fill(now.first, static_cast<size_t>(now.count), worker.vectors);
        golden_.evaluate(worker.vectors, worker.expected);
        filled = true;
      }
      const size_t wrong = first_wrong(mutant, worker);
      if (wrong == worker.vectors.size()) continue;
      uint64_t before = killed_at;
      while (before > now.first + wrong && !killed_at.compare_exchange_weak(before, now.first + wrong)) {
      }
    }
  }

  size_t first_wrong(size_t mutant, Worker& worker) const {
    VectorBatch& vectors = worker.vectors;
    const auto shift = static_cast<uint32_t>(mutant * golden_.specification().modes.size());
    for (uint32_t& mode : vectors.modes) mode += shift;
    worker.device(vectors, worker.actual, {});
    for (uint32_t& mode : vectors.modes) mode -= shift;
    const ResultBatch &expected = worker.expected, &actual = worker.actual;
    const bool flags = !expected.flags.empty();
    for (size_t i = 0; i < vectors.size(); ++i) {
      if (actual.codes[i] == expected.codes[i] && (!flags || actual.flags[i] == expected.flags[i])) [[likely]]
        continue;
      if (!golden_.accepts(vectors.modes[i], expected.at(i), actual.at(i))) return i;
    }
    return vectors.size();
  }

  const Golden& golden_;
  Device device_;
  std::vector<std::atomic<uint64_t>> killed_at_;  // [mutant]
};

// ---- Proof.

// First where the fault is, in a part with few inputs: what it does not change there it changes nowhere. At last with what
// is needed around the fault, which takes minutes.
Equivalence compare_with_design(const AndInverterGraph& graph, size_t mutant, int seconds) {
  FaultyCopies copies = faulty_copies(graph, std::string(kSelect), mutant);
  const AndInverterGraph whole = fault_miter(graph, copies);
  if (whole.outputs().begin()->second != AndInverterGraph::kFalse) {
    const auto near = outputs_near_fault(graph, copies, kNearInputs);
    // Where all depends on few inputs these are the same outputs, which are proved below.
    if (near && near->outputs() != graph.outputs() &&
        prove_equal(fault_miter(*near, copies), seconds).verdict == Verdict::equal)
      return {Verdict::equal, {}, 0};
  }
  Equivalence found = prove_equal(whole, seconds);
  if (found.verdict != Verdict::undecided) return found;
  const auto needed = needed_around_fault(graph, copies, kRegionInputs);
  return needed ? prove_equal(fault_miter(graph, copies, *needed), 4 * seconds) : found;
}

// Compares each of the mutants with the design, which is number 0.
std::vector<Equivalence> compare_with_design(const AndInverterGraph& graph,
                                             const std::vector<size_t>& mutants,
                                             const MutationOptions& options) {
  std::vector<Equivalence> found(mutants.size());
  parallel_for(mutants.size(), options.threads,
               [&](size_t i) { found[i] = compare_with_design(graph, mutants[i], options.proof_seconds); });
  return found;
}

// The mode whose pins a counterexample has; none if they mean nothing.
std::optional<size_t> mode_of(const Specification& specification,
                              const std::map<std::string, uint64_t>& counterexample) {
  for (size_t mode = 0; mode < specification.modes.size(); ++mode) {
    bool same = true;
    for (size_t p = 0; p < specification.pins.size(); ++p) {
      const auto at = counterexample.find("pin_" + specification.pins[p].name);
      same = same && at != counterexample.end() && at->second == specification.modes[mode].pins[p];
    }
    if (same) return mode;
  }
  return std::nullopt;
}

// A mutant that is not equivalent: its counterexample, given to golden model and gates, must show it.
void judge_different(const Golden& golden, const Trial& trial, const Equivalence& proof, size_t number,
                     Mutant& mutant) {
  const std::optional<size_t> mode = mode_of(golden.specification(), proof.counterexample);
  if (!mode) return;
  std::vector<uint64_t> operands;
  std::vector<std::string> words;
  for (const OperandSlot& slot : operand_slots(golden.specification())) {
    const auto at = proof.counterexample.find(slot.name);
    operands.push_back(at == proof.counterexample.end() ? 0 : at->second);
    words.push_back(fmt::format("{}={:#x}", slot.name, operands.back()));
  }
  if (!trial.kills(*mode, operands, number)) return;
  mutant.fate = MutantFate::missed;
  mutant.witness = fmt::format("{}", fmt::join(words, " "));
}

std::vector<size_t> with_fate(const MutationReport& report, std::initializer_list<MutantFate> fates) {
  std::vector<size_t> numbers;
  for (size_t i = 0; i < report.mutants.size(); ++i) {
    if (std::find(fates.begin(), fates.end(), report.mutants[i].fate) != fates.end())
      numbers.push_back(i + 1);
  }
  return numbers;
}

void record_kills(const Trial& trial, uint64_t vectors, MutationReport& report) {
  for (size_t number = 1; number <= report.mutants.size(); ++number) {
    Mutant& mutant = report.mutants[number - 1];
    if (mutant.fate == MutantFate::killed) continue;
    const uint64_t at = trial.killed_at(number);
    mutant.vectors = at == kAlive ? vectors : at + 1;
    if (at != kAlive) mutant.fate = MutantFate::killed;
  }
}

}  // namespace

size_t MutationReport::count(MutantFate fate) const {
  return static_cast<size_t>(
      std::count_if(mutants.begin(), mutants.end(), [&](const Mutant& m) { return m.fate == fate; }));
}

double MutationReport::share_killed() const {
  const size_t counted = mutants.size() - count(MutantFate::equivalent) - count(MutantFate::exhausted);
  return counted == 0 ? 1 : static_cast<double>(count(MutantFate::killed)) / static_cast<double>(counted);
}

MutationReport test_by_mutation(const TestBench& bench, const MutationOptions& options) {
  const Specification& specification = bench.specification;
  if (!bench.timing.clock.empty() || !bench.netlist.empty() || bench.sources.files.empty()) {
    fail("{}: mutation needs a combinational design's RTL", specification.name);
  }
  if (specification.lanes > 1) fail("{}: mutation is of designs with one lane", specification.name);
  MutationReport report;
  report.name = specification.name;
  auto start = Clock::now();
  const Elaborated elaborated = elaborate(bench, wrap(bench, module_ports(bench.sources)), options.mutants);
  const std::filesystem::path library = bench.liberty.empty() ? default_liberty() : bench.liberty;
  const Liberty liberty = read_liberty(library);
  const Netlist mutated = netlist_of_mutants(bench, elaborated, library, liberty);
  const size_t count = elaborated.commands.size();
  for (const std::string& command : elaborated.commands) {
    report.mutants.emplace_back();
    report.mutants.back().command = command.substr(0, command.find(" -src "));  // Yosys ignores these
    report.mutants.back().change = change_of(command);
  }
  report.mapping_seconds = seconds_since(start);

  start = Clock::now();
  const Golden golden(specification);
  Trial trial(golden, netlist_device(selectable(specification, count), mutated, liberty), count);
  StimulusOptions first = bench.stimulus;
  first.exhaustive_bits = std::min(first.exhaustive_bits, kFirstExhaustiveBits);
  const Stimulus stimulus(specification, first);
  report.stimulus = stimulus.description();
  report.vectors = stimulus.size();
  trial.run(stimulus, with_fate(report, {MutantFate::open}), options.threads);
  record_kills(trial, stimulus.size(), report);
  if (stimulus.exhaustive()) {
    for (const size_t number : with_fate(report, {MutantFate::open})) {
      report.mutants[number - 1].fate = MutantFate::exhausted;
    }
  }
  report.simulation_seconds = seconds_since(start);

  start = Clock::now();
  for (const bool swap_factors : {false, true}) {
    if (swap_factors && elaborated.design.find("cell $mul ") == std::string::npos) break;
    const std::vector<size_t> alive = with_fate(report, {MutantFate::open});
    if (alive.empty()) break;
    const std::vector<Equivalence> proofs =
        compare_with_design(graph_of_mutants(bench, elaborated, swap_factors), alive, options);
    for (size_t i = 0; i < alive.size(); ++i) {
      Mutant& mutant = report.mutants[alive[i] - 1];
      if (proofs[i].verdict == Verdict::equal) mutant.fate = MutantFate::equivalent;
      if (proofs[i].verdict == Verdict::different)
        judge_different(golden, trial, proofs[i], alive[i], mutant);
    }
  }
  report.proof_seconds = seconds_since(start);

  start = Clock::now();
  StimulusOptions all = bench.stimulus;
  all.exhaustive_bits = options.exhaust_bits;
  const Stimulus exhaustive(specification, all);
  const bool is_own = Stimulus(specification, bench.stimulus).exhaustive();
  const std::vector<size_t> rest =
      with_fate(report, is_own ? std::initializer_list<MutantFate>{MutantFate::open, MutantFate::missed}
                               : std::initializer_list<MutantFate>{MutantFate::open});
  if (exhaustive.exhaustive() && !rest.empty()) {
    trial.run(exhaustive, rest, options.threads);
    for (const size_t number : rest) {
      Mutant& mutant = report.mutants[number - 1];
      const uint64_t at = trial.killed_at(number);
      mutant.vectors = at == kAlive ? exhaustive.size() : at + 1;
      mutant.fate = at == kAlive ? MutantFate::exhausted : is_own ? MutantFate::killed : MutantFate::missed;
      if (mutant.fate == MutantFate::missed) mutant.witness = fmt::format("combination {}", at);
    }
  }
  report.simulation_seconds += seconds_since(start);
  return report;
}

std::string_view fate_name(MutantFate fate) {
  switch (fate) {
    case MutantFate::killed:
      return "killed";
    case MutantFate::equivalent:
      return "proved equivalent";
    case MutantFate::exhausted:
      return "right for all operands";
    case MutantFate::missed:
      return "not killed, and wrong";
    case MutantFate::open:
      break;
  }
  return "not killed, not proved";
}

std::string describe(const MutationReport& report) {
  std::string text =
      fmt::format("{} mutants of {}: {}\n", report.mutants.size(), report.name, report.stimulus);
  for (const MutantFate fate : {MutantFate::killed, MutantFate::equivalent, MutantFate::exhausted,
                                MutantFate::missed, MutantFate::open}) {
    text += fmt::format("  {:<24} {:>6}\n", fate_name(fate), report.count(fate));
  }
  text += fmt::format("  {:<24} {:>6.2f} %\n", "killed of the others", 100 * report.share_killed());
  std::vector<uint64_t> needed;
  for (const Mutant& mutant : report.mutants) {
    if (mutant.fate == MutantFate::killed) needed.push_back(mutant.vectors);
  }
  std::sort(needed.begin(), needed.end());
  if (!needed.empty()) {
    text +=
        fmt::format("  vectors to kill half of these {}, 99 % {}, all {}\n", needed[(needed.size() - 1) / 2],
                    needed[(needed.size() - 1) * 99 / 100], needed.back());
  }
  text += fmt::format("  seconds: mapping {:.1f}, simulation {:.1f}, proofs {:.1f}\n", report.mapping_seconds,
                      report.simulation_seconds, report.proof_seconds);
  for (const Mutant& mutant : report.mutants) {
    if (mutant.fate != MutantFate::missed && mutant.fate != MutantFate::open) continue;
    text += fmt::format("{}: {}{}\n  {}\n", fate_name(mutant.fate), mutant.change,
                        mutant.witness.empty() ? "" : ", for " + mutant.witness, mutant.command);
  }
  return text;
}

}  // namespace assay
