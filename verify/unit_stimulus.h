// Operand vectors that hold a device against its unit: exhaustive where the space allows, otherwise directed
// and random.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arith/unit.h"
#include "verify/random_operands.h"

namespace assay {

struct StimulusOptions {
  uint64_t seed = 1;
  uint64_t random_vectors = 1'000'000;
  int exhaustive_bits = 24;  // every combination is taken if the operands have at most this many bits in all
  // Operands from outside: [mode][operand][vector] (verify/vector_list.h).
  std::shared_ptr<const std::vector<std::vector<std::vector<uint64_t>>>> captured = {};
};

// A finite list of operand vectors; the i-th is a pure function of (unit, options, i), so the list can be cut
// into pieces for threads or machines. In order:
//   every combination                        if the operands have at most exhaustive_bits bits; nothing else then
//   every combination of boundary codes      zeros, ends of the subnormal and normal ranges, one and its
//                                            neighbours, infinities, NaNs; for integers ends and patterns
//   every pair (a, b) with 16 values of c    if a and b have at most 16 bits and there is a c
//   random_vectors vectors, of which some 260,000 (of dot products a million) and one in 256 of all, or half if
//   that is less, are
//     directed                               operands solved for ties, their neighbours and thresholds
//                                            (constructed_operands.h); uniform codes; boundary-like codes, among them
//                                            subnormal numbers and posits of every length, and codes one bit beside a
//                                            special one; a boundary code with such ones; powers of two, half of them
//                                            subnormal; c zero, or aligned with the product at every distance;
//                                            cancellation
//     random                                 by the million (random_operands.h)
// Of dot products there is no combination of boundary codes, for most would be sums of one or two products. Their directed
// vectors are of products of any size, of about the same size, mostly zero, all zero, powers of two, as large and as small
// as can be, all of one exponent and sign with significands of ones, growing or shrinking from one to the next with c before the
// first, or cancelling in pairs. One in twenty has any codes; the
// others have infinities and NaN only where, in an eighth of them, one factor or scale is a boundary code. Products of
// about the same size are in a quarter near the least normal result. c is as above with the sum of the products for the
// product, or solved for (constructed_accumulator).
class UnitStimulus {
 public:
  // `random_bits` of stochastic rounding come with each vector (verify/stimulus.h); half of the operands that are solved for
  // then have bits that meet where these end.
  UnitStimulus(Unit unit, StimulusOptions options, int random_bits = 0);

  uint64_t size() const { return exhaustive_ + boundary_ + pairs_ + directed_ + random_; }
  bool exhaustive() const { return exhaustive_ != 0; }

  // "exhaustive", or what was taken: "all 65,536 pairs x 16, 27,000 boundary, 278,000 directed, 722,000 random".
  std::string description() const;

  // Vectors before this one are systematic or directed.
  uint64_t first_random() const { return size() - random_; }
  size_t operand_count() const { return static_cast<size_t>(operand_count_); }
  const Unit& unit() const { return unit_; }

  // Operand j of vector first + i goes to operands[j][i], i < count. Makes columns that are missing.
  void fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands) const;

  // The operands of one vector.
  void vector(uint64_t index, uint64_t* operands) const;

 private:
  void exhaustive_vector(uint64_t index, uint64_t* operands) const;
  void boundary_vector(uint64_t index, uint64_t* operands) const;
  void pair_vector(uint64_t index, uint64_t* operands) const;
  void directed_vector(uint64_t index, uint64_t* operands) const;
  void dot_vector(uint64_t index, uint64_t* operands) const;
  void center_products_at_least_normal(std::array<uint64_t, 2>& centers, uint32_t random) const;
  // Only any_code has infinities and NaN, of which a sum must have few.
  enum class DotKind {
    any,       // number
    about,     // its exponent within three of `center`
    boundary,  // code
    mostly_zero,
    any_code,
    extreme,  // next to zero or to the largest number, or the largest power of two
    crowded,  // the exponent and sign of `center`, and nearly all ones
    power,    // power of two, or zero
    zero,     // one factor of each product
    ladder,   // `center` or one more is its exponent, which rises or falls from product to product
  };
  void dot_factors(uint64_t index, DotKind kind, const std::array<uint32_t, 4>& words,
                   uint64_t* operands) const;
  std::array<uint64_t, 2> ladder_step(const std::array<uint32_t, 4>& words, int i) const;
  void make_products_zero(const std::array<uint32_t, 4>& words, uint64_t* operands) const;
  void dot_scales(uint64_t index, DotKind kind, uint64_t* operands) const;
  void make_one_special(const std::array<uint32_t, 4>& words, uint64_t* operands) const;
  uint64_t dot_accumulator(DotKind kind, const std::array<uint32_t, 4>& words, uint64_t* operands) const;
  uint64_t dot_code(const Format& format, DotKind kind, uint64_t center, uint64_t random) const;
  uint64_t directed_accumulator(uint64_t a, uint64_t b, int kind, uint64_t random) const;
  uint64_t accumulator_near(const Format& format, uint64_t product, int kind, uint64_t random) const;

  Unit unit_;
  Unit product_unit_;  // the unit's product rounded to the format of c
  StimulusOptions options_;
  int operand_count_, random_bits_;
  bool has_accumulator_, has_constructed_, is_dot_;
  RandomOperands random_operands_;
  std::vector<std::vector<uint64_t>> boundary_codes_;  // per operand
  uint64_t exhaustive_ = 0, boundary_ = 0, pairs_ = 0, directed_ = 0, random_ = 0;
};

// The boundary codes of a format, each once.
std::vector<uint64_t> boundary_codes(const Format& format);

}  // namespace assay
