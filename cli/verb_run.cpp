// assay run: an experiment from end to end, to a report.
#include <fmt/format.h>

#include <memory>

#include "base/cache.h"
#include "cli/verbs.h"
#include "experiment/run.h"
#include "report/report.h"

namespace assay {
namespace {

std::string summary(const nlohmann::json& results) {
  std::string text =
      fmt::format("{:<12}{:>14}{:>12}{:>14}{:>12}\n", "scheme", "cycles", "time s", "energy J", "area mm2");
  for (const auto& scheme : results.at("schemes")) {
    const auto& totals = scheme.at("totals");
    const auto value = [&](const char* key) { return totals.at(key).at("value").get<double>(); };
    text += fmt::format("{:<12}{:>14.0f}{:>12.4g}{:>14.4g}{:>12.4g}\n", scheme.at("name").get<std::string>(),
                        value("cycles"), value("time"), value("energy"), value("area"));
  }
  return text;
}

}  // namespace

void add_run(Program& program) {
  CLI::App* verb = add_verb(
      program, "run",
      "Run an experiment: bits, cycles, area and energy of every scheme, to a report (JSON and HTML)",
      "assay run examples/resnet18.toml --output out/resnet18");
  struct Options {
    std::string file, output;
  };
  auto options = std::make_shared<Options>();
  verb->add_option("EXPERIMENT", options->file, "Experiment file (TOML)")->required();
  verb->add_option("--output", options->output,
                   "Folder of the report; default: report-NAME, after the experiment file");
  verb->callback([&program, options] {
    const Experiment experiment = read_experiment(options->file);
    const std::filesystem::path folder =
        options->output.empty() ? std::filesystem::path("report-" + experiment.file.stem().string())
                                : std::filesystem::path(options->output);
    const std::string command = fmt::format("assay run {}", options->file);
    const nlohmann::json results = run_experiment(experiment, cache_folder(), command);
    write_report(results, folder);
    const bool passed = all_checks_passed(results);
    if (!passed) program.status = 1;
    if (program.json) return print(results.dump(1) + "\n");
    print(summary(results) + fmt::format("checks: {}\nreport: {}\n",
                                         passed ? "all passed" : "FAILED, see the report",
                                         (folder / "report.html").string()));
  });
}

}  // namespace assay
