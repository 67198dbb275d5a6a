#include "arith/product.h"

#include "arith/mfbprop.h"
#include "arith/piecewise_affine.h"
#include "arith/real_arithmetic.h"
#include "formats/round.h"

namespace assay {

Real product_of(const Unit& unit, uint64_t a, uint64_t b) {
  switch (unit.product) {
    case ProductRule::exact:
      break;
    case ProductRule::pam:
      return decode(unit.a, pam_multiply(unit.a, a, b));
    case ProductRule::mfbprop: {
      static const Format e4m2 = parse_format("e4m2");
      return decode(e4m2, mfbprop_multiply(a, b));
    }
    case ProductRule::via: {
      const Real product = multiply(decode(unit.a, a), decode(unit.b, b));
      const Format& via = unit.product_format;
      return decode(via, round_to_code(via, product, Rounding::rne, default_saturation(via)));
    }
  }
  return multiply(decode(unit.a, a), decode(unit.b, b));
}

}  // namespace assay
