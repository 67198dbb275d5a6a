#include "sim/array_registers.h"

#include <algorithm>
#include <array>

#include "arith/evaluate.h"

namespace assay {

ArrayRegisters::ArrayRegisters(Dataflow dataflow, ArrayShape shape, const Unit& mac)
    : dataflow_(dataflow),
      rows_(static_cast<size_t>(shape.rows)),
      columns_(static_cast<size_t>(shape.columns)),
      mac_(mac),
      a_(rows_ * columns_),
      b_(a_.size()),
      sum_(a_.size()),
      a_valid_(a_.size()),
      b_valid_(a_.size()),
      sum_valid_(a_.size()) {}

uint64_t ArrayRegisters::multiply_accumulate(uint64_t a, uint64_t b, uint64_t c) const {
  return evaluate(mac_, std::array{a, b, c});
}

void ArrayRegisters::read(const PortValues& inputs, PortValues& outputs) const {
  const bool weight_stationary = dataflow_ == Dataflow::weight_stationary;
  const size_t row = weight_stationary ? (rows_ - 1) * columns_ : 0;
  const bool open = weight_stationary || inputs[kDrain][0] != 0;
  for (size_t c = 0; c < columns_; ++c) {
    outputs[kResult][c] = sum_[row + c];
    outputs[kResultValid][c] = open && sum_valid_[row + c] != 0 ? 1 : 0;
  }
}

void ArrayRegisters::clock(const PortValues& inputs) {
  if (dataflow_ == Dataflow::weight_stationary) {
    clock_weight_stationary(inputs);
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
void ArrayRegisters::clock_weight_stationary(const PortValues& inputs) {
  const bool load = inputs[kWeightLoad][0] != 0, first = inputs[kWeightFirst][0] != 0;
  for (size_t r = rows_; r-- > 0;) {
    for (size_t c = columns_; c-- > 0;) {
      const size_t here = r * columns_ + c, above = here - columns_;
      const uint64_t a = c == 0 ? inputs[kStreamedA][r] : a_[here - 1];
      const uint64_t sum = r == 0 ? inputs[kPartialSum][c] : sum_[above];
      sum_valid_[here] = r == 0 ? inputs[kPartialSumValid][c] != 0 : sum_valid_[above];
      if (sum_valid_[here]) sum_[here] = b_valid_[here] ? multiply_accumulate(a, b_[here], sum) : sum;
      a_[here] = a;
      if (load) {
        b_[here] = r == 0 ? inputs[kWeight][c] : b_[above];
        b_valid_[here] = r == 0 ? inputs[kWeightValid][c] != 0 : !first && b_valid_[above];
      }
    }
  }
}

void ArrayRegisters::accumulate(const PortValues& inputs) {
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t c = 0; c < columns_; ++c) {
      const size_t here = r * columns_ + c;
      const bool a_valid = c == 0 ? inputs[kAValid][r] != 0 : a_valid_[here - 1];
      const bool b_valid = r == 0 ? inputs[kBValid][c] != 0 : b_valid_[here - columns_];
      if (!a_valid || !b_valid) continue;
      const uint64_t a = c == 0 ? inputs[kA][r] : a_[here - 1];
      const uint64_t b = r == 0 ? inputs[kB][c] : b_[here - columns_];
      sum_[here] = multiply_accumulate(a, b, sum_valid_[here] ? sum_[here] : 0);
      sum_valid_[here] = 1;
    }
  }
}

void ArrayRegisters::drain() {
  const auto columns = static_cast<ptrdiff_t>(columns_);
  std::copy(sum_.begin() + columns, sum_.end(), sum_.begin());
  std::copy(sum_valid_.begin() + columns, sum_valid_.end(), sum_valid_.begin());
  std::fill(sum_valid_.end() - columns, sum_valid_.end(), uint8_t{0});
}

void ArrayRegisters::move_operands(const PortValues& inputs) {
  for (size_t r = rows_; r-- > 0;) {
    for (size_t c = columns_; c-- > 0;) {
      const size_t here = r * columns_ + c;
      a_[here] = c == 0 ? inputs[kA][r] : a_[here - 1];
      a_valid_[here] = c == 0 ? inputs[kAValid][r] != 0 : a_valid_[here - 1];
      b_[here] = r == 0 ? inputs[kB][c] : b_[here - columns_];
      b_valid_[here] = r == 0 ? inputs[kBValid][c] != 0 : b_valid_[here - columns_];
    }
  }
}

}  // namespace assay
