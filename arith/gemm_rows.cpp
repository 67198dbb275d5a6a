#include "arith/gemm_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "arith/dot.h"
#include "arith/float_environment.h"
#include "base/parallel.h"
#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/round.h"

namespace assay {
namespace {

// Rows, columns and values of k that are worked on at a time: B's lie in the second-level cache. Columns are whole
// vectors.
constexpr size_t kRows = 32;
constexpr size_t kColumns = 256;
constexpr size_t kDepth = 128;

// What values of a format need in float64.
struct Extent {
  bool exact = false;
  int significand = 0;
  int least = 0;
  int greatest = 0;
};

Extent extent_of(const Format& format) {
  Extent extent;
  const bool placed =
      format.kind == FormatKind::floating || is_integer(format) || format.kind == FormatKind::posit;
  if (!placed) return extent;
  const BitRange range = bit_range(format);
  extent.significand = format.kind == FormatKind::floating ? format.fraction_width + 1
                       : format.kind == FormatKind::posit  ? format.width
                                                           : range.greatest - range.least + 1;
  extent.least = range.least;
  extent.greatest = range.greatest;
  extent.exact = extent.significand <= 53 && extent.least >= -400 && extent.greatest <= 400;
  return extent;
}

// Products summed exactly before they meet the accumulator.
int64_t group_of(const Unit& unit) {
  if (unit.accumulation.kind != AccumulationKind::fused) return 1;
  return unit.accumulation.group > 0 ? unit.accumulation.group : unit.terms;
}

bool has_known_accumulation(const Unit& unit) {
  if (unit.operation != Operation::mac && unit.operation != Operation::dot) return false;
  Accumulation plain;
  plain.kind = unit.accumulation.kind;
  plain.group = unit.accumulation.group;
  const bool fused = plain.kind == AccumulationKind::fused;
  if (!(unit.accumulation == plain) || !(fused || plain == Accumulation{})) return false;
  // What a sum of zero is under rdn depends on each term.
  return unit.terms % group_of(unit) == 0 && !(fused && unit.rounding == Rounding::rdn);
}

// The piecewise-affine product of arith/piecewise_affine.h, on values of a format with at most float's exponents.
class PiecewiseAffine {
 public:
  explicit PiecewiseAffine(const Format& format)
      : least_normal_(bits_of(format, uint64_t{1} << format.fraction_width)),
        infinity_((bits_of(format, max_finite_magnitude(format)) & 0x7f800000) + 0x00800000) {}

  double operator()(double a, double b) const {
    constexpr int64_t kMagnitude = 0x7fffffff, kOne = 0x3f800000;
    const int64_t bits_a = std::bit_cast<int32_t>(static_cast<float>(a));
    const int64_t bits_b = std::bit_cast<int32_t>(static_cast<float>(b));
    const int64_t magnitude_a = bits_a & kMagnitude, magnitude_b = bits_b & kMagnitude;
    if (magnitude_a >= infinity_ || magnitude_b >= infinity_) return std::numeric_limits<double>::quiet_NaN();
    const int64_t sum = magnitude_a + magnitude_b - kOne;
    if (magnitude_a < least_normal_ || magnitude_b < least_normal_ || sum < least_normal_) return 0;
    const double product = sum >= infinity_ ? std::numeric_limits<double>::infinity()
                                            : double{std::bit_cast<float>(static_cast<int32_t>(sum))};
    return (bits_a ^ bits_b) < 0 ? -product : product;
  }

 private:
  static int64_t bits_of(const Format& format, uint64_t code) {
    return std::bit_cast<int32_t>(nearest_float<float>(decode(format, code)));
  }
  int64_t least_normal_, infinity_;
};

// terms = product(a, b[i]), or added to them.
class Products {
 public:
  explicit Products(const Unit& unit) : unit_(unit) {
    if (unit.product == ProductRule::pam) affine_.emplace(unit.a);
  }

  void operator()(double a, std::span<const double> b, std::span<double> terms) const {
    if (affine_) {
      std::ranges::transform(b, terms.begin(), [&](double x) { return (*affine_)(a, x); });
      return;
    }
    std::ranges::transform(b, terms.begin(), [=](double x) { return a * x; });
    if (unit_.product == ProductRule::via) {
      const Format& via = unit_.product_format;
      quantize_dequantize(via, Rounding::rne, default_saturation(via), terms);
    }
  }

 private:
  const Unit& unit_;
  std::optional<PiecewiseAffine> affine_;
};

// A block of outputs: kColumns wide in memory, fewer of which are wanted.
class RowsBlock {
 public:
  RowsBlock(const Unit& unit, const RowsProblem& problem, const GemmOptions& options, int64_t first_row,
            int64_t first_column)
      : unit_(unit),
        problem_(problem),
        options_(options),
        products_(unit),
        rounds_to_float_(unit.rounding == Rounding::rne && unit.saturation == Saturation::sat_none &&
                         unit.result == parse_format("fp32")),
        first_row_(first_row),
        first_column_(first_column),
        rows_(static_cast<size_t>(std::min<int64_t>(kRows, problem.m - first_row))),
        columns_(static_cast<size_t>(std::min<int64_t>(kColumns, problem.n - first_column))),
        sums_(rows_ * kColumns),
        terms_(kColumns),
        products_row_(kColumns) {}

  void run() {
    for (size_t row = 0; row < rows_; ++row) {
      problem_.output->load(row_at(row), first_column_, columns_, sums(row).data());
    }
    const auto group = static_cast<size_t>(group_of(unit_));
    const size_t k = (static_cast<size_t>(problem_.k) + static_cast<size_t>(unit_.terms) - 1) /
                     static_cast<size_t>(unit_.terms) * static_cast<size_t>(unit_.terms);
    const size_t depth = std::max(kDepth / group, size_t{1}) * group;
    std::vector<double> a(depth * rows_), b(depth * kColumns);
    for (size_t first = 0; first < k; first += depth) {
      const size_t here = std::min(depth, k - first);
      const size_t present = std::min(here, static_cast<size_t>(problem_.k) - first);
      problem_.a(first_row_, rows_, static_cast<int64_t>(first), present, rows_, a.data());
      problem_.b(first_column_, columns_, static_cast<int64_t>(first), present, kColumns, b.data());
      for (size_t row = 0; row < rows_; ++row) {
        for (size_t i = 0; i < here; i += group) {
          const uint64_t rounding = (first + i) / group;
          sum_products(a.data() + row, b.data(), i, std::min(i + group, present), group);
          accumulate(row, rounding);
        }
      }
    }
    for (size_t row = 0; row < rows_; ++row) {
      problem_.output->store(row_at(row), first_column_, columns_, sums(row).data());
    }
  }

 private:
  std::span<double> sums(size_t row) { return std::span(sums_).subspan(row * kColumns, kColumns); }
  int64_t row_at(size_t row) const { return first_row_ + static_cast<int64_t>(row); }

  // terms_ = the exact sum of the products from i on; absent ones are +0.
  void sum_products(const double* a, const double* b, size_t i, size_t end, size_t group) {
    const auto b_row = [&](size_t k) { return std::span(b + k * kColumns, columns_); };
    const std::span<double> terms(terms_.data(), columns_), more(products_row_.data(), columns_);
    if (i >= end) {
      std::ranges::fill(terms, 0.0);
      return;
    }
    products_(a[i * rows_], b_row(i), terms);
    for (size_t k = i + 1; k < end; ++k) {
      products_(a[k * rows_], b_row(k), more);
      std::ranges::transform(terms, more, terms.begin(), [](double x, double y) { return x + y; });
    }
    if (end < i + group) {
      std::ranges::transform(terms, terms.begin(), [](double x) { return x + 0.0; });
    }
  }

  void accumulate(size_t row, uint64_t rounding) {
    add_to_odd(terms_.data(), kColumns, unit_.rounding == Rounding::rdn, sums(row).data());
    ArrayRandom random{options_.seed, options_.stream, 0, options_.random_bits};
    random.first_index = rounding * problem_.outputs + problem_.first_output +
                         static_cast<uint64_t>(row_at(row) * problem_.n + first_column_);
    if (rounds_to_float_) {
      // The environment's rounding, of values that are odd where they are inexact.
      std::ranges::transform(sums(row), sums(row).begin(),
                             [](double sum) { return static_cast<double>(static_cast<float>(sum)); });
      return;
    }
    quantize_dequantize(unit_.result, unit_.rounding, unit_.saturation, sums(row).first(columns_), random);
  }

  const Unit& unit_;
  const RowsProblem& problem_;
  const GemmOptions& options_;
  Products products_;
  bool rounds_to_float_;
  int64_t first_row_, first_column_;
  size_t rows_, columns_;
  std::vector<double> sums_, terms_, products_row_;
};

}  // namespace

bool has_rows_kernel(const Unit& unit, int random_bits) {
  if (!has_known_accumulation(unit)) return false;
  const Extent a = extent_of(unit.a), b = extent_of(unit.b), result = extent_of(unit.result);
  if (!a.exact || !b.exact || !result.exact || unit.result.width > 32) return false;
  const bool ieee = unit.a.nan == NanEncoding::ieee && unit.a.has_infinity;
  if (is_piecewise_affine(unit.product) && (unit.product != ProductRule::pam || !ieee || !fits_float(unit.a))) {
    return false;
  }
  if (unit.product == ProductRule::via && unit.product_format.width > 32) return false;
  const int product = a.significand + b.significand;
  if (product > 53) return false;
  // Two bits more than a rounding looks at make a rounding to odd harmless.
  const int looked_at = result.significand + (is_stochastic(unit.rounding) ? random_bits + 1 : 0);
  if (looked_at + 2 > 53) return false;
  const int64_t group = group_of(unit);
  if (group == 1) return true;
  const int span = a.greatest + b.greatest + 2 - a.least - b.least;
  return unit.product == ProductRule::exact && span + std::bit_width(static_cast<uint64_t>(group)) <= 53;
}

void run_rows(const Unit& unit, const RowsProblem& problem, const GemmOptions& options) {
  const auto blocks = [](int64_t count, size_t size) {
    return (static_cast<size_t>(count) + size - 1) / size;
  };
  const size_t wide = blocks(problem.n, kColumns);
  parallel_for(blocks(problem.m, kRows) * wide, options.threads, [&](size_t block) {
    const FloatEnvironment environment;
    RowsBlock(unit, problem, options, static_cast<int64_t>(block / wide * kRows),
              static_cast<int64_t>(block % wide * kColumns))
        .run();
  });
}

}  // namespace assay
