#include "arith/batch_evaluator.h"

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <functional>
#include <utility>

#include "arith/float_environment.h"
#include "arith/gemm_kernels.h"
#include "arith/lane_extent.h"
#include "formats/array_kernels_simd.h"

namespace assay {
namespace {

// Vectors that are worked on at a time stay in the first-level cache. A multiple of what add_to_odd takes.
constexpr size_t kLanes = 256;
using Lanes = std::array<double, kLanes>;

bool is_sum(Operation operation) {
  return operation == Operation::add || operation == Operation::sub;
}

bool is_known(Operation operation) {
  switch (operation) {
    case Operation::mac:
    case Operation::fma:
    case Operation::mul:
    case Operation::add:
    case Operation::sub:
    case Operation::convert:
      return true;
    default:
      return false;
  }
}

// Whether all that happens before the rounding is exact or rounded to odd.
bool fits_lanes(const Unit& unit) {
  if (!is_known(unit.operation) || unit.product != ProductRule::exact || is_stochastic(unit.rounding) ||
      !(unit.accumulation == Accumulation{}) || !rounds_from_odd(unit.result, unit.rounding, 0)) {
    return false;
  }
  LaneExtent term = lane_extent(unit.a);
  for (int i = 0; i < operand_count(unit); ++i) {
    const LaneExtent extent = lane_extent(operand_format(unit, i));
    if (extent.significand > kLaneBits || !fits_lane(extent)) return false;
    term.greatest = std::max(term.greatest, extent.greatest);
  }
  if (has_product(unit.operation)) {
    const LaneExtent product = lane_product(lane_extent(unit.a), lane_extent(unit.b));
    if (product.significand > kLaneBits || !fits_lane(product)) return false;
    term.greatest = std::max(term.greatest, product.greatest);
  }
  return unit.saturation != Saturation::wrap || wraps_exactly(unit.result, term);
}

}  // namespace

BatchEvaluator::BatchEvaluator(Unit unit) : evaluator_(std::move(unit)) {
  const Unit& kept = evaluator_.unit();
  if (!fits_lanes(kept)) return;
  for (int i = 0; i < operand_count(kept); ++i) {
    auto& decoding = decoding_[i];
    decoding = make_decoding_plan<double>(operand_format(kept, i));
    if (!decoding) return;
  }
  rounding_ = make_rounding_plan<double>(kept.result, kept.rounding, kept.saturation, 0);
}

void BatchEvaluator::operator()(std::span<const uint64_t* const> operands, size_t count, uint64_t* results,
                                std::span<const RandomBits> random) const {
  if (has_lanes()) {
    const FloatEnvironment environment;
    for (size_t i = 0; i < count; i += kLanes) {
      run_lanes(operands, i, std::min(kLanes, count - i), results + i);
    }
    return;
  }
  boost::container::small_vector<uint64_t, 8> vector(static_cast<size_t>(operand_count(unit())));
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < vector.size(); ++j) vector[j] = operands[j][i];
    const RandomBits bits = random.empty() ? RandomBits{} : random[random.size() == 1 ? 0 : i];
    results[i] = evaluator_(std::span<const uint64_t>(vector.data(), vector.size()), bits);
  }
}

// Not inlined to where the environment is set, of which the compiler knows nothing.
[[gnu::noinline]] void BatchEvaluator::run_lanes(std::span<const uint64_t* const> operands, size_t first,
                                                 size_t count, uint64_t* results) const {
  alignas(64) std::array<Lanes, kOperands> values{};
  for (size_t i = 0; i < static_cast<size_t>(operand_count(unit())); ++i) {
    decode_lanes(*decoding_[i], operands[i] + first, count, values[i].data());
  }
  const Operation operation = unit().operation;
  Lanes& sum = values[0];
  if (has_product(operation)) std::ranges::transform(sum, values[1], sum.begin(), std::multiplies());
  if (operation == Operation::sub) std::ranges::transform(values[1], values[1].begin(), std::negate());
  const bool has_c = is_multiply_add(operation);
  if (has_c || is_sum(operation)) {
    add_to_odd(values[has_c ? 2 : 1].data(), kLanes, unit().rounding == Rounding::rdn, sum.data());
  }
  round_lanes(*rounding_, sum.data(), count, {}, results);
}

}  // namespace assay
