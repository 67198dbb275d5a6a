#include "report/measure.h"

#include <vector>

namespace assay {
namespace {

constexpr Measure kMeasures[] = {
    {"fJ", "J", 1e-15},   {"pJ", "J", 1e-12},      {"nJ", "J", 1e-9},
    {"uJ", "J", 1e-6},    {"mJ", "J", 1e-3},       {"J", "J", 1.0},
    {"ps", "s", 1e-12},   {"ns", "s", 1e-9},       {"us", "s", 1e-6},
    {"ms", "s", 1e-3},    {"s", "s", 1.0},         {"pW", "W", 1e-12},
    {"nW", "W", 1e-9},    {"uW", "W", 1e-6},       {"mW", "W", 1e-3},
    {"W", "W", 1.0},      {"um2", "um2", 1.0},     {"mm2", "um2", 1e6},
    {"Hz", "Hz", 1.0},    {"kHz", "Hz", 1e3},      {"MHz", "Hz", 1e6},
    {"GHz", "Hz", 1e9},   {"mV", "V", 1e-3},       {"V", "V", 1.0},
    {"%", "%", 1.0},      {"cycles", "cycles", 1}, {"MAC", "MAC", 1.0},
    {"GMAC", "MAC", 1e9}, {"NAND2", "NAND2", 1.0}, {"vectors/s", "vectors/s", 1.0},
};

}  // namespace

const Measure* find_measure(std::string_view unit) {
  for (const Measure& measure : kMeasures) {
    if (measure.unit == unit) return &measure;
  }
  return nullptr;
}

std::string units_of(std::string_view base) {
  std::vector<std::string_view> units;
  for (const Measure& measure : kMeasures) {
    if (measure.base == base) units.push_back(measure.unit);
  }
  std::string text;
  for (size_t i = 0; i < units.size(); ++i) {
    if (i > 0) text += i + 1 == units.size() ? " or " : ", ";
    text += units[i];
  }
  return text;
}

}  // namespace assay
