// The blocked GEMM around a panel kernel.
#pragma once

#include <cstdint>
#include <functional>

#include "arith/gemm_pack.h"
#include "arith/gemm_plan.h"

namespace assay {

// Elements column .. column + count of a row of accumulators: bits of floats, or integers.
using LoadWords = std::function<void(int64_t row, int64_t column, size_t count, uint32_t* words)>;
using StoreWords = std::function<void(int64_t row, int64_t column, size_t count, const uint32_t* words)>;

struct PanelProblem {
  int64_t m = 0, n = 0, k = 0;
  ReadStrip<float> a;  // lanes are rows
  ReadStrip<float> b;  // lanes are columns
  LoadWords load;
  StoreWords store;
  // window: the accumulator's word of an output with operands that the kernel cannot take.
  std::function<uint32_t(int64_t row, int64_t column)> special;
};

// Threads share the packed B and take blocks of outputs. Each element is loaded and stored once, by the same thread.
void run_panels(const GemmPlan& plan, const PanelProblem& problem, int threads);

}  // namespace assay
