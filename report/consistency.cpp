#include "report/consistency.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>

#include "base/error.h"
#include "report/measure.h"

namespace assay {
namespace {

using nlohmann::json;

// Totals are rounded by those who write them, so sums agree to this part of the total only.
constexpr double kSumTolerance = 1e-3;

double in_base_unit(const json& quantity) {
  const Measure* measure = find_measure(quantity.at("unit").get_ref<const std::string&>());
  return quantity.at("value").get<double>() * (measure == nullptr ? 1.0 : measure->factor);
}

double sum(const json& parts, std::initializer_list<const char*> names) {
  double total = 0.0;
  for (const char* name : names) total += in_base_unit(parts.at(name));
  return total;
}

void check_sum(double total, double parts, const std::string& where, const std::string& what) {
  if (std::abs(total - parts) > kSumTolerance * std::max(total, parts)) {
    fail("results: {}: {} (in base units) differs from {}, the sum of {}", where, total, parts, what);
  }
}

std::set<std::string> distinct_names(const json& list, const std::string& where, const std::string& key) {
  std::set<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string name = list[i].at(key).get<std::string>();
    if (!names.insert(name).second) {
      fail("results: {}[{}].{}: '{}' is there twice, expected different names", where, i, key, name);
    }
  }
  return names;
}

void check_unit_name(const json& name, const std::set<std::string>& units, const std::string& where) {
  if (!units.contains(name.get<std::string>())) {
    fail("results: {}: '{}' is not in units, expected the name of one of them", where,
         name.get<std::string>());
  }
}

void check_macs(const json& layer, const std::string& where) {
  int64_t product = 1;
  for (const char* size : {"m", "n", "k", "count"}) {
    if (__builtin_mul_overflow(product, layer.at(size).get<int64_t>(), &product)) {
      fail("results: {}: m n k count exceeds 63 bits", where);
    }
  }
  const int64_t macs = layer.at("macs").get<int64_t>();
  if (macs != product) fail("results: {}.macs: expected m n k count = {}, found {}", where, product, macs);
}

void check_scheme(const json& scheme, const std::set<std::string>& units, const std::string& where) {
  for (const char* name : {"fwd", "dgrad", "wgrad"}) {
    const auto phase = scheme.at("phases").find(name);
    if (phase == scheme.at("phases").end()) continue;
    check_unit_name(phase->at("unit"), units, fmt::format("{}.phases.{}.unit", where, name));
  }
  check_sum(in_base_unit(scheme.at("totals").at("energy")),
            sum(scheme.at("energy_split"),
                {"product", "accumulate", "registers", "clock", "leakage", "sram", "dram"}),
            where + ".totals.energy", where + ".energy_split");
  const json& layers = scheme.at("layers");
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string place = fmt::format("{}.layers[{}]", where, i);
    check_unit_name(layers[i].at("unit"), units, place + ".unit");
    check_macs(layers[i], place);
  }
}

}  // namespace

void check_consistency(const json& results) {
  const json& schemes = results.at("schemes");
  if (schemes.empty()) fail("results: schemes: expected at least one scheme, found none");
  distinct_names(schemes, "schemes", "name");
  const std::set<std::string> units = distinct_names(results.at("units"), "units", "unit");
  for (size_t i = 0; i < schemes.size(); ++i) {
    check_scheme(schemes[i], units, fmt::format("schemes[{}]", i));
  }
  for (size_t i = 0; i < results.at("units").size(); ++i) {
    const json& area = results.at("units")[i].at("area");
    const std::string where = fmt::format("units[{}].area", i);
    check_sum(in_base_unit(area.at("total")), sum(area, {"product", "accumulate", "registers"}),
              where + ".total", "its parts");
  }
}

}  // namespace assay
