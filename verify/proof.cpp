#include "verify/proof.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "verify/check.h"
#include "verify/devices.h"
#include "verify/elaboration.h"
#include "verify/equivalence.h"

namespace assay {
namespace {

void write_graph(const TestBench& bench, const BenchWrapper& wrapper, const std::filesystem::path& file) {
  const TemporaryFolder work;
  run_yosys_commands(fmt::format("proof of {}", bench.specification.name),
                     elaboration_commands(bench, wrapper, work.path()) + graph_commands(file), work.path());
}

void write_netlist_graph(const std::string& name, const std::filesystem::path& verilog,
                         const std::filesystem::path& liberty, const std::filesystem::path& file) {
  const TemporaryFolder work;
  write_file(work.path() / "cells.lib", read_liberty_text(liberty));
  write_file(work.path() / "netlist.v", read_file(verilog));
  run_yosys_commands(fmt::format("proof of {}", name),
                     fmt::format("read_liberty -ignore_miss_func cells.lib\nread_verilog netlist.v\n"
                                 "hierarchy -check -top {}\nflatten\n",
                                 kBenchTop) +
                         graph_commands(file),
                     work.path());
}

ProofStep compare(const std::string& what, const std::filesystem::path& a, const std::filesystem::path& b,
                  int seconds) {
  const Equivalence found =
      prove_equal(miter(parse_blif(read_file(a), a.string()), parse_blif(read_file(b), b.string())), seconds);
  ProofStep step{what, Assurance::undecided, 0, found.seconds, ""};
  if (found.verdict == Verdict::equal) step.how = Assurance::proved;
  if (found.verdict == Verdict::different) step.how = Assurance::refuted;
  std::vector<std::string> words;
  for (const auto& [port, value] : found.counterexample)
    words.push_back(fmt::format("{}={:#x}", port, value));
  if (!words.empty()) step.detail = fmt::format("not for {}", fmt::join(words, " "));
  return step;
}

ProofStep simulate(const std::string& what, const Golden& golden, const Device& device,
                   const StimulusOptions& stimulus, int threads) {
  const CheckResult result = check(golden, {device}, {stimulus, {}, threads}).devices.front();
  ProofStep step{what, result.exhaustive ? Assurance::exhausted : Assurance::sampled, result.vectors,
                 result.seconds, result.stimulus};
  if (!result.passed()) step.how = Assurance::refuted;
  if (result.smallest) step.detail = explain(golden, *result.smallest);
  return step;
}

// A bench's design, mapped to gates, and both as graphs.
struct Circuits {
  std::filesystem::path library;
  MappedDesign mapped;
  std::filesystem::path rtl_graph, netlist_graph;
};

Circuits circuits_of(const TestBench& bench, const ProofOptions& options, const std::filesystem::path& work) {
  const std::string& name = bench.specification.name;
  if (!bench.timing.clock.empty() || !bench.netlist.empty() || bench.sources.files.empty()) {
    fail("{}: a proof needs a combinational design's RTL", name);
  }
  const BenchWrapper wrapper = wrap(bench, module_ports(bench.sources));
  const std::filesystem::path library = bench.liberty.empty() ? default_liberty() : bench.liberty;
  Circuits circuits{library, map_bench(bench, wrapper, library, options.cache), work / "rtl.blif",
                    work / "netlist.blif"};
  write_graph(bench, wrapper, circuits.rtl_graph);
  write_netlist_graph(name, circuits.mapped.verilog, library, circuits.netlist_graph);
  return circuits;
}

const ProofStep* find_step(const ProofReport& report, std::string_view what) {
  for (const ProofStep& step : report.steps) {
    if (step.what == what) return &step;
  }
  return nullptr;
}

constexpr std::string_view kNetlistGolden = "netlist = golden model", kNetlistRtl = "netlist = RTL",
                           kReferenceGolden = "reference = golden model", kRtlReference = "RTL = reference";

void conclude(ProofReport& report) {
  const auto how = [&](std::string_view what) {
    const ProofStep* step = find_step(report, what);
    return step == nullptr ? Assurance::undecided : step->how;
  };
  if (report.refuted()) {
    report.rtl = report.netlist = "refuted";
    return;
  }
  const Assurance gates = how(kNetlistGolden);
  const bool linked = how(kNetlistRtl) == Assurance::proved;
  const bool referred = how(kRtlReference) == Assurance::proved;
  const std::string by_reference =
      fmt::format("proved equal to the reference, which is {}", assurance_name(how(kReferenceGolden)));
  report.netlist = gates == Assurance::exhausted ? "exhausted"
                   : linked && referred          ? by_reference
                                                 : "sampled";
  report.rtl = gates == Assurance::exhausted && linked ? "proved equal to the netlist, which is exhausted"
               : referred                              ? by_reference
               : linked                                ? "proved equal to the netlist, which is sampled"
                                                       : "sampled";
}

}  // namespace

std::string_view assurance_name(Assurance assurance) {
  switch (assurance) {
    case Assurance::proved:
      return "proved";
    case Assurance::exhausted:
      return "exhausted";
    case Assurance::sampled:
      return "sampled";
    case Assurance::undecided:
      return "undecided";
    case Assurance::refuted:
      break;
  }
  return "refuted";
}

bool ProofReport::refuted() const {
  return std::any_of(steps.begin(), steps.end(),
                     [](const ProofStep& c) { return c.how == Assurance::refuted; });
}

std::optional<TestBench> reference_bench(const Unit& unit, const std::filesystem::path& rtl) {
  const std::optional<CatalogEntry> entry = find_in_catalog(unit, rtl);
  if (!entry || !std::filesystem::exists(rtl / "reference" / (entry->module + ".sv"))) return std::nullopt;
  return catalog_test_bench(*entry, rtl / "reference");
}

ProofReport prove(const TestBench& bench, const std::optional<TestBench>& reference,
                  const ProofOptions& options) {
  const Specification& specification = bench.specification;
  const TemporaryFolder work;
  const Circuits circuits = circuits_of(bench, options, work.path());
  ProofReport report;
  report.name = specification.name;
  const Golden golden(specification);
  const Liberty liberty = read_liberty(circuits.library);
  const Device gates = netlist_device(specification, read_netlist(circuits.mapped.json, liberty), liberty);
  StimulusOptions all = bench.stimulus;
  all.exhaustive_bits = std::max(all.exhaustive_bits, options.exhaust_bits);
  report.steps.push_back(simulate(std::string(kNetlistGolden), golden, gates, all, options.threads));
  report.steps.push_back(
      compare(std::string(kNetlistRtl), circuits.netlist_graph, circuits.rtl_graph, options.seconds));
  if (reference) {
    const std::filesystem::path reference_graph = work.path() / "reference.blif";
    const BenchWrapper reference_wrapper = wrap(*reference, module_ports(reference->sources));
    write_graph(*reference, reference_wrapper, reference_graph);
    report.steps.push_back(simulate(std::string(kReferenceGolden), golden,
                                    rtl_device(*reference, reference_wrapper, options.cache), bench.stimulus,
                                    options.threads));
    report.steps.push_back(
        compare(std::string(kRtlReference), circuits.rtl_graph, reference_graph, options.seconds));
  }
  conclude(report);
  return report;
}

std::string describe(const ProofStep& step) {
  return fmt::format("{:<26} {:<10} {:>9.1f} s  {}\n", step.what, assurance_name(step.how), step.seconds,
                     step.detail);
}

std::string describe(const ProofReport& report) {
  std::string text = report.name + "\n";
  for (const ProofStep& step : report.steps) text += "  " + describe(step);
  return text + fmt::format("RTL: {}\nnetlist: {}\n", report.rtl, report.netlist);
}

}  // namespace assay
