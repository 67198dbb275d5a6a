// Published claims, and what is measured here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "experiment/unit_assay.h"

namespace assay {

struct Claim {
  std::string title;
  double published = 0;
  double measured = 0;
  std::string unit;    // "x" or "%"
  std::string source;  // key of the publication
  std::string explanation;
};

// Units that the claims need besides those of an experiment's schemes.
std::vector<std::string> units_of_claims();

// Area in um2 of the standard LUQ product block when synthesis may optimise its casts and its multiplier
// together.
double merged_standard_block_area(const Technology& technology, const std::filesystem::path& cache);

// `cost` gives the cost of a unit under the operands it was characterised with.
std::vector<Claim> measure_claims(const std::function<const OperationCost&(const std::string&)>& cost,
                                  double merged_standard_block);

}  // namespace assay
