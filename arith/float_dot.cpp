#include "arith/float_dot.h"

#include <boost/container/small_vector.hpp>

#include "arith/operation.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr size_t kUsualTerms = 32;

// Sums of two numbers of the result's format: c + a * 1.
Unit sum_unit(const Unit& unit) {
  Unit sum;
  sum.operation = Operation::mac;
  sum.a = sum.b = sum.c = sum.result = unit.result;
  sum.rounding = unit.rounding;
  sum.saturation = unit.saturation;
  return sum;
}

bool has_one(const Format& format) {
  return to_double(decode(format, encode(format, 1))) == 1;
}

}  // namespace

bool has_float_dot(const Unit& unit) {
  const Accumulation& how = unit.accumulation;
  const bool is_known = how.kind == AccumulationKind::kahan ||
                        (how.kind == AccumulationKind::tree && (how.group == 0 || how.group == unit.terms));
  return unit.operation == Operation::dot && is_known && has_float_accumulate(unit) &&
         has_float_accumulate(sum_unit(unit)) && unit.result.nan != NanEncoding::negative_zero &&
         has_one(unit.result);
}

FloatDot::FloatDot(const Unit& unit)
    : kind_(unit.accumulation.kind),
      sum_unit_(std::make_shared<const Unit>(sum_unit(unit))),
      product_(unit),
      sum_(*sum_unit_),
      one_(encode(unit.result, 1)),
      sign_(uint64_t{1} << (unit.result.width - 1)),
      neutral_zero_(unit.rounding == Rounding::rdn ? 0 : sign_) {}

std::optional<uint64_t> FloatDot::operator()(std::span<const uint64_t> operands) const {
  return kind_ == AccumulationKind::tree ? tree(operands) : kahan(operands);
}

std::optional<uint64_t> FloatDot::tree(std::span<const uint64_t> operands) const {
  boost::container::small_vector<uint64_t, kUsualTerms> level;
  for (size_t i = 0; i + 1 < operands.size(); i += 2) {
    // The zero that leaves the sign of a product of zero as it is.
    level.push_back(neutral_zero_);
    if (!product_(operands[i], operands[i + 1], level.back())) return std::nullopt;
  }
  for (; level.size() > 1; level.resize((level.size() + 1) / 2)) {
    for (size_t i = 0; i < level.size(); i += 2) {
      uint64_t sum = level[i];
      if (i + 1 < level.size() && !sum_(level[i + 1], one_, sum)) return std::nullopt;
      level[i / 2] = sum;
    }
  }
  uint64_t accumulator = operands.back();
  if (!sum_(level[0], one_, accumulator)) return std::nullopt;
  return accumulator;
}

std::optional<uint64_t> FloatDot::kahan(std::span<const uint64_t> operands) const {
  uint64_t accumulator = operands.back(), compensation = 0;
  for (size_t i = 0; i + 1 < operands.size(); i += 2) {
    uint64_t y = compensation ^ sign_;
    if (!product_(operands[i], operands[i + 1], y)) return std::nullopt;
    uint64_t change = accumulator ^ sign_;
    if (!sum_(y, one_, accumulator) || !sum_(accumulator, one_, change)) return std::nullopt;
    compensation = y ^ sign_;
    if (!sum_(change, one_, compensation)) return std::nullopt;
  }
  return accumulator;
}

}  // namespace assay
