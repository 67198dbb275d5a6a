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

}  // namespace

LaneRounder::LaneRounder(const Format& format, Rounding rounding, Saturation saturation, int random_bits)
    : format_(format),
      rounding_(rounding),
      saturation_(saturation),
      is_float32_(rounding == Rounding::rne && saturation == Saturation::sat_none &&
                  format == parse_format("fp32")),
      plan_(make_rounding_plan<double>(format, rounding, saturation, random_bits)) {
  constexpr size_t kMany = size_t{1} << 40;
  if (format.kind == FormatKind::posit && !has_table(format, rounding, saturation)) {
    posit_.emplace(format, rounding, saturation);
  }
  if (format.kind == FormatKind::logarithmic) {
    logarithmic_ = step_table<double>(format, rounding, saturation, kMany);
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
  for (double& value : values) {
    const auto bits = std::bit_cast<uint64_t>(value);
    const uint64_t odd = value == value ? bits & 1 : 0;
    const size_t below = logarithmic_->find(std::bit_cast<double>(bits - odd)),
                 above = logarithmic_->find(std::bit_cast<double>(bits + odd));
    const bool same = logarithmic_->code(below) == logarithmic_->code(above);
    value = same ? logarithmic_->value(below) : std::numeric_limits<double>::quiet_NaN();
  }
}

bool has_fast_rounding(const Format& format, Rounding rounding, Saturation saturation, int random_bits) {
  if (format.kind == FormatKind::posit) return true;
  if (make_rounding_plan<double>(format, rounding, saturation, random_bits)) return true;
  return has_table(format, rounding, saturation);
}

}  // namespace assay
