// assay verify --mutants: how many faults the stimulus finds.
#include <nlohmann/json.hpp>

#include "cli/verify_reports.h"

namespace assay {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const MutationReport& report) {
  auto survivors = ordered_json::array();
  for (const Mutant& mutant : report.mutants) {
    if (mutant.fate == MutantFate::killed) continue;
    survivors.push_back({{"fate", fate_name(mutant.fate)},
                         {"change", mutant.change},
                         {"command", mutant.command},
                         {"vectors", mutant.vectors}});
    if (!mutant.witness.empty()) survivors.back()["witness"] = mutant.witness;
  }
  return {{"unit", report.name},
          {"stimulus", report.stimulus},
          {"vectors", report.vectors},
          {"mutants", report.mutants.size()},
          {"killed", report.count(MutantFate::killed)},
          {"proved_equivalent", report.count(MutantFate::equivalent)},
          {"right_for_all_operands", report.count(MutantFate::exhausted)},
          {"missed", report.count(MutantFate::missed)},
          {"open", report.count(MutantFate::open)},
          {"share_killed", report.share_killed()},
          {"mapping_seconds", report.mapping_seconds},
          {"simulation_seconds", report.simulation_seconds},
          {"proof_seconds", report.proof_seconds},
          {"survivors", survivors}};
}

}  // namespace

void report_mutation(const TestBench& bench, const MutationOptions& options, Program& program) {
  const MutationReport report = test_by_mutation(bench, options);
  if (report.share_killed() < kLeastKilled) program.status = 1;
  print(program.json ? to_json(report).dump(2) + "\n" : describe(report));
}

}  // namespace assay
