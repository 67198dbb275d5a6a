// Fast steps of the golden model in integers and fixed point: the same results as going through Real, in machine words.
#pragma once

#include <cstdint>

#include "arith/unit.h"

namespace assay {

// Whether c + a b of a mac, sequential dot or fma can be asked of an IntegerAccumulator: exact products of at most 61
// bits of two's-complement or unsigned operands, and c and a result of that kind and of at most 61 bits with as many
// fraction bits as the product has, so that nothing is rounded.
bool has_integer_accumulate(const Unit& unit);

// c + a b. Precondition: has_integer_accumulate(unit).
class IntegerAccumulator {
 public:
  explicit IntegerAccumulator(const Unit& unit);

  // The result's code for codes a, b and c.
  uint64_t operator()(uint64_t a, uint64_t b, uint64_t c) const {
    const int64_t sum = value(a_, a) * value(b_, b) + value(c_, c);
    if (!wraps_ && sum > greatest_) return above_;
    if (!wraps_ && sum < least_) return below_;
    return static_cast<uint64_t>(sum) & mask_;
  }

 private:
  // A code moved to the top of a word and back, which extends its sign if it has one.
  struct Codes {
    explicit Codes(const Format& format);
    int unused_bits;
    bool is_signed;
  };

  static int64_t value(const Codes& codes, uint64_t code) {
    const uint64_t top = code << codes.unused_bits;
    return codes.is_signed ? static_cast<int64_t>(top) >> codes.unused_bits
                           : static_cast<int64_t>(top >> codes.unused_bits);
  }

  Codes a_, b_, c_;
  uint64_t mask_;
  bool wraps_;
  int64_t greatest_ = 0, least_ = 0;
  uint64_t above_ = 0, below_ = 0;  // the codes of sums beyond these
};

}  // namespace assay
