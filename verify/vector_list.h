// The vectors of one mode of a specification.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "verify/specification.h"
#include "verify/unit_stimulus.h"

namespace assay {

// A finite list; the i-th vector is a function of specification, options and i. In order: the systematic and directed
// ones of the mode's unit; captured ones, if there are any; with NaN boxing such whose operands are not all boxed
// (random bits above a code, one zero among ones, zeros); the unit's random ones. Boxes of all others are right.
class VectorList {
 public:
  VectorList(const Specification& specification, size_t mode, const StimulusOptions& options);

  uint64_t size() const { return unit_.size() + inserted(); }
  uint64_t first_random() const { return unit_.first_random() + inserted(); }
  // Whether every register, box and all, of every operand is there.
  bool exhaustive() const { return unit_.exhaustive() && misboxed_ == 0; }
  size_t operand_count() const { return unit_.operand_count(); }
  const Unit& unit() const { return unit_.unit(); }
  std::string description() const;

  // Operand j of vector first + i goes to operands[j][i], i < count. The columns have `count` entries afterwards.
  void fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands) const;
  void vector(uint64_t index, uint64_t* operands) const;

 private:
  uint64_t captured() const { return captured_ == nullptr ? 0 : captured_->front().size(); }
  uint64_t inserted() const { return captured() + misboxed_; }
  void inserted_vector(uint64_t index, uint64_t* operands) const;
  void misboxed_vector(uint64_t index, uint64_t* operands) const;

  UnitStimulus unit_;
  const std::vector<std::vector<uint64_t>>* captured_ = nullptr;  // [operand][vector], kept by options_
  StimulusOptions options_;
  std::vector<uint64_t> boxes_;  // by operand, the bits above its codes
  uint64_t misboxed_ = 0;
};

}  // namespace assay
