// Plays the memories and the controller around a systolic array: feeds a matrix product tile by tile, cycle
// by cycle, and collects the results. It does not know how long the array takes: a tile ends when its last
// result has come out.
#pragma once

#include <cstdint>
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
  ArrayFeeder(Dataflow dataflow, ArrayShape shape, const Unit& mac, int64_t m, int64_t n, int64_t k,
              std::span<const uint64_t> a, std::span<const uint64_t> b);

  bool done() const { return tile_.done; }

  // What the array's inputs carry in the next cycle. Data lanes that carry nothing are all ones, which an
  // array must ignore.
  const PortValues& begin_cycle();

  // Takes what stands at the array's outputs in this cycle. Throws Error on results nobody waits for, and
  // when the tile has taken several times as long as any correct array would.
  void end_cycle(const PortValues& outputs);

  // The outcome; precondition: done().
  ArrayRun take();

 private:
  // A part of the stationary matrix: B for weight_stationary, C for output_stationary.
  struct Tile {
    int64_t first_row = 0, first_column = 0;
    int64_t rows = 0, columns = 0;
    int64_t results_per_column = 0;
    int64_t results_missing = 0;
    int64_t cycle = 0;
    bool done = false;  // and there is no other
  };

  void start_tile(int64_t first_row, int64_t first_column);
  void next_tile();
  void feed_weight_stationary(int64_t cycle);
  void feed_output_stationary(int64_t cycle);
  uint64_t& result(size_t column);

  Dataflow dataflow_;
  ArrayShape shape_;
  int64_t m_, n_, k_;
  int64_t stationary_rows_;  // of the matrix the tiles are cut from
  std::span<const uint64_t> a_, b_;
  PortValues idle_;
  PortValues inputs_;
  Tile tile_;
  std::vector<int64_t> captured_;  // results of the tile, per column
  ArrayRun run_;
  int64_t cycle_ = 0;
};

}  // namespace assay
