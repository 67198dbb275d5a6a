#include "arith/integer_accumulate.h"

#include "formats/round.h"

namespace assay {
namespace {

constexpr int kMostBits = 61;  // of a product and of c, whose sum fits a word

const Format& format_of_c(const Unit& unit) {
  return unit.operation == Operation::fma ? unit.c : unit.result;
}

bool is_plain(const Format& format) {
  const bool is_known =
      format.kind == FormatKind::twos_complement || format.kind == FormatKind::unsigned_integer;
  return is_known && format.width <= kMostBits;
}

}  // namespace

bool has_integer_accumulate(const Unit& unit) {
  const Format& c = format_of_c(unit);
  const int fraction_width = unit.a.fraction_width + unit.b.fraction_width;
  return unit.operation != Operation::block_dot && !unit.accumulation.partial &&
         unit.product == ProductRule::exact && is_plain(unit.a) && is_plain(unit.b) && is_plain(c) &&
         is_plain(unit.result) && unit.a.width + unit.b.width <= kMostBits &&
         c.fraction_width == fraction_width && unit.result.fraction_width == fraction_width;
}

IntegerAccumulator::Codes::Codes(const Format& format)
    : unused_bits(64 - format.width), is_signed(format.kind == FormatKind::twos_complement) {}

IntegerAccumulator::IntegerAccumulator(const Unit& unit)
    : a_(unit.a),
      b_(unit.b),
      c_(format_of_c(unit)),
      mask_(code_mask(unit.result.width)),
      wraps_(unit.saturation == Saturation::wrap) {
  if (wraps_) return;
  const Format& format = unit.result;
  const auto beyond = [&](bool negative) {
    const Real value{RealClass::finite, negative, 128, 1, false};
    return round_to_code(format, value, unit.rounding, unit.saturation);
  };
  greatest_ = static_cast<int64_t>(max_finite_magnitude(format));
  if (format.kind == FormatKind::twos_complement) {
    const bool has_least = !format.is_symmetric && unit.saturation != Saturation::sat_symmetric;
    least_ = -greatest_ - (has_least ? 1 : 0);
  }
  above_ = beyond(false);
  below_ = beyond(true);
}

}  // namespace assay
