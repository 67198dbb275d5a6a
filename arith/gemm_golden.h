// The GEMM that every other has to equal.
#pragma once

#include "arith/gemm.h"

namespace assay {

// The code of element `at` of a matrix.
uint64_t read_code(const Format& format, const ConstMatrix& matrix, int64_t at);

// Products of a pair of block scales, and pairs of scales of all products.
int64_t block_length(const Unit& unit);
int64_t block_count(const Unit& unit, int64_t k);

// One batch item by accumulate_dot or accumulate_block_dot (arith/dot.h), output by output.
void run_golden(const Unit& unit, const GemmProblem& problem, const GemmOptions& options, int64_t batch);

// The code of one output.
uint64_t golden_output(const Unit& unit, const GemmProblem& problem, const GemmOptions& options,
                       int64_t batch, int64_t row, int64_t column);

}  // namespace assay
