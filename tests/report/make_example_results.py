#!/usr/bin/env python3
"""Writes example_results.json: results of the right structure and plausible size, every cost in it invented.

The GEMMs are those of ResNet-18 at batch 32; cycles follow a weight-stationary array. Run it again when the
structure (report/schema.h) changes: python3 make_example_results.py
"""

import json
import math
import pathlib

ROWS = COLUMNS = 32
BATCH = 32
PARTS = ["product", "accumulate", "registers", "clock", "leakage", "sram", "dram"]

# name, description, operand bits fwd/bwd, (unit fwd, dgrad, wgrad), quantizers (a, b) of fwd, dgrad, wgrad
SCHEMES = [
    ("FP32", "IEEE single precision throughout; the baseline.", 32, ["mac-fp32-fp32-fp32"] * 3,
     [("fp32 activations", "fp32 weights"), ("fp32 gradients", "fp32 weights"), ("fp32 activations", "fp32 gradients")]),
    ("BF16", "bfloat16 operands, fp32 accumulation.", 16, ["mac-bf16-bf16-fp32"] * 3,
     [("bf16 activations", "bf16 weights"), ("bf16 gradients", "bf16 weights"), ("bf16 activations", "bf16 gradients")]),
    ("FP8", "E4M3 forward, E5M2 gradients, one scale a tensor.", 8,
     ["mac-e4m3-e4m3-fp32", "mac-e5m2-e4m3-fp32", "mac-e4m3-e5m2-fp32"],
     [("e4m3 activations", "e4m3 weights"), ("e5m2 gradients", "e4m3 weights"), ("e4m3 activations", "e5m2 gradients")]),
    ("INT8", "Symmetric 8-bit integers, stochastic rounding of gradients.", 8, ["mac-int8-int8-int32"] * 3,
     [("int8 activations", "int8 weights"), ("int8 gradients, stochastic", "int8 weights"),
      ("int8 activations", "int8 gradients, stochastic")]),
    ("LUQ-4", "INT4 forward (SAWB), logarithmic FP4 gradients with unbiased rounding, MF-BPROP products.", 4,
     ["mac-smint4-smint4-int32", "mac-smint4-e3m0-fp32-mfbprop", "mac-smint4-e3m0-fp32-mfbprop"],
     [("int4 activations, SAWB", "int4 weights, SAWB"), ("e3m0 gradients, LUQ", "int4 weights, SAWB"),
      ("int4 activations, SAWB", "e3m0 gradients, LUQ")]),
    ("PAM-BF16", "Piecewise-affine products of bfloat16, fp32 accumulation; no multiplier.", 16,
     ["mac-bf16-bf16-fp32-pam"] * 3,
     [("bf16 activations", "bf16 weights"), ("bf16 gradients", "bf16 weights"), ("bf16 activations", "bf16 gradients")]),
]

# unit -> module, area um2 (product, accumulate, registers), critical path ns, pJ (product, accumulate, registers, clock)
UNITS = {
    "mac-fp32-fp32-fp32": ("fp_mac", (61240, 24310, 6890), 9.84, (38.2, 13.9, 2.61, 3.12)),
    "mac-bf16-bf16-fp32": ("fp_mac", (9310, 23120, 4720), 6.92, (5.21, 12.6, 1.72, 2.14)),
    "mac-e4m3-e4m3-fp32": ("fp_mac", (2480, 22350, 3640), 6.31, (1.24, 11.8, 1.31, 1.66)),
    "mac-e5m2-e4m3-fp32": ("fp_mac", (2190, 22410, 3640), 6.28, (1.06, 11.7, 1.30, 1.66)),
    "mac-e4m3-e5m2-fp32": ("fp_mac", (2210, 22400, 3640), 6.28, (1.07, 11.7, 1.31, 1.66)),
    "mac-int8-int8-int32": ("int_mac", (5020, 2950, 3520), 6.43, (3.31, 1.48, 1.22, 1.61)),
    "mac-smint4-smint4-int32": ("int_mac", (1130, 2880, 2960), 3.52, (0.61, 1.21, 1.02, 1.35)),
    "mac-smint4-e3m0-fp32-mfbprop": ("fp_mac", (540, 21870, 3010), 5.93, (0.22, 10.9, 1.07, 1.38)),
    "mac-bf16-bf16-fp32-pam": ("fp_mac", (1460, 22980, 4700), 6.05, (0.82, 12.2, 1.70, 2.13)),
}

SOURCES = {
    "synthesis": ("measured", "Invented for this example. Yosys 0.23 and ABC, osu018 at 1.8 V, one MAC synthesized "
                              "on its own; areas by the hierarchy kept in the netlist."),
    "activity": ("measured", "Invented for this example. Mapped netlist simulated with 65536 captured operand pairs; "
                             "toggles times the energies of osu018_stdcells.lib."),
    "uniform": ("measured", "Invented for this example. As 'activity', with uniformly random operand codes."),
    "timing": ("measured", "Invented for this example. OpenSTA on the mapped netlist, typical corner."),
    "cycles": ("measured", "Invented for this example. Array simulation, weight stationary, double-buffered SRAM."),
    "sram": ("scaled", "Invented for this example. CACTI 7 at 45 nm, scaled to 180 nm by area times voltage squared."),
    "dram": ("published", "Invented for this example. 20 pJ a bit, after a DDR3 data sheet."),
    "totals": ("derived", "Sum over layers of operations x energy per operation, plus leakage x time and memory traffic."),
    "clock": ("derived", "Reciprocal of the longest critical path among the units of the scheme."),
    "area": ("derived", "Rows x columns x the area of the largest unit of the scheme; wires and buffers left out."),
    "workload": ("derived", "m n k count summed over the GEMMs of the model definition."),
    "voltage": ("published", "Nominal voltage in the library's header."),
    "verify": ("measured", "Invented for this example. Wall-clock time of the run, two threads."),
    "luq": ("published", "Invented number. Chmiel et al., Accurate Neural Training with 4-bit Matrix Multiplications at "
                         "Standard Formats, ICLR 2023, appendix."),
    "pam": ("published", "Invented number. Kosson and Jaggi, Multiplication-Free Transformer Training via "
                         "Piecewise Affine Operations, NeurIPS 2023."),
    "horowitz": ("published", "Invented number. Horowitz, Computing's Energy Problem, ISSCC 2014, 45 nm."),
}


def rounded(value):
    return float(f"{value:.8g}")


def quantity(value, unit, source):
    return {"value": rounded(value), "unit": unit, "source": source}


def resnet18():
    """(layer, m, n, k) of the forward GEMMs of one image."""
    layers = [("conv1", 112 * 112, 64, 3 * 49)]
    channels, size = 64, 56
    for stage in range(4):
        width = 64 << stage
        for block in range(2):
            name = f"layer{stage + 1}.{block}"
            stride = 2 if stage and not block else 1
            size //= stride
            layers.append((f"{name}.conv1", size * size, width, channels * 9))
            layers.append((f"{name}.conv2", size * size, width, width * 9))
            if stride == 2:
                layers.append((f"{name}.downsample", size * size, width, channels))
            channels = width
    return layers + [("fc", 1, 1000, 512)]


def training_gemms():
    """(layer, phase, m, n, k): each forward GEMM and its two gradients; the first layer has no data gradient."""
    gemms = []
    for index, (layer, m, n, k) in enumerate(resnet18()):
        m *= BATCH
        gemms.append((layer, "fwd", m, n, k))
        if index:
            gemms.append((layer, "dgrad", m, k, n))
        gemms.append((layer, "wgrad", k, n, m))
    return gemms


def cycles_of(m, n, k):
    """Weight stationary: a tile of rows x columns weights is filled, then m rows stream through."""
    return math.ceil(k / ROWS) * math.ceil(n / COLUMNS) * (m + 2 * ROWS + COLUMNS - 2)


def leakage_watts(unit):
    return sum(UNITS[unit][1]) * 2.1e-12


def layer_energy(unit, bits, m, n, k, seconds):
    operations = m * n * k
    product, accumulate, registers, clock = (operations * pj * 1e-12 for pj in UNITS[unit][3])
    words = operations / ROWS + operations / COLUMNS + 4 * m * n
    traffic = (m * k + k * n) * bits + m * n * 32
    return {"product": product, "accumulate": accumulate, "registers": registers, "clock": clock,
            "leakage": leakage_watts(unit) * ROWS * COLUMNS * seconds, "sram": words * bits * 0.9e-12,
            "dram": traffic * 20e-12}


def part_source(part):
    return {"sram": "sram", "dram": "dram", "leakage": "totals"}.get(part, "activity")


def energy_split(energies):
    return {part: quantity(energies[part], "J", part_source(part)) for part in PARTS}


def scheme(name, description, bits, units, quantizers):
    phases = ["fwd", "dgrad", "wgrad"]
    period = max(UNITS[unit][2] for unit in units) * 1e-9
    layers, total, cycles, macs = [], dict.fromkeys(PARTS, 0.0), 0, 0
    for layer, phase, m, n, k in training_gemms():
        unit = units[phases.index(phase)]
        taken = cycles_of(m, n, k)
        energies = layer_energy(unit, bits, m, n, k, taken * period)
        for part in PARTS:
            total[part] += energies[part]
        cycles += taken
        macs += m * n * k
        layers.append({"layer": layer, "phase": phase, "m": m, "n": n, "k": k, "count": 1, "unit": unit,
                       "macs": m * n * k, "cycles": quantity(taken, "cycles", "cycles"),
                       "utilisation": quantity(100 * m * n * k / taken / ROWS / COLUMNS, "%", "cycles"),
                       "energy_split": energy_split(energies)})
    area = max(sum(UNITS[unit][1]) for unit in units) * ROWS * COLUMNS * 1e-6
    return {
        "name": name, "description": description,
        "phases": {phase: {"unit": unit, "a": a, "b": b} for phase, unit, (a, b) in zip(phases, units, quantizers)},
        "totals": {"cycles": quantity(cycles, "cycles", "cycles"), "time": quantity(cycles * period, "s", "clock"),
                   "energy": quantity(sum(total.values()), "J", "totals"), "area": quantity(area, "mm2", "area"),
                   "clock": quantity(1e-6 / period, "MHz", "clock"),
                   "utilisation": quantity(100 * macs / cycles / ROWS / COLUMNS, "%", "cycles")},
        "energy_split": energy_split(total),
        "layers": layers,
    }


def stimuli(energies):
    entries = []
    for stimulus, source, factor in [("fwd operands, captured", "activity", 1.0), ("uniform codes", "uniform", 1.34)]:
        product, accumulate, registers, clock = energies
        entries.append({"stimulus": stimulus, "product": quantity(product * factor, "pJ", source),
                        "accumulate": quantity(accumulate * factor, "pJ", source),
                        "registers": quantity(registers * (1 + (factor - 1) / 2), "pJ", source),
                        "clock": quantity(clock, "pJ", source)})
    return entries


def unit_entry(index, unit):
    module, (product, accumulate, registers), path, energies = UNITS[unit]
    total = product + accumulate + registers
    small = "4" in unit and "fp" not in unit
    coverage = True if small else "every product, accumulators sampled" if "e4m3" in unit else False
    return {
        "unit": unit, "module": module, "used_by": [s[0] for s in SCHEMES if unit in s[3]],
        "area": {"product": quantity(product, "um2", "synthesis"), "accumulate": quantity(accumulate, "um2", "synthesis"),
                 "registers": quantity(registers, "um2", "synthesis"), "total": quantity(total, "um2", "synthesis")},
        "gates": quantity(total / 16.0, "NAND2", "synthesis"),
        "critical_path": quantity(path, "ns", "timing"),
        "leakage": quantity(leakage_watts(unit), "W", "synthesis"),
        "energy_per_operation": stimuli(energies),
        "checks": [
            {"what": "RTL (Verilator)", "vectors": 2**24 if small else 200_000_000, "exhaustive": coverage,
             "vectors_per_second": quantity(2.1e7 + 3e5 * index, "vectors/s", "verify"), "mismatches": 0, "seed": 7},
            {"what": "mapped netlist (bit-sliced)", "vectors": 2**20, "exhaustive": False,
             "vectors_per_second": quantity(1.3e6 + 4e4 * index, "vectors/s", "verify"), "mismatches": 0, "seed": 7},
        ],
    }


def claim(title, published, measured, unit, source, explanation):
    return {"title": title, "published": quantity(published, unit, source), "measured": quantity(measured, unit, "synthesis"),
            "explanation": explanation}


EXPERIMENT = """# ResNet-18 training on a 32 x 32 array, six schemes
name = "ResNet-18 training, six schemes"

[workload]
model = "resnet18"
batch = 32

[array]
rows = 32
columns = 32
dataflow = "weight_stationary"

[technology]
liberty = "osu018_stdcells.lib"

schemes = ["fp32", "bf16", "fp8", "int8", "luq4", "pam_bf16"]
"""


def results():
    macs = {phase: sum(m * n * k for _, p, m, n, k in training_gemms() if p == phase) for phase in ["fwd", "dgrad", "wgrad"]}
    return {
        "assay": {"version": "0.1.0", "created": "2026-01-15", "command": "assay run resnet18.toml --output report"},
        "experiment": {"name": "ResNet-18 training, six schemes", "file": "resnet18.toml", "text": EXPERIMENT},
        "workload": {"name": "resnet18", "batch": BATCH,
                     "macs": {phase: quantity(count, "MAC", "workload") for phase, count in macs.items()},
                     "forward_macs_per_image": quantity(macs["fwd"] / BATCH, "MAC", "workload")},
        "array": {"rows": ROWS, "columns": COLUMNS, "dataflow": "weight_stationary"},
        "technology": {"name": "OSU 0.18 µm standard cells", "file": "osu018_stdcells.lib", "sha256": "0123456789abcdef" * 4,
                       "voltage": quantity(1.8, "V", "voltage"),
                       "note": "every cost on this page is invented: it is an example of the page"},
        "sources": {key: {"kind": kind, "text": text} for key, (kind, text) in SOURCES.items()},
        "schemes": [scheme(*row) for row in SCHEMES],
        "units": [unit_entry(index, unit) for index, unit in enumerate(UNITS)],
        "array_checks": [
            {"what": "Closed-form cycles against Verilated 8 x 8 array", "cases": 96, "cycles_equal": True, "bits_equal": True,
             "detail": "m, n, k from 1 to 40, with remainders in each direction"},
            {"what": "SystemC array against closed form", "cases": 240, "cycles_equal": True, "bits_equal": True},
        ],
        "claims": [
            claim("MF-BPROP shrinks the multiplier of a 4-bit MAC", 5.0, 4.56, "x", "luq",
                  "Product part alone, against a smint4 x e3m0 multiplier that casts both to a common format."),
            claim("A PAM product needs less area than a bf16 multiplier", 4.0, 6.38, "x", "pam",
                  "The publication counts transistors of an adder; ABC also shares the exponent adder's carry chain."),
            claim("Energy of an fp32 multiplication over an int8 one", 18.5, 11.54, "x", "horowitz",
                  "Published for 45 nm and random operands; captured operands toggle fewer bits of the wide multiplier."),
        ],
        "footnotes": [
            "Wires, the network between PEs and control are not modelled; all schemes leave out the same.",
            "The first layer has no data gradient: nothing is trained before it.",
        ],
    }


def main():
    path = pathlib.Path(__file__).with_name("example_results.json")
    path.write_text(json.dumps(results(), ensure_ascii=False, separators=(",", ":")).replace('{"layer"', '\n{"layer"') + "\n")


if __name__ == "__main__":
    main()
