#include "arith/product.h"

#include <algorithm>

#include "arith/epfml_piecewise_affine.h"
#include "arith/logarithmic_multiply.h"
#include "arith/mfbprop.h"
#include "arith/real_arithmetic.h"
#include "arith/table_multiplier.h"
#include "formats/round.h"

namespace assay {
namespace {

// What is added to the sum of two logarithms.
int64_t offset_of(const Unit& unit) {
  const int width = unit.a.fraction_width;
  switch (unit.product) {
    case ProductRule::pam_minimum_rms:
      return compensation_offset(width, Compensation::minimum_rms);
    case ProductRule::pam_zero_mean:
      return compensation_offset(width, Compensation::zero_mean);
    case ProductRule::lmul:
      return lmul_offset(width, width);
    default:
      return 0;
  }
}

}  // namespace

PiecewiseAffineProduct::PiecewiseAffineProduct(const Unit& unit)
    : unit_(unit), format_(piecewise_affine_format(unit.a)), offset_(offset_of(unit)) {}

uint64_t PiecewiseAffineProduct::operator()(uint64_t a, uint64_t b) const {
  switch (unit_.product) {
    case ProductRule::mbm:
      return mbm_multiply(format_, a, b, unit_.a.fraction_width);
    case ProductRule::table:
      return unit_.table->multiply(format_, a, b);
    case ProductRule::epfml:
      return epfml_pam_multiply(static_cast<uint32_t>(a), static_cast<uint32_t>(b));
    default:
      return pam_multiply(format_, a, b, offset_);
  }
}

void PiecewiseAffineProduct::operator()(uint32_t a, std::span<const uint32_t> b,
                                        std::span<uint32_t> products) const {
  const auto each = [&](auto product) {
    std::ranges::transform(b, products.begin(),
                           [&](uint32_t code) { return static_cast<uint32_t>(product(code)); });
  };
  switch (unit_.product) {
    case ProductRule::mbm:
    case ProductRule::table:
    case ProductRule::epfml:
      return each([&](uint32_t code) { return (*this)(a, code); });
    default:
      return each(
          [&, f = format_, offset = offset_](uint32_t code) { return pam_multiply(f, a, code, offset); });
  }
}

Real product_of(const Unit& unit, uint64_t a, uint64_t b) {
  if (is_piecewise_affine(unit.product)) return decode(unit.a, PiecewiseAffineProduct(unit)(a, b));
  if (unit.product == ProductRule::mfbprop) {
    static const Format e4m2 = parse_format("e4m2");
    return decode(e4m2, mfbprop_multiply(a, b));
  }
  const Real product = multiply(decode(unit.a, a), decode(unit.b, b));
  if (unit.product == ProductRule::exact) return product;
  const Format& via = unit.product_format;
  return decode(via, round_to_code(via, product, Rounding::rne, default_saturation(via)));
}

Real piecewise_affine_result(const Unit& unit, std::span<const uint64_t> operands) {
  const uint64_t a = operands[0];
  switch (unit.operation) {
    case Operation::sqrt:
      return decode(unit.a, pa_sqrt(unit.a, a));
    case Operation::exp2:
      return decode(unit.a, pa_exp2(unit.a, a));
    case Operation::log2:
      return decode(unit.a, pa_log2(unit.a, a));
    default:
      break;  // div
  }
  if (unit.product == ProductRule::epfml) {
    return decode(unit.a, epfml_pad_divide(static_cast<uint32_t>(a), static_cast<uint32_t>(operands[1])));
  }
  return decode(unit.a, pad_divide(unit.a, a, operands[1], offset_of(unit)));
}

}  // namespace assay
