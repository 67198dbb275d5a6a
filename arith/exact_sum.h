// A fixed-point accumulator wide enough that sums of products never round (Kulisch's).
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>

#include "formats/real.h"
#include "formats/rounding.h"

namespace assay {

// Sums values whose bits all lie between 2^least_exponent and 2^(greatest_exponent + 1), exactly, for up to
// 2^62 terms. Infinities and NaN follow the rules of `add`, independently of order: any NaN, or infinities of
// both signs, make NaN.
class ExactSum {
 public:
  ExactSum(int least_exponent, int greatest_exponent);

  // Precondition: `term` is not sticky and within the range given at construction.
  void add(const Real& term);

  // The sum. A zero sum is -0 only if every term was -0 (or the rounding is rdn and not every term was +0).
  //
  // With a `modulus`, the exponent of a power of two, a number of the sum's sign that differs from it by a multiple of
  // that power and is less than eight times as large: a Real has not all bits of a large sum, and these are the ones that
  // are left when it wraps.
  Real value(Rounding rounding, std::optional<int> modulus = std::nullopt) const;

 private:
  using Limbs = boost::container::small_vector<uint64_t, 12>;

  void reduce(Limbs& magnitude, int modulus) const;

  int least_exponent_;
  Limbs limbs_;  // two's complement, least significant first
  bool nan_ = false;
  bool positive_infinity_ = false;
  bool negative_infinity_ = false;
  bool any_positive_ = false;  // a term with a plus sign, zeros included
  bool any_negative_ = false;
};

}  // namespace assay
