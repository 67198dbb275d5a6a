#include "experiment/results.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <set>

#include "experiment/default_stream.h"
#include "power/memory.h"

namespace assay {
namespace {

using nlohmann::json;

json quantity(double value, const char* unit, const char* source) {
  return {{"value", value}, {"unit", unit}, {"source", source}};
}

json quantity(int64_t value, const char* unit, const char* source) {
  return {{"value", value}, {"unit", unit}, {"source", source}};
}

json source(const char* kind, const std::string& text) {
  return {{"kind", kind}, {"text", text}};
}

json sources(const Experiment& experiment, const Technology& technology) {
  const MemoryEnergy sram = sram_energy(experiment.feature_size, experiment.voltage);
  const MemoryEnergy dram = dram_energy(experiment.dram);
  std::set<std::string> models;
  for (const LayerCapture& capture : experiment.captures) models.insert(capture.model);
  const EnergyConditions& conditions = technology.conditions;
  return {
      {"workload",
       source(
           "derived",
           "GEMM shapes from the model's definition, convolutions as im2col with padding and stride; a "
           "forward, data-gradient and weight-gradient GEMM per layer, no data gradient for the first layer "
           "of an image model")},
      {"timing",
       source(
           "derived",
           "Closed form of the systolic array (sim/array_timing.h), checked here against a SystemC model and "
           "the Verilated RTL; one GEMM after another, memories never stall the array")},
      {"area",
       source("measured",
              fmt::format(
                  "Yosys and ABC to {}, sum of the cells' areas; product and accumulation are kept apart in "
                  "synthesis; no wires, no filling",
                  experiment.liberty.filename().string()))},
      {"path",
       source("measured",
              "OpenSTA, worst path of the mapped datapath from operands to result, wires without delay, the "
              "flip-flops' own delay and setup not included; a scheme's clock is that of its slowest unit")},
      {"activity", source("measured", fmt::format("Exact toggle counts of every net of the mapped netlist "
                                                  "(bit-sliced simulation, zero delay: no "
                                                  "glitches) under {} operations per unit and phase from "
                                                  "captures of {}, quantized by the scheme "
                                                  "and ordered as the {} array orders them; times pin "
                                                  "capacitance and Liberty internal power at {:.3g} V, input "
                                                  "slew {:.3g} ns, no wires",
                                                  experiment.operations, fmt::join(models, " and "),
                                                  dataflow_name(experiment.array.dataflow),
                                                  technology.liberty.voltage, conditions.input_slew))},
      {"registers",
       source(
           "measured",
           fmt::format(
               "Liberty tables of flip-flop {}; one bit per operand and accumulator bit and two valid "
               "bits in each processing element{}; clocked in every cycle, busy or not",
               technology.flip_flop.cell,
               experiment.array.double_buffered
                   ? ", in the array one bit per bit of the operand that is held and two more, whose data energy is "
                     "left out"
                   : ""))},
      {"leakage",
       source("measured",
              "Liberty cell leakage of datapaths and registers of the whole array, over all cycles")},
      {"element", source("derived",
                         "Elements times the sum of the datapaths of all units the scheme uses, side by "
                         "side, and one set of registers")},
      {"sram", source(sram.scaled ? "scaled" : "measured",
                      sram.source + ". Every word at the array's edge is one access")},
      {"dram",
       source("published",
              dram.source +
                  ". Words by the reuse model of sim/dram_traffic.h; the figure is that of the memory's own "
                  "process and is not scaled")},
      {"sum", source("derived", "Sum of the parts")},
      {"check", source("measured",
                       "Vectors compared with the golden model, and time spent in the device under test "
                       "summed over threads")},
      {"claim", source("derived", "Ratio of measured areas or energies of the mapped netlists")},
      {"luq", source("published",
                     "B. Chmiel et al., Accurate Neural Training with 4-bit Matrix Multiplications at "
                     "Standard Formats, ICLR 2023, appendix A.8: about 5x for the product block in the text; "
                     "gate counts 264, 49, 2453 and 731 quoted second-hand")},
      {"horowitz",
       source(
           "published",
           "M. Horowitz, ISSCC 2014, 45 nm: FP32 multiply 3.7 pJ and 7700 um2, 32-bit integer add 0.1 pJ and "
           "137 um2 (areas as tabulated by Dally and Sze)")},
      {"ten_lessons",
       source(
           "published",
           "N. Jouppi et al., Ten Lessons From Three Generations Shaped Google's TPUv4i, ISCA 2021, table 2, "
           "7 nm: BF16 multiply 0.21 pJ, 32-bit integer add 0.03 pJ")},
      {"lmul",
       source("published",
              "H. Luo and W. Sun, Addition is All You Need for Energy-Efficient Language Models, 2024, arXiv "
              "2410.00907: 584 gates for an FP16 multiplier, 256 for L-Mul")},
  };
}

json energy_json(const EnergySplit& energy) {
  return {{"product", quantity(energy.product, "J", "activity")},
          {"accumulate", quantity(energy.accumulate, "J", "activity")},
          {"registers", quantity(energy.registers, "J", "registers")},
          {"clock", quantity(energy.clock, "J", "registers")},
          {"leakage", quantity(energy.leakage, "J", "leakage")},
          {"sram", quantity(energy.sram, "J", "sram")},
          {"dram", quantity(energy.dram, "J", "dram")}};
}

std::string quantizer_text(std::string_view tensor, const Quantizer& quantizer) {
  std::string text = fmt::format("{} {} ({})", quantizer.format.name, tensor, to_string(quantizer.kind));
  if (is_stochastic(quantizer.rounding)) text += fmt::format(", {}", to_string(quantizer.rounding));
  return text;
}

json scheme_json(const Experiment& experiment, const Scheme& scheme, const SchemeCost& cost,
                 const StepCost& step) {
  json phases, layers = json::array();
  for (const Phase phase : kPhases) {
    const PhaseScheme& use = phase_of(scheme, phase);
    const char* a = phase == Phase::dgrad ? "gradient" : "activation";
    const char* b = phase == Phase::wgrad ? "gradient" : "weight";
    phases[std::string(phase_name(phase))] = {
        {"unit", unit_name(use.unit)}, {"a", quantizer_text(a, use.a)}, {"b", quantizer_text(b, use.b)}};
  }
  for (const GemmCost& gemm : step.gemms) {
    layers.push_back({{"layer", gemm.gemm.layer},
                      {"phase", phase_name(gemm.gemm.phase)},
                      {"m", gemm.gemm.m},
                      {"n", gemm.gemm.n},
                      {"k", gemm.gemm.k},
                      {"count", gemm.gemm.count},
                      {"unit", unit_name(phase_of(scheme, gemm.gemm.phase).unit)},
                      {"macs", gemm.macs},
                      {"cycles", quantity(gemm.cycles, "cycles", "timing")},
                      {"utilisation", quantity(100 * gemm.utilisation, "%", "timing")},
                      {"energy_split", energy_json(gemm.energy)}});
  }
  const ElementCost& element = cost.element;
  const double elements = static_cast<double>(experiment.array.rows) * experiment.array.columns;
  const double area =
      elements * (element.product_area + element.accumulate_area + element.register_area) * 1e-6;
  const json totals = {
      {"cycles", quantity(step.cycles, "cycles", "timing")},
      {"time", quantity(static_cast<double>(step.cycles) * element.period * 1e-9, "s", "path")},
      {"energy", quantity(step.energy.total(), "J", "sum")},
      {"area", quantity(area, "mm2", "element")},
      {"clock", quantity(1e3 / element.period, "MHz", "path")},
      {"utilisation", quantity(100 * step.utilisation, "%", "timing")}};
  return {{"name", scheme.name}, {"description", scheme.description},        {"phases", phases},
          {"totals", totals},    {"energy_split", energy_json(step.energy)}, {"layers", layers}};
}

json operation_json(const std::string& stimulus, const OperationCost& cost) {
  return {{"stimulus", stimulus},
          {"product", quantity(cost.product, "pJ", "activity")},
          {"accumulate", quantity(cost.accumulate, "pJ", "activity")},
          {"registers", quantity(cost.registers, "pJ", "registers")},
          {"clock", quantity(cost.clock, "pJ", "registers")}};
}

json check_json(const CheckResult& check) {
  json result = {{"what", check.device},
                 {"vectors", check.vectors},
                 {"exhaustive", check.exhaustive ? json(true) : json(check.stimulus)},
                 {"vectors_per_second", quantity(check.vectors_per_second(), "vectors/s", "check")},
                 {"mismatches", check.mismatches},
                 {"seed", check.seed}};
  return result;
}

// Stimuli of a unit: the phases of schemes that use it, or its default stream if none does.
json energies_of_unit(const Experiment& experiment, const Findings& findings, const UnitAssay& unit,
                      std::set<std::string>& used_by) {
  json energies = json::array();
  for (size_t i = 0; i < experiment.schemes.size(); ++i) {
    const Scheme& scheme = experiment.schemes[i];
    for (const Phase phase : kPhases) {
      if (unit_name(phase_of(scheme, phase).unit) != unit.entry.name) continue;
      used_by.insert(scheme.name);
      const std::string stimulus = fmt::format("{}, {}", scheme.name, phase_name(phase));
      energies.push_back(
          operation_json(stimulus, findings.scheme_costs[i].operation[static_cast<size_t>(phase)]));
    }
  }
  if (energies.empty())
    energies.push_back(
        operation_json(default_stream_name(unit.entry.unit), findings.costs.at(unit.entry.name)));
  return energies;
}

json unit_json(const Experiment& experiment, const Findings& findings, const UnitAssay& unit) {
  const OperationCost& cost = findings.costs.at(unit.entry.name);
  std::set<std::string> used_by;
  const json energies = energies_of_unit(experiment, findings, unit, used_by);
  json checks = json::array();
  for (const CheckResult& check : unit.checks) checks.push_back(check_json(check));
  const double total = cost.product_area + cost.accumulate_area + cost.register_area;
  return {{"unit", unit.entry.name},
          {"module", unit.entry.module},
          {"used_by", used_by},
          {"area",
           {{"product", quantity(cost.product_area, "um2", "area")},
            {"accumulate", quantity(cost.accumulate_area, "um2", "area")},
            {"registers", quantity(cost.register_area, "um2", "registers")},
            {"total", quantity(total, "um2", "sum")}}},
          {"gates", quantity(cost.gates, "NAND2", "area")},
          {"critical_path", quantity(unit.path.delay, "ns", "path")},
          {"leakage", quantity(cost.leakage, "W", "leakage")},
          {"energy_per_operation", energies},
          {"checks", checks}};
}

json footnotes(const Experiment& experiment, const Technology& technology) {
  return {
      fmt::format("Areas, delays and energies are those of {} ({:g} V). Ratios between schemes are "
                  "meaningful; absolute picojoules are of that library and say nothing about a modern "
                  "process.",
                  experiment.liberty.filename().string(), technology.liberty.voltage),
      ("Energies of logic come from toggle counts without glitches and without wires; glitches alone make "
       "multipliers and floating-point adders cost between 1.3 and 3 times as much, so the advantage of "
       "multiplier-free units is understated."),
      ("A layer's operands are not its own: all GEMMs of a phase are charged the energy per operation "
       "measured on captures of small networks."),
      ("A processing element holds the datapaths of every unit its scheme needs side by side; sharing an "
       "accumulator between them would save area. A unit that is not in use is taken not to toggle."),
      "Quantizers, the optimizer, normalisation and im2col are not part of the cycles and energies.",
      ("SRAM energy is scaled to the library's process and voltage, DRAM energy is that of its own modern "
       "process; compare each across schemes, not with each other."),
  };
}

}  // namespace

json results_json(const Experiment& experiment, const Technology& technology, const Findings& findings,
                  const std::string& command) {
  json results;
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  results["assay"] = {{"version", ASSAY_VERSION},
                      {"created", fmt::format("{:%Y-%m-%d}", fmt::gmtime(now))},
                      {"command", command}};
  results["experiment"] = {
      {"name", experiment.name}, {"file", experiment.file.filename().string()}, {"text", experiment.text}};
  const MacTotals totals = mac_totals(experiment.workload);
  results["workload"] = {
      {"name", experiment.workload.name},
      {"batch", experiment.batch},
      {"macs",
       {{"fwd", quantity(totals.fwd, "MAC", "workload")},
        {"dgrad", quantity(totals.dgrad, "MAC", "workload")},
        {"wgrad", quantity(totals.wgrad, "MAC", "workload")}}},
      {"forward_macs_per_image",
       quantity(static_cast<double>(totals.fwd) / static_cast<double>(experiment.batch), "MAC", "workload")}};
  results["array"] = {{"rows", experiment.array.rows},
                      {"columns", experiment.array.columns},
                      {"dataflow", dataflow_name(experiment.array.dataflow)},
                      {"double_buffered", experiment.array.double_buffered}};
  results["technology"] = {{"name", technology.liberty.name},
                           {"file", experiment.liberty.filename().string()},
                           {"voltage", quantity(technology.liberty.voltage, "V", "area")},
                           {"note", fmt::format("{:g} nm", experiment.feature_size)}};
  results["sources"] = sources(experiment, technology);
  results["schemes"] = json::array();
  for (size_t i = 0; i < experiment.schemes.size(); ++i) {
    results["schemes"].push_back(
        scheme_json(experiment, experiment.schemes[i], findings.scheme_costs[i], findings.steps[i]));
  }
  results["units"] = json::array();
  for (const auto& [name, unit] : findings.units)
    results["units"].push_back(unit_json(experiment, findings, unit));
  results["array_checks"] = json::array();
  for (const ArrayCheck& check : findings.arrays) {
    results["array_checks"].push_back(
        {{"what", fmt::format("{} in a {}: closed form, SystemC and RTL", check.unit, describe(check.array))},
         {"cases", check.cases},
         {"cycles_equal", check.cycles_equal},
         {"bits_equal", check.bits_equal}});
  }
  results["claims"] = json::array();
  for (const Claim& claim : findings.claims) {
    results["claims"].push_back(
        {{"title", claim.title},
         {"published", quantity(claim.published, claim.unit.c_str(), claim.source.c_str())},
         {"measured", quantity(claim.measured, claim.unit.c_str(), "claim")},
         {"explanation", claim.explanation}});
  }
  results["footnotes"] = footnotes(experiment, technology);
  return results;
}

}  // namespace assay
