#include "experiment/step_cost.h"

#include "power/memory.h"
#include "sim/dram_traffic.h"

namespace assay {
namespace {

constexpr double kPicojoule = 1e-12, kNanosecond = 1e-9;

// Bits of the operands A, B and of partial sums as the array's edge carries them.
struct WordBits {
  int a = 0, b = 0, sum = 0;
};

WordBits word_bits(const PhaseScheme& phase) {
  const Unit& unit = phase.unit;
  return phase.swap ? WordBits{unit.b.width, unit.a.width, unit.result.width}
                    : WordBits{unit.a.width, unit.b.width, unit.result.width};
}

double read_bits(const WordCounts& words, const WordBits& bits) {
  return static_cast<double>(words.a_reads) * bits.a + static_cast<double>(words.b_reads) * bits.b +
         static_cast<double>(words.partial_sum_reads) * bits.sum;
}

double written_bits(const WordCounts& words, const WordBits& bits) {
  return static_cast<double>(words.output_writes) * bits.sum;
}

}  // namespace

EnergySplit& EnergySplit::operator+=(const EnergySplit& other) {
  product += other.product;
  accumulate += other.accumulate;
  registers += other.registers;
  clock += other.clock;
  leakage += other.leakage;
  sram += other.sram;
  dram += other.dram;
  return *this;
}

StepCost step_cost(const Experiment& experiment, const Scheme& scheme, const SchemeCost& cost) {
  const MemoryEnergy sram = sram_energy(experiment.feature_size, experiment.voltage);
  const MemoryEnergy dram = dram_energy(experiment.dram);
  const double elements = static_cast<double>(experiment.array.rows) * experiment.array.columns;
  StepCost step;
  for (const Gemm& gemm : experiment.workload.gemms) {
    const OperationCost& operation = cost.operation[static_cast<size_t>(gemm.phase)];
    const WordBits bits = word_bits(phase_of(scheme, gemm.phase));
    const int64_t share = experiment.buffer_bytes * 8 / 3;
    const BufferWords buffers = {share / bits.a, share / bits.b, share / bits.sum};
    const ArrayTiming timing = array_timing(experiment.array, gemm.m, gemm.n, gemm.k);
    const WordCounts off_chip = dram_words(experiment.array, gemm.m, gemm.n, gemm.k, buffers);

    GemmCost result;
    result.gemm = gemm;
    result.macs = macs(gemm);
    result.cycles = checked_product({timing.cycles, gemm.count}, gemm.layer);
    result.utilisation = timing.utilisation;
    const auto operations = static_cast<double>(result.macs), cycles = static_cast<double>(result.cycles),
               count = static_cast<double>(gemm.count);
    result.energy.product = operations * operation.product * kPicojoule;
    result.energy.accumulate = operations * operation.accumulate * kPicojoule;
    result.energy.registers = operations * operation.registers * kPicojoule;
    result.energy.clock = cycles * elements * cost.element.clock * kPicojoule;
    result.energy.leakage = cycles * elements * cost.element.leakage * cost.element.period * kNanosecond;
    result.energy.sram =
        count * (read_bits(timing.edge, bits) * sram.read + written_bits(timing.edge, bits) * sram.write) *
        kPicojoule;
    result.energy.dram = count *
                         (read_bits(off_chip, bits) * dram.read + written_bits(off_chip, bits) * dram.write) *
                         kPicojoule;

    step.macs += result.macs;
    step.cycles += result.cycles;
    step.energy += result.energy;
    step.gemms.push_back(result);
  }
  step.utilisation = static_cast<double>(step.macs) / (elements * static_cast<double>(step.cycles));
  return step;
}

}  // namespace assay
