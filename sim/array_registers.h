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
  ArrayRegisters(const SystolicArray& array, const Unit& mac);

  // What stands at the outputs while the inputs carry `inputs`.
  void read(const PortValues& inputs, PortValues& outputs) const;

  // The rising edge of the clock.
  void clock(const PortValues& inputs);

 private:
  // Codes and their valid bits, one per element, row after row.
  struct Codes {
    std::vector<uint64_t> code;
    std::vector<uint8_t> valid;
  };

  void clock_held_operand(const PortValues& inputs);
  void load(const PortValues& inputs, size_t row, size_t column, Codes& chain);
  void accumulate(const PortValues& inputs);
  void drain();
  void move_operands(const PortValues& inputs);
  uint64_t multiply_accumulate(uint64_t a, uint64_t b, uint64_t c) const;

  SystolicArray array_;
  size_t rows_, columns_;
  Unit mac_;
  Codes a_, b_;          // that move; of a held operand's array, the streamed operand is in a_
  Codes held_, shadow_;  // the operand that is used, and the next tile's
  std::vector<uint8_t> swap_;
  Codes sum_;  // the partial sum or the accumulator
};

}  // namespace assay
