// The products of a row of A with many columns of B, as float64 lanes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "arith/gemm_kernels.h"
#include "arith/gemm_pack.h"
#include "arith/gemm_rows_plan.h"
#include "arith/lane_rounder.h"
#include "arith/product.h"

namespace assay {

// What is read of A or B: lanes are rows or columns. Only what the plan needs is set.
struct RowsOperand {
  ReadStrip<double> values;
  ReadStrip<uint32_t> codes;
  ReadStrip<double> scales;  // of blocks in the place of k
};

// Some lanes of an operand for some k. Entry k * lanes + lane; exponents are those of a window, kNoExponent for zeros.
struct RowsStrip {
  size_t lanes = 0;
  std::vector<double> values, exponents;
  std::vector<uint32_t> codes;
  std::vector<double> scales, scale_exponents;
  std::vector<char> is_beyond;  // [lane] whether a value was beyond the plan's bound
};

// Lanes of terms, and of their exponents in a window.
struct RowsTerm {
  double* high = nullptr;
  double* low = nullptr;  // with two_parts
  double* exponents = nullptr;
};

// An exponent below all, and the exponent of x in a window: that of subnormals is `least`.
inline constexpr double kNoRowsExponent = -4096;
void window_exponents(std::span<const double> values, double least, std::span<double> exponents);

// The exponent of the least normal number of a format with subnormals; below all for others.
double least_window_exponent(const Format& format);

class RowsTerms {
 public:
  RowsTerms(const Unit& unit, const RowsPlan& plan);

  bool reads_codes() const { return plan_.products != RowsPlan::Products::exact; }

  // Lanes first .. first + lanes for depth values from first_k on, and for `blocks` scales from first_block on.
  // `width` lanes lie in memory. Lanes that are beyond the plan's bound stay so from strip to strip.
  void read(const RowsOperand& operand, bool is_b, int64_t first, size_t lanes, size_t width, int64_t first_k,
            size_t depth, int64_t first_block, size_t blocks, RowsStrip& strip) const;

  // The product of a's lane `row` and b's lanes at depth k of both.
  void product(const RowsStrip& a, size_t row, const RowsStrip& b, size_t k, const RowsTerm& term) const;

  // sums + the product, under the rounding mode in force.
  void multiply_add(const RowsStrip& a, size_t row, const RowsStrip& b, size_t k, double* sums) const {
    assay::multiply_add(a.values[k * a.lanes + row], b.values.data() + k * b.lanes, b.lanes, sums);
  }

  // term times the scales of the block.
  void scale(const RowsStrip& a, size_t row, const RowsStrip& b, size_t block, const RowsTerm& term) const;

 private:
  const Unit& unit_;
  const RowsPlan plan_;
  bool in_window_;
  std::optional<PiecewiseAffineProduct> affine_;
  std::optional<LaneRounder> via_;
  std::shared_ptr<const CodeReader<double>> product_values_;
  std::vector<double> table_high_, table_low_;
};

}  // namespace assay
