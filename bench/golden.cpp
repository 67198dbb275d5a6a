// Speed of the golden model: time of one evaluate() on pseudo-random operands, and products a second.
//
//   bench_golden [--benchmark_filter=dot] [--benchmark_repetitions=5]
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "arith/evaluate.h"
#include "base/random.h"
#include "formats/real.h"

using namespace assay;

namespace {

constexpr size_t kVectors = 1024;

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

void golden(benchmark::State& state, const std::string& name) {
  const Unit unit = parse_unit(name);
  const auto count = static_cast<size_t>(operand_count(unit));
  std::vector<uint64_t> operands(kVectors * count);
  for (size_t i = 0; i < operands.size(); ++i) {
    operands[i] = operand(operand_format(unit, static_cast<int>(i % count)), philox64(1, 2, i));
  }
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(evaluate(unit, std::span(operands).subspan(at * count, count)));
    at = (at + 1) % kVectors;
  }
  state.SetItemsProcessed(state.iterations() * std::max(unit.terms, 1));  // products
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* name :
       {"mac-fp16-fp16-fp16", "mac-e4m3-e4m3-fp32", "mac-bf16-bf16-fp32", "mac-fp32-fp32-fp32",
        "mac-fp64-fp64-fp64", "fma-fp16-fp16-fp16-fp16", "fma-fp32-fp32-fp32-fp32", "mac-bf16-bf16-bf16-pam",
        "mac-posit16-posit16-posit16", "mac-int8-int8-int32", "add-fp32-fp32-fp32", "dot32-e4m3-e4m3-fp32",
        "dot32-e4m3-e4m3-fp32-rtz-window13", "dot32-e4m3-e4m3-fp32-fused", "dot8-fp16-fp16-fp32-tree",
        "dot8-posit16-posit16-posit16-fused"}) {
    benchmark::RegisterBenchmark(name, golden, std::string(name));
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
