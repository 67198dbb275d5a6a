#include "arith/gemm_rows.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <mutex>
#include <span>
#include <vector>

#include "arith/dot.h"
#include "arith/float64_rounder.h"
#include "arith/float_environment.h"
#include "arith/gemm_golden.h"
#include "arith/gemm_kernels.h"
#include "arith/gemm_rows_sums.h"
#include "arith/lane_extent.h"
#include "arith/modular_lanes.h"
#include "base/parallel.h"
#include "formats/real.h"

namespace assay {
namespace {

// Rows, columns and values of k that are worked on at a time: B's lie in the second-level cache.
constexpr size_t kRows = 32;
constexpr size_t kColumns = 256;
constexpr size_t kDepth = 128;
// Lanes in memory are whole vectors.
constexpr size_t kLanes = 8;

size_t blocks_of(size_t count, size_t size) {
  return (count + size - 1) / size;
}

// The number that would follow the largest, from which on a window's sum is infinite whatever the rounding.
double beyond(const Unit& unit, const Format& format) {
  const bool to_infinity = summing_saturation(unit) == Saturation::sat_none ||
                           summing_saturation(unit) == Saturation::sat_none_v40;
  if (unit.accumulation.kind != AccumulationKind::window || !to_infinity ||
      format.kind != FormatKind::floating) {
    return std::numeric_limits<double>::infinity();
  }
  const Real largest = decode(format, max_finite_magnitude(format));
  return std::ldexp(static_cast<double>(static_cast<uint64_t>(largest.significand) + 1), largest.exponent);
}

// A block of outputs.
class RowsBlock {
 public:
  RowsBlock(const Unit& unit, const RowsPlan& plan, const RowsTerms& terms, const RowsRounding& rounding,
            const RowsProblem& problem, const GemmOptions& options, int64_t first_row, int64_t first_column)
      : unit_(unit),
        plan_(plan),
        how_(unit.accumulation),
        terms_(terms),
        rounding_(rounding),
        problem_(problem),
        random_{options.seed, options.stream, 0, options.random_bits},
        scaled_(unit.operation == Operation::block_dot),
        group_(static_cast<size_t>(rows_group(unit))),
        block_(static_cast<size_t>(block_length(unit))),
        first_row_(first_row),
        first_column_(first_column),
        rows_(static_cast<size_t>(std::min<int64_t>(kRows, problem.m - first_row))),
        columns_(static_cast<size_t>(std::min<int64_t>(kColumns, problem.n - first_column))),
        lanes_(blocks_of(columns_, kLanes) * kLanes),
        roundings_(static_cast<uint64_t>(rounding_count(unit))),
        sums_(rows_ * lanes_),
        high_(group_ * lanes_),
        low_(plan.two_parts ? group_ * lanes_ : 0),
        exponents_(how_.kind == AccumulationKind::window ? group_ * lanes_ : 0),
        fused_(plan, lanes_),
        modular_(unit.result),
        scratch_(kScratch * lanes_) {}

  void run() {
    for (size_t row = 0; row < rows_; ++row) {
      problem_.output->load(row_at(row), first_column_, columns_, sums(row).data());
    }
    const auto terms = static_cast<size_t>(unit_.terms), k = static_cast<size_t>(problem_.k);
    const size_t depth = std::max(kDepth / terms, size_t{1}) * terms;
    for (size_t first = 0; first < k; first += depth) {
      const size_t present = std::min(depth, k - first);
      read(first, present);
      for (row_ = 0; row_ < rows_; ++row_) {
        for (size_t at = 0; at < present; at += terms) {
          rounding_index_ = (first + at) / terms * roundings_;
          begin_ = at;
          present_ = std::min(terms, present - at);
          first_block_ = (first + at) / block_ - first / block_;
          evaluate();
        }
      }
    }
    for (size_t row = 0; row < rows_; ++row) {
      if (plan_.has_doubts) resolve(row);
      problem_.output->store(row_at(row), first_column_, columns_, sums(row).data());
    }
  }

 private:
  static constexpr size_t kScratch = 6;

  void resolve(size_t row) {
    for (size_t i = 0; i < columns_; ++i) {
      double& sum = sums(row)[i];
      if (sum != sum || a_.is_beyond[row] != 0 || b_.is_beyond[i] != 0)
        sum = problem_.golden(row_at(row), first_column_ + static_cast<int64_t>(i));
    }
  }

  std::span<double> sums(size_t row) { return std::span(sums_).subspan(row * lanes_, lanes_); }
  std::span<double> scratch(size_t i) { return std::span(scratch_).subspan(i * lanes_, lanes_); }
  int64_t row_at(size_t row) const { return first_row_ + static_cast<int64_t>(row); }

  // The term at place j of a group's.
  RowsTerm place(size_t j) {
    return {high_.data() + j * lanes_, low_.empty() ? nullptr : low_.data() + j * lanes_,
            exponents_.empty() ? nullptr : exponents_.data() + j * lanes_};
  }
  std::ptrdiff_t at(size_t j) const { return static_cast<std::ptrdiff_t>(j * lanes_); }
  std::span<double> high(size_t j) { return std::span(high_).subspan(j * lanes_, lanes_); }

  void read(size_t first, size_t depth) {
    const auto terms = static_cast<size_t>(unit_.terms);
    const size_t last = (depth - 1) / terms * terms;  // where the last evaluation begins
    const size_t first_block = first / block_;
    const size_t end_block = (first + last) / block_ + (depth - 1 - last) / block_ + 1;
    const auto read = [&](const RowsOperand& operand, bool is_b, int64_t lane, size_t lanes, size_t width,
                          RowsStrip& strip) {
      terms_.read(operand, is_b, lane, lanes, width, static_cast<int64_t>(first), depth,
                  static_cast<int64_t>(first_block), end_block - first_block, strip);
    };
    read(problem_.a, false, first_row_, rows_, rows_, a_);
    read(problem_.b, true, first_column_, columns_, lanes_, b_);
  }

  void evaluate() {
    const auto terms = static_cast<size_t>(unit_.terms);
    if (!how_.partial) return accumulate_groups(0, terms, scaled_, sums(row_));
    const std::span<double> part = scratch(0);
    for (size_t begin = 0; begin < terms; begin += block_) {
      std::ranges::fill(part, 0.0);
      accumulate_groups(begin, std::min(begin + block_, terms), false, part);
      if (scaled_ && begin < present_) {
        const std::span<double> scales = scratch(1), low = scratch(2);
        std::ranges::fill(scales, 1.0);
        terms_.scale(a_, row_, b_, first_block_ + begin / block_, {scales.data(), nullptr, nullptr});
        multiply_in_parts(part.data(), scales.data(), lanes_, part.data(), low.data());
        add_parts_to_odd(part.data(), low.data(), lanes_, false, sums(row_).data());
      } else {
        add_to_odd(part.data(), lanes_, false, sums(row_).data());
      }
      rounding_.promote(sums(row_));
    }
  }

  // As in arith/dot.cpp.
  void accumulate_groups(size_t begin, size_t end, bool scaled, std::span<double> sums) {
    if (how_.kind == AccumulationKind::kahan) {
      end = std::min(end, present_);
      std::ranges::fill(scratch(3), 0.0);
    }
    for (size_t first = begin; first < end; first += group_) {
      rounding_.flush(sums);
      const size_t last = std::min(first + group_, end);
      switch (how_.kind) {
        case AccumulationKind::sequential:
          add_product(first, scaled, sums);
          break;
        case AccumulationKind::fused:
          fused(first, last, scaled, sums);
          break;
        case AccumulationKind::window:
          window(first, last, scaled, sums);
          break;
        case AccumulationKind::tree:
          tree(first, last, scaled, sums);
          break;
        case AccumulationKind::kahan:
          kahan(first, scaled, sums);
          break;
      }
    }
  }

  // Product i of the evaluation; absent ones are +0.
  void put_product(size_t i, const RowsTerm& term) {
    if (i < present_) return terms_.product(a_, row_, b_, begin_ + i, term);
    std::fill_n(term.high, lanes_, 0.0);
    if (term.low != nullptr) std::fill_n(term.low, lanes_, 0.0);
    if (term.exponents != nullptr) std::fill_n(term.exponents, lanes_, kNoRowsExponent);
  }
  void put_scale(size_t i, const RowsTerm& term) {
    if (i < present_) terms_.scale(a_, row_, b_, first_block_ + i / block_, term);
  }
  void put_term(size_t i, bool scaled, const RowsTerm& term) {
    put_product(i, term);
    if (scaled) put_scale(i, term);
  }

  // The exact sum of products from `first` on.
  void put_sum(size_t first, size_t last, const RowsTerm& term) {
    put_product(first, term);
    const std::span<double> more = scratch(4);
    for (size_t i = first + 1; i < last; ++i) {
      put_product(i, {more.data(), nullptr, nullptr});
      std::transform(more.begin(), more.end(), term.high, term.high, std::plus());
    }
  }

  // values + rests, |rests| less than a unit in the last place of values, rounded; of sums rounded to odd without rests.
  void round(std::span<double> values, std::span<const double> rests) {
    ArrayRandom random = random_;
    random.first_index = rounding_index_++ * problem_.outputs + problem_.first_output +
                         static_cast<uint64_t>(row_at(row_) * problem_.n + first_column_);
    switch (plan_.sums) {
      case RowsPlan::Sums::to_odd:
        return rounding_.round(values, random);
      case RowsPlan::Sums::host:
        by_host([&] { add_nonzero(rests.data(), lanes_, values.data()); });
        return leave_overflow(values);
      case RowsPlan::Sums::in_parts:
        return round_to_float64(unit_.rounding, rests, random, values);
    }
  }
  // The same of values that are float64 or rounded to odd.
  void round(std::span<double> values) {
    if (plan_.sums == RowsPlan::Sums::to_odd) return round(values, {});
    ++rounding_index_;
  }

  // Calls arithmetic, which is in another translation unit, under the unit's rounding.
  template <typename Arithmetic>
  void by_host(const Arithmetic& arithmetic) const {
    const FloatEnvironment environment(plan_.host_mode);
    arithmetic();
  }
  // Processors saturate to infinity only.
  void leave_overflow(std::span<double> values) const {
    constexpr double kLargest = std::numeric_limits<double>::max();
    if (plan_.saturates) leave_to_golden(values, [](double x) { return std::abs(x) >= kLargest; });
  }

  // values + term, with a rounding.
  void add(const RowsTerm& term, std::span<double> values) {
    const bool downward = unit_.rounding == Rounding::rdn;
    if (plan_.sums == RowsPlan::Sums::host) {
      by_host([&] { multiply_add(1, term.high, lanes_, values.data()); });
      return leave_overflow(values);
    }
    if (plan_.sums == RowsPlan::Sums::in_parts) {
      add_in_parts(term.high, term.low, lanes_, values.data(), scratch(5).data());
      return round(values, scratch(5));
    }
    if (term.low == nullptr) {
      add_to_odd(term.high, lanes_, downward, values.data());
    } else {
      add_parts_to_odd(term.high, term.low, lanes_, downward, values.data());
    }
    round(values);
  }
  void add(std::span<double> terms, std::span<double> values) {
    add({terms.data(), nullptr, nullptr}, values);
  }

  // values + product i, with a rounding.
  void add_product(size_t i, bool scaled, std::span<double> values) {
    if (plan_.multiply_adds && i < present_) {
      by_host([&] { terms_.multiply_add(a_, row_, b_, begin_ + i, values.data()); });
      return leave_overflow(values);
    }
    const RowsTerm term = place(0);
    put_term(i, scaled, term);
    reduce(term);
    add(term, values);
  }

  // Product i rounded in the place of its high part.
  void put_rounded(size_t i, bool scaled, const RowsTerm& term) {
    if (plan_.multiply_adds) {
      by_host([&] { put_product(i, term); });
      return leave_overflow({term.high, lanes_});
    }
    put_term(i, scaled, term);
    reduce(term);
    const std::span<double> high(term.high, lanes_);
    if (term.low == nullptr) return round(high);
    if (plan_.sums == RowsPlan::Sums::in_parts) return round(high, {term.low, lanes_});
    const std::span<double> whole = scratch(4);
    std::ranges::fill(whole, -0.0);
    add_parts_to_odd(term.high, term.low, lanes_, false, whole.data());
    std::ranges::copy(whole, term.high);
    round(high);
  }

  void reduce(const RowsTerm& term) const {
    if (!plan_.reduces) return;
    modular_.reduce({term.high, lanes_});
    if (term.low != nullptr) modular_.reduce_rest({term.low, lanes_});
  }

  // x = x - y as what is read of it again.
  void subtract(std::span<double> x, std::span<const double> y) {
    const std::span<double> minus_y = scratch(4);
    std::ranges::transform(y, minus_y.begin(), std::negate());
    add(minus_y, x);
    rounding_.flush(x);
  }

  void fused(size_t first, size_t last, bool scaled, std::span<double> sums) {
    const RowsTerm term = place(0);
    if (plan_.exact_group) {
      put_sum(first, last, term);
      if (scaled) put_scale(first, term);
      reduce(term);
      return add(high(0), sums);
    }
    if (plan_.wide_accumulators) leave_to_golden(sums, [&](double x) { return !fused_.holds(x); });
    fused_.clear();
    fused_.add(sums.data());
    for (size_t i = first; i < last; ++i) {
      put_term(i, scaled, term);
      fused_.add(term);
    }
    fused_.value(unit_.rounding == Rounding::rdn, sums);
    if (plan_.reduces) fused_.wrap(modular_, sums);
    if (plan_.sums == RowsPlan::Sums::to_odd) return round(sums);
    fused_.rest(sums, scratch(5));
    round(sums, scratch(5));
  }

  template <typename Condition>
  static void leave_to_golden(std::span<double> sums, const Condition& condition) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    for (double& x : sums) x = condition(x) ? kNan : x;
  }

  void window(size_t first, size_t last, bool scaled, std::span<double> sums) {
    const auto exact = static_cast<size_t>(how_.exact);
    places_.clear();
    for (size_t i = first; i < last; i += std::max(exact, size_t{1})) {
      const RowsTerm term = place(places_.size());
      if (exact > 0) {
        put_sum(i, i + exact, term);
        std::transform(term.high, term.high + lanes_, exponents_.begin() + at(places_.size()),
                       [](double sum) { return sum == 0 ? kNoRowsExponent : 0.0; });
        if (scaled) put_scale(i, term);
      } else {
        put_term(i, scaled, term);
      }
      if (how_.join > 0) saturate(high(places_.size()));
      places_.push_back(term);
    }
    if (plan_.wide_accumulators) {
      leave_to_golden(sums, [](double x) { return !lies_within(x, kWindowBound); });
    }
    const std::span<double> exponents = scratch(4);
    window_exponents(sums, least_window_exponent(summing_format(unit_)), exponents);
    window_lanes(how_, places_, lanes_, exponents, sums);
    round(sums);
  }

  // A product that its accumulator's range does not hold is infinite in the machines that join.
  void saturate(std::span<double> products) const {
    const double beyond = std::ldexp(1.0, bit_range(unit_.result).greatest + 1);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (double& x : products) x = std::abs(x) >= beyond ? std::copysign(kInfinity, x) : x;
  }

  void tree(size_t first, size_t last, bool scaled, std::span<double> sums) {
    size_t count = last - first;
    for (size_t j = 0; j < count; ++j) {
      put_rounded(first + j, scaled, place(j));
      rounding_.flush(high(j));
    }
    for (; count > 1; count = (count + 1) / 2) {
      for (size_t j = 0; j < count; j += 2) {
        if (j + 1 < count) {
          add(high(j + 1), high(j));
          rounding_.flush(high(j));
        }
        if (j > 0) std::ranges::copy(high(j), high(j / 2).begin());
      }
    }
    add(high(0), sums);
  }

  void kahan(size_t i, bool scaled, std::span<double> sums) {
    const std::span<double> compensation = scratch(3), before = scratch(1), y = high(0);
    std::ranges::transform(compensation, compensation.begin(), std::negate());
    add_product(i, scaled, compensation);
    rounding_.flush(compensation);
    std::ranges::copy(compensation, y.begin());
    std::ranges::copy(sums, before.begin());
    add(y, sums);
    std::ranges::copy(sums, compensation.begin());
    rounding_.flush(compensation);
    subtract(compensation, before);
    subtract(compensation, y);
  }

  const Unit& unit_;
  const RowsPlan& plan_;
  const Accumulation& how_;
  const RowsTerms& terms_;
  const RowsRounding& rounding_;
  const RowsProblem& problem_;
  const ArrayRandom random_;
  const bool scaled_;
  const size_t group_, block_;
  const int64_t first_row_, first_column_;
  const size_t rows_, columns_, lanes_;
  const uint64_t roundings_;
  std::vector<double> sums_, high_, low_, exponents_;
  std::vector<RowsTerm> places_;
  FusedLanes fused_;
  ModularLanes modular_;
  std::vector<double> scratch_;
  RowsStrip a_, b_;
  // The evaluation being computed: its row, the place of its first product and scales in the strips, how many products
  // there are, and its next rounding.
  size_t row_ = 0, begin_ = 0, first_block_ = 0, present_ = 0;
  uint64_t rounding_index_ = 0;
};

}  // namespace

RowsRounding::RowsRounding(const Unit& unit, int random_bits)
    : first_(unit.accumulation.sum ? *unit.accumulation.sum : summing_format(unit), unit.rounding,
             summing_saturation(unit), random_bits),
      beyond_(beyond(unit, first_.format())) {
  if (unit.accumulation.partial) promoted_.emplace(unit.result, Rounding::rne, unit.saturation, 0);
  if (unit.accumulation.sum) second_.emplace(unit.result, unit.rounding, unit.saturation, random_bits);
  const Format& format = summing_format(unit);
  if (unit.accumulation.flush_subnormals && format.kind == FormatKind::floating && format.has_subnormals) {
    flushed_ = std::ldexp(1.0, 1 - format.exponent_bias);
  }
}

void RowsRounding::round(std::span<double> values, const ArrayRandom& random) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (beyond_ < kInfinity) {
    for (double& x : values) x = std::abs(x) >= beyond_ ? std::copysign(kInfinity, x) : x;
  }
  first_(values, random);
  if (second_) (*second_)(values, random);
  if (flushed_ == 0) return;
  for (double& x : values) x = std::abs(x) < flushed_ ? std::copysign(0.0, x) : x;
}

void RowsRounding::flush(std::span<double> values) const {
  if (flushed_ == 0) return;
  for (double& x : values) x = std::abs(x) < flushed_ ? 0.0 : x;
}

RowsKernel::RowsKernel(const Unit& unit, int random_bits)
    : unit_(unit),
      plan_(*plan_rows(unit, random_bits)),
      terms_(unit_, plan_),
      rounding_(unit_, random_bits) {}

std::shared_ptr<const RowsKernel> RowsKernel::of(const Unit& unit, int random_bits, size_t products) {
  struct Kept {
    Unit unit;
    int random_bits;
    std::shared_ptr<const RowsKernel> kernel;
  };
  constexpr size_t kMostKept = 16;
  static std::mutex mutex;
  static std::deque<Kept> kept;  // the last one that was built is in front
  const std::lock_guard lock(mutex);
  const auto found = std::ranges::find_if(
      kept, [&](const Kept& one) { return one.random_bits == random_bits && one.unit == unit; });
  if (found != kept.end()) return found->kernel;
  if (products < products_worth_a_plan(unit, *plan_rows(unit, random_bits))) return nullptr;
  kept.push_front({unit, random_bits, std::make_shared<RowsKernel>(unit, random_bits)});
  if (kept.size() > kMostKept) kept.pop_back();
  return kept.front().kernel;
}

void RowsKernel::run(const RowsProblem& problem, const GemmOptions& options) const {
  const size_t wide = blocks_of(static_cast<size_t>(problem.n), kColumns);
  const size_t high = blocks_of(static_cast<size_t>(problem.m), kRows);
  parallel_for(high * wide, options.threads, [&](size_t block) {
    const FloatEnvironment environment;
    RowsBlock(unit_, plan_, terms_, rounding_, problem, options, static_cast<int64_t>(block / wide * kRows),
              static_cast<int64_t>(block % wide * kColumns))
        .run();
  });
}

}  // namespace assay
