// Random operands by the million: a fast source without exact arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "arith/unit.h"

namespace assay {

// Vectors by index, in blocks of 64 consecutive ones of a kind: uniform codes; c with an exponent near that of the
// greatest product, at every distance up to a little more than the precision; operands with few ones or zeros in their
// fraction; of dot products, factors with about the same exponents. Most scales are near one. A function of seed and
// index.
class RandomOperands {
 public:
  RandomOperands(const Unit& unit, uint64_t seed);

  // Operand j of vector first + i goes to operands[j][at + i], i < count.
  void fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands, size_t at) const;

 private:
  struct Operand {
    Format format;
    uint64_t mask, exponent_mask;
  };
  // Vectors skip .. skip + count of the block of random words[word][vector], to the columns.
  void fill_block(uint64_t block, const uint32_t* words, size_t skip, size_t count, uint64_t** columns) const;
  void gather(const uint32_t* words, size_t count, uint64_t** columns) const;
  void scale_near_one(size_t count, uint64_t** columns) const;
  void align(const uint32_t* words, size_t count, uint64_t** columns) const;
  void pattern(size_t operand, const uint32_t* words, size_t count, uint64_t* codes) const;

  uint64_t seed_;
  std::vector<Operand> operands_;
  size_t words_each_ = 1;  // 32-bit random words a vector; the last is for what is not an operand
  std::vector<std::vector<size_t>> products_;  // operands of each: factors, then scales
  size_t first_scale_ = 0;                     // scales are the operands from it on, but for the last
  bool aligns_ = false;                        // c with the products
};

}  // namespace assay
