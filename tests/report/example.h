// The example results that the tests of the report start from.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "report/schema.h"
#include "tests/error_of.h"

namespace assay {

inline const nlohmann::json& example_results() {
  static const nlohmann::json results =
      nlohmann::json::parse(read_file(ASSAY_SOURCE_DIR "/tests/report/example_results.json"));
  return results;
}

// The example with short lists, for tests that check very many variants of it.
inline nlohmann::json short_example() {
  nlohmann::json results = example_results();
  for (nlohmann::json& scheme : results.at("schemes")) {
    nlohmann::json& layers = scheme.at("layers");
    layers.erase(layers.begin() + 2, layers.end());
  }
  return results;
}

// The message check_results refuses `results` with, or "no error".
inline std::string refusal(const nlohmann::json& results) {
  return error_of([&] { check_results(results); });
}

}  // namespace assay
