// The GEMM with an A that lies in memory in another way than as a matrix.
#pragma once

#include <cstdint>
#include <functional>

#include "arith/gemm.h"
#include "arith/gemm_pack.h"

namespace assay {

// The rows of A of a batch item, values of the unit's format a.
using RowsOfA = std::function<ReadStrip<float>(int64_t batch)>;

// Whether gemm_from has a kernel for the unit: not if the product is computed from codes or in float64.
bool takes_rows_of_a(const Unit& unit, int64_t k, bool from_zero);

// gemm() with A from a function; problem.a is not looked at. Precondition: takes_rows_of_a.
void gemm_from(const Unit& unit, const RowsOfA& rows_of_a, const GemmProblem& problem,
               const GemmOptions& options);

}  // namespace assay
