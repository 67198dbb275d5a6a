// How the products of a dot product meet each other and the accumulator, as plain data.
#pragma once

#include <optional>
#include <string_view>

#include "formats/format.h"

namespace assay {

// Products are joined to the accumulator in groups of `group` (0: all at once), in ascending order; within a group
//   sequential  each product is added with a rounding of its own
//   fused       exact sum of the products and the accumulator, one rounding (Kulisch)
//   window      as tensor cores do: products and accumulator are aligned to the largest of their exponents, each is
//               cut to `window` fraction bits below it, the sum of what remains is exact and is rounded once. The
//               exponent of a product is the sum of its operands' exponents whatever the significands' product, that
//               of a subnormal operand the least normal exponent
//   tree        products are rounded to the result's format and added in pairs, 1 + 2, 3 + 4, ..., with a rounding
//               for each addition, and the root is added to the accumulator
//   kahan       sequential, with a compensation of the result's format that is 0 at the start of an evaluation:
//               y = p - comp; t = acc + y; comp = (t - acc) - y; acc = t, a rounding for each operation
enum class AccumulationKind { sequential, fused, window, tree, kahan };

struct Accumulation {
  AccumulationKind kind = AccumulationKind::sequential;
  int group = 0;
  int window = 0;             // fraction bits kept, for window
  bool window_floor = false;  // cut toward -infinity; false: toward zero
  // The products are accumulated from zero in this format, and their sum is then added to the accumulator, rounded to
  // nearest even into the result's format (chunked accumulation with promotion).
  std::optional<Format> partial;

  bool operator==(const Accumulation&) const = default;
};

}  // namespace assay
