// Sums of several float64 lanes: the fused sum and the windows of arith/accumulation.h, before their rounding.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "arith/accumulation.h"
#include "arith/gemm_rows_plan.h"
#include "arith/gemm_rows_terms.h"
#include "arith/modular_lanes.h"

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
  void value(bool downward, std::span<double> sums);

  // What is left of the sum without what `value` gave, rounded to odd.
  void rest(std::span<const double> sums, std::span<double> rests);

  // Sums that `value` gave, reduced, so that they wrap as the exact sum does.
  void wrap(const ModularLanes& modular, std::span<double> sums);

  // Whether the windows hold all bits of x.
  bool holds(double x) const;

 private:
  void cut(const double* terms);
  void carry();
  void collapse(std::span<double> sums);
  double* window(size_t i) { return windows_.data() + i * lanes_; }

  size_t lanes_;
  double least_, beyond_;
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
