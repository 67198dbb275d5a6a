#include "sim/array_registers.h"

#include <algorithm>
#include <array>

#include "arith/evaluate.h"

namespace assay {

ArrayRegisters::ArrayRegisters(const SystolicArray& array, const Unit& mac)
    : array_(array),
      rows_(static_cast<size_t>(array.rows)),
      columns_(static_cast<size_t>(array.columns)),
      mac_(mac),
      swap_(rows_ * columns_) {
  for (Codes* codes : {&a_, &b_, &held_, &shadow_, &sum_}) {
    codes->code.resize(rows_ * columns_);
    codes->valid.resize(rows_ * columns_);
  }
}

uint64_t ArrayRegisters::multiply_accumulate(uint64_t a, uint64_t b, uint64_t c) const {
  return evaluate(mac_, std::array{a, b, c});
}

void ArrayRegisters::read(const PortValues& inputs, PortValues& outputs) const {
  const bool output_stationary = array_.dataflow == Dataflow::output_stationary;
  const size_t row = output_stationary ? 0 : (rows_ - 1) * columns_;
  const bool open = !output_stationary || inputs[kDrain][0] != 0;
  for (size_t c = 0; c < columns_; ++c) {
    outputs[kResult][c] = sum_.code[row + c];
    outputs[kResultValid][c] = open && sum_.valid[row + c] != 0 ? 1 : 0;
  }
}

void ArrayRegisters::clock(const PortValues& inputs) {
  if (array_.dataflow != Dataflow::output_stationary) {
    clock_held_operand(inputs);
    return;
  }
  if (inputs[kDrain][0] != 0) {
    drain();
  } else {
    accumulate(inputs);
  }
  move_operands(inputs);
}

// From the far corner backwards, so that every element still finds its neighbours' old values.
void ArrayRegisters::clock_held_operand(const PortValues& inputs) {
  for (size_t r = rows_; r-- > 0;) {
    for (size_t c = columns_; c-- > 0;) {
      const size_t here = r * columns_ + c, above = here - columns_;
      const uint64_t streamed = c == 0 ? inputs[kStreamed][r] : a_.code[here - 1];
      const uint64_t sum = r == 0 ? inputs[kPartialSum][c] : sum_.code[above];
      const uint64_t held = held_.code[here];
      sum_.valid[here] = r == 0 ? inputs[kPartialSumValid][c] != 0 : sum_.valid[above];
      if (sum_.valid[here] && !held_.valid[here]) {
        sum_.code[here] = sum;
      } else if (sum_.valid[here]) {
        sum_.code[here] = array_.dataflow == Dataflow::weight_stationary
                              ? multiply_accumulate(streamed, held, sum)
                              : multiply_accumulate(held, streamed, sum);
      }
      a_.code[here] = streamed;
      swap_[here] = r == 0 ? inputs[kHeldSwap][c] != 0 : swap_[above];
      if (array_.double_buffered && swap_[here]) {
        held_.code[here] = shadow_.code[here];
        held_.valid[here] = shadow_.valid[here];
      }
      load(inputs, r, c, array_.double_buffered ? shadow_ : held_);
    }
  }
}

void ArrayRegisters::load(const PortValues& inputs, size_t row, size_t column, Codes& chain) {
  if (inputs[kHeldLoad][column] == 0) return;
  const size_t here = row * columns_ + column, above = here - columns_;
  chain.code[here] = row == 0 ? inputs[kHeld][column] : chain.code[above];
  chain.valid[here] = row == 0 || (inputs[kHeldFirst][column] == 0 && chain.valid[above]);
}

void ArrayRegisters::accumulate(const PortValues& inputs) {
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < columns_; ++c) {
      const size_t here = r * columns_ + c;
      const bool a_valid = c == 0 ? inputs[kAValid][r] != 0 : a_.valid[here - 1];
      const bool b_valid = r == 0 ? inputs[kBValid][c] != 0 : b_.valid[here - columns_];
      if (!a_valid || !b_valid) continue;
      const uint64_t a = c == 0 ? inputs[kA][r] : a_.code[here - 1];
      const uint64_t b = r == 0 ? inputs[kB][c] : b_.code[here - columns_];
      sum_.code[here] = multiply_accumulate(a, b, sum_.valid[here] ? sum_.code[here] : 0);
      sum_.valid[here] = 1;
    }
  }
}

void ArrayRegisters::drain() {
  const auto columns = static_cast<ptrdiff_t>(columns_);
  std::copy(sum_.code.begin() + columns, sum_.code.end(), sum_.code.begin());
  std::copy(sum_.valid.begin() + columns, sum_.valid.end(), sum_.valid.begin());
  std::fill(sum_.valid.end() - columns, sum_.valid.end(), uint8_t{0});
}

void ArrayRegisters::move_operands(const PortValues& inputs) {
  for (size_t r = rows_; r-- > 0;) {
    for (size_t c = columns_; c-- > 0;) {
      const size_t here = r * columns_ + c;
      a_.code[here] = c == 0 ? inputs[kA][r] : a_.code[here - 1];
      a_.valid[here] = c == 0 ? inputs[kAValid][r] != 0 : a_.valid[here - 1];
      b_.code[here] = r == 0 ? inputs[kB][c] : b_.code[here - columns_];
      b_.valid[here] = r == 0 ? inputs[kBValid][c] != 0 : b_.valid[here - columns_];
    }
  }
}

}  // namespace assay
