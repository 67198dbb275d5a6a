#include "arith/float_accumulate.h"

#include <algorithm>

#include "formats/float_parts.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr int kTop = 61;          // of the terms' leading ones; their sum takes one bit more
constexpr int kNarrowWidth = 30;  // significands that need not be normalized

const Format& format_of_c(const Unit& unit) {
  return unit.operation == Operation::fma ? unit.c : unit.result;
}

int product_width(const Unit& unit) {
  return unit.a.fraction_width + unit.b.fraction_width + 2;
}

}  // namespace

FloatCodes::FloatCodes(const Format& format)
    : magnitude_mask_((uint64_t{1} << (format.width - 1)) - 1),
      first_special_(largest_float_magnitude(format) + 1),
      has_single_nan_(format.nan == NanEncoding::negative_zero),
      unused_bits_(64 - format.width),
      fraction_width_(format.fraction_width),
      least_exponent_(1 - format.exponent_bias - format.fraction_width) {}

FloatRounder::FloatRounder(const Format& format, Rounding rounding, Saturation saturation)
    : format_(&format),
      rounding_(rounding),
      saturation_(saturation),
      least_exponent_(1 - format.exponent_bias),
      greatest_binade_(static_cast<int64_t>(largest_float_magnitude(format) >> format.fraction_width)),
      fraction_width_(format.fraction_width),
      cut_(62 - format.fraction_width),
      largest_(largest_float_magnitude(format)),
      sign_at_(format.width - 1),
      minus_zero_(format.nan == NanEncoding::negative_zero ? 0 : uint64_t{1} << (format.width - 1)) {
  set_increments(rounding);
}

uint64_t FloatRounder::subnormal(bool negative, uint64_t leading, int64_t lost) const {
  const int64_t shift = std::min<int64_t>(lost, 63);
  const uint64_t kept = leading >> shift;
  return rounded<true>(negative, 0, kept | static_cast<uint64_t>(kept << shift != leading));
}

uint64_t FloatRounder::overflow(bool negative) const {
  constexpr int kBeyondAll = 1 << 28;
  return round_float(*format_, negative, kBeyondAll, uint64_t{1} << 63, false, rounding_, saturation_);
}

void FloatRounder::set_increments(Rounding rounding) {
  const uint64_t half = uint64_t{1} << (cut_ - 1), below_half = half - 1, below_one = 2 * half - 1;
  const auto increments = [&](uint64_t positive, uint64_t negative, uint64_t if_odd = 0) {
    increment_[0] = positive;
    increment_[1] = negative;
    if_odd_ = if_odd;
  };
  switch (rounding) {
    case Rounding::rne:
      return increments(below_half, below_half, 1);
    case Rounding::rnodd:
      return increments(half, half, 0 - uint64_t{1});
    case Rounding::rna:
      return increments(half, half);
    case Rounding::rntz:
      return increments(below_half, below_half);
    case Rounding::rnup:
      return increments(half, below_half);
    case Rounding::rndn:
      return increments(below_half, half);
    case Rounding::rup:
      return increments(below_one, 0);
    case Rounding::rdn:
      return increments(0, below_one);
    case Rounding::odd:
      return increments(below_one, below_one, 0 - below_one);
    default:
      return;  // toward zero
  }
}

bool has_float_accumulate(const Unit& unit) {
  return unit.operation != Operation::block_dot && !unit.accumulation.flush_subnormals &&
         !unit.accumulation.partial && unit.product == ProductRule::exact && has_float_parts(unit.a) &&
         has_float_parts(unit.b) && has_float_parts(unit.result) && has_float_parts(format_of_c(unit)) &&
         product_width(unit) <= 48 && !is_stochastic(unit.rounding);
}

FloatAccumulator::FloatAccumulator(const Unit& unit)
    : a_(unit.a),
      b_(unit.b),
      c_(format_of_c(unit)),
      round_(unit.result, unit.rounding, unit.saturation),
      product_shift_(kTop + 1 - product_width(unit)),
      c_shift_(kTop - format_of_c(unit).fraction_width),
      product_exponent_(a_.least_exponent() + b_.least_exponent() - product_shift_),
      c_exponent_(c_.least_exponent() - c_shift_),
      normalizes_(std::max({product_width(unit), format_of_c(unit).fraction_width + 1,
                            unit.result.fraction_width + 1}) > kNarrowWidth) {}

}  // namespace assay
