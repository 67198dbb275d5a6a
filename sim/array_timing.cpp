#include "sim/array_timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/checked_integer.h"

namespace assay {
namespace {

int64_t groups(int64_t size, int64_t group) {
  return size / group + (size % group != 0 ? 1 : 0);
}

int64_t last_group(int64_t size, int64_t group) {
  return (size - 1) % group + 1;
}

// Cycles between the swaps of the first tiles of two groups of columns, or, without the last interval, of the first and
// the last tile of one.
CheckedInteger intervals(CheckedInteger m, CheckedInteger k, CheckedInteger rows, bool to_next_group) {
  const auto interval = [&](CheckedInteger next_rows) {
    return CheckedInteger(std::max(m.value(), (rows + next_rows).value()));
  };
  const int64_t row_groups = groups(k.value(), rows.value());
  CheckedInteger sum = 0;
  if (row_groups > 1) {
    sum = (CheckedInteger(row_groups) - 2) * interval(rows) + interval(last_group(k.value(), rows.value()));
  }
  return to_next_group ? sum + interval(std::min(k.value(), rows.value())) : sum;
}

// Up to the last result of the last tile, or of the last one of wider tiles, whose columns may end later.
CheckedInteger double_buffered_cycles(const SystolicArray& array, CheckedInteger m, CheckedInteger n,
                                      CheckedInteger k) {
  const CheckedInteger rows = array.rows;
  const int64_t column_groups = groups(n.value(), array.columns);
  const CheckedInteger first_swap = std::min(k.value(), rows.value());
  const auto end = [&](CheckedInteger column_group, int64_t columns) {
    return first_swap + column_group * intervals(m, k, rows, true) + intervals(m, k, rows, false) + m +
           columns + rows;
  };
  const int64_t last = end(CheckedInteger(column_groups) - 1, last_group(n.value(), array.columns)).value();
  return column_groups == 1 ? last
                            : std::max(last, end(CheckedInteger(column_groups) - 2, array.columns).value());
}

// Sums of the tile's terms over all tiles: the used rows of all tiles of one column group add up to the whole
// side.
ArrayTiming weight_stationary(const SystolicArray& array, CheckedInteger m, CheckedInteger n,
                              CheckedInteger k) {
  const CheckedInteger row_groups = groups(k.value(), array.rows),
                       column_groups = groups(n.value(), array.columns);
  const CheckedInteger tiles = row_groups * column_groups;
  ArrayTiming timing;
  timing.tiles = tiles.value();
  timing.cycles = array.double_buffered
                      ? double_buffered_cycles(array, m, n, k).value()
                      : (column_groups * k + row_groups * n + tiles * (m + array.rows - 1)).value();
  timing.edge = {.a_reads = (column_groups * m * k).value(),
                 .b_reads = (k * n).value(),
                 .partial_sum_reads = ((row_groups - 1) * m * n).value(),
                 .output_writes = (row_groups * m * n).value()};
  return timing;
}

ArrayTiming input_stationary(const SystolicArray& array, CheckedInteger m, CheckedInteger n,
                             CheckedInteger k) {
  ArrayTiming timing = weight_stationary(array, n, m, k);
  std::swap(timing.edge.a_reads, timing.edge.b_reads);
  return timing;
}

ArrayTiming output_stationary(const SystolicArray& array, CheckedInteger m, CheckedInteger n,
                              CheckedInteger k) {
  const CheckedInteger row_groups = groups(m.value(), array.rows),
                       column_groups = groups(n.value(), array.columns);
  const CheckedInteger tiles = row_groups * column_groups;
  ArrayTiming timing;
  timing.tiles = tiles.value();
  timing.cycles = (tiles * k + 2 * column_groups * m + row_groups * n - 2 * tiles).value();
  timing.edge = {.a_reads = (column_groups * m * k).value(),
                 .b_reads = (row_groups * k * n).value(),
                 .partial_sum_reads = 0,
                 .output_writes = (m * n).value()};
  return timing;
}

ArrayTiming timing_of(const SystolicArray& array, int64_t m, int64_t n, int64_t k) {
  switch (array.dataflow) {
    case Dataflow::weight_stationary:
      return weight_stationary(array, m, n, k);
    case Dataflow::input_stationary:
      return input_stationary(array, m, n, k);
    case Dataflow::output_stationary:
      break;
  }
  return output_stationary(array, m, n, k);
}

}  // namespace

std::string_view dataflow_name(Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::weight_stationary:
      return "weight_stationary";
    case Dataflow::input_stationary:
      return "input_stationary";
    case Dataflow::output_stationary:
      break;
  }
  return "output_stationary";
}

Dataflow parse_dataflow(std::string_view name) {
  if (name == "weight_stationary" || name == "ws") return Dataflow::weight_stationary;
  if (name == "input_stationary" || name == "is") return Dataflow::input_stationary;
  if (name == "output_stationary" || name == "os") return Dataflow::output_stationary;
  fail("dataflow '{}': expected weight_stationary (ws), input_stationary (is) or output_stationary (os)",
       name);
}

std::string describe(const SystolicArray& array) {
  std::string dataflow(dataflow_name(array.dataflow));
  std::replace(dataflow.begin(), dataflow.end(), '_', '-');
  return fmt::format("{} x {} {} array{}", array.rows, array.columns, dataflow,
                     array.double_buffered ? ", double-buffered" : "");
}

void check_array(const SystolicArray& array) {
  if (array.rows < 1 || array.columns < 1) {
    fail("array of {} x {}: expected at least one row and one column", array.rows, array.columns);
  }
  if (array.double_buffered && array.dataflow == Dataflow::output_stationary) {
    fail("an output-stationary array holds no operand that could be double-buffered");
  }
}

void check_sizes(const SystolicArray& array, int64_t m, int64_t n, int64_t k) {
  check_array(array);
  if (m < 1 || n < 1 || k < 1) fail("matrices with M = {}, N = {}, K = {}: expected positive sizes", m, n, k);
}

ArrayTiming array_timing(const SystolicArray& array, int64_t m, int64_t n, int64_t k) {
  check_sizes(array, m, n, k);
  ArrayTiming timing = timing_of(array, m, n, k);
  timing.macs = (CheckedInteger(m) * n * k).value();
  timing.utilisation = static_cast<double>(timing.macs) /
                       (static_cast<double>(array.rows) * array.columns * static_cast<double>(timing.cycles));
  return timing;
}

}  // namespace assay
