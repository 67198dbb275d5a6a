#include "arith/logarithmic_rounder.h"

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "formats/array_kernels_tables.h"

namespace assay {
namespace {

using Key = OrderKey<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Places between two neighbours are not told apart when they are so near.
constexpr double kDoubt = 0x1p-26;

bool is_odd(double value) {
  return value == value && (std::bit_cast<uint64_t>(value) & 1) != 0;
}

// The least place from which on a value goes away from zero (formats/rounding.h).
double threshold(Rounding rounding, RandomBits random) {
  const double one = std::ldexp(1.0, random.count), value = random.value;
  if (rounding == Rounding::sr_a) return (one - value) / one;
  return (one - value - 0.5) / one;
}

}  // namespace

LogarithmicRounder::Steps::Steps(const Format& format, Rounding rounding, Saturation saturation)
    : table_(step_table<double>(format, rounding, saturation, size_t{1} << 40)),
      periodic_(PeriodicSteps::of(*table_)) {}

double LogarithmicRounder::Steps::operator()(double value) const {
  if (periodic_) {
    if (const std::optional<double> rounded = (*periodic_)(value)) return *rounded;
  }
  const Key key = order_of(value);
  const size_t step = table_->find(value);
  const bool is_at_edge = table_->begin(step) == key || table_->begin(step + 1) == key + 1;
  return is_at_edge && is_odd(value) ? kNan : table_->value(step);
}

LogarithmicRounder::LogarithmicRounder(const Format& format, Rounding rounding, Saturation saturation)
    : rounding_(rounding),
      is_linear_(format.rounding_domain == RoundingDomain::linear),
      steps_an_octave_(std::ldexp(1.0, format.fraction_width)),
      steps_(format, is_stochastic(rounding) ? Rounding::rdn : rounding, saturation) {
  if (is_stochastic(rounding)) upward_.emplace(format, Rounding::rup, saturation);
}

double LogarithmicRounder::operator()(double value, RandomBits random) const {
  const double below = steps_(value);
  if (!upward_) return below;
  const double above = (*upward_)(value);
  if (below == above) return below;
  const double near = value < 0 ? above : below, far = value < 0 ? below : above;
  if (near == 0 || near != near || far != far) return kNan;
  const double place = place_between(value, near, far), least = threshold(rounding_, random);
  if (std::abs(place - least) < kDoubt) return kNan;
  return place < least ? near : far;
}

double LogarithmicRounder::place_between(double value, double near, double far) const {
  if (is_linear_) return (value - near) / (far - near);
  // log2(value / near), for a quotient of at most 2: the series of the inverse hyperbolic tangent up to the 15th power.
  const double x = (value - near) / (value + near), square = x * x;
  double sum = 0;
  for (int power = 15; power > 0; power -= 2) sum = sum * square + 1.0 / power;
  return steps_an_octave_ * 2 * std::numbers::log2e * x * sum;
}

}  // namespace assay
