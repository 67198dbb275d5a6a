#include "arith/gemm_rows_terms.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "arith/gemm_kernels.h"
#include "arith/lane_extent.h"
#include "arith/real_arithmetic.h"
#include "formats/round.h"

namespace assay {
namespace {

const Format& operand_of(const Unit& unit, bool is_b) {
  return is_b ? unit.b : unit.a;
}

// Subnormals and zeros become +0.
void flush(const Format& format, std::span<double> values) {
  if (format.kind != FormatKind::floating || !format.has_subnormals) return;
  const double least = std::ldexp(1.0, 1 - format.exponent_bias);
  for (double& value : values) value = std::abs(value) < least ? 0.0 : value;
}

void flush(const Format& format, std::span<uint32_t> codes) {
  if (format.kind != FormatKind::floating || !format.has_subnormals) return;
  const bool keeps_minus_zero = format.nan == NanEncoding::negative_zero;
  const auto minus_zero = static_cast<uint32_t>(uint64_t{1} << (format.width - 1));
  const auto fields = static_cast<uint32_t>(code_mask(magnitude_width(format)) >>
                                            format.fraction_width << format.fraction_width);
  for (uint32_t& code : codes) {
    if ((code & fields) == 0 && !(keeps_minus_zero && code == minus_zero)) code = 0;
  }
}

// Marks lanes with a number, not zero, whose exponent is not in -bound .. bound.
void mark_beyond(std::span<const double> values, int bound, std::span<char> is_beyond) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && !lies_within(values[i], bound)) is_beyond[i % is_beyond.size()] = 1;
  }
}

}  // namespace

void window_exponents(std::span<const double> values, double least, std::span<double> exponents) {
  constexpr double kField = 0x1p52;  // the bits below it count
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t field = std::bit_cast<uint64_t>(values[i]) << 1 >> 53;
    const double exponent = std::bit_cast<double>(std::bit_cast<uint64_t>(kField) | field) - (kField + 1023);
    exponents[i] = values[i] == 0 ? kNoRowsExponent : std::max(exponent, least);
  }
}

double least_window_exponent(const Format& format) {
  return format.kind == FormatKind::floating && format.has_subnormals ? 1 - format.exponent_bias
                                                                      : kNoRowsExponent;
}

RowsTerms::RowsTerms(const Unit& unit, const RowsPlan& plan)
    : unit_(unit), plan_(plan), in_window_(unit.accumulation.kind == AccumulationKind::window) {
  if (plan.via) {
    via_.emplace(unit.product_format, Rounding::rne, default_saturation(unit.product_format), 0);
  }
  if (plan.products == RowsPlan::Products::codes) {
    affine_.emplace(unit);
    product_values_ = std::make_shared<CodeReader<double>>(unit.a);
  }
  if (plan.products != RowsPlan::Products::table) return;
  const size_t size = size_t{1} << (unit.a.width + unit.b.width);
  table_high_.resize(size);
  if (plan.two_parts) table_low_.resize(size);
  for (size_t i = 0; i < size; ++i) {
    const Real product = assay::product_of(unit, i >> unit.b.width, i & code_mask(unit.b.width));
    table_high_[i] = nearest_float<double>(product);
    if (!plan.two_parts || product.kind != RealClass::finite) continue;
    Real high = real_of(table_high_[i]);
    high.negative = !high.negative;
    table_low_[i] = nearest_float<double>(add(product, high, Rounding::rne));
  }
}

void RowsTerms::read(const RowsOperand& operand, bool is_b, int64_t first, size_t lanes, size_t width,
                     int64_t first_k, size_t depth, int64_t first_block, size_t blocks,
                     RowsStrip& strip) const {
  const Format& format = operand_of(unit_, is_b);
  const bool flushes = unit_.accumulation.flush_subnormals;
  strip.lanes = width;
  strip.is_beyond.resize(width);
  if (reads_codes()) {
    strip.codes.assign(depth * width, 0);
    operand.codes(first, lanes, first_k, depth, width, strip.codes.data());
    if (flushes) flush(format, strip.codes);
  } else {
    strip.values.assign(depth * width, 0);
    operand.values(first, lanes, first_k, depth, width, strip.values.data());
    if (flushes) flush(format, strip.values);
    if (plan_.bound > 0) mark_beyond(strip.values, plan_.bound, strip.is_beyond);
  }
  if (in_window_ && unit_.product == ProductRule::exact) {
    strip.exponents.resize(strip.values.size());
    window_exponents(strip.values, least_window_exponent(format), strip.exponents);
  }
  if (!operand.scales) return;
  strip.scales.assign(blocks * width, 1);
  operand.scales(first, lanes, first_block, blocks, width, strip.scales.data());
  strip.scale_exponents.resize(strip.scales.size());
  window_exponents(strip.scales, least_window_exponent(unit_.c), strip.scale_exponents);
}

void RowsTerms::product(const RowsStrip& a, size_t row, const RowsStrip& b, size_t k,
                        const RowsTerm& term) const {
  const size_t lanes = b.lanes, of_a = k * a.lanes + row, of_b = k * lanes;
  const std::span<double> high(term.high, lanes);
  switch (plan_.products) {
    case RowsPlan::Products::exact: {
      const double factor = a.values[of_a];
      const double* b_values = b.values.data() + of_b;
      if (plan_.two_parts) {
        std::ranges::fill(high, factor);
        multiply_in_parts(term.high, b_values, lanes, term.high, term.low);
      } else {
        std::transform(b_values, b_values + lanes, term.high, [=](double x) { return factor * x; });
      }
      break;
    }
    case RowsPlan::Products::table: {
      const size_t first = size_t{a.codes[of_a]} << unit_.b.width;
      for (size_t i = 0; i < lanes; ++i) term.high[i] = table_high_[first + b.codes[of_b + i]];
      if (!plan_.two_parts) break;
      for (size_t i = 0; i < lanes; ++i) term.low[i] = table_low_[first + b.codes[of_b + i]];
      break;
    }
    case RowsPlan::Products::codes: {
      thread_local std::vector<uint32_t> codes;
      codes.resize(lanes);
      (*affine_)(a.codes[of_a], std::span(b.codes).subspan(of_b, lanes), codes);
      product_values_->read(codes, high);
      break;
    }
  }
  if (via_) (*via_)(high);
  if (!in_window_ || term.exponents == nullptr) return;
  const std::span<double> exponents(term.exponents, lanes);
  if (unit_.product != ProductRule::exact) return window_exponents(high, kNoRowsExponent, exponents);
  const double exponent = a.exponents[of_a];
  const double* b_exponents = b.exponents.data() + of_b;
  std::transform(b_exponents, b_exponents + lanes, term.exponents, [=](double x) { return exponent + x; });
}

void RowsTerms::scale(const RowsStrip& a, size_t row, const RowsStrip& b, size_t block,
                      const RowsTerm& term) const {
  const size_t lanes = b.lanes, of_a = block * a.lanes + row, of_b = block * lanes;
  const double factor = a.scales[of_a], exponent = a.scale_exponents[of_a];
  for (size_t i = 0; i < lanes; ++i) term.high[i] *= factor * b.scales[of_b + i];
  if (term.exponents == nullptr) return;
  for (size_t i = 0; i < lanes; ++i) term.exponents[i] += exponent + b.scale_exponents[of_b + i];
}

}  // namespace assay
