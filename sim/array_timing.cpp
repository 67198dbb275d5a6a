#include "sim/array_timing.h"

#include "sim/checked_integer.h"

namespace assay {
namespace {

int64_t groups(int64_t size, int64_t group) {
  return size / group + (size % group != 0 ? 1 : 0);
}

// Sums of the tile's terms over all tiles: the used rows of all tiles of one column group add up to the whole
// side.
ArrayTiming weight_stationary(ArrayShape shape, CheckedInteger m, CheckedInteger n, CheckedInteger k) {
  const CheckedInteger row_groups = groups(k.value(), shape.rows),
                       column_groups = groups(n.value(), shape.columns);
  const CheckedInteger tiles = row_groups * column_groups;
  ArrayTiming timing;
  timing.tiles = tiles.value();
  timing.cycles = (column_groups * k + row_groups * n + tiles * (m + shape.rows - 1)).value();
  timing.edge = {.a_reads = (column_groups * m * k).value(),
                 .b_reads = (k * n).value(),
                 .partial_sum_reads = ((row_groups - 1) * m * n).value(),
                 .output_writes = (row_groups * m * n).value()};
  return timing;
}

ArrayTiming output_stationary(ArrayShape shape, CheckedInteger m, CheckedInteger n, CheckedInteger k) {
  const CheckedInteger row_groups = groups(m.value(), shape.rows),
                       column_groups = groups(n.value(), shape.columns);
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

}  // namespace

std::string_view dataflow_name(Dataflow dataflow) {
  return dataflow == Dataflow::weight_stationary ? "weight_stationary" : "output_stationary";
}

Dataflow parse_dataflow(std::string_view name) {
  if (name == "weight_stationary" || name == "ws") return Dataflow::weight_stationary;
  if (name == "output_stationary" || name == "os") return Dataflow::output_stationary;
  fail("dataflow '{}': expected weight_stationary (ws) or output_stationary (os)", name);
}

void check_sizes(ArrayShape shape, int64_t m, int64_t n, int64_t k) {
  if (shape.rows < 1 || shape.columns < 1) {
    fail("array of {} x {}: expected at least one row and one column", shape.rows, shape.columns);
  }
  if (m < 1 || n < 1 || k < 1) fail("matrices with M = {}, N = {}, K = {}: expected positive sizes", m, n, k);
}

ArrayTiming array_timing(Dataflow dataflow, ArrayShape shape, int64_t m, int64_t n, int64_t k) {
  check_sizes(shape, m, n, k);
  ArrayTiming timing = dataflow == Dataflow::weight_stationary ? weight_stationary(shape, m, n, k)
                                                               : output_stationary(shape, m, n, k);
  timing.macs = (CheckedInteger(m) * n * k).value();
  timing.utilisation = static_cast<double>(timing.macs) /
                       (static_cast<double>(shape.rows) * shape.columns * static_cast<double>(timing.cycles));
  return timing;
}

}  // namespace assay
