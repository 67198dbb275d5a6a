#include "power/internal_energy.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/error.h"

namespace assay {
namespace {

constexpr size_t kMaxConditionPins = 16;

// Probability that `condition` holds: sums over all assignments of its variables.
double probability_of(const BooleanFunction& condition, const PinProbability& probability) {
  const size_t count = condition.variables.size();
  if (count > kMaxConditionPins) fail("internal_power: a condition has more than {} pins", kMaxConditionPins);
  std::vector<double> ones;
  for (const std::string& pin : condition.variables) ones.push_back(probability(pin));
  double sum = 0.0;
  std::vector<uint64_t> values(count);
  for (uint32_t assignment = 0; assignment < (1u << count); ++assignment) {
    double weight = 1.0;
    for (size_t i = 0; i < count; ++i) {
      const bool one = (assignment >> i) & 1;
      values[i] = one ? 1 : 0;
      weight *= one ? ones[i] : 1.0 - ones[i];
    }
    if (condition.evaluate(values) & 1) sum += weight;
  }
  return sum;
}

double mean_of_edges(const InternalPower& power, double slew, double load) {
  if (!power.rise) return power.fall->at(slew, load);
  if (!power.fall) return power.rise->at(slew, load);
  return 0.5 * (power.rise->at(slew, load) + power.fall->at(slew, load));
}

struct WeightedMean {
  double sum = 0.0;
  double weight = 0.0;
  double plain_sum = 0.0;
  int count = 0;

  void add(double value, double w) {
    sum += w * value;
    weight += w;
    plain_sum += value;
    ++count;
  }
  // States that never occur have no weight; then all count alike.
  double value() const { return weight > 0.0 ? sum / weight : plain_sum / count; }
};

// The groups that count: see output_internal_energy.
std::vector<const InternalPower*> groups_that_count(const LibertyPin& pin, std::string_view related_pin) {
  std::vector<const InternalPower*> groups;
  for (const InternalPower& power : pin.internal_power) {
    if (power.related_pin == related_pin) groups.push_back(&power);
  }
  const auto conditional = [](const InternalPower* power) { return power->when.has_value(); };
  if (std::any_of(groups.begin(), groups.end(), conditional)) {
    std::erase_if(groups, [&](const InternalPower* power) { return !conditional(power); });
  }
  return groups;
}

}  // namespace

double output_internal_energy(const LibertyPin& pin, std::string_view related_pin, double slew_ns,
                              double load_pf, const PinProbability& probability) {
  std::map<std::string_view, WeightedMean> of_supply;
  for (const InternalPower* power : groups_that_count(pin, related_pin)) {
    const double weight = power->when ? probability_of(*power->when, probability) : 1.0;
    of_supply[power->related_supply].add(mean_of_edges(*power, slew_ns, load_pf), weight);
  }
  double energy = 0.0;
  for (const auto& [supply, mean] : of_supply) energy += mean.value();
  return energy;
}

double input_internal_energy(const LibertyPin& pin, double slew_ns, const PinProbability& probability) {
  double energy = 0.0;
  for (const InternalPower* power : groups_that_count(pin, "")) {
    const double weight = power->when ? probability_of(*power->when, probability) : 1.0;
    energy += weight * mean_of_edges(*power, slew_ns, 0.0);
  }
  return energy;
}

}  // namespace assay
