// The steps of a rounding that cuts most binades of float64 alike, as logarithmic formats do: a table of one binade,
// small enough for the nearest caches.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/array_kernels_steps.h"

namespace assay {

class PeriodicSteps {
 public:
  // Nothing if most binades are cut too finely.
  static std::optional<PeriodicSteps> of(const StepTable<double>& table);

  // The table's value for `value`; nothing if its binade is not like the others, or if a neighbour of it, as a float64,
  // may be on another step.
  std::optional<double> operator()(double value) const {
    const Key key = order_of(value);
    const uint8_t pattern = patterns_[Binades::binade_of(key)];
    if (pattern == kNone) [[unlikely]]
      return std::nullopt;
    const Key fraction = key & kFractionMask;
    const Cell& cell = cells_[(size_t{pattern} << kCellBits) + (fraction >> kCellWidth)];
    if ((fraction == cell.begin) | (fraction + 1 == cell.begin)) [[unlikely]]
      return std::nullopt;
    return value_at<double>((key - fraction) + (fraction < cell.begin ? cell.below : cell.above));
  }

 private:
  using Binades = BinadeBuckets<double>;
  using Key = OrderKey<double>;

  static constexpr int kCellBits = 10;
  static constexpr int kCellWidth = Binades::kFractionWidth - kCellBits;
  static constexpr Key kFractionMask = (Key{1} << Binades::kFractionWidth) - 1;
  static constexpr uint8_t kNone = 2;

  // All keys are relative to the binade's first.
  struct Cell {
    Key begin;  // of the step that begins above the cell's first key and no more than one above its last
    Key below, above;  // values on the steps before and from `begin` on

    bool operator==(const Cell&) const = default;
  };

  // Nothing if more than one step begins in it.
  static std::optional<Cell> cell_of(const StepTable<double>& table, size_t binade, Key cell);

  std::vector<Cell> cells_;        // of a negative and of a positive binade
  std::vector<uint8_t> patterns_;  // [binade] 0: as the negative one, 1: as the positive one
};

}  // namespace assay
