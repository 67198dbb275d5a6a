// Costs of units, kept in a database so that no unit is measured twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "experiment/unit_assay.h"

namespace assay {

// Operands a and b normally distributed with unit variance and quantized as is usual for their formats
// (experiment/default_stream.h), in an output-stationary product with 256 steps a result.
struct CharacterisationStimulus {
  int64_t operations = 10'000;
  uint64_t seed = 1;
};

struct Characterisation {
  std::string unit;
  std::string liberty;   // file name of the library
  std::string stimulus;  // in words
  OperationCost cost;
  double critical_path = 0;  // ns
  bool from_database = false;
};

nlohmann::ordered_json to_json(const Characterisation& found);

// The cost of the entry, from the SQLite database <cache>/characterisation.sqlite if one with the same RTL,
// library and stimulus (by hash) is there, else measured and put there.
Characterisation characterize(const CatalogEntry& entry, const std::filesystem::path& liberty,
                              const CharacterisationStimulus& stimulus, const std::filesystem::path& cache);

}  // namespace assay
