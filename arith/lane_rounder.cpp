#include "arith/lane_rounder.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "formats/array_kernels_simd.h"
#include "formats/array_kernels_tables.h"

namespace assay {
namespace {

// Whether quantize_dequantize uses a table where it has no SIMD loops (formats/array_kernels.h).
bool has_table(const Format& format, Rounding rounding, Saturation saturation) {
  return format.width <= (is_stochastic(rounding) ? 8 : 16) && saturation != Saturation::wrap;
}

using Key = OrderKey<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Whether the last bit of a number is one.
bool is_odd(double value) {
  return value == value && (std::bit_cast<uint64_t>(value) & 1) != 0;
}

}  // namespace

LaneRounder::LaneRounder(const Format& format, Rounding rounding, Saturation saturation, int random_bits)
    : format_(format),
      rounding_(rounding),
      saturation_(saturation),
      is_float32_(rounding == Rounding::rne && saturation == Saturation::sat_none &&
                  format == parse_format("fp32")),
      plan_(make_rounding_plan<double>(format, rounding, saturation, random_bits)) {
  constexpr size_t kMany = size_t{1} << 40;
  if (format.kind == FormatKind::posit &&
      (rounding == Rounding::rne || !has_table(format, rounding, saturation))) {
    posit_.emplace(format, rounding, saturation);
  }
  if (format.kind == FormatKind::logarithmic) {
    logarithmic_ = step_table<double>(format, rounding, saturation, kMany);
    periodic_ = PeriodicSteps::of(*logarithmic_);
  }
}

void LaneRounder::operator()(std::span<double> values, const ArrayRandom& random) const {
  if (is_float32_) {
    std::ranges::transform(values, values.begin(),
                           [](double value) { return static_cast<double>(static_cast<float>(value)); });
  } else if (plan_) {
    round_lanes(*plan_, values.data(), values.size(), random, values.data());
  } else if (posit_) {
    round_posits(values, random);
  } else if (logarithmic_) {
    round_logarithmic(values);
  } else {
    quantize_dequantize(format_, rounding_, saturation_, values, random);
  }
}

void LaneRounder::round_posits(std::span<double> values, const ArrayRandom& random) const {
  if (rounding_ == Rounding::rne) return round_posits_to_even(posit_->lanes(), values.data(), values.size());
  if (!is_stochastic(rounding_)) {
    for (double& value : values) value = (*posit_)(value, {});
    return;
  }
  thread_local std::vector<uint32_t> bits;
  bits.resize(values.size());
  random_bits(random, values.size(), bits.data());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = (*posit_)(values[i], RandomBits{random.bits, bits[i]});
  }
}

void LaneRounder::round_logarithmic(std::span<double> values) const {
  const auto by_table = [&](double value) {
    const Key key = order_of(value);
    const size_t step = logarithmic_->find(value);
    const bool is_at_edge = logarithmic_->begin(step) == key || logarithmic_->begin(step + 1) == key + 1;
    return is_at_edge && is_odd(value) ? kNan : logarithmic_->value(step);
  };
  for (double& value : values) {
    const std::optional<double> rounded = periodic_ ? (*periodic_)(value) : std::nullopt;
    value = rounded ? *rounded : by_table(value);
  }
}

bool has_fast_rounding(const Format& format, Rounding rounding, Saturation saturation, int random_bits) {
  if (format.kind == FormatKind::posit) return true;
  if (make_rounding_plan<double>(format, rounding, saturation, random_bits)) return true;
  return has_table(format, rounding, saturation);
}

}  // namespace assay
