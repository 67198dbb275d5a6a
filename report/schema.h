// The structure of the results of an experiment (results.json), which the page is drawn from.
//
// A quantity is {"value": number >= 0, "unit": text, "source": key of "sources"}; the units each quantity may
// have follow it in parentheses here, with any of the prefixes that measure.h lists (J also as pJ, ...).
// Only settings and counts (rows, batch, m, vectors, ...) are plain whole numbers. "?" marks keys that may be
// missing; other keys than these are kept in results.json and ignored by the page.
//
//   assay       version, created (ISO date), command: text
//   experiment  name, file, text (the TOML): text
//   workload    name: text; batch: whole number; macs: {fwd, dgrad, wgrad: quantity (MAC)};
//               forward_macs_per_image?: quantity (MAC)
//   array       rows, columns: whole number; dataflow: text; double_buffered?: truth value
//   technology  name, file: text; voltage: quantity (V); sha256?, note?: text
//   sources     {KEY: {kind: measured | published | scaled | derived; text: how the number was made}}
//   schemes     list, at least one; the first is what the others are compared with. Each:
//     name, description: text; names differ from each other
//     phases    fwd, dgrad?, wgrad?: {unit: name in "units"; a, b: text, how each operand is quantized}
//     totals    cycles (cycles), time (s), energy (J), area of the whole array (mm2), clock (Hz),
//               utilisation (%): quantity
//     energy_split  product, accumulate, registers, clock, leakage, sram, dram: quantity (J). Of the whole
//               step; they sum to totals.energy
//     layers    list of {layer: text; phase: fwd | dgrad | wgrad; m, n, k, count: whole number; unit: name in
//               "units"; macs: whole number, m n k count; cycles: quantity (cycles); utilisation: quantity (%);
//               energy_split: as above, of this GEMM}
//   units       list of
//     unit, module: text; names differ from each other; used_by: list of text
//     area      product, accumulate, registers, total: quantity (um2); total is the sum of the others
//     gates: quantity (NAND2); critical_path: quantity (s); leakage: quantity (W)
//     energy_per_operation  list of {stimulus: text; product, accumulate, registers, clock: quantity (J)}
//     checks    list of {what: text; vectors, mismatches: whole number; exhaustive: true, false, or text that
//               says over what; vectors_per_second?: quantity (vectors/s); seed?: whole number}
//   array_checks  list of {what: text; cases: whole number; cycles_equal, bits_equal: true or false;
//               detail?: text}
//   claims      list of {title, explanation: text; published, measured: quantity (any unit)}
//   footnotes   list of text
#pragma once

#include <nlohmann/json.hpp>

namespace assay {

// Throws Error that names the place in the results (as in schemes[0].totals.energy.unit) and what was
// expected there, if `results` does not have the structure above or contradicts itself.
void check_results(const nlohmann::json& results);

}  // namespace assay
