#include "sim/array_feeder.h"

#include <algorithm>

#include "base/error.h"
#include "sim/checked_integer.h"

namespace assay {
namespace {

void check_operands(const Unit& mac, int64_t m, int64_t n, int64_t k, size_t a, size_t b) {
  if (mac.operation != Operation::mac) fail("array: expected a mac unit, found {}", unit_name(mac));
  if (is_stochastic(mac.rounding)) fail("array: {} rounds stochastically", unit_name(mac));
  const CheckedInteger size_a = CheckedInteger(m) * k, size_b = CheckedInteger(k) * n;
  if (static_cast<int64_t>(a) != size_a.value() || static_cast<int64_t>(b) != size_b.value()) {
    fail("array: A has {} and B {} codes, expected {} x {} and {} x {}", a, b, m, k, k, n);
  }
}

PortValues idle_values(const std::vector<LanePort>& ports) {
  PortValues values = zero_values(ports);
  for (size_t p = 0; p < ports.size(); ++p) {
    if (ports[p].width > 1) std::fill(values[p].begin(), values[p].end(), code_mask(ports[p].width));
  }
  return values;
}

}  // namespace

ArrayFeeder::ArrayFeeder(Dataflow dataflow, ArrayShape shape, const Unit& mac, int64_t m, int64_t n,
                         int64_t k, std::span<const uint64_t> a, std::span<const uint64_t> b)
    : dataflow_(dataflow),
      shape_(shape),
      m_(m),
      n_(n),
      k_(k),
      stationary_rows_(dataflow == Dataflow::weight_stationary ? k : m),
      a_(a),
      b_(b) {
  check_sizes(shape, m, n, k);
  check_operands(mac, m, n, k, a.size(), b.size());
  idle_ = idle_values(array_ports(dataflow, shape, mac).inputs);
  run_.c.resize(static_cast<size_t>((CheckedInteger(m) * n).value()));
  start_tile(0, 0);
}

void ArrayFeeder::start_tile(int64_t first_row, int64_t first_column) {
  tile_ = {.first_row = first_row,
           .first_column = first_column,
           .rows = std::min<int64_t>(shape_.rows, stationary_rows_ - first_row),
           .columns = std::min<int64_t>(shape_.columns, n_ - first_column)};
  tile_.results_per_column = dataflow_ == Dataflow::weight_stationary ? m_ : tile_.rows;
  tile_.results_missing = tile_.results_per_column * tile_.columns;
  captured_.assign(static_cast<size_t>(shape_.columns), 0);
}

void ArrayFeeder::next_tile() {
  const int64_t next_row = tile_.first_row + tile_.rows, next_column = tile_.first_column + tile_.columns;
  const bool rows_left = next_row < stationary_rows_, columns_left = next_column < n_;
  const bool rows_first = dataflow_ == Dataflow::weight_stationary;
  if (rows_first ? rows_left : !columns_left && rows_left) {
    start_tile(next_row, rows_first ? tile_.first_column : 0);
  } else if (columns_left) {
    start_tile(rows_first ? 0 : tile_.first_row, next_column);
  } else {
    tile_.done = true;
  }
}

const PortValues& ArrayFeeder::begin_cycle() {
  inputs_ = idle_;
  if (dataflow_ == Dataflow::weight_stationary) {
    feed_weight_stationary(tile_.cycle);
  } else {
    feed_output_stationary(tile_.cycle);
  }
  return inputs_;
}

void ArrayFeeder::feed_weight_stationary(int64_t cycle) {
  if (cycle < tile_.rows) {
    // The row that ends up lowest goes in first.
    inputs_[kWeightLoad][0] = 1;
    inputs_[kWeightFirst][0] = cycle == 0 ? 1 : 0;
    const int64_t row = tile_.first_row + tile_.rows - 1 - cycle;
    for (int64_t c = 0; c < tile_.columns; ++c) {
      inputs_[kWeight][static_cast<size_t>(c)] = b_[static_cast<size_t>(row * n_ + tile_.first_column + c)];
      inputs_[kWeightValid][static_cast<size_t>(c)] = 1;
    }
    run_.edge.b_reads += tile_.columns;
    return;
  }
  const int64_t streaming = cycle - tile_.rows;
  for (int64_t r = std::max<int64_t>(0, streaming - m_ + 1); r < tile_.rows && r <= streaming; ++r) {
    inputs_[kStreamedA][static_cast<size_t>(r)] =
        a_[static_cast<size_t>((streaming - r) * k_ + tile_.first_row + r)];
    ++run_.edge.a_reads;
  }
  const bool first = tile_.first_row == 0;
  for (int64_t c = std::max<int64_t>(0, streaming - m_ + 1); c < tile_.columns && c <= streaming; ++c) {
    inputs_[kPartialSum][static_cast<size_t>(c)] =
        first ? 0 : run_.c[static_cast<size_t>((streaming - c) * n_ + tile_.first_column + c)];
    inputs_[kPartialSumValid][static_cast<size_t>(c)] = 1;
    run_.edge.partial_sum_reads += first ? 0 : 1;
  }
}

void ArrayFeeder::feed_output_stationary(int64_t cycle) {
  for (int64_t r = std::max<int64_t>(0, cycle - k_ + 1); r < tile_.rows && r <= cycle; ++r) {
    inputs_[kA][static_cast<size_t>(r)] = a_[static_cast<size_t>((tile_.first_row + r) * k_ + cycle - r)];
    inputs_[kAValid][static_cast<size_t>(r)] = 1;
    ++run_.edge.a_reads;
  }
  for (int64_t c = std::max<int64_t>(0, cycle - k_ + 1); c < tile_.columns && c <= cycle; ++c) {
    inputs_[kB][static_cast<size_t>(c)] = b_[static_cast<size_t>((cycle - c) * n_ + tile_.first_column + c)];
    inputs_[kBValid][static_cast<size_t>(c)] = 1;
    ++run_.edge.b_reads;
  }
  // The last pair of operands enters at cycle k - 1 and meets in the tile's far corner after both skews.
  const int64_t last_accumulation = k_ - 1 + (tile_.rows - 1) + (tile_.columns - 1);
  inputs_[kDrain][0] = cycle > last_accumulation ? 1 : 0;
}

uint64_t& ArrayFeeder::result(size_t column) {
  const int64_t index = captured_[column]++;
  const int64_t row = dataflow_ == Dataflow::weight_stationary ? index : tile_.first_row + index;
  return run_.c[static_cast<size_t>(row * n_ + tile_.first_column) + column];
}

void ArrayFeeder::end_cycle(const PortValues& outputs) {
  ++cycle_;
  for (size_t column = 0; column < captured_.size(); ++column) {
    if (outputs[kResultValid][column] == 0) continue;
    if (static_cast<int64_t>(column) >= tile_.columns || captured_[column] == tile_.results_per_column) {
      fail("array: an unexpected result in column {} in cycle {}", column, cycle_ - 1);
    }
    result(column) = outputs[kResult][column];
    ++run_.edge.output_writes;
    --tile_.results_missing;
    run_.cycles = cycle_;
  }
  ++tile_.cycle;
  const int64_t patience = 4 * (int64_t{shape_.rows} + shape_.columns + m_ + k_);
  if (tile_.results_missing == 0) {
    next_tile();
  } else if (tile_.cycle > patience) {
    fail("array: {} results are missing {} cycles after the tile began", tile_.results_missing, tile_.cycle);
  }
}

ArrayRun ArrayFeeder::take() {
  return std::move(run_);
}

}  // namespace assay
