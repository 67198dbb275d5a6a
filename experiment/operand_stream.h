// What one processing element sees: the operands of its MAC, cycle after cycle, when a dataflow runs a GEMM.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arith/unit.h"
#include "sim/array_timing.h"

namespace assay {

// The unit's operands, one code each per active cycle; c is the accumulator that enters the MAC.
struct OperandStream {
  std::vector<uint64_t> a, b, c;

  size_t size() const { return a.size(); }
};

// Codes of C = A B, row-major: A is M x K, B is K x N.
struct GemmCodes {
  int64_t m = 0, n = 0, k = 0;
  std::span<const uint64_t> a, b;
};

// About `operations` consecutive operations of processing elements, sampled evenly over the GEMM.
//   output_stationary  an element (i, j) sees a = A[i][k], b = B[k][j] and its own running sum, k = 0..K-1, then
//                      goes on to another (i, j)
//   weight_stationary  an element holding b = B[k][j] sees a = A[i][k] and the partial sum over the rows above,
//                      i = 0..M-1, then another (k, j)
//   input_stationary   an element holding a = A[i][k] sees b = B[k][j] and the partial sum over the rows above,
//                      j = 0..N-1, then another (k, i)
// `unit` must be a mac; its a takes A's codes, or B's if `swap`. Sums are the golden model's.
OperandStream operand_stream(const Unit& unit, bool swap, Dataflow dataflow, const GemmCodes& gemm,
                             size_t operations);

}  // namespace assay
