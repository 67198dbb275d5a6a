// assay simulate: cycles, utilisation and traffic of an experiment's workload.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "experiment/experiment.h"
#include "sim/array_timing.h"

namespace assay {
namespace {

void simulate(const std::string& file, bool as_json) {
  const Experiment experiment = read_experiment(file);
  auto layers = nlohmann::ordered_json::array();
  std::string text =
      fmt::format("{} on a {}\n{:<28}{:<7}{:>9}{:>7}{:>9}{:>6}{:>15}{:>13}{:>7}{:>13}{:>13}{:>13}\n",
                  experiment.workload.name, describe(experiment.array), "layer", "phase", "M", "N", "K",
                  "count", "MACs", "cycles", "use %", "A words", "B words", "C words");
  int64_t cycles = 0, all_macs = 0;
  for (const Gemm& gemm : experiment.workload.gemms) {
    const ArrayTiming timing = array_timing(experiment.array, gemm.m, gemm.n, gemm.k);
    const int64_t gemm_cycles = checked_product({timing.cycles, gemm.count}, gemm.layer);
    const WordCounts& words = timing.edge;
    cycles += gemm_cycles;
    all_macs += macs(gemm);
    layers.push_back({{"layer", gemm.layer},
                      {"phase", phase_name(gemm.phase)},
                      {"m", gemm.m},
                      {"n", gemm.n},
                      {"k", gemm.k},
                      {"count", gemm.count},
                      {"macs", macs(gemm)},
                      {"cycles", gemm_cycles},
                      {"utilisation", timing.utilisation},
                      {"a_reads", words.a_reads * gemm.count},
                      {"b_reads", words.b_reads * gemm.count},
                      {"partial_sum_reads", words.partial_sum_reads * gemm.count},
                      {"output_writes", words.output_writes * gemm.count}});
    text += fmt::format("{:<28}{:<7}{:>9}{:>7}{:>9}{:>6}{:>15}{:>13}{:>7.1f}{:>13}{:>13}{:>13}\n", gemm.layer,
                        phase_name(gemm.phase), gemm.m, gemm.n, gemm.k, gemm.count, macs(gemm), gemm_cycles,
                        100 * timing.utilisation, words.a_reads * gemm.count, words.b_reads * gemm.count,
                        (words.partial_sum_reads + words.output_writes) * gemm.count);
  }
  const double elements = static_cast<double>(experiment.array.rows) * experiment.array.columns;
  const double utilisation = static_cast<double>(all_macs) / (elements * static_cast<double>(cycles));
  text += fmt::format(
      "total: {} MACs in {} cycles, utilisation {:.1f} %; memories never stall the array in this model\n",
      all_macs, cycles, 100 * utilisation);
  const nlohmann::ordered_json json = {{"workload", experiment.workload.name},
                                       {"rows", experiment.array.rows},
                                       {"columns", experiment.array.columns},
                                       {"dataflow", dataflow_name(experiment.array.dataflow)},
                                       {"double_buffered", experiment.array.double_buffered},
                                       {"macs", all_macs},
                                       {"cycles", cycles},
                                       {"utilisation", utilisation},
                                       {"gemms", layers}};
  print(as_json ? json.dump(2) + "\n" : text);
}

}  // namespace

void add_simulate(Program& program) {
  CLI::App* verb = add_verb(program, "simulate",
                            "Cycles, utilisation and traffic of an experiment's workload on its array",
                            "assay simulate examples/resnet18.toml");
  auto file = std::make_shared<std::string>();
  verb->add_option("EXPERIMENT", *file, "Experiment file (TOML)")->required();
  verb->callback([&program, file] { simulate(*file, program.json); });
}

}  // namespace assay
