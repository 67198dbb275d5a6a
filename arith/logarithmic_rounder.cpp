#include "arith/logarithmic_rounder.h"

#include <bit>
#include <limits>

#include "formats/array_kernels_tables.h"

namespace assay {
namespace {

using Key = OrderKey<double>;

bool is_odd(double value) {
  return value == value && (std::bit_cast<uint64_t>(value) & 1) != 0;
}

}  // namespace

LogarithmicRounder::LogarithmicRounder(const Format& format, Rounding rounding, Saturation saturation)
    : table_(step_table<double>(format, rounding, saturation, size_t{1} << 40)),
      periodic_(PeriodicSteps::of(*table_)) {}

double LogarithmicRounder::by_table(double value) const {
  const Key key = order_of(value);
  const size_t step = table_->find(value);
  const bool is_at_edge = table_->begin(step) == key || table_->begin(step + 1) == key + 1;
  return is_at_edge && is_odd(value) ? std::numeric_limits<double>::quiet_NaN() : table_->value(step);
}

}  // namespace assay
