#include "verify/stimulus.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "formats/format.h"

namespace assay {
namespace {

constexpr uint64_t kModeStream = 101, kRandomStream = 102;

}  // namespace

Stimulus::Stimulus(const Specification& specification, const StimulusOptions& options)
    : specification_(specification), options_(options), slots_(operand_slots(specification).size()) {
  uint64_t systematic = 0;
  for (const Mode& mode : specification.modes) {
    units_.emplace_back(contracted(mode.unit, specification.contract), options);
    size_ = std::max(size_, units_.back().size());
    systematic = std::max(systematic, units_.back().first_random());
    exhaustive_ = exhaustive_ && units_.back().exhaustive() && specification.random_bits == 0;
  }
  size_ *= units_.size();
  first_random_ = std::min(systematic * units_.size(), size_);
}

std::string Stimulus::description() const {
  std::set<std::string> different;
  for (const UnitStimulus& unit : units_) different.insert(unit.description());
  std::string text;
  for (const std::string& one : different) text += (text.empty() ? "" : " / ") + one;
  if (units_.size() > 1) text += fmt::format(" x {} modes", units_.size());
  return text;
}

void Stimulus::fill(uint64_t first, size_t count, VectorBatch& batch) const {
  batch.operands.resize(slots_);
  for (auto& column : batch.operands) column.resize(count);
  batch.modes.resize(count);
  if (units_.size() == 1) {
    std::fill(batch.modes.begin(), batch.modes.end(), 0);
    units_[0].fill(first, count, batch.operands);
  } else {
    for (auto& column : batch.operands) std::fill(column.begin(), column.end(), 0);
    std::vector<uint64_t> one(slots_);
    for (size_t i = 0; i < count; ++i) {
      const uint64_t modes = units_.size(), round = (first + i) / modes;
      const uint64_t mode = ((first + i) % modes + philox64(options_.seed, kModeStream, round)) % modes;
      const UnitStimulus& unit = units_[mode];
      unit.vector(round % unit.size(), one.data());
      for (size_t slot = 0; slot < unit.operand_count(); ++slot) batch.operands[slot][i] = one[slot];
      batch.modes[i] = static_cast<uint32_t>(mode);
    }
  }
  if (specification_.random_bits == 0) return;
  for (size_t i = 0; i < count; ++i) {
    batch.operands.back()[i] =
        philox64(options_.seed, kRandomStream, first + i) & code_mask(specification_.random_bits);
  }
}

}  // namespace assay
