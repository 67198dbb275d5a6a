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

const std::vector<SystolicArray> kDesigns = designs();

// Tile by tile, each term of the definition on its own.
int64_t cycles_by_tiles(const SystolicArray& array, int64_t m, int64_t n, int64_t k) {
  if (array.dataflow == Dataflow::input_stationary) {
    SystolicArray weight_stationary = array;
    weight_stationary.dataflow = Dataflow::weight_stationary;
    return cycles_by_tiles(weight_stationary, n, m, k);
  }
  const bool output_stationary = array.dataflow == Dataflow::output_stationary;
  const int64_t stationary_rows = output_stationary ? m : k;
  int64_t cycles = 0, swap = -1;
  for (int64_t column = 0; column < n; column += array.columns) {
    for (int64_t row = 0; row < stationary_rows; row += array.rows) {
      const int64_t r = std::min<int64_t>(array.rows, stationary_rows - row);
      const int64_t c = std::min<int64_t>(array.columns, n - column);
      if (output_stationary) {
        const int64_t stream = k, row_skew = r - 1, column_skew = c - 1, drain = r;
        cycles += stream + row_skew + column_skew + drain;
        continue;
      }
      const int64_t load = r, stream = m, column_skew = c - 1, fall = array.rows - 1, output_register = 1;
      if (!array.double_buffered) {
        cycles += load + stream + column_skew + fall + output_register;
        continue;
      }
      swap = swap < 0 ? load : swap + std::max<int64_t>(stream, array.rows + load);
      cycles = std::max(cycles, swap + 1 + stream + column_skew + fall + output_register);
    }
  }
  return cycles;
}

}  // namespace

TEST_CASE("single elements and full tiles, by hand") {
  // Load, compute, capture; with a swap before; and compute, drain.
  CHECK(array_timing({Dataflow::weight_stationary, 1, 1}, 1, 1, 1).cycles == 3);
  CHECK(array_timing({Dataflow::weight_stationary, 1, 1, true}, 1, 1, 1).cycles == 4);
  CHECK(array_timing({Dataflow::output_stationary, 1, 1}, 1, 1, 1).cycles == 2);
  // 2 R + C + T - 2 of Samajdar et al. with R = 32, C = 16, T = 100, and one more for the output register.
  CHECK(array_timing({Dataflow::output_stationary, 32, 16}, 32, 16, 100).cycles == 178);
  CHECK(array_timing({Dataflow::weight_stationary, 32, 16}, 100, 16, 32).cycles == 179);
  CHECK(array_timing({Dataflow::input_stationary, 32, 16}, 16, 100, 32).cycles == 179);
  const ArrayTiming timing = array_timing({Dataflow::weight_stationary, 4, 4}, 10, 6, 9);
  CHECK(timing.tiles == 6);
  CHECK(timing.macs == 540);
  CHECK(timing.edge ==
        WordCounts{.a_reads = 180, .b_reads = 54, .partial_sum_reads = 120, .output_writes = 180});
  CHECK(timing.utilisation == doctest::Approx(540.0 / (16.0 * static_cast<double>(timing.cycles))));
  // The transposed product.
  const ArrayTiming transposed = array_timing({Dataflow::input_stationary, 4, 4}, 6, 10, 9);
  CHECK(transposed.cycles == timing.cycles);
  CHECK(transposed.edge ==
        WordCounts{.a_reads = 54, .b_reads = 180, .partial_sum_reads = 120, .output_writes = 180});
}

TEST_CASE("double buffering hides all loads but the first, by hand") {
  // 16 tiles: 32 + 100 + 32 + 31 each; and 32 + 1 + 16 x 100 + 31 + 31 + 1.
  CHECK(array_timing({Dataflow::weight_stationary, 32, 32}, 100, 128, 128).cycles == 3120);
  CHECK(array_timing({Dataflow::weight_stationary, 32, 32, true}, 100, 128, 128).cycles == 1696);
  CHECK(array_timing({Dataflow::input_stationary, 32, 32, true}, 128, 100, 128).cycles == 1696);
  // Short streams wait for the operands: the first 4 + 1, 3 times 8, then 2 + 3 + 3 + 1.
  CHECK(array_timing({Dataflow::weight_stationary, 4, 4, true}, 2, 8, 8).cycles == 38);
  // The last result is one of the wide tile before the last.
  CHECK(array_timing({Dataflow::weight_stationary, 1, 10, true}, 1, 11, 1).cycles == 13);
}

TEST_CASE("double buffering is never slower than one cycle more, and with several tiles always faster") {
  int faster = 0;
  for (uint64_t i = 0; i < 5000; ++i) {
    SystolicArray array = {i % 2 == 0 ? Dataflow::weight_stationary : Dataflow::input_stationary,
                           static_cast<int>(random_size(3, 5 * i, 20)),
                           static_cast<int>(random_size(3, 5 * i + 1, 20))};
    const int64_t m = random_size(3, 5 * i + 2, 90), n = random_size(3, 5 * i + 3, 90),
                  k = random_size(3, 5 * i + 4, 90);
    const ArrayTiming single = array_timing(array, m, n, k);
    array.double_buffered = true;
    const ArrayTiming twofold = array_timing(array, m, n, k);
    REQUIRE(twofold.edge == single.edge);
    if (single.tiles == 1) REQUIRE(twofold.cycles == single.cycles + 1);
    if (single.tiles > 2) REQUIRE(twofold.cycles < single.cycles);
    faster += twofold.cycles < single.cycles ? 1 : 0;
  }
  CHECK(faster > 4000);
}

TEST_CASE("the closed form is the sum over the tiles") {
  int cases = 0;
  for (const SystolicArray& design : kDesigns) {
    for (uint64_t i = 0; i < 5000; ++i, ++cases) {
      const SystolicArray array = sized(design, static_cast<int>(random_size(1, 5 * i, 40)),
                                        static_cast<int>(random_size(1, 5 * i + 1, 40)));
      const int64_t m = random_size(1, 5 * i + 2, 150), n = random_size(1, 5 * i + 3, 150),
                    k = random_size(1, 5 * i + 4, 150);
      REQUIRE(array_timing(array, m, n, k).cycles == cycles_by_tiles(array, m, n, k));
    }
  }
  CHECK(cases == 25000);
}

TEST_CASE("the closed form equals SystemC in cycles and words, and SystemC the golden matrix product") {
  const Unit mac = parse_unit("mac-e4m3-e5m2-bf16");
  int cases = 0;
  for (const SystolicArray& design : kDesigns) {
    for (int rows = 1; rows <= 4; ++rows) {
      for (int columns = 1; columns <= 3; ++columns) {
        for (uint64_t i = 0; i < 40; ++i, ++cases) {
          const SystolicArray array = sized(design, rows, columns);
          const uint64_t seed = 1000 * static_cast<uint64_t>(10 * rows + columns) + i;
          const MatrixProduct p = random_product(mac, random_size(seed, 0, 11), random_size(seed, 1, 11),
                                                 random_size(seed, 2, 11), seed, i % 2 == 0);
          const ArrayTiming timing = array_timing(array, p.m, p.n, p.k);
          const ArrayRun run = simulate_systemc(array, mac, p.m, p.n, p.k, p.a, p.b);
          CAPTURE(describe(array));
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
  CHECK(cases == 2400);
}

TEST_CASE("unusable sizes, units and codes are errors, and the simulation works on after them") {
  const Unit mac = parse_unit("mac-int8-int8-int32");
  const std::vector<uint64_t> one = {3};
  for (const SystolicArray& design : kDesigns) {
    const SystolicArray array = sized(design, 4, 4), element = sized(design, 1, 1);
    CHECK_THROWS_AS(array_timing(sized(design, 0, 4), 1, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(sized(design, 4, -1), 1, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(array, 0, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(array, 1, -1, 1), Error);
    CHECK_THROWS_AS(array_timing(array, 1, 1, 0), Error);
    const int64_t huge = std::numeric_limits<int64_t>::max();
    CHECK_THROWS_AS(array_timing(array, huge, 1, 1), Error);
    CHECK_THROWS_AS(array_timing(array, 1, huge, 1), Error);
    CHECK_THROWS_AS(array_timing(array, 1 << 30, 1 << 30, 1 << 30), Error);
    CHECK_THROWS_AS(simulate_systemc(element, mac, 1, 1, 2, one, one), Error);
    CHECK_THROWS_AS(simulate_systemc(element, parse_unit("mul-e4m3-e4m3-fp32"), 1, 1, 1, one, one), Error);
    CHECK(simulate_systemc(element, mac, 1, 1, 1, one, one).c == std::vector<uint64_t>{9});
  }
  CHECK_THROWS_AS(array_timing({Dataflow::output_stationary, 4, 4, true}, 1, 1, 1), Error);
  CHECK(parse_dataflow("ws") == Dataflow::weight_stationary);
  CHECK(parse_dataflow("is") == Dataflow::input_stationary);
  for (const SystolicArray& design : kDesigns) {
    CHECK(parse_dataflow(dataflow_name(design.dataflow)) == design.dataflow);
  }
  CHECK_THROWS_AS(parse_dataflow("row_stationary"), Error);
  CHECK(describe({Dataflow::input_stationary, 4, 8, true}) ==
        "4 x 8 input-stationary array, double-buffered");
}

TEST_CASE("DRAM words: what fits is read once, and one word less of buffer makes the difference") {
  // M = 10, N = 6, K = 9 on 4 x 4: 2 groups of columns, 3 groups of rows of either side.
  const auto ws = [](BufferWords buffers) {
    return dram_words({Dataflow::weight_stationary, 4, 4}, 10, 6, 9, buffers);
  };
  CHECK(ws({90, 0, 40}) == WordCounts{90, 54, 0, 60});
  CHECK(ws({89, 0, 40}) == WordCounts{180, 54, 0, 60});
  CHECK(ws({90, 0, 39}) == WordCounts{90, 54, 120, 180});
  const auto os = [](BufferWords buffers) {
    return dram_words({Dataflow::output_stationary, 4, 4}, 10, 6, 9, buffers);
  };
  CHECK(os({36, 54, 0}) == WordCounts{90, 54, 0, 60});
  CHECK(os({35, 54, 0}) == WordCounts{180, 54, 0, 60});
  CHECK(os({36, 53, 0}) == WordCounts{90, 162, 0, 60});
  // M = 6, N = 10: the first with A and B exchanged.
  const auto is = [](BufferWords buffers) {
    return dram_words({Dataflow::input_stationary, 4, 4}, 6, 10, 9, buffers);
  };
  CHECK(is({0, 90, 40}) == WordCounts{54, 90, 0, 60});
  CHECK(is({0, 89, 40}) == WordCounts{54, 180, 0, 60});
  CHECK(is({0, 90, 39}) == WordCounts{54, 90, 120, 180});
  // With a single tile nothing is used again and no buffer is needed.
  for (const SystolicArray& design : kDesigns) {
    const SystolicArray array = sized(design, 16, 16);
    CHECK(dram_words(array, 10, 6, 9, {}) == WordCounts{90, 54, 0, 60});
    CHECK_THROWS_AS(dram_words(array, 10, 6, 9, {-1, 0, 0}), Error);
    CHECK_THROWS_AS(dram_words(array, 10, 6, 9, {0, -1, 0}), Error);
  }
}
