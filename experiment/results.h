// The findings of an experiment as the report's JSON.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/array_check.h"
#include "experiment/claims.h"
#include "experiment/scheme_cost.h"
#include "experiment/step_cost.h"

namespace assay {

struct Findings {
  std::map<std::string, UnitAssay> units;
  std::map<std::string, OperationCost> costs;  // by unit, under its default stream
  std::vector<SchemeCost> scheme_costs;        // parallel to Experiment::schemes
  std::vector<StepCost> steps;                 // parallel to Experiment::schemes
  std::vector<ArrayCheck> arrays;
  std::vector<Claim> claims;
};

// Structure: report/schema.h. Every number is a quantity that names its source.
nlohmann::json results_json(const Experiment& experiment, const Technology& technology,
                            const Findings& findings, const std::string& command);

}  // namespace assay
