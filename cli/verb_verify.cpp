// assay verify: a design, or a unit of the catalog, against the golden model.
#include <fmt/format.h>

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>
#include <vector>

#include "base/cache.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/toml_table.h"
#include "cli/verbs.h"
#include "cli/verify_reports.h"
#include "experiment/captured_vectors.h"
#include "power/liberty.h"
#include "rtl/catalog.h"
#include "verify/verification.h"

namespace assay {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string what, liberty;
  std::optional<uint64_t> seed, random_vectors;
  std::optional<int> exhaustive_bits, mutants, prove_seconds;
  bool elaborate = false;
  int threads = hardware_threads();
  std::string shard, state, waveform;
  std::vector<std::string> merge;
};

ordered_json to_json(const Golden& golden, const CheckResult& result) {
  ordered_json json = {{"device", result.device},
                       {"vectors", result.vectors},
                       {"exhaustive", result.exhaustive},
                       {"stimulus", result.stimulus},
                       {"seed", result.seed},
                       {"vectors_per_second", result.vectors_per_second()},
                       {"mismatches", result.mismatches}};
  if (result.stream) json["stream"] = describe(result.stream->outcome);
  if (!result.smallest) return json;
  auto operands = ordered_json::array();
  for (const uint64_t operand : result.smallest->operands) operands.push_back(fmt::format("{:#x}", operand));
  json["smallest"] = {{"operands", operands},
                      {"lane", result.smallest->lane},
                      {"expected", fmt::format("{:#x}", result.smallest->expected.code)},
                      {"actual", fmt::format("{:#x}", result.smallest->actual.code)},
                      {"fails_alone", !result.needs_context},
                      {"explanation", explain(golden, *result.smallest)}};
  return json;
}

std::string to_text(const Golden& golden, const CheckResult& result) {
  std::string text = fmt::format("{:<28} {:>12} vectors  {:>8.1f} M/s  {:>10} mismatches  {}\n  {}\n",
                                 result.device, result.vectors, result.vectors_per_second() / 1e6,
                                 result.mismatches, result.passed() ? "pass" : "FAIL", result.stimulus);
  if (result.stream) text += "  " + describe(result.stream->outcome) + "\n";
  if (result.smallest) {
    text += !result.needs_context ? "smallest failing operands:\n"
            : result.context.empty()
                ? "simplest failing operands; right when given alone, or after the few vectors before them:\n"
                : fmt::format(
                      "simplest failing operands; right when given alone, wrong after {} other vectors:\n",
                      result.context.size());
    text += explain(golden, *result.smallest);
  }
  return text;
}

// Whether a TOML file describes a test bench, not a unit.
bool is_test_bench(const std::string& what) {
  return what.ends_with(".toml") && parse_toml(read_file(what), what).contains("design");
}

TestBench load_bench(const std::string& what) {
  if (is_test_bench(what)) {
    TestBench bench = read_test_bench(what);
    if (!bench.captured.empty()) {
      bench.stimulus.captured =
          std::make_shared<const CapturedVectors>(captured_vectors(bench.specification, bench.captured));
    }
    return bench;
  }
  const Unit unit = load_unit(what);
  const std::optional<CatalogEntry> entry = find_in_catalog(unit);
  if (!entry) fail("verify: unit {} is not in {}", unit_name(unit), (rtl_folder() / "catalog.toml").string());
  return catalog_test_bench(*entry, rtl_folder());
}

// The contract, which all modes share but for operation, product and rounding.
std::string contract_text(const Golden& golden) {
  const Specification& specification = golden.specification();
  if (specification.modes.size() == 1) {
    return "contract\n" + describe(specification.contract, golden.unit(0));
  }
  std::string text = fmt::format("{} modes\n", specification.modes.size());
  for (size_t mode = 0; mode < specification.modes.size(); ++mode) {
    text += fmt::format("  {:<32}", unit_name(golden.unit(mode)));
    for (size_t pin = 0; pin < specification.pins.size(); ++pin) {
      text += fmt::format(" {} = {}", specification.pins[pin].name, specification.modes[mode].pins[pin]);
    }
    text += "\n";
  }
  return text + "contract of the first mode; the others have theirs but for operation and rounding\n" +
         describe(specification.contract, golden.unit(0));
}

std::string notes_of(const Verification& verification) {
  if (!verification.simulators_differ) return "";
  return "Verilator's simulation with optimizations differs from the one without (-O0); believe the latter\n";
}

// "i/n" with i from 0.
std::pair<uint64_t, uint64_t> parse_shard(const std::string& word) {
  uint64_t shard = 0, shards = 0;
  char rest = 0;
  if (std::sscanf(word.c_str(), "%" SCNu64 "/%" SCNu64 "%c", &shard, &shards, &rest) != 2 ||
      shard >= shards) {
    fail("--shard: expected I/N with I from 0 to N - 1, found {}", word);
  }
  return {shard, shards};
}

void verify_bench(const Options& options, Program& program) {
  TestBench bench = load_bench(options.what);
  if (!options.liberty.empty()) bench.liberty = options.liberty;
  if (options.seed) bench.stimulus.seed = *options.seed;
  if (options.random_vectors) bench.stimulus.random_vectors = *options.random_vectors;
  if (options.exhaustive_bits) bench.stimulus.exhaustive_bits = *options.exhaustive_bits;
  if (options.mutants) {
    MutationOptions mutation{.mutants = *options.mutants, .threads = options.threads};
    if (options.prove_seconds) mutation.proof_seconds = *options.prove_seconds;
    return report_mutation(bench, mutation, program);
  }
  if (options.prove_seconds) {
    ProofOptions proof{
        .cache = cache_folder(), .seconds = *options.prove_seconds, .threads = options.threads};
    if (options.exhaustive_bits) proof.exhaust_bits = *options.exhaustive_bits;
    return report_proof(bench, proof, program);
  }
  const bool is_catalog = !is_test_bench(options.what);
  VerificationOptions how;
  how.cache = cache_folder();
  how.threads = options.threads;
  how.with_netlist = is_catalog || !options.liberty.empty();
  how.elaborate = options.elaborate;
  if (!options.shard.empty()) std::tie(how.shard, how.shards) = parse_shard(options.shard);
  how.state = options.state;
  how.merge.assign(options.merge.begin(), options.merge.end());
  const Verification verification = verify(bench, how);
  if (!options.waveform.empty() && !verification.passed()) {
    write_failure_waveform(bench, verification, how.cache, options.waveform);
  }
  const Golden golden(bench.specification);
  if (!verification.passed()) program.status = 1;
  const std::string notes = notes_of(verification);
  if (program.json) {
    auto checks = ordered_json::array();
    for (const CheckResult& result : verification.checks) checks.push_back(to_json(golden, result));
    ordered_json json = {
        {"unit", bench.specification.name},
        {"contract", contract_text(golden)},
        {"checks", checks},
        {"diagnosis", describe(verification.diagnosis)},
        {"directed_test", verification.directed_test},
        {"coverage", coverage_table(verification.coverage, verification.checks.front().exhaustive)},
        {"notes", notes}};
    return print(json.dump(2) + "\n");
  }
  std::string text = bench.specification.name + "\n" + contract_text(golden);
  for (const CheckResult& result : verification.checks) text += to_text(golden, result);
  text += describe(verification.diagnosis);
  if (!verification.directed_test.empty()) text += "directed test\n" + verification.directed_test;
  text += coverage_table(verification.coverage, verification.checks.front().exhaustive);
  print(text + notes);
}

}  // namespace

void add_verify(Program& program) {
  CLI::App* verb = add_verb(program, "verify",
                            "Hold a design, or a catalog unit's RTL and netlist, against the golden model",
                            "assay verify mac-e4m3-e4m3-fp32 --random 10000000\n  assay verify my_fma.toml");
  auto options = std::make_shared<Options>();
  verb->add_option(
          "DESIGN", options->what,
          "TOML file that connects your RTL or gates to a unit (docs/verify.md), or a unit of the RTL catalog")
      ->required();
  verb->add_option("--random", options->random_vectors, "Random vectors beyond the systematic ones");
  verb->add_option("--exhaustive-bits", options->exhaustive_bits,
                   "All combinations up to this many operand bits")
      ->check(CLI::Range(0, 40));
  CLI::Option* prove =
      verb->add_option(
              "--prove", options->prove_seconds,
              "Prove gates, RTL and an independent reference equal, giving each proof so many seconds (300), "
              "and exhaust up to 32 operand bits")
          ->expected(0, 1)
          ->default_str("300")
          ->check(CLI::Range(1, 1'000'000));
  CLI::Option* mutants =
      verb->add_option(
              "--mutants", options->mutants,
              "Put this many faults into the design, one at a time, and count those the stimulus finds; with "
              "--prove, that is the time of a proof of those it does not")
          ->check(CLI::Range(1, 100'000));
  verb->add_option("--seed", options->seed, "Seed");
  verb->add_option("--threads", options->threads, "Threads")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_option(
      "--liberty", options->liberty,
      "Library the RTL is mapped to (.lib, .lib.gz), to check the gates, too; of a netlist, its cells'");
  const std::vector<CLI::Option*> of_checks = {
      verb->add_flag("--elaborate", options->elaborate,
                     "Check the RTL as Yosys elaborates it, too: as gates, which have all vectors, while "
                     "Verilator, which takes longer, has one in 64 of the random ones"),
      verb->add_option("--shard", options->shard,
                       "Run part I of N of the vectors: I/N, I from 0; give --state, too"),
      verb->add_option("--state", options->state,
                       "File that keeps what is done: an interrupted run goes on from there"),
      verb->add_option("--merge", options->merge, "State files of all shards: report on them as on one run"),
      verb->add_option("--waveform", options->waveform, "FST file for the smallest failure")};
  for (CLI::Option* option : of_checks) option->excludes(prove)->excludes(mutants);
  verb->callback([&program, options] { verify_bench(*options, program); });
}

}  // namespace assay
