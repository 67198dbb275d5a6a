#include "experiment/operand_stream.h"

#include <algorithm>
#include <array>

#include "arith/evaluate.h"

namespace assay {
namespace {

// The i-th of `count` positions spread over [0, total).
int64_t spread(int64_t i, int64_t count, int64_t total) {
  return i * total / count;
}

class Gemm {
 public:
  Gemm(const Unit& unit, bool swap, const GemmCodes& codes) : unit_(unit), swap_(swap), codes_(codes) {}

  // The unit's operands in step i of element (row, column), the accumulator being c.
  std::array<uint64_t, 3> operands(int64_t row, int64_t column, int64_t i, uint64_t c) const {
    const uint64_t a = codes_.a[static_cast<size_t>(row * codes_.k + i)];
    const uint64_t b = codes_.b[static_cast<size_t>(i * codes_.n + column)];
    return swap_ ? std::array{b, a, c} : std::array{a, b, c};
  }

  // c(0), ..., c(K - 1) of element (row, column): the sum that the i-th mac starts from.
  std::vector<uint64_t> running_sums(int64_t row, int64_t column) const {
    std::vector<uint64_t> sums(static_cast<size_t>(codes_.k), 0);
    for (int64_t i = 0; i + 1 < codes_.k; ++i) {
      const auto at = static_cast<size_t>(i);
      sums[at + 1] = evaluate(unit_, operands(row, column, i, sums[at]));
    }
    return sums;
  }

 private:
  const Unit& unit_;
  bool swap_;
  const GemmCodes& codes_;
};

void append(OperandStream& stream, const std::array<uint64_t, 3>& operands) {
  stream.a.push_back(operands[0]);
  stream.b.push_back(operands[1]);
  stream.c.push_back(operands[2]);
}

}  // namespace

OperandStream operand_stream(const Unit& unit, bool swap, Dataflow dataflow, const GemmCodes& gemm,
                             size_t operations) {
  const Gemm matrices(unit, swap, gemm);
  const auto wanted = static_cast<int64_t>(operations);
  OperandStream stream;
  if (dataflow == Dataflow::output_stationary) {
    const int64_t elements = std::min(gemm.m * gemm.n, (wanted + gemm.k - 1) / gemm.k);
    for (int64_t e = 0; e < elements; ++e) {
      const int64_t position = spread(e, elements, gemm.m * gemm.n);
      const int64_t row = position / gemm.n, column = position % gemm.n;
      const std::vector<uint64_t> sums = matrices.running_sums(row, column);
      for (int64_t i = 0; i < gemm.k; ++i) {
        append(stream, matrices.operands(row, column, i, sums[static_cast<size_t>(i)]));
      }
    }
    return stream;
  }
  // Elements in a few columns of the array share the running sums of that column.
  const bool holds_b = dataflow == Dataflow::weight_stationary;
  const int64_t streamed = holds_b ? gemm.m : gemm.n, all_columns = holds_b ? gemm.n : gemm.m;
  const int64_t elements = std::min(gemm.k * all_columns, (wanted + streamed - 1) / streamed);
  const int64_t columns = std::min<int64_t>({all_columns, elements, 8});
  const int64_t per_column = std::min(gemm.k, (elements + columns - 1) / columns);
  for (int64_t s = 0; s < columns; ++s) {
    const int64_t column = spread(s, columns, all_columns);
    const auto row_of = [&](int64_t step) { return holds_b ? step : column; };
    const auto column_of = [&](int64_t step) { return holds_b ? column : step; };
    std::vector<std::vector<uint64_t>> sums;
    for (int64_t step = 0; step < streamed; ++step) {
      sums.push_back(matrices.running_sums(row_of(step), column_of(step)));
    }
    for (int64_t p = 0; p < per_column; ++p) {
      const int64_t i = spread(p, per_column, gemm.k);
      for (int64_t step = 0; step < streamed; ++step) {
        const uint64_t sum = sums[static_cast<size_t>(step)][static_cast<size_t>(i)];
        append(stream, matrices.operands(row_of(step), column_of(step), i, sum));
      }
    }
  }
  return stream;
}

}  // namespace assay
