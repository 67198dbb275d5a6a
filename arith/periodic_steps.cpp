#include "arith/periodic_steps.h"

#include <limits>

namespace assay {

std::optional<PeriodicSteps> PeriodicSteps::of(const StepTable<double>& table) {
  constexpr Key kCells = Key{1} << kCellBits;
  PeriodicSteps steps;
  for (double one : {-1.0, 1.0}) {
    for (Key cell = 0; cell < kCells; ++cell) {
      const auto found = cell_of(table, Binades::binade_of(order_of(one)), cell);
      if (!found) return std::nullopt;
      steps.cells_.push_back(*found);
    }
  }
  steps.patterns_.assign(Binades::kBinades, kNone);
  for (size_t binade = 0; binade + 1 < Binades::kBinades; ++binade) {
    const uint8_t pattern = binade < Binades::kBinades / 2 ? 0 : 1;
    Key cell = 0;
    while (cell < kCells && cell_of(table, binade, cell) == steps.cells_[pattern * kCells + cell]) ++cell;
    if (cell == kCells) steps.patterns_[binade] = pattern;
  }
  return steps;
}

std::optional<PeriodicSteps::Cell> PeriodicSteps::cell_of(const StepTable<double>& table, size_t binade,
                                                          Key cell) {
  const Key base = Binades::first_key(binade), first = base + (cell << kCellWidth);
  const size_t low = table.find(value_at<double>(first));
  const size_t high = table.find(value_at<double>(first + (Key{1} << kCellWidth)));
  if (high - low > 1) return std::nullopt;
  const Key begin = high == low ? std::numeric_limits<Key>::max() : table.begin(high) - base;
  return Cell{begin, order_of(table.value(low)) - base, order_of(table.value(high)) - base};
}

}  // namespace assay
