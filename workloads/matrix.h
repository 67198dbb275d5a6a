// A dense matrix of float32, row by row.
#pragma once

#include <cstdint>
#include <vector>

namespace assay {

struct Matrix {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<float> values;  // rows x cols, element (i, j) at i * cols + j

  float at(int64_t i, int64_t j) const { return values[static_cast<size_t>(i * cols + j)]; }
  bool operator==(const Matrix&) const = default;
};

inline Matrix transposed(const Matrix& matrix) {
  Matrix result{matrix.cols, matrix.rows, {}};
  result.values.reserve(matrix.values.size());
  for (int64_t j = 0; j < matrix.cols; ++j) {
    for (int64_t i = 0; i < matrix.rows; ++i) result.values.push_back(matrix.at(i, j));
  }
  return result;
}

}  // namespace assay
