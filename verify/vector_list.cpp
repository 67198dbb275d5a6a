#include "verify/vector_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/random.h"
#include "verify/boxing.h"
#include "verify/with_thousands.h"

namespace assay {
namespace {

constexpr uint64_t kMisboxed = 1 << 16;
constexpr uint64_t kBoxStream = 103;

// What is above a code that is not boxed: never all of `box`.
uint64_t wrong_box(uint64_t box, uint64_t code, uint64_t random) {
  uint64_t ones = 0;
  switch (random >> 61) {
    case 0:
      break;  // zeros, as an integer or a code stored without box has
    case 1:
      ones = random & box;
      break;
    case 2:  // the code's neighbour in the register: the same code once more
      ones = (code << 16 | code << 32 | code << 48 | code << 8) & box;
      break;
    default: {  // one zero among ones, anywhere
      uint64_t places = box;
      for (uint64_t skip = random % static_cast<uint64_t>(std::popcount(box)); skip > 0; --skip) {
        places &= places - 1;
      }
      ones = box & ~(places & -places);
    }
  }
  return ones == box ? box & (box - 1) : ones;
}

}  // namespace

VectorList::VectorList(const Specification& specification, size_t mode, const StimulusOptions& options)
    : unit_(contracted(specification.modes[mode].unit, specification.contract), options,
            specification.random_bits),
      options_(options) {
  const Unit& unit = specification.modes[mode].unit;
  bool any = false;
  for (int i = 0; i < assay::operand_count(unit); ++i) {
    boxes_.push_back(box_mask(operand_format(unit, i), specification.contract.nan_boxing));
    any = any || boxes_.back() != 0;
  }
  misboxed_ = any ? kMisboxed : 0;
  if (options_.captured) captured_ = &options_.captured->at(mode);
}

std::string VectorList::description() const {
  std::string text = unit_.description();
  if (captured() != 0) text += fmt::format(", {} captured", with_thousands(captured()));
  if (misboxed_ != 0) text += fmt::format(", {} with operands that are not boxed", with_thousands(misboxed_));
  return text;
}

void VectorList::fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands) const {
  const uint64_t directed = unit_.first_random();
  if (first + count <= directed || first >= directed + inserted()) {
    unit_.fill(first < directed ? first : first - inserted(), count, operands);
    for (size_t j = 0; j < boxes_.size(); ++j) {
      if (boxes_[j] == 0) continue;
      for (uint64_t& code : operands[j]) code |= boxes_[j];
    }
    return;
  }
  operands.resize(std::max(operands.size(), operand_count()));
  for (auto& column : operands) column.resize(count);
  std::vector<uint64_t> one(operand_count());
  for (size_t i = 0; i < count; ++i) {
    vector(first + i, one.data());
    for (size_t j = 0; j < one.size(); ++j) operands[j][i] = one[j];
  }
}

void VectorList::vector(uint64_t index, uint64_t* operands) const {
  const uint64_t directed = unit_.first_random();
  if (index >= directed && index < directed + inserted()) return inserted_vector(index - directed, operands);
  unit_.vector(index < directed ? index : index - inserted(), operands);
  for (size_t j = 0; j < boxes_.size(); ++j) operands[j] |= boxes_[j];
}

void VectorList::inserted_vector(uint64_t index, uint64_t* operands) const {
  if (index >= captured()) return misboxed_vector(index - captured(), operands);
  for (size_t j = 0; j < boxes_.size(); ++j) operands[j] = (*captured_)[j][index] | boxes_[j];
}

// One of the unit's vectors with one operand or more spoiled.
void VectorList::misboxed_vector(uint64_t index, uint64_t* operands) const {
  unit_.vector(philox64(options_.seed, kBoxStream, index) % unit_.size(), operands);
  const uint64_t choice = philox64(options_.seed, kBoxStream + 1, index);
  const size_t spoiled = choice % boxes_.size();
  for (size_t j = 0; j < boxes_.size(); ++j) {
    if (boxes_[j] == 0) continue;
    // The chosen one, or where it has no box the next that has one; and each of the others one time in four.
    const bool is_chosen = j == spoiled || boxes_[spoiled] == 0;
    const bool spoil = is_chosen || (choice >> (8 + 2 * j) & 3) == 0;
    const uint64_t random = philox64(options_.seed, kBoxStream + 2 + j, index);
    operands[j] |= spoil ? wrong_box(boxes_[j], operands[j], random) : boxes_[j];
  }
}

}  // namespace assay
