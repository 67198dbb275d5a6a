// Runs an experiment from end to end.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "experiment/experiment.h"

namespace assay {

// Everything the report shows (structure: report/schema.h): checks of every unit, costs under captured
// operands, the array three ways, cycles and energy of the whole training step under each scheme, published
// claims against what is measured. `cache` keeps what the tools made; `command` is told in the report. Throws
// Error on a unit that is not in the RTL catalog, or whatever the tools object to; a mismatch is a result,
// not an error.
nlohmann::json run_experiment(const Experiment& experiment, const std::filesystem::path& cache,
                              const std::string& command);

// Whether all checks of the results passed.
bool all_checks_passed(const nlohmann::json& results);

}  // namespace assay
