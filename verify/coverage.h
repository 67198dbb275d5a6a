// The coverage model: what vectors must have met before a pass means much.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verify/case_facts.h"
#include "verify/operand_classes.h"
#include "verify/specification.h"

namespace assay {

// One thing that is counted in bins, of one mode. The groups are
//   operand classes      every class of a with every class of b (and of c); of dots of each pair a, b and each class of c
//   signs                of the operands
//   result class         of the golden result
//   rounding             sign, last bit, guard bit and sticky bit of the exact result
//   range                carry into the next power of two, tiny and exact or not, overflow by rounding or beyond, just
//                        inside the overflow threshold
//   alignment            exponent of the first term (the product) minus that of the second, each distance up to a little
//                        more than the precision, and all beyond; with like and with unlike signs
//   cancellation         leading bits that a difference loses
//   exact zero           sums of zero from terms that are not
//   NaN boxing           each operand boxed and not
// of which an operation has those that make sense for it.
struct CoverageGroup {
  std::string mode;  // the unit's name
  std::string name;
  std::vector<std::string> bins;
  std::vector<uint64_t> counts;  // [bin] vectors

  size_t reached() const;
};

class Coverage {
 public:
  explicit Coverage(const Golden& golden);

  // Counts vectors with their golden results.
  void add(const VectorBatch& vectors, const ResultBatch& expected);
  void merge(const Coverage& other);
  void clear();
  // The counts of a coverage of the same groups, after `vectors`. Throws Error if they do not fit.
  void restore(uint64_t vectors, std::vector<std::vector<uint64_t>> counts);

  uint64_t vectors() const { return vectors_; }
  const std::vector<CoverageGroup>& groups() const { return groups_; }

 private:
  struct ModeModel {
    std::vector<OperandClasses> operands;
    OperandClasses result;
    std::optional<Unit> single;  // as far as the unit has one rounding
    int precision = 0;           // bits of the result's significand, as far as distances are counted
    size_t terms = 0;            // of a dot, whose products' operands count pair by pair; 0: no dot
    size_t first_group = 0;
    size_t boxing_group = 0;
    std::vector<Format> boxed_formats;  // of the operands, if there is NaN boxing
  };

  void add_groups(const Golden& golden, size_t mode);
  void add_one(const ModeModel& model, std::span<const uint64_t> operands, uint64_t result);
  void add_facts(const ModeModel& model, const CaseFacts& facts, size_t group);
  void count(size_t group, size_t bin) { ++groups_[group].counts[bin]; }

  // Counts which operands are boxed, and replaces those that are not by the NaN they count as.
  void unbox(const ModeModel& model, std::vector<uint64_t>& operands);

  int registers_;  // of NaN boxing
  std::vector<ModeModel> modes_;
  std::vector<CoverageGroup> groups_;
  uint64_t vectors_ = 0;
};

// For people: a line a group with the share of bins reached, and the names of some that were not. `exhaustive`: what
// was not reached cannot be.
std::string coverage_table(const Coverage& coverage, bool exhaustive);

}  // namespace assay
