// assay verify: RTL and mapped netlist of a catalog unit against the golden model.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/cache.h"
#include "base/error.h"
#include "base/parallel.h"
#include "cli/verbs.h"
#include "experiment/unit_assay.h"
#include "power/liberty.h"
#include "rtl/catalog.h"
#include "verify/check.h"

namespace assay {
namespace {

struct Options {
  std::string unit, liberty;
  StimulusOptions stimulus;
  int threads = hardware_threads();
};

nlohmann::ordered_json to_json(const Unit& unit, const CheckResult& result) {
  nlohmann::ordered_json json = {{"device", result.device},
                                 {"vectors", result.vectors},
                                 {"exhaustive", result.exhaustive},
                                 {"stimulus", result.stimulus},
                                 {"seed", result.seed},
                                 {"vectors_per_second", result.vectors_per_second()},
                                 {"mismatches", result.mismatches}};
  if (!result.smallest) return json;
  auto operands = nlohmann::ordered_json::array();
  for (size_t i = 0; i < result.smallest->operands.size(); ++i)
    operands.push_back(fmt::format("{:#x}", result.smallest->operands[i]));
  json["smallest"] = {{"operands", operands},
                      {"expected", fmt::format("{:#x}", result.smallest->expected)},
                      {"actual", fmt::format("{:#x}", result.smallest->actual)},
                      {"explanation", explain(unit, *result.smallest)}};
  return json;
}

std::string to_text(const Unit& unit, const CheckResult& result) {
  std::string text = fmt::format("{:<28} {:>12} vectors  {:>8.1f} M/s  {:>10} mismatches  {}\n  {}\n",
                                 result.device, result.vectors, result.vectors_per_second() / 1e6,
                                 result.mismatches, result.passed() ? "pass" : "FAIL", result.stimulus);
  if (result.smallest) text += "smallest failing operands:\n" + explain(unit, *result.smallest);
  return text;
}

void verify(const Options& options, Program& program) {
  const Unit unit = load_unit(options.unit);
  const std::optional<CatalogEntry> entry = find_in_catalog(unit);
  if (!entry) fail("verify: unit {} is not in {}", unit_name(unit), (rtl_folder() / "catalog.toml").string());
  const Technology technology =
      read_technology(options.liberty.empty() ? default_liberty() : std::filesystem::path(options.liberty));
  UnitAssayer assayer(*entry, technology, cache_folder());
  assayer.prepare();
  const UnitAssay assay = assayer.run(options.stimulus, options.threads);
  auto results = nlohmann::ordered_json::array();
  std::string text = unit_name(unit) + "\n";
  for (const CheckResult& result : assay.checks) {
    results.push_back(to_json(unit, result));
    text += to_text(unit, result);
    if (!result.passed()) program.status = 1;
  }
  print(program.json ? nlohmann::ordered_json{{"unit", unit_name(unit)}, {"checks", results}}.dump(2) + "\n"
                     : text);
}

}  // namespace

void add_verify(Program& program) {
  CLI::App* verb =
      add_verb(program, "verify", "Hold a catalog unit's RTL and mapped netlist against the golden model",
               "assay verify mac-e4m3-e4m3-fp32 --random 10000000");
  auto options = std::make_shared<Options>();
  verb->add_option("UNIT", options->unit, "Canonical name or a TOML file; must be in the RTL catalog")
      ->required();
  verb->add_option("--random", options->stimulus.random_vectors,
                   "Directed random vectors beyond the systematic ones")
      ->capture_default_str();
  verb->add_option("--exhaustive-bits", options->stimulus.exhaustive_bits,
                   "All combinations up to this many operand bits")
      ->check(CLI::Range(0, 40))
      ->capture_default_str();
  verb->add_option("--seed", options->stimulus.seed, "Seed")->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_option("--liberty", options->liberty, "Library for the netlist (.lib, .lib.gz); default OSU018");
  verb->callback([&program, options] { verify(*options, program); });
}

}  // namespace assay
