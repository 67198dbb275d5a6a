#include "arith/fixed_point_dot.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <limits>

#include "arith/dot_steps.h"
#include "arith/operation.h"

namespace assay {
namespace {

constexpr int kWidest = 12;     // of operands: tables that stay in the first-level cache
constexpr int kMostBits = 126;  // of sums
constexpr int kOperandBits = 62;
constexpr int64_t kSpecial = std::numeric_limits<int64_t>::min();
constexpr size_t kUsualTerms = 4;

int bits_of(const Format& format) {
  const BitRange range = bit_range(format);
  return range.greatest - range.least + 1;
}

bool is_narrow(const Format& format) {
  return format.width <= kWidest && bits_of(format) <= kOperandBits;
}

// Products that are summed before their scales are looked at.
size_t products_a_term(const Unit& unit) {
  return unit.accumulation.kind == AccumulationKind::window ? static_cast<size_t>(unit.accumulation.exact)
                                                            : block_size(unit);
}

// The most bits of the product of two scales.
int scale_bits(const Unit& unit) {
  int bits = 0;
  for (uint64_t code = 0; code <= code_mask(unit.c.width); ++code) {
    const Real scale = decode(unit.c, code);
    if (scale.kind == RealClass::finite) bits = std::max(bits, floor_log2(scale.significand) + 1);
  }
  return 2 * bits;
}

int64_t in_units(const Real& value, int unit_exponent) {
  if (value.kind == RealClass::zero) return 0;
  if (value.kind != RealClass::finite) return kSpecial;
  // Numbers of code books have zeros below their least bit.
  const int shift = value.exponent - unit_exponent;
  const auto units =
      static_cast<int64_t>(shift < 0 ? value.significand >> -shift : value.significand << shift);
  return value.negative ? -units : units;
}

std::vector<int64_t> table(const Unit& unit, const Format& format) {
  std::vector<int64_t> units(size_t{1} << format.width);
  const int least = bit_range(format).least;
  for (uint64_t code = 0; code < units.size(); ++code) {
    const bool flush = unit.accumulation.flush_subnormals;
    units[code] = in_units(decode(format, flush ? without_subnormals(format, code) : code), least);
  }
  return units;
}

}  // namespace

bool has_fixed_point_dot(const Unit& unit) {
  const Accumulation& how = unit.accumulation;
  const bool is_exact = how.kind == AccumulationKind::fused ||
                        (how.kind == AccumulationKind::window && how.exact > 0 && how.join == 0);
  const bool is_one_group = how.group == 0 || how.group == unit.terms;
  const bool is_scaled = unit.operation == Operation::block_dot;
  if ((unit.operation != Operation::dot && !is_scaled) || !is_exact || !is_one_group || how.partial ||
      unit.product != ProductRule::exact || unit.saturation == Saturation::wrap || !is_narrow(unit.a) ||
      !is_narrow(unit.b) || (is_scaled && unit.c.width > kWidest)) {
    return false;
  }
  const int sum_bits = bits_of(unit.a) + bits_of(unit.b) + floor_log2(static_cast<uint64_t>(unit.terms)) + 1;
  return sum_bits + (is_scaled ? scale_bits(unit) : 0) <= kMostBits;
}

FixedPointDot::FixedPointDot(const Unit& unit)
    : unit_(unit),
      a_(table(unit, unit.a)),
      b_(table(unit, unit.b)),
      least_exponent_(bit_range(unit.a).least + bit_range(unit.b).least) {}

std::optional<uint64_t> FixedPointDot::operator()(std::span<const uint64_t> operands,
                                                  RandomBits random) const {
  const auto products = static_cast<size_t>(unit_.terms);
  const size_t step = products_a_term(unit_), block = block_size(unit_);
  const uint64_t a_mask = a_.size() - 1, b_mask = b_.size() - 1;
  boost::container::small_vector<DotTerm, kUsualTerms> terms;
  for (size_t i = 0; i < products; i += step) {
    int128 sum = 0;
    for (size_t j = i; j < std::min(i + step, products); ++j) {
      const int64_t x = a_[operands[2 * j] & a_mask], y = b_[operands[2 * j + 1] & b_mask];
      if (x == kSpecial || y == kSpecial) return std::nullopt;
      sum += int128{x} * y;
    }
    DotTerm& term = terms.emplace_back();
    term.value = real_from_units(sum, least_exponent_);
    if (unit_.operation != Operation::block_dot) continue;
    const size_t scales = 2 * (products + i / block);
    multiply_by(term, scale_term(unit_.c, operands[scales], operands[scales + 1]));
  }
  const std::span<const DotTerm> all(terms.data(), terms.size());
  DotSteps steps(unit_, unit_.result, {&random, 1}, nullptr);
  const DotTerm accumulator = accumulator_term(steps, operands.back());
  const Real sum = unit_.accumulation.kind == AccumulationKind::window
                       ? window_sum(all, accumulator, unit_)
                       : fused_sum(all, accumulator.value, unit_.rounding);
  if (sum.kind == RealClass::zero) return std::nullopt;
  return steps.round(sum);
}

}  // namespace assay
