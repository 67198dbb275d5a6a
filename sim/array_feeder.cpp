#include "sim/array_feeder.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/random.h"
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

// The numbers of [0, count) for which 0 <= cycle - number < length: lanes that start one cycle after another.
struct Lanes {
  int64_t first, end;
};
Lanes busy_lanes(int64_t cycle, int64_t length, int64_t count) {
  return {std::max<int64_t>(0, cycle - length + 1), std::min(count, cycle + 1)};
}

}  // namespace

ArrayFeeder::ArrayFeeder(const SystolicArray& array, const Unit& mac, int64_t m, int64_t n, int64_t k,
                         std::span<const uint64_t> a, std::span<const uint64_t> b)
    : array_(array), m_(m), n_(n), k_(k), a_(a), b_(b) {
  check_sizes(array, m, n, k);
  check_operands(mac, m, n, k, a.size(), b.size());
  ports_ = array_ports(array, mac).inputs;
  run_.c.resize(static_cast<size_t>((CheckedInteger(m) * n).value()));
  result_view_ = {n, 1};
  rows_ = is_output_stationary() ? m : k;
  columns_ = n;
  held_ = b;
  held_view_ = {n, 1};
  streamed_ = a;
  streamed_view_ = {k, 1};
  streamed_rows_ = m;
  if (array.dataflow == Dataflow::input_stationary) {
    std::swap(held_, streamed_);
    held_view_ = {1, k};
    streamed_view_ = {1, n};
    result_view_ = {1, n};
    streamed_rows_ = n;
    columns_ = m;
  }
}

void ArrayFeeder::begin_tile() {
  Tile tile = {.first_row = next_row_,
               .first_column = next_column_,
               .rows = std::min<int64_t>(array_.rows, rows_ - next_row_),
               .columns = std::min<int64_t>(array_.columns, columns_ - next_column_),
               .begin = cycle_,
               .stream = cycle_};
  if (!is_output_stationary()) {
    tile.stream += tile.rows;
    if (array_.double_buffered) {
      ++tile.stream;
      if (!tiles_.empty()) tile.stream = std::max(tile.stream, tiles_.back().stream + streamed_rows_);
    }
  }
  tile.results_per_column = is_output_stationary() ? tile.rows : streamed_rows_;
  tile.results_missing = tile.results_per_column * tile.columns;
  tile.captured.assign(static_cast<size_t>(array_.columns), 0);
  tiles_.push_back(std::move(tile));
  go_to_next_tile();
}

void ArrayFeeder::go_to_next_tile() {
  const Tile& tile = tiles_.back();
  const int64_t row = tile.first_row + tile.rows, column = tile.first_column + tile.columns;
  const bool rows_left = row < rows_, columns_left = column < columns_;
  if (is_output_stationary()) {
    if (columns_left) {
      next_column_ = column;
    } else {
      next_row_ = row;
      next_column_ = 0;
    }
  } else if (rows_left) {
    next_row_ = row;
  } else {
    next_row_ = 0;
    next_column_ = column;
  }
  all_begun_ = !rows_left && !columns_left;
}

const PortValues& ArrayFeeder::begin_cycle() {
  // The shadow registers are free when the swap, which is just ahead of the first streamed row, has left the last row.
  const bool may_begin =
      tiles_.empty() || (array_.double_buffered && cycle_ == tiles_.back().stream - 1 + array_.rows);
  if (may_begin && !all_begun_) begin_tile();
  feed_idle_lanes();
  for (const Tile& tile : tiles_) {
    if (is_output_stationary()) {
      feed_output_stationary(tile);
    } else {
      feed_held_operands(tile);
      feed_streamed_operands(tile);
    }
  }
  return inputs_;
}

void ArrayFeeder::feed_idle_lanes() {
  inputs_ = zero_values(ports_);
  uint64_t lane = 0;
  for (size_t p = 0; p < ports_.size(); ++p) {
    if (ports_[p].width == 1) continue;
    for (uint64_t& value : inputs_[p]) {
      const uint64_t random = philox64(static_cast<uint64_t>(cycle_), 0, lane++);
      value = (random >> 63 != 0 ? ~uint64_t{0} : random) & code_mask(ports_[p].width);
    }
  }
}

void ArrayFeeder::feed_held_operands(const Tile& tile) {
  const Lanes loading = busy_lanes(cycle_ - tile.begin, tile.rows, tile.columns);
  for (int64_t c = loading.first; c < loading.end; ++c) {
    // The row that ends up lowest goes in first.
    const int64_t step = cycle_ - tile.begin - c, row = tile.first_row + tile.rows - 1 - step;
    const auto lane = static_cast<size_t>(c);
    inputs_[kHeldLoad][lane] = 1;
    inputs_[kHeldFirst][lane] = step == 0 ? 1 : 0;
    inputs_[kHeld][lane] = held_[held_view_(row, tile.first_column + c)];
    ++(array_.dataflow == Dataflow::weight_stationary ? run_.edge.b_reads : run_.edge.a_reads);
  }
  const int64_t swapped = cycle_ - (tile.stream - 1);
  if (array_.double_buffered && swapped >= 0 && swapped < tile.columns) {
    inputs_[kHeldSwap][static_cast<size_t>(swapped)] = 1;
  }
}

void ArrayFeeder::feed_streamed_operands(const Tile& tile) {
  const int64_t cycle = cycle_ - tile.stream;
  const Lanes rows = busy_lanes(cycle, streamed_rows_, tile.rows);
  for (int64_t r = rows.first; r < rows.end; ++r) {
    inputs_[kStreamed][static_cast<size_t>(r)] = streamed_[streamed_view_(cycle - r, tile.first_row + r)];
    ++(array_.dataflow == Dataflow::weight_stationary ? run_.edge.a_reads : run_.edge.b_reads);
  }
  const bool first = tile.first_row == 0;
  const Lanes columns = busy_lanes(cycle, streamed_rows_, tile.columns);
  for (int64_t c = columns.first; c < columns.end; ++c) {
    const auto lane = static_cast<size_t>(c);
    inputs_[kPartialSum][lane] = first ? 0 : run_.c[result_view_(cycle - c, tile.first_column + c)];
    inputs_[kPartialSumValid][lane] = 1;
    run_.edge.partial_sum_reads += first ? 0 : 1;
  }
}

void ArrayFeeder::feed_output_stationary(const Tile& tile) {
  const int64_t cycle = cycle_ - tile.begin;
  const Lanes rows = busy_lanes(cycle, k_, tile.rows);
  for (int64_t r = rows.first; r < rows.end; ++r) {
    inputs_[kA][static_cast<size_t>(r)] = a_[static_cast<size_t>((tile.first_row + r) * k_ + cycle - r)];
    inputs_[kAValid][static_cast<size_t>(r)] = 1;
    ++run_.edge.a_reads;
  }
  const Lanes columns = busy_lanes(cycle, k_, tile.columns);
  for (int64_t c = columns.first; c < columns.end; ++c) {
    inputs_[kB][static_cast<size_t>(c)] = b_[static_cast<size_t>((cycle - c) * n_ + tile.first_column + c)];
    inputs_[kBValid][static_cast<size_t>(c)] = 1;
    ++run_.edge.b_reads;
  }
  // The last pair of operands enters at cycle k - 1 and meets in the tile's far corner after both skews.
  const int64_t last_accumulation = k_ - 1 + (tile.rows - 1) + (tile.columns - 1);
  inputs_[kDrain][0] = cycle > last_accumulation ? 1 : 0;
}

// The first tile whose column is not complete.
ArrayFeeder::Tile& ArrayFeeder::tile_of_result(size_t column) {
  for (Tile& tile : tiles_) {
    if (static_cast<int64_t>(column) < tile.columns && tile.captured[column] < tile.results_per_column)
      return tile;
  }
  fail("array: an unexpected result in column {} in cycle {}", column, cycle_);
}

size_t ArrayFeeder::result_index(Tile& tile, size_t column) {
  const int64_t index = tile.captured[column]++;
  const int64_t row = is_output_stationary() ? tile.first_row + index : index;
  return result_view_(row, tile.first_column + static_cast<int64_t>(column));
}

void ArrayFeeder::end_cycle(const PortValues& outputs) {
  for (size_t column = 0; column < outputs[kResult].size(); ++column) {
    if (outputs[kResultValid][column] == 0) continue;
    Tile& tile = tile_of_result(column);
    run_.c[result_index(tile, column)] = outputs[kResult][column];
    ++run_.edge.output_writes;
    --tile.results_missing;
    last_capture_ = cycle_;
    run_.cycles = cycle_ + 1;
  }
  while (!tiles_.empty() && tiles_.front().results_missing == 0) tiles_.pop_front();
  const int64_t patience = 4 * (int64_t{array_.rows} + array_.columns + m_ + n_ + k_);
  if (!tiles_.empty() && cycle_ - last_capture_ > patience) {
    fail("array: {} results are missing {} cycles after the last one", tiles_.front().results_missing,
         cycle_ - last_capture_);
  }
  ++cycle_;
}

ArrayRun ArrayFeeder::take() {
  return std::move(run_);
}

}  // namespace assay
