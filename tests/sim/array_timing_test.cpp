// The closed form against numbers worked out by hand, against a walk over the tiles, and against SystemC.
#include "sim/array_timing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "arith/gemm.h"
#include "base/error.h"
#include "sim/dram_traffic.h"
#include "sim/systemc_array.h"
#include "tests/sim/matrices.h"

using namespace assay;

namespace {

constexpr Dataflow kDataflows[] = {Dataflow::weight_stationary, Dataflow::output_stationary};

// Tile by tile, each term of the definition on its own.
int64_t cycles_by_tiles(Dataflow dataflow, ArrayShape shape, int64_t m, int64_t n, int64_t k) {
  int64_t cycles = 0;
  const int64_t stationary_rows = dataflow == Dataflow::weight_stationary ? k : m;
  for (int64_t row = 0; row < stationary_rows; row += shape.rows) {
    for (int64_t column = 0; column < n; column += shape.columns) {
      const int64_t r = std::min<int64_t>(shape.rows, stationary_rows - row);
      const int64_t c = std::min<int64_t>(shape.columns, n - column);
      if (dataflow == Dataflow::weight_stationary) {
        const int64_t load = r, stream = m, column_skew = c - 1, fall = shape.rows - 1, output_register = 1;
        cycles += load + stream + column_skew + fall + output_register;
      } else {
        const int64_t stream = k, row_skew = r - 1, column_skew = c - 1, drain = r;
        cycles += stream + row_skew + column_skew + drain;
      }
    }
  }
  return cycles;
}

}  // namespace

TEST_CASE("single elements and full tiles, by hand") {
  // Load, compute, capture; and compute, drain.
  CHECK(array_timing(Dataflow::weight_stationary, {1, 1}, 1, 1, 1).cycles == 3);
  CHECK(array_timing(Dataflow::output_stationary, {1, 1}, 1, 1, 1).cycles == 2);
  // 2 R + C + T - 2 of Samajdar et al. with R = 32, C = 16, T = 100, and one more for the output register.
  CHECK(array_timing(Dataflow::output_stationary, {32, 16}, 32, 16, 100).cycles == 178);
  CHECK(array_timing(Dataflow::weight_stationary, {32, 16}, 100, 16, 32).cycles == 179);
  const ArrayTiming timing = array_timing(Dataflow::weight_stationary, {4, 4}, 10, 6, 9);
  CHECK(timing.tiles == 6);
  CHECK(timing.macs == 540);
  CHECK(timing.edge ==
        WordCounts{.a_reads = 180, .b_reads = 54, .partial_sum_reads = 120, .output_writes = 180});
  CHECK(timing.utilisation == doctest::Approx(540.0 / (16.0 * static_cast<double>(timing.cycles))));
}

TEST_CASE("the closed form is the sum over the tiles") {
  int cases = 0;
  for (const Dataflow dataflow : kDataflows) {
    for (uint64_t i = 0; i < 5000; ++i, ++cases) {
      const ArrayShape shape = {static_cast<int>(random_size(1, 5 * i, 40)),
                                static_cast<int>(random_size(1, 5 * i + 1, 40))};
      const int64_t m = random_size(1, 5 * i + 2, 150), n = random_size(1, 5 * i + 3, 150),
                    k = random_size(1, 5 * i + 4, 150);
      REQUIRE(array_timing(dataflow, shape, m, n, k).cycles == cycles_by_tiles(dataflow, shape, m, n, k));
    }
  }
  CHECK(cases == 10000);
}

TEST_CASE("the closed form equals SystemC in cycles and words, and SystemC the golden matrix product") {
  const Unit mac = parse_unit("mac-e4m3-e4m3-bf16");
  int cases = 0;
  for (const Dataflow dataflow : kDataflows) {
    for (int rows = 1; rows <= 4; ++rows) {
      for (int columns = 1; columns <= 3; ++columns) {
        for (uint64_t i = 0; i < 40; ++i, ++cases) {
          const uint64_t seed = 1000 * static_cast<uint64_t>(10 * rows + columns) + i;
          const MatrixProduct p = random_product(mac, random_size(seed, 0, 11), random_size(seed, 1, 8),
                                                 random_size(seed, 2, 11), seed, i % 2 == 0);
          const ArrayTiming timing = array_timing(dataflow, {rows, columns}, p.m, p.n, p.k);
          const ArrayRun run = simulate_systemc(dataflow, {rows, columns}, mac, p.m, p.n, p.k, p.a, p.b);
          CAPTURE(dataflow_name(dataflow));
          CAPTURE(rows);
          CAPTURE(columns);
          CAPTURE(p.m);
          CAPTURE(p.n);
          CAPTURE(p.k);
          REQUIRE(run.cycles == timing.cycles);
          REQUIRE(run.edge == timing.edge);
          REQUIRE(run.c == gemm(mac, p.m, p.n, p.k, p.a, p.b));
        }
      }
    }
  }
  CHECK(cases == 960);
}

TEST_CASE("unusable sizes, units and codes are errors, and the simulation works on after them") {
  const Unit mac = parse_unit("mac-int8-int8-int32");
  const std::vector<uint64_t> one = {3};
  for (const Dataflow dataflow : kDataflows) {
    CHECK_THROWS_AS(array_timing(dataflow, {0, 4}, 1, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(dataflow, {4, -1}, 1, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(dataflow, {4, 4}, 0, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(dataflow, {4, 4}, 1, -1, 1), Error);
    CHECK_THROWS_AS(array_timing(dataflow, {4, 4}, 1, 1, 0), Error);
    const int64_t huge = std::numeric_limits<int64_t>::max();
    CHECK_THROWS_AS(array_timing(dataflow, {4, 4}, huge, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(dataflow, {4, 4}, 1 << 30, 1 << 30, 1 << 30), Error);
    CHECK_THROWS_AS(simulate_systemc(dataflow, {1, 1}, mac, 1, 1, 2, one, one), Error);
    CHECK_THROWS_AS(simulate_systemc(dataflow, {1, 1}, parse_unit("mul-e4m3-e4m3-fp32"), 1, 1, 1, one, one),
                    Error);
    CHECK(simulate_systemc(dataflow, {1, 1}, mac, 1, 1, 1, one, one).c == std::vector<uint64_t>{9});
  }
  CHECK(parse_dataflow("ws") == Dataflow::weight_stationary);
  CHECK(parse_dataflow(dataflow_name(Dataflow::output_stationary)) == Dataflow::output_stationary);
  CHECK_THROWS_AS(parse_dataflow("input_stationary"), Error);
}

TEST_CASE("DRAM words: what fits is read once, and one word less of buffer makes the difference") {
  // M = 10, N = 6, K = 9 on 4 x 4: 2 groups of columns, 3 groups of rows of either side.
  const auto ws = [](BufferWords buffers) {
    return dram_words(Dataflow::weight_stationary, {4, 4}, 10, 6, 9, buffers);
  };
  CHECK(ws({90, 0, 40}) == WordCounts{90, 54, 0, 60});
  CHECK(ws({89, 0, 40}) == WordCounts{180, 54, 0, 60});
  CHECK(ws({90, 0, 39}) == WordCounts{90, 54, 120, 180});
  const auto os = [](BufferWords buffers) {
    return dram_words(Dataflow::output_stationary, {4, 4}, 10, 6, 9, buffers);
  };
  CHECK(os({36, 54, 0}) == WordCounts{90, 54, 0, 60});
  CHECK(os({35, 54, 0}) == WordCounts{180, 54, 0, 60});
  CHECK(os({36, 53, 0}) == WordCounts{90, 162, 0, 60});
  // With a single tile nothing is used again and no buffer is needed.
  for (const Dataflow dataflow : kDataflows) {
    CHECK(dram_words(dataflow, {16, 16}, 10, 6, 9, {}) == WordCounts{90, 54, 0, 60});
    CHECK_THROWS_AS(dram_words(dataflow, {16, 16}, 10, 6, 9, {-1, 0, 0}), Error);
  }
}
