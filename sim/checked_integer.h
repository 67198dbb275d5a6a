// 64-bit integers that do not overflow silently.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace assay {

// Sums, differences and products throw Error if they do not fit.
class CheckedInteger {
 public:
  CheckedInteger(int64_t value) : value_(value) {}
  int64_t value() const { return value_; }

  friend CheckedInteger operator+(CheckedInteger x, CheckedInteger y) {
    int64_t sum;
    if (__builtin_add_overflow(x.value_, y.value_, &sum)) overflow(x, '+', y);
    return sum;
  }
  friend CheckedInteger operator-(CheckedInteger x, CheckedInteger y) {
    int64_t difference;
    if (__builtin_sub_overflow(x.value_, y.value_, &difference)) overflow(x, '-', y);
    return difference;
  }
  friend CheckedInteger operator*(CheckedInteger x, CheckedInteger y) {
    int64_t product;
    if (__builtin_mul_overflow(x.value_, y.value_, &product)) overflow(x, '*', y);
    return product;
  }

 private:
  [[noreturn]] static void overflow(CheckedInteger x, char operation, CheckedInteger y) {
    fail("{} {} {} does not fit in 64 bits: the matrices are too large", x.value_, operation, y.value_);
  }

  int64_t value_;
};

}  // namespace assay
