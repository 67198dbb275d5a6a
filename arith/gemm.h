// Matrix product under a MAC unit, by the golden model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arith/unit.h"

namespace assay {

// C[m][n] = c(K), c(0) = the code of +0, c(k + 1) = mac(A[m][k], B[k][n], c(k)) in ascending k, for codes
// A (M x K), B (K x N) in row-major order. The unit must be a mac with a deterministic rounding. The result
// does not depend on the number of threads.
std::vector<uint64_t> gemm(const Unit& mac, int64_t m, int64_t n, int64_t k, std::span<const uint64_t> a,
                           std::span<const uint64_t> b);

}  // namespace assay
