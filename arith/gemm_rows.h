// The GEMM in float64 for any format the array kernels can round to: rows of accumulators, rounded to odd after every
// product (or exact sum of products) and then to the result's format.
#pragma once

#include "arith/gemm.h"
#include "arith/gemm_output.h"
#include "arith/gemm_pack.h"

namespace assay {

// Whether the unit's operands and results are float64 values, its products and groups are exact in float64 and its
// roundings, with `random_bits` random bits, exact after a rounding to odd.
bool has_rows_kernel(const Unit& unit, int random_bits);

struct RowsProblem {
  int64_t m = 0, n = 0, k = 0;
  ReadStrip<double> a;  // lanes are rows
  ReadStrip<double> b;  // lanes are columns
  const GemmOutput<double>* output = nullptr;
  // Rounding r of output (row, column) takes the random bits of element r * outputs + first_output + row n + column.
  uint64_t outputs = 0;
  uint64_t first_output = 0;
};

// Precondition: has_rows_kernel.
void run_rows(const Unit& unit, const RowsProblem& problem, const GemmOptions& options);

}  // namespace assay
