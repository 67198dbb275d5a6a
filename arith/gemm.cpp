#include "arith/gemm.h"

#include <array>

#include "arith/evaluate.h"
#include "base/error.h"

namespace assay {

std::vector<uint64_t> gemm(const Unit& mac, int64_t m, int64_t n, int64_t k, std::span<const uint64_t> a,
                           std::span<const uint64_t> b) {
  if (mac.operation != Operation::mac) fail("gemm: expected a mac unit, found {}", unit_name(mac));
  if (is_stochastic(mac.rounding)) fail("gemm: {} rounds stochastically", unit_name(mac));
  if (static_cast<int64_t>(a.size()) != m * k || static_cast<int64_t>(b.size()) != k * n) {
    fail("gemm: A has {} and B {} codes, expected {} x {} and {} x {}", a.size(), b.size(), m, k, k, n);
  }
  std::vector<uint64_t> c(static_cast<size_t>(m * n), 0);
  for (int64_t row = 0; row < m; ++row) {
    for (int64_t column = 0; column < n; ++column) {
      uint64_t& accumulator = c[static_cast<size_t>(row * n + column)];
      for (int64_t i = 0; i < k; ++i) {
        const std::array<uint64_t, 3> operands = {a[static_cast<size_t>(row * k + i)],
                                                  b[static_cast<size_t>(i * n + column)], accumulator};
        accumulator = evaluate(mac, operands);
      }
    }
  }
  return c;
}

}  // namespace assay
