// assay characterize: area, delay, leakage and energy of a catalog unit, kept in the characterisation
// database.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/cache.h"
#include "base/error.h"
#include "cli/verbs.h"
#include "experiment/characterisation.h"
#include "power/liberty.h"
#include "rtl/catalog.h"

namespace assay {
namespace {

struct Options {
  std::string unit, liberty;
  int64_t operations = 10'000;
  uint64_t seed = 1;
};

void characterize(const Options& options, bool as_json) {
  const Unit unit = load_unit(options.unit);
  const std::optional<CatalogEntry> entry = find_in_catalog(unit);
  if (!entry)
    fail("characterize: unit {} is not in {}", unit_name(unit), (rtl_folder() / "catalog.toml").string());
  const std::filesystem::path liberty =
      options.liberty.empty() ? default_liberty() : std::filesystem::path(options.liberty);
  const Characterisation found =
      characterize(*entry, liberty, {options.operations, options.seed}, cache_folder());
  if (as_json) return print(to_json(found).dump(2) + "\n");
  const OperationCost& cost = found.cost;
  std::string text = fmt::format("{}  {}{}\n", found.unit, found.liberty,
                                 found.from_database ? "  (from the database)" : "");
  text += fmt::format("  area           {:12.0f} um2  product {:.0f}, accumulate {:.0f}, registers {:.0f}\n",
                      cost.product_area + cost.accumulate_area + cost.register_area, cost.product_area,
                      cost.accumulate_area, cost.register_area);
  text += fmt::format("  datapath       {:12.0f} NAND2 equivalents\n", cost.gates);
  text += fmt::format("  critical path  {:12.3f} ns\n", found.critical_path);
  text += fmt::format("  leakage        {:12.4g} W\n", cost.leakage);
  text += fmt::format(
      "  energy         {:12.3f} pJ an operation  product {:.3f}, accumulate {:.3f}, registers {:.3f}, clock "
      "{:.3f}\n",
      cost.product + cost.accumulate + cost.registers + cost.clock, cost.product, cost.accumulate,
      cost.registers, cost.clock);
  text += fmt::format("  stimulus       {}\n", found.stimulus);
  print(text);
}

}  // namespace

void add_characterize(Program& program) {
  CLI::App* verb = add_verb(program, "characterize",
                            "Area, delay, leakage and energy per operation of a catalog unit's netlist",
                            "assay characterize mac-bf16-bf16-fp32-pam");
  auto options = std::make_shared<Options>();
  verb->add_option("UNIT", options->unit, "Canonical name or a TOML file; must be in the RTL catalog")
      ->required();
  verb->add_option("--liberty", options->liberty, "Library (.lib, .lib.gz); default OSU018");
  verb->add_option("--operations", options->operations, "Operations of the stimulus")
      ->check(CLI::Range(2, 100'000'000))
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Seed of the stimulus")->capture_default_str();
  verb->callback([&program, options] { characterize(*options, program.json); });
}

}  // namespace assay
