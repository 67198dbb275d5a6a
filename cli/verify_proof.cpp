// assay verify --prove: what is known of a design for all operands.
#include <nlohmann/json.hpp>

#include "cli/verify_reports.h"
#include "rtl/catalog.h"

namespace assay {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const ProofStep& step) {
  return {{"step", step.what},
          {"how", assurance_name(step.how)},
          {"vectors", step.vectors},
          {"seconds", step.seconds},
          {"detail", step.detail}};
}

ordered_json to_json(const ProofReport& report) {
  auto steps = ordered_json::array();
  for (const ProofStep& step : report.steps) steps.push_back(to_json(step));
  return {{"unit", report.name}, {"steps", steps}, {"rtl", report.rtl}, {"netlist", report.netlist}};
}

// Only a design held to the golden model's very bits, without modes, flags, boxes and lanes, has a reference's ports.
std::optional<TestBench> reference_of(const TestBench& bench) {
  const Specification& specification = bench.specification;
  if (specification.modes.size() != 1 || !specification.pins.empty() || specification.flags != 0 ||
      specification.lanes > 1 || specification.contract.nan_boxing != 0)
    return std::nullopt;
  return reference_bench(specification.modes[0].unit, rtl_folder());
}

}  // namespace

void report_proof(const TestBench& bench, const ProofOptions& options, Program& program) {
  const ProofReport report = prove(bench, reference_of(bench), options);
  if (report.refuted()) program.status = 1;
  print(program.json ? to_json(report).dump(2) + "\n" : describe(report));
}

}  // namespace assay
