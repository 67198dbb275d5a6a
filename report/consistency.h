// What results.json must fulfil beyond its structure: names that refer to each other, and sums.
#pragma once

#include <nlohmann/json.hpp>

namespace assay {

// For results of the right structure. Throws Error naming the place if a unit is referred to that is not
// listed, a name is used twice, there is no scheme, or a total is not the sum of its parts.
void check_consistency(const nlohmann::json& results);

}  // namespace assay
