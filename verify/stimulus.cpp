#include "verify/stimulus.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "arith/evaluate.h"
#include "base/random.h"
#include "formats/format.h"
#include "verify/with_thousands.h"

namespace assay {
namespace {

constexpr uint64_t kModeStream = 101, kRandomStream = 102;

}  // namespace

Stimulus::Stimulus(const Specification& specification, const StimulusOptions& options)
    : specification_(specification),
      options_(options),
      slots_(operand_slots(specification)),
      lanes_(static_cast<size_t>(specification.lanes)) {
  uint64_t systematic = 0;
  for (size_t mode = 0; mode < specification.modes.size(); ++mode) {
    lists_.emplace_back(specification, mode, options);
    size_ = std::max(size_, lists_.back().size());
    systematic = std::max(systematic, lists_.back().first_random());
    exhaustive_ = exhaustive_ && lists_.back().exhaustive();
  }
  size_ *= lists_.size();
  first_random_ = std::min(systematic * lists_.size(), size_);
  if (exhaustive_ && specification.random_bits > 0)
    go_round(static_cast<uint64_t>(specification.random_bits));
  exhaustive_ =
      exhaustive_ && specification.shared.empty() && (specification.random_bits == 0 || every_random_bit_);
}

void Stimulus::go_round(uint64_t random_bits) {
  const uint64_t operands = size_;
  every_random_bit_ =
      lists_.size() == 1 && lanes_ == 1 && operands << random_bits <= uint64_t{1} << options_.exhaustive_bits;
  rounds_ = every_random_bit_ ? uint64_t{1} << random_bits
                              : std::max<uint64_t>((options_.random_vectors + operands - 1) / operands, 1);
  size_ = operands * rounds_;
  if (every_random_bit_) first_random_ = size_;
}

std::string Stimulus::description() const {
  std::set<std::string> different;
  for (const VectorList& list : lists_) different.insert(list.description());
  std::string text;
  for (const std::string& one : different) text += (text.empty() ? "" : " / ") + one;
  if (rounds_ > 1) text += fmt::format(" x {} values of the random bits", with_thousands(rounds_));
  if (lists_.size() > 1) text += fmt::format(" x {} modes", lists_.size());
  if (lanes_ > 1) text += fmt::format(" x {} lanes", lanes_);
  return text;
}

// Where a lane is in the list when the first one is at `index`: some way on among the vectors of its kind, in steps of
// whole rounds of the modes.
uint64_t Stimulus::rotated(uint64_t index, size_t lane) const {
  const uint64_t begin = index < first_random_ ? 0 : first_random_;
  const uint64_t end = index < first_random_ ? first_random_ : size_;
  const uint64_t rounds = (end - begin) / lists_.size(), step = rounds * lane / lanes_;
  return begin + (index - begin + step * lists_.size()) % (end - begin);
}

void Stimulus::fill(uint64_t first, size_t count, VectorBatch& batch) const {
  batch.lanes = lanes_;
  batch.operands.resize(slots_.size());
  batch.modes.resize(count * lanes_);
  if (lists_.size() == 1 && lanes_ == 1 && rounds_ == 1) {
    std::fill(batch.modes.begin(), batch.modes.end(), 0);
    lists_[0].fill(first, count, batch.operands);
  } else {
    for (auto& column : batch.operands) column.assign(count * lanes_, 0);
    for (size_t lane = 0; lane < lanes_; ++lane) {
      if (lists_.size() == 1) {
        fill_lane(lane, first, count, batch);
      } else {
        fill_modes(lane, first, count, batch);
      }
    }
  }
  if (specification_.random_bits > 0) fill_random_bits(first, count, batch);
  if (lanes_ > 1) share_operands(first, count, batch);
}

// The random bits that just change the result, or one less, as long as the result grows with them.
uint64_t Stimulus::deciding_random_bits(const VectorBatch& batch, size_t vector, uint64_t random) const {
  const Unit& unit = lists_[batch.modes[vector]].unit();
  std::vector<uint64_t> operands(static_cast<size_t>(operand_count(unit)));
  for (size_t j = 0; j < operands.size(); ++j) {
    operands[j] = batch.operands[j][vector] & code_mask(operand_format(unit, static_cast<int>(j)).width);
  }
  const auto result = [&](uint64_t bits) {
    return evaluate(unit, operands, {specification_.random_bits, static_cast<uint32_t>(bits)});
  };
  uint64_t same = 0, changed = uint64_t{1} << specification_.random_bits;
  const uint64_t lowest = result(same);
  while (changed - same > 1) {
    const uint64_t middle = (same + changed) / 2;
    (result(middle) == lowest ? same : changed) = middle;
  }
  if (changed > code_mask(specification_.random_bits)) return random & code_mask(specification_.random_bits);
  return random >> 63 != 0 ? changed : same;
}

void Stimulus::fill_random_bits(uint64_t first, size_t count, VectorBatch& batch) const {
  std::vector<uint64_t>& column = batch.operands.back();
  column.resize(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    const uint64_t index = first + i % count;
    const uint64_t random = philox64(options_.seed, kRandomStream, index * lanes_ + i / count);
    const bool decides = index < first_random_ && (random >> 62 & 1) != 0;
    column[i] = every_random_bit_ ? index / lists_[0].size()
                : decides         ? deciding_random_bits(batch, i, random)
                                  : random & code_mask(specification_.random_bits);
  }
}

// Of one mode.
void Stimulus::fill_lane(size_t lane, uint64_t first, size_t count, VectorBatch& batch) const {
  std::vector<std::vector<uint64_t>> piece;
  for (size_t done = 0; done < count;) {
    const uint64_t index = first + done, from = rotated(index, lane);
    // As far as the first lane and this one go on without a jump, and this one's round goes.
    const uint64_t own_end = index < first_random_ ? first_random_ : size_;
    const uint64_t of_round = from % lists_[0].size();
    const auto length = static_cast<size_t>(
        std::min({uint64_t{count - done}, own_end - index, own_end - from, lists_[0].size() - of_round}));
    lists_[0].fill(of_round, length, piece);
    for (size_t slot = 0; slot < lists_[0].operand_count(); ++slot) {
      std::copy(piece[slot].begin(), piece[slot].end(),
                batch.operands[slot].begin() + static_cast<ptrdiff_t>(lane * count + done));
    }
    done += length;
  }
}

void Stimulus::fill_modes(size_t lane, uint64_t first, size_t count, VectorBatch& batch) const {
  std::vector<uint64_t> one(slots_.size());
  for (size_t i = 0; i < count; ++i) {
    const uint64_t modes = lists_.size(), round = (first + i) / modes;
    const uint64_t mode = ((first + i) % modes + philox64(options_.seed, kModeStream, round)) % modes;
    const VectorList& list = lists_[mode];
    list.vector(rotated(first + i, lane) / modes % list.size(), one.data());
    for (size_t slot = 0; slot < list.operand_count(); ++slot) {
      batch.operands[slot][lane * count + i] = one[slot];
    }
    batch.modes[lane * count + i] = static_cast<uint32_t>(mode);
  }
}

// The lanes take turns in giving the others theirs, for only the one that gives has its vector whole.
void Stimulus::share_operands(uint64_t first, size_t count, VectorBatch& batch) const {
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot].shared) continue;
    std::vector<uint64_t>& column = batch.operands[slot];
    for (size_t i = 0; i < count; ++i) {
      const uint64_t given = column[(first + i) % lanes_ * count + i];
      for (size_t lane = 0; lane < lanes_; ++lane) column[lane * count + i] = given;
    }
  }
}

}  // namespace assay
