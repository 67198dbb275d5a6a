// The GEMM that every other has to equal.
#pragma once

#include "arith/gemm.h"

namespace assay {

// One batch item by accumulate_dot (arith/dot.h), output by output.
void run_golden(const Unit& unit, const GemmProblem& problem, const GemmOptions& options, int64_t batch);

// The code of one output.
uint64_t golden_output(const Unit& unit, const GemmProblem& problem, const GemmOptions& options,
                       int64_t batch, int64_t row, int64_t column);

}  // namespace assay
