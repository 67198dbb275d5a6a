#include "arith/gemm_rows_plan.h"

#include <algorithm>
#include <bit>

#include "arith/gemm_golden.h"
#include "arith/gemm_plan.h"
#include "arith/lane_extent.h"
#include "arith/lane_rounder.h"
#include "arith/modular_lanes.h"
#include "formats/real.h"

namespace assay {
namespace {

// Lanes of a group's terms lie in memory.
constexpr int kMostTerms = 4096;
// Parts of a fused sum.
constexpr int kMostWindows = 20;

int span(const LaneExtent& x) {
  return x.greatest + 1 - x.least;
}

int bits_of(int64_t count) {
  return static_cast<int>(std::bit_width(static_cast<uint64_t>(count)));
}

bool can_round(const Unit& unit, const Format& format, Saturation saturation, int random_bits) {
  return rounds_from_odd(format, unit.rounding, random_bits) &&
         has_fast_rounding(format, unit.rounding, saturation, random_bits);
}

// Boundaries between logarithmic numbers are no float64; lanes where that matters are left to the golden model.
bool can_round_with_doubts(const Unit& unit) {
  return unit.result.kind == FormatKind::logarithmic && unit.result.width <= 16 && !unit.accumulation.sum &&
         !unit.accumulation.partial && fits_lane(lane_extent(unit.result));
}

bool is_float64(const Format& format) {
  const LaneExtent extent = lane_extent(format);
  const bool no_more_bits = format.width <= 32 || format.kind == FormatKind::floating;
  return no_more_bits && extent.significand <= kLaneBits && extent.least >= -1074 && extent.greatest <= 1023;
}

bool goes_to_infinity(Saturation saturation) {
  return saturation == Saturation::sat_none || saturation == Saturation::sat_none_v40;
}

// Sums rounded to float64.
bool plan_float64(const Unit& unit, RowsPlan& plan) {
  const Accumulation& how = unit.accumulation;
  if (!(unit.result == parse_format("fp64")) || how.sum || how.partial || how.flush_subnormals) return false;
  const std::optional<int> mode = processor_mode(unit.rounding);
  const bool one_by_one = how.kind == AccumulationKind::sequential || how.kind == AccumulationKind::kahan ||
                          how.kind == AccumulationKind::tree;
  plan.sums = mode ? RowsPlan::Sums::host : RowsPlan::Sums::in_parts;
  plan.host_mode = mode.value_or(0);
  plan.saturates = !goes_to_infinity(unit.saturation);
  plan.multiply_adds = mode && one_by_one && unit.product == ProductRule::exact &&
                       unit.operation != Operation::block_dot && is_float64(unit.a) && is_float64(unit.b);
  plan.wide_accumulators = !one_by_one;
  plan.has_doubts = !mode || plan.saturates || !one_by_one;
  return true;
}

// The exponents that operands have at most where they are not left to the golden model.
int bound_of(const Unit& unit) {
  const AccumulationKind kind = unit.accumulation.kind;
  return kind == AccumulationKind::fused || kind == AccumulationKind::window ? 100 : 390;
}

LaneExtent operand_extent(const Format& format, int bound, RowsPlan& plan) {
  const LaneExtent all = lane_extent(format), within = lane_extent_within(format, bound);
  if (fits_lane({all.significand, 2 * all.least, 2 * all.greatest})) return all;
  plan.bound = bound;
  return within;
}

bool plan_products(const Unit& unit, RowsPlan& plan, LaneExtent& product) {
  const bool small = unit.a.width + unit.b.width <= 16;
  const LaneExtent a = operand_extent(unit.a, bound_of(unit), plan);
  const LaneExtent b = operand_extent(unit.b, bound_of(unit), plan);
  switch (unit.product) {
    case ProductRule::exact:
      product = lane_product(a, b);
      break;
    case ProductRule::via:
      if (unit.product_format.width > 32 || unit.product_format.kind == FormatKind::logarithmic) return false;
      product = lane_extent(unit.product_format);
      break;
    case ProductRule::mfbprop:
      product = lane_extent(parse_format("e4m2"));
      break;
    default:
      product = lane_extent(unit.a);
      break;
  }
  plan.two_parts = product.significand > kLaneBits;
  // Windows need the exponents of the operands.
  const bool in_window = unit.accumulation.kind == AccumulationKind::window;
  if (small && (unit.product != ProductRule::exact || (plan.two_parts && !in_window))) {
    plan.products = RowsPlan::Products::table;
  } else if (is_piecewise_affine(unit.product)) {
    plan.products = RowsPlan::Products::codes;
    return unit.a.width <= 16 || unit.a == parse_format("fp32");
  } else if (unit.product == ProductRule::via) {
    plan.via = true;
    return a.significand + b.significand <= kLaneBits && fits_lane(lane_product(a, b)) &&
           has_fast_rounding(unit.product_format, Rounding::rne, default_saturation(unit.product_format), 0);
  }
  return is_float64(unit.a) && is_float64(unit.b);
}

// The accumulators that the lanes of a fused sum or window take.
LaneExtent accumulator_extent(const Unit& unit, const RowsPlan& plan, const LaneExtent& term) {
  constexpr int kGrowth = 60;  // of a sum of terms
  if (!plan.wide_accumulators) return lane_extent(summing_format(unit));
  if (unit.accumulation.kind == AccumulationKind::fused)
    return {kLaneBits, term.least, term.greatest + kGrowth};
  return lane_extent_within(unit.result, kWindowBound);
}

bool plan_fused(const Unit& unit, const LaneExtent& product, const LaneExtent& term, RowsPlan& plan) {
  const int64_t group = rows_group(unit), block = block_length(unit);
  const bool scaled = unit.operation == Operation::block_dot;
  // A negative scale would turn the sign of a zero that is not a sum of zeros of one sign.
  const bool one_scale = !scaled || (!unit.c.is_signed && block % group == 0 && unit.terms % block == 0);
  plan.exact_group = one_scale && unit.rounding != Rounding::rdn &&
                     span(product) + bits_of(group) + term.significand - product.significand <= kLaneBits;
  if (plan.exact_group) return true;
  const LaneExtent accumulator = accumulator_extent(unit, plan, term);
  plan.window_least = std::min(term.least, accumulator.least);
  plan.window_width = 50 - bits_of(group + 2);
  const int all = std::max(term.greatest, accumulator.greatest) + 1 - plan.window_least;
  plan.windows = (all + plan.window_width - 1) / plan.window_width;
  return plan.windows <= kMostWindows;
}

// Whether all that is cut, added and shifted in a window is exact in float64.
bool fits_window(const Unit& unit, const LaneExtent& product, const LaneExtent& term,
                 const LaneExtent& accumulator) {
  const Accumulation& how = unit.accumulation;
  const bool scaled = unit.operation == Operation::block_dot;
  const int scale_significand = scaled ? 2 * lane_extent(unit.c).significand : 0;
  if (how.exact > 0 && span(product) + bits_of(how.exact) + scale_significand > kLaneBits) return false;
  // A significand is less than 2, so a product less than 4 times what its exponent says, and scales are too.
  const int above = (how.exact > 0 ? product.greatest + 1 + bits_of(how.exact) : 2) + (scaled ? 2 : 0);
  const int bits = std::max(how.window, how.join) + std::max(above, 2);
  const int terms = rows_group(unit) / std::max(how.exact, 1) + 1;
  const int least = std::min(term.least, accumulator.least);
  const int greatest = std::max(term.greatest, accumulator.greatest);
  const int sum_bits = bits + bits_of(terms);
  // A joined sum is cut once more.
  return bits <= 50 && sum_bits <= (how.join > 0 ? 50 : kLaneBits) && least - greatest > -1000;
}

}  // namespace

int rows_group(const Unit& unit) {
  const AccumulationKind kind = unit.accumulation.kind;
  if (kind == AccumulationKind::sequential || kind == AccumulationKind::kahan) return 1;
  return unit.accumulation.group > 0 ? unit.accumulation.group : unit.terms;
}

size_t products_worth_a_plan(const Unit& unit, const RowsPlan& plan) {
  // A table of roundings takes some for each code.
  const size_t for_roundings =
      unit.result.kind == FormatKind::logarithmic ? size_t{4} << unit.result.width : 0;
  return plan.products == RowsPlan::Products::table
             ? std::max(size_t{1} << (unit.a.width + unit.b.width), for_roundings)
             : for_roundings;
}

const Format& summing_format(const Unit& unit) {
  return unit.accumulation.partial ? *unit.accumulation.partial : unit.result;
}

Saturation summing_saturation(const Unit& unit) {
  const bool usual = unit.saturation == default_saturation(unit.result);
  return unit.accumulation.partial && usual ? default_saturation(*unit.accumulation.partial)
                                            : unit.saturation;
}

namespace {

// How sums of the unit are rounded, if they can be.
bool plan_rounding(const Unit& unit, int random_bits, RowsPlan& plan) {
  const Accumulation& how = unit.accumulation;
  if (plan_float64(unit, plan)) return true;
  plan.has_doubts = can_round_with_doubts(unit);
  if (!plan.has_doubts && !can_round(unit, summing_format(unit), summing_saturation(unit), random_bits))
    return false;
  if (how.sum && !can_round(unit, *how.sum, unit.saturation, random_bits)) return false;
  return !how.partial || (can_round(unit, unit.result, unit.saturation, random_bits) &&
                          lane_extent(unit.result).significand <= 48);
}

}  // namespace

std::optional<RowsPlan> plan_rows(const Unit& unit, int random_bits) {
  const bool scaled = unit.operation == Operation::block_dot;
  if (!scaled && unit.operation != Operation::mac && unit.operation != Operation::dot) return std::nullopt;
  if (unit.terms > kMostTerms) return std::nullopt;

  RowsPlan plan;
  LaneExtent product;
  if (!plan_products(unit, plan, product)) return std::nullopt;
  const Accumulation& how = unit.accumulation;
  const Format& format = summing_format(unit);
  LaneExtent term = product;
  if (scaled) {
    const LaneExtent scales = lane_product(lane_extent(unit.c), lane_extent(unit.c));
    const LaneExtent scaled_term = lane_product(how.partial ? lane_extent(format) : product, scales);
    if (unit.c.width > 32 || scales.significand > kLaneBits || !fits_lane(scaled_term)) return std::nullopt;
    if (!how.partial) term = scaled_term;
  }
  const bool in_window = how.kind == AccumulationKind::window;
  if (plan.two_parts ? scaled || (in_window && how.join > 0) : term.significand > kLaneBits)
    return std::nullopt;

  if (!plan_rounding(unit, random_bits, plan)) return std::nullopt;
  if (plan.multiply_adds) {
    plan.two_parts = false;
    plan.bound = 0;
    plan.products = RowsPlan::Products::exact;
  } else if (!fits_lane(product)) {
    return std::nullopt;
  }
  if (unit.saturation == Saturation::wrap && !in_window && !wraps_exactly(unit.result, term)) {
    if (scaled || how.partial || how.sum || !wraps_from_odd(unit.result, unit.rounding, random_bits))
      return std::nullopt;
    plan.reduces = true;
  }
  plan.has_doubts = plan.has_doubts || plan.bound > 0;
  if (how.kind == AccumulationKind::fused && !plan_fused(unit, product, term, plan)) return std::nullopt;
  if (in_window && !fits_window(unit, product, term, accumulator_extent(unit, plan, term)))
    return std::nullopt;
  return plan;
}

}  // namespace assay
