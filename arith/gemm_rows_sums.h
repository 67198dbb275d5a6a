// Sums of several float64 lanes: the fused sum and the windows of arith/accumulation.h, before their rounding.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "arith/accumulation.h"
#include "arith/gemm_rows_plan.h"
#include "arith/gemm_rows_terms.h"

namespace assay {

// The exact sum of any terms within the plan's windows.
class FusedLanes {
 public:
  FusedLanes(const RowsPlan& plan, size_t lanes);

  void clear();
  void add(const double* terms);
  // terms = high + low, |low| far below |high|.
  void add(const RowsTerm& terms);

  // The sum, rounded to odd. `downward`: sums of zero are -0 unless all terms are +0, else -0 if all are.
  void value(bool downward, double* sums);

 private:
  void cut(const double* terms);
  double* window(size_t i) { return windows_.data() + i * lanes_; }

  size_t lanes_;
  std::vector<double> rounders_;  // x + r - r is a multiple of what the window counts
  std::vector<double> windows_;   // from the least on
  std::vector<double> plain_;     // shows infinities, NaNs and -0
  std::vector<double> nonzero_;
};

// The window of terms[i] and the accumulator, whose exponents in the window are given. The sum goes to `sums`, the
// accumulator, exactly.
void window_lanes(const Accumulation& how, std::span<const RowsTerm> terms, size_t lanes,
                  std::span<const double> accumulator_exponents, std::span<double> sums);

}  // namespace assay
