// Matrix products C = C0 + A B under a unit that accumulates (mac, dot or block_dot), with the bits of the golden
// model.
//
// Output (m, n) is accumulate_dot of row m of A, column n of B and C0[m][n], or the code of +0 without a C0
// (arith/dot.h): a mac computes c(k + 1) = mac(A[m][k], B[k][n], c(k)) in ascending k, a dot unit takes its number of
// terms at a time; of a block_dot it is accumulate_block_dot. The result does not depend on the number of threads, the
// processor, or its floating-point environment.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arith/unit.h"

namespace assay {

// What the elements of a matrix are: values, or codes of the matrix's format in unsigned integers of that many bits
// (bits above the format's width are ignored). A float32 operand must lie on its format. A float32 result is the value
// of the code, rounded to nearest even where float has no such value, and every NaN is the positive quiet one without
// payload.
enum class Element { float32, code8, code16, code32, code64 };

// Element (i, j) of batch item `batch` is data[batch * batch_stride + i * row_stride + j * column_stride]; strides
// count elements and may be anything, a batch stride of 0 is one matrix for all. A transpose is a swap of strides.
struct ConstMatrix {
  const void* data = nullptr;
  Element element = Element::float32;
  int64_t row_stride = 0;
  int64_t column_stride = 1;
  int64_t batch_stride = 0;
};
struct GemmMatrix {
  void* data = nullptr;
  Element element = Element::float32;
  int64_t row_stride = 0;
  int64_t column_stride = 1;
  int64_t batch_stride = 0;
};

// Factors of float32 results, multiplied in this order with one rounding to nearest even each: the whole, that of the
// row, that of the column. Empty: none.
struct GemmScales {
  std::optional<float> tensor;
  std::span<const float> rows;
  std::span<const float> columns;
};

struct GemmProblem {
  int64_t m = 0, n = 0, k = 0;
  int64_t batches = 1;
  ConstMatrix a;                  // m x k
  ConstMatrix b;                  // k x n
  std::optional<ConstMatrix> c0;  // m x n; may be the result itself
  GemmMatrix c;                   // m x n
  // Of a block_dot: codes, or values, of its format c. Scale (i, s) of A belongs to row i and the products from s B on,
  // where B is accumulation.block or, if that is 0, `terms`; scale (s, j) of B to the same products of column j.
  std::optional<ConstMatrix> block_scales_a;  // m x ceil(k / B)
  std::optional<ConstMatrix> block_scales_b;  // ceil(k / B) x n
  GemmScales scales;
};

// Random bits of the stochastic roundings: rounding r (counted from 0; of a mac it is k, see rounding_count in
// arith/dot.h) of output (m, n) of a batch item takes those of element ((r batches + batch) M + m) N + n
// (formats/random_bits.h).
struct GemmOptions {
  int threads = 1;
  uint64_t seed = 0;
  uint64_t stream = 0;
  int random_bits = 16;  // 0..32
};

// Throws Error if the unit does not accumulate, a format does not fit its elements, or numbers make no sense.
void gemm(const Unit& unit, const GemmProblem& problem, const GemmOptions& options = {});

// The same on codes in row-major order: A (M x K), B (K x N). The unit's rounding must be deterministic.
std::vector<uint64_t> gemm(const Unit& unit, int64_t m, int64_t n, int64_t k, std::span<const uint64_t> a,
                           std::span<const uint64_t> b, int threads = 1);

// Which kernel computes the unit on this processor, for people: "fma", "piecewise_affine", ... (gemm_plan.h).
std::string gemm_kernel_name(const Unit& unit, int64_t k, const GemmOptions& options = {});

}  // namespace assay
