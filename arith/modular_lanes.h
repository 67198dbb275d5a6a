// Terms of sums that are rounded to an integer format and then wrap: what of them matters.
#pragma once

#include <cmath>
#include <span>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// Sums of a value of the format and a reduced term, of one part or two, are rounded and wrap as those of the term itself,
// and are less than 2^kSpareBits times the modulus. They have its sign, on which some roundings depend.
class ModularLanes {
 public:
  static constexpr int kSpareBits = 3;

  explicit ModularLanes(const Format& format);

  // What stands for the multiple of the modulus that a term is reduced by: 0 for terms less than 4 times the modulus.
  double base(double term) const {
    return std::abs(term) < 4 * modulus_ ? 0.0 : std::copysign(3 * modulus_, term);
  }

  // The nearest multiple of the modulus is taken from each term, and its base is added.
  void reduce(std::span<double> terms) const;

  // Without the base: of lesser parts of terms.
  void reduce_rest(std::span<double> terms) const;

 private:
  double signed_remainder(double term) const;

  double modulus_, inverse_;
};

// Whether sums of less than 2^kSpareBits times the modulus are rounded from 53 bits, rounded to odd.
bool wraps_from_odd(const Format& format, Rounding rounding, int random_bits);

}  // namespace assay
