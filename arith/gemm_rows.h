// The GEMM in float64, a lane for each output: rows of outputs take the steps of the golden model side by side, each
// sum rounded to odd and then to the format the golden model rounds it to.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "arith/gemm.h"
#include "arith/gemm_output.h"
#include "arith/gemm_rows_plan.h"
#include "arith/gemm_rows_terms.h"
#include "arith/lane_rounder.h"

namespace assay {

struct RowsProblem {
  int64_t m = 0, n = 0, k = 0;
  RowsOperand a, b;
  const GemmOutput<double>* output = nullptr;
  std::function<double(int64_t row, int64_t column)> golden;  // an output, for plans that have doubts
  // Rounding r of output (row, column) takes the random bits of element r * outputs + first_output + row n + column.
  uint64_t outputs = 0;
  uint64_t first_output = 0;
};

// The roundings of the accumulator and of everything that is rounded like it.
class RowsRounding {
 public:
  RowsRounding(const Unit& unit, int random_bits);

  void round(std::span<double> values, const ArrayRandom& random) const;

  // What a flushing unit reads for subnormals and zeros: +0.
  void flush(std::span<double> values) const;

  // The promotion of Accumulation::partial.
  void promote(std::span<double> values) const { (*promoted_)(values); }

 private:
  LaneRounder first_;
  std::optional<LaneRounder> second_;  // after a sum's own format
  std::optional<LaneRounder> promoted_;
  double flushed_ = 0;  // magnitudes below are
  double beyond_ = 0;   // magnitudes from here on are infinite
};

class RowsKernel {
 public:
  // The kernel of one of the last units that were asked for, or a new one: a table may take as long as a small GEMM. With
  // fewer than `products` to compute a new one that has tables is not worth it, and the result is null.
  static std::shared_ptr<const RowsKernel> of(const Unit& unit, int random_bits, size_t products);

  // Precondition: plan_rows(unit, random_bits) has a plan.
  RowsKernel(const Unit& unit, int random_bits);

  bool reads_codes() const { return terms_.reads_codes(); }
  void run(const RowsProblem& problem, const GemmOptions& options) const;

 private:
  Unit unit_;
  RowsPlan plan_;
  RowsTerms terms_;
  RowsRounding rounding_;
};

}  // namespace assay
