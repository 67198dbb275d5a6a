// Words between the array's buffers and DRAM, by a simple model of reuse.
#pragma once

#include <cstdint>

#include "sim/array_timing.h"

namespace assay {

// Capacities of the buffers at the array's edge, in words of the operand each one holds.
struct BufferWords {
  int64_t a = 0;
  int64_t b = 0;
  int64_t output = 0;  // partial sums
};

// DRAM words of one matrix product under the loop order of array_timing.h. An operand that is used again is
// read from DRAM once if what must be kept until its next use fits in its buffer, and otherwise again in
// every pass over it, as often as the array reads it:
//                                A                           B                  partial sums
//   weight_stationary   kept     all of A: M K               nothing: used once M x min(N, C)
//                       passes   groups of columns           1                  groups of rows of K
//   output_stationary   kept     its row panel: min(M, R) K  all of B: K N      none leave the array
//                       passes   groups of columns           groups of rows     -
// Partial sums that do not fit are written and read back; results are written once. With one pass nothing is
// kept. Throws Error on sizes that are not positive, negative capacities, and results that do not fit in 64
// bits.
WordCounts dram_words(const SystolicArray& array, int64_t m, int64_t n, int64_t k, BufferWords buffers);

}  // namespace assay
