// Plays the memories and the controller around a systolic array: feeds a matrix product tile by tile, cycle
// by cycle, and collects the results. It does not know how long the array takes: the product ends when its last
// result has come out, and so does a tile, unless the array is double-buffered.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "arith/unit.h"
#include "sim/array_ports.h"
#include "sim/array_timing.h"

namespace assay {

// What a simulation of the array gives.
struct ArrayRun {
  int64_t cycles = 0;       // as defined in array_timing.h
  WordCounts edge;          // valid words that passed the array's ports
  std::vector<uint64_t> c;  // codes, M x N in row-major order

  bool operator==(const ArrayRun&) const = default;
};

class ArrayFeeder {
 public:
  // Codes of A (M x K) and B (K x N) in row-major order, which must outlive the feeder. Throws Error on sizes
  // that are not positive or do not fit the codes, and on a unit that is not a mac with a deterministic
  // rounding.
  ArrayFeeder(const SystolicArray& array, const Unit& mac, int64_t m, int64_t n, int64_t k,
              std::span<const uint64_t> a, std::span<const uint64_t> b);

  bool done() const { return tiles_.empty() && all_begun_; }

  // What the array's inputs carry in the next cycle. An array must ignore data lanes that carry nothing: they are random
  // in each cycle anew, half of them all ones, which is NaN in many formats.
  const PortValues& begin_cycle();

  // Takes what stands at the array's outputs in this cycle. Throws Error on results nobody waits for, and
  // when none has come for several times as long as any correct array would take.
  void end_cycle(const PortValues& outputs);

  // The outcome; precondition: done().
  ArrayRun take();

 private:
  // A matrix, maybe transposed: how far its rows and its columns lie apart.
  struct View {
    int64_t row_stride = 0, column_stride = 0;

    size_t operator()(int64_t row, int64_t column) const {
      return static_cast<size_t>(row * row_stride + column * column_stride);
    }
  };

  // A part of the matrix that stays: B for weight_stationary, the transpose of A for input_stationary, C for
  // output_stationary.
  struct Tile {
    int64_t first_row = 0, first_column = 0;
    int64_t rows = 0, columns = 0;
    int64_t begin = 0;   // the cycle in which column 0 is first fed
    int64_t stream = 0;  // and that in which its first row of streamed operands enters
    int64_t results_per_column = 0;
    int64_t results_missing = 0;
    std::vector<int64_t> captured = {};  // results, per column
  };

  bool is_output_stationary() const { return array_.dataflow == Dataflow::output_stationary; }
  void begin_tile();
  void go_to_next_tile();
  void feed_idle_lanes();
  void feed_held_operands(const Tile& tile);
  void feed_streamed_operands(const Tile& tile);
  void feed_output_stationary(const Tile& tile);
  Tile& tile_of_result(size_t column);
  size_t result_index(Tile& tile, size_t column);

  SystolicArray array_;
  int64_t m_, n_, k_;
  std::span<const uint64_t> a_, b_;
  // Of the dataflows that hold an operand: B and A, or A and B transposed, which give C or its transpose.
  std::span<const uint64_t> held_, streamed_;
  View held_view_, streamed_view_, result_view_;
  int64_t streamed_rows_ = 0;
  int64_t rows_ = 0, columns_ = 0;  // of the matrix the tiles are cut from
  std::vector<LanePort> ports_;
  PortValues inputs_;
  std::deque<Tile> tiles_;                  // that results are still missing of
  int64_t next_row_ = 0, next_column_ = 0;  // the tile to begin next
  bool all_begun_ = false;
  int64_t cycle_ = 0, last_capture_ = 0;
  ArrayRun run_;
};

}  // namespace assay
