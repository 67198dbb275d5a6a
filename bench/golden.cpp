// Speed of the golden model on pseudo-random operands: time of one evaluate() and of one call of an Evaluator, of a
// BatchEvaluator for 1024 vectors, and of accumulate_dot for 256 products one after the other (NAME/evaluator,
// NAME/batch1024, NAME/sum256), with products a second.
//
//   bench_golden [--benchmark_filter=dot] [--benchmark_repetitions=5]
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "arith/batch_evaluator.h"
#include "arith/dot.h"
#include "arith/evaluate.h"
#include "arith/evaluator.h"
#include "base/random.h"
#include "formats/real.h"

using namespace assay;

namespace {

constexpr size_t kVectors = 1024;
constexpr size_t kProducts = 256;

// Numbers of middling size, so that sums align, cancel and round, and few are infinite.
uint64_t operand(const Format& format, uint64_t random) {
  const uint64_t code = random & code_mask(format.width);
  if (format.kind != FormatKind::floating || format.exponent_width < 4) return code;
  const int binades = 12;
  const uint64_t exponent = static_cast<uint64_t>(format.exponent_bias - binades / 2) +
                            (random >> 40) % static_cast<uint64_t>(binades);
  const uint64_t sign = code & uint64_t{1} << (format.width - 1);
  const uint64_t largest = code_mask(format.exponent_width) - 1;
  return sign | std::min(exponent, largest) << format.fraction_width |
         (code & code_mask(format.fraction_width));
}

std::vector<uint64_t> operands_of(const Unit& unit) {
  const auto count = static_cast<size_t>(operand_count(unit));
  std::vector<uint64_t> operands(kVectors * count);
  for (size_t i = 0; i < operands.size(); ++i) {
    operands[i] = operand(operand_format(unit, static_cast<int>(i % count)), philox64(1, 2, i));
  }
  return operands;
}

// `evaluate` of one vector after the other.
template <typename Evaluate>
void each_vector(benchmark::State& state, const Unit& unit, Evaluate evaluate_one) {
  const std::vector<uint64_t> operands = operands_of(unit);
  const auto count = static_cast<size_t>(operand_count(unit));
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(evaluate_one(std::span(operands).subspan(at * count, count)));
    at = (at + 1) % kVectors;
  }
  state.SetItemsProcessed(state.iterations() * std::max(unit.terms, 1));  // products
}

void golden(benchmark::State& state, const std::string& name) {
  const Unit unit = parse_unit(name);
  each_vector(state, unit, [&](std::span<const uint64_t> operands) { return evaluate(unit, operands); });
}

void with_evaluator(benchmark::State& state, const std::string& name) {
  const Evaluator evaluator(parse_unit(name));
  each_vector(state, evaluator.unit(), evaluator);
}

void with_batch(benchmark::State& state, const std::string& name) {
  const BatchEvaluator evaluate_batch(parse_unit(name));
  const Unit& unit = evaluate_batch.unit();
  const std::vector<uint64_t> operands = operands_of(unit);
  const auto count = static_cast<size_t>(operand_count(unit));
  std::vector<std::vector<uint64_t>> columns(count);
  for (size_t i = 0; i < operands.size(); ++i) columns[i % count].push_back(operands[i]);
  std::vector<const uint64_t*> pointers;
  for (const std::vector<uint64_t>& column : columns) pointers.push_back(column.data());
  std::vector<uint64_t> results(kVectors);
  for (auto _ : state) {
    evaluate_batch(pointers, kVectors, results.data());
    benchmark::DoNotOptimize(results.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kVectors) * std::max(unit.terms, 1));
}

void long_sum(benchmark::State& state, const std::string& name) {
  const Unit unit = parse_unit(name);
  std::vector<uint64_t> a(kProducts), b(kProducts);
  for (size_t i = 0; i < kProducts; ++i) {
    a[i] = operand(unit.a, philox64(1, 2, i));
    b[i] = operand(unit.b, philox64(1, 3, i));
  }
  for (auto _ : state) benchmark::DoNotOptimize(accumulate_dot(unit, a, b, 0));
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kProducts));
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* name : {"mac-fp16-fp16-fp16",
                           "mac-e4m3-e4m3-fp32",
                           "mac-bf16-bf16-fp32",
                           "mac-fp32-fp32-fp32",
                           "mac-fp64-fp64-fp64",
                           "fma-fp16-fp16-fp16-fp16",
                           "fma-fp32-fp32-fp32-fp32",
                           "mac-bf16-bf16-bf16-pam",
                           "mac-posit16-posit16-posit16",
                           "mac-int8-int8-int32",
                           "add-fp32-fp32-fp32",
                           "dot32-e4m3-e4m3-fp32",
                           "dot32-e4m3-e4m3-fp32-rtz-window13",
                           "dot32-e4m3-e4m3-fp32-fused",
                           "dot8-fp16-fp16-fp32-tree",
                           "dot8-posit16-posit16-posit16-fused",
                           "dot8-posit8-posit8-posit8-fused",
                           "dot8-fp16-fp16-fp16-kahan",
                           "block_dot8-e4m3-e4m3-e8m0-fp32-fused",
                           "block_dot32-e2m1-e2m1-e8m0-fp32-fused",
                           "block_dot16-e2m1-e2m1-e4m3-fp32-rtz-window35-block8-exact8"}) {
    const std::string unit(name);
    benchmark::RegisterBenchmark(name, golden, unit);
    benchmark::RegisterBenchmark((unit + "/evaluator").c_str(), with_evaluator, unit);
    benchmark::RegisterBenchmark((unit + "/batch1024").c_str(), with_batch, unit);
    const Operation operation = parse_unit(unit).operation;
    if (operation == Operation::mac || operation == Operation::dot) {
      benchmark::RegisterBenchmark((unit + "/sum256").c_str(), long_sum, unit);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
