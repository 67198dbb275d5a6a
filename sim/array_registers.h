// The registers of a systolic array and how they change with the clock, with the golden model in every
// element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arith/unit.h"
#include "sim/array_ports.h"
#include "sim/array_timing.h"

namespace assay {

class ArrayRegisters {
 public:
  // After a reset: nothing valid.
  ArrayRegisters(Dataflow dataflow, ArrayShape shape, const Unit& mac);

  // What stands at the outputs while the inputs carry `inputs`.
  void read(const PortValues& inputs, PortValues& outputs) const;

  // The rising edge of the clock.
  void clock(const PortValues& inputs);

 private:
  void clock_weight_stationary(const PortValues& inputs);
  void accumulate(const PortValues& inputs);
  void drain();
  void move_operands(const PortValues& inputs);
  uint64_t multiply_accumulate(uint64_t a, uint64_t b, uint64_t c) const;

  Dataflow dataflow_;
  size_t rows_, columns_;
  Unit mac_;
  // One per element, row after row.
  std::vector<uint64_t> a_, b_, sum_;  // b_ is the weight; sum_ the partial sum or the accumulator
  std::vector<uint8_t> a_valid_, b_valid_, sum_valid_;
};

}  // namespace assay
