// Whether a unit can be computed in float64, a lane for each output, and how.
#pragma once

#include <optional>

#include "arith/unit.h"

namespace assay {

// Exponents of float64 accumulators of a window are left to the golden model beyond -kWindowBound .. kWindowBound.
inline constexpr int kWindowBound = 400;

struct RowsPlan {
  // Where products come from: float64 multiplication, a table of all pairs of codes, or the codes of a piecewise-affine
  // rule.
  enum class Products { exact, table, codes };
  Products products = Products::exact;
  bool two_parts = false;  // products are sums of two float64
  bool via = false;        // exact products are rounded to the unit's product_format

  // Operands other than zeros with exponents beyond -bound .. bound are left to the golden model; 0: there are none.
  int bound = 0;

  // How a sum is rounded.
  //   to_odd    in float64 to odd, then to its format
  //   host      to float64 by the processor, in `host_mode`
  //   in_parts  to float64, from two parts
  enum class Sums { to_odd, host, in_parts };
  Sums sums = Sums::to_odd;
  int host_mode = 0;           // FE_TONEAREST, ...
  bool multiply_adds = false;  // host: products are not rounded before they are added
  bool saturates = false;      // host: sums as large as the largest number are left to the golden model
  bool reduces = false;        // terms are reduced, see arith/modular_lanes.h

  // Of a fused sum: whether the products of a group have an exact sum in float64, which is taken first; if not, terms
  // are cut into `windows` parts, multiples of 2^window_least, 2^(window_least + window_width), ...
  bool exact_group = false;
  int windows = 0, window_least = 0, window_width = 0;

  // Accumulators of a fused sum or window are float64, which are left to the golden model where they lie far from terms.
  bool wide_accumulators = false;

  // Results that are NaN may also be ones the lanes cannot compute.
  bool has_doubts = false;
};

// A plan whose results are those of the golden model, if there is one: all values are float64, products, scales and
// sums within a window are exact, and every rounding is the same after a rounding to odd.
std::optional<RowsPlan> plan_rows(const Unit& unit, int random_bits);

// Products that meet the accumulator at once.
int rows_group(const Unit& unit);

// So many products take as long one by one as the tables of the plan take to be built.
size_t products_worth_a_plan(const Unit& unit, const RowsPlan& plan);

// The format that the products of one evaluation are summed in, and the saturation of its roundings.
const Format& summing_format(const Unit& unit);
Saturation summing_saturation(const Unit& unit);

}  // namespace assay
