// The vectors that hold a device against its specification: those of each mode, with the modes in turn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verify/specification.h"
#include "verify/vector_list.h"

namespace assay {

// A finite list of transactions, one vector for each lane of the device; the i-th is a pure function of (specification,
// options, i), so the list can be cut into pieces for threads or machines. Every lane is given the whole list, each
// beginning elsewhere in it, so that they have different operands; shared ones are those of each lane in turn. Of every
// M consecutive transactions, M being the number of modes, each mode has one, in an order that changes; a mode with
// fewer vectors than another starts over. Operands wider than the mode's format have zeros above it.
//
// A list of every combination of operands is gone round again where there are random bits: with each value of them, if
// operands and random bits have at most exhaustive_bits bits in all, else until there are random_vectors vectors. Half of
// the systematic and directed vectors have random bits that just change the result, or just do not.
class Stimulus {
 public:
  Stimulus(const Specification& specification, const StimulusOptions& options);

  // Transactions.
  uint64_t size() const { return size_; }
  // Those before this one are systematic or directed, those from it on random.
  uint64_t first_random() const { return first_random_; }
  bool exhaustive() const { return exhaustive_; }

  // In words: "exhaustive: all 65,536", or what was taken; with several modes "... x 5 modes", with random bits
  // "... x 256 values of the random bits".
  std::string description() const;

  // Transactions first .. first + count.
  void fill(uint64_t first, size_t count, VectorBatch& batch) const;

 private:
  void go_round(uint64_t random_bits);
  uint64_t rotated(uint64_t index, size_t lane) const;
  uint64_t deciding_random_bits(const VectorBatch& batch, size_t vector, uint64_t random) const;
  void fill_random_bits(uint64_t first, size_t count, VectorBatch& batch) const;
  void fill_lane(size_t lane, uint64_t first, size_t count, VectorBatch& batch) const;
  void fill_modes(size_t lane, uint64_t first, size_t count, VectorBatch& batch) const;
  void share_operands(uint64_t first, size_t count, VectorBatch& batch) const;

  const Specification& specification_;
  StimulusOptions options_;
  std::vector<VectorList> lists_;  // [mode]
  std::vector<OperandSlot> slots_;
  size_t lanes_;
  uint64_t size_ = 0, first_random_ = 0;
  uint64_t rounds_ = 1;
  bool every_random_bit_ = false;  // each round has its own value of them
  bool exhaustive_ = true;
};

}  // namespace assay
