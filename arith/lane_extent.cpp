#include "arith/lane_extent.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>

#include "formats/real.h"

namespace assay {
namespace {

// The bits of a table's numbers, and of those that would follow, without zeros at their ends.
LaneExtent extent_of(const CodeBook& book) {
  LaneExtent extent{0, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()};
  const auto cover = [&](double number) {
    const Real value = real_from_double(number);
    if (value.kind != RealClass::finite) return;
    const auto significand = static_cast<uint64_t>(value.significand);
    extent.least = std::min(extent.least, value.exponent + std::countr_zero(significand));
    extent.greatest = std::max(extent.greatest, value.exponent + floor_log2(significand));
  };
  for (const double value : book.values) cover(value);
  cover(book.above);
  cover(book.below);
  extent.significand = std::min(extent.greatest - extent.least + 1, kLaneBits);
  return extent;
}

}  // namespace

LaneExtent lane_extent(const Format& format) {
  if (format.kind == FormatKind::code_book) return extent_of(*format.book);
  const BitRange range = bit_range(format);
  const int all = range.greatest - range.least + 1;
  switch (format.kind) {
    case FormatKind::floating:
      return {format.fraction_width + 1, range.least, range.greatest};
    case FormatKind::posit:
      return {std::max(format.width - 2 - format.exponent_width, 1), range.least, range.greatest};
    default:
      return {std::min(all, kLaneBits), range.least, range.greatest};
  }
}

LaneExtent lane_extent_within(const Format& format, int exponent) {
  const LaneExtent all = lane_extent(format);
  return {all.significand, std::max(all.least, 1 - exponent - all.significand),
          std::min(all.greatest, exponent)};
}

bool lies_within(double x, int exponent) {
  const auto field = static_cast<int>(std::bit_cast<uint64_t>(x) >> 52 & 0x7ff);
  return x == 0 || std::abs(field - 1023) <= exponent;
}

LaneExtent lane_product(const LaneExtent& x, const LaneExtent& y) {
  return {x.significand + y.significand, x.least + y.least, x.greatest + y.greatest + 1};
}

bool fits_lane(const LaneExtent& x) {
  return x.least >= -900 && x.greatest <= 900;
}

bool rounds_from_odd(const Format& format, Rounding rounding, int random_bits) {
  // The boundaries between logarithmic numbers are no float64.
  if (format.kind == FormatKind::logarithmic) return false;
  // Posits of few bits are rounded where their codes of more bits would be.
  const int significand = format.kind == FormatKind::posit ? format.width : lane_extent(format).significand;
  const int looked_at = significand + 1 + (is_stochastic(rounding) ? random_bits + 1 : 0);
  return fits_lane(lane_extent(format)) && looked_at + 2 <= kLaneBits;
}

bool wraps_exactly(const Format& format, const LaneExtent& term) {
  const LaneExtent own = lane_extent(format);
  return std::max(term.greatest, own.greatest) + 4 - own.least <= kLaneBits;
}

}  // namespace assay
