#include "experiment/run.h"

#include <map>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "experiment/array_check.h"
#include "experiment/claims.h"
#include "experiment/default_stream.h"
#include "experiment/results.h"
#include "experiment/step_cost.h"

namespace assay {
namespace {

// The units to be assayed, in the catalog's order; dot products have no operand stream.
std::vector<CatalogEntry> units_to_assay(const Experiment& experiment) {
  std::set<std::string> wanted;
  for (const std::string& name : units_of_claims()) wanted.insert(name);
  for (const Scheme& scheme : experiment.schemes) {
    for (const Phase phase : kPhases) {
      const Unit& unit = phase_of(scheme, phase).unit;
      if (!find_in_catalog(unit)) {
        fail("{}: scheme '{}', {}: unit {} is not in the RTL catalog", experiment.file.string(), scheme.name,
             phase_name(phase), unit_name(unit));
      }
      wanted.insert(unit_name(unit));
    }
  }
  std::vector<CatalogEntry> entries = read_catalog();
  std::erase_if(entries, [&](const CatalogEntry& entry) {
    return (facts_of(entry.unit.operation).has_terms || entry.random_bits > 0) &&
           !wanted.contains(entry.name);
  });
  if (!experiment.verify_catalog)
    std::erase_if(entries, [&](const CatalogEntry& entry) { return !wanted.contains(entry.name); });
  return entries;
}

std::map<std::string, UnitAssay> assay_units(const Experiment& experiment, const Technology& technology,
                                             const std::filesystem::path& cache) {
  std::vector<UnitAssayer> assayers;
  for (const CatalogEntry& entry : units_to_assay(experiment))
    assayers.emplace_back(entry, technology, cache);
  {
    Progress progress("synthesis, timing and Verilator", assayers.size());
    parallel_for(assayers.size(), hardware_threads(), [&](size_t i) {
      assayers[i].prepare();
      progress.advance();
    });
  }
  std::map<std::string, UnitAssay> assays;
  for (UnitAssayer& assayer : assayers) {
    std::string name = assayer.name();
    const auto special = experiment.vectors_of_unit.find(name);
    const uint64_t vectors =
        special == experiment.vectors_of_unit.end() ? experiment.random_vectors : special->second;
    UnitAssay assay = assayer.run({experiment.seed, vectors, 24}, hardware_threads());
    assays.emplace(std::move(name), std::move(assay));
  }
  return assays;
}

}  // namespace

nlohmann::json run_experiment(const Experiment& experiment, const std::filesystem::path& cache,
                              const std::string& command) {
  const Technology technology = read_technology(experiment.liberty);
  Findings findings;
  findings.units = assay_units(experiment, technology, cache);
  const auto find_unit = [&](const std::string& name) -> const UnitAssay& { return findings.units.at(name); };
  {
    Progress progress("operand streams through the gates", findings.units.size() + experiment.schemes.size());
    for (const auto& [name, unit] : findings.units) {
      findings.costs[name] = operation_cost(unit, technology, default_stream(experiment, unit.entry.unit));
      progress.advance();
    }
    for (const Scheme& scheme : experiment.schemes) {
      findings.scheme_costs.push_back(scheme_cost(experiment, scheme, technology, find_unit));
      findings.steps.push_back(step_cost(experiment, scheme, findings.scheme_costs.back()));
      progress.advance();
    }
  }
  findings.arrays = check_arrays(experiment, cache, hardware_threads());
  findings.claims =
      measure_claims([&](const std::string& name) -> const OperationCost& { return findings.costs.at(name); },
                     merged_standard_block_area(technology, cache));
  return results_json(experiment, technology, findings, command);
}

bool all_checks_passed(const nlohmann::json& results) {
  for (const auto& unit : results.at("units")) {
    for (const auto& check : unit.at("checks")) {
      if (check.at("mismatches") != 0 || check.at("vectors") == 0) return false;
    }
  }
  for (const auto& check : results.at("array_checks")) {
    if (!check.at("cycles_equal").get<bool>() || !check.at("bits_equal").get<bool>()) return false;
  }
  return true;
}

}  // namespace assay
