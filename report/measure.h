// Units of measurement that quantities of a report may have.
#pragma once

#include <string>
#include <string_view>

namespace assay {

struct Measure {
  std::string_view unit;
  std::string_view base;  // the unit of the same kind that `factor` counts in
  double factor = 1.0;    // 1 unit = factor base
};

// The measure with this unit; nullptr if the unit is unknown.
const Measure* find_measure(std::string_view unit);

// The units with this base, as in "fJ, pJ, nJ, uJ, mJ or J".
std::string units_of(std::string_view base);

}  // namespace assay
