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
  for (size_t mode = 0; mode < specification.modes.size(); ++mode) {
    lists_.emplace_back(specification, mode, options);
    size_ = std::max(size_, lists_.back().size());
    systematic = std::max(systematic, lists_.back().first_random());
    exhaustive_ = exhaustive_ && lists_.back().exhaustive() && specification.random_bits == 0;
  }
  size_ *= lists_.size();
  first_random_ = std::min(systematic * lists_.size(), size_);
}

std::string Stimulus::description() const {
  std::set<std::string> different;
  for (const VectorList& list : lists_) different.insert(list.description());
  std::string text;
  for (const std::string& one : different) text += (text.empty() ? "" : " / ") + one;
  if (lists_.size() > 1) text += fmt::format(" x {} modes", lists_.size());
  return text;
}

void Stimulus::fill(uint64_t first, size_t count, VectorBatch& batch) const {
  batch.operands.resize(slots_);
  for (auto& column : batch.operands) column.resize(count);
  batch.modes.resize(count);
  if (lists_.size() == 1) {
    std::fill(batch.modes.begin(), batch.modes.end(), 0);
    lists_[0].fill(first, count, batch.operands);
  } else {
    for (auto& column : batch.operands) std::fill(column.begin(), column.end(), 0);
    std::vector<uint64_t> one(slots_);
    for (size_t i = 0; i < count; ++i) {
      const uint64_t modes = lists_.size(), round = (first + i) / modes;
      const uint64_t mode = ((first + i) % modes + philox64(options_.seed, kModeStream, round)) % modes;
      const VectorList& list = lists_[mode];
      list.vector(round % list.size(), one.data());
      for (size_t slot = 0; slot < list.operand_count(); ++slot) batch.operands[slot][i] = one[slot];
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
