// The vectors that hold a device against its specification: those of each mode's unit, with the modes in turn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verify/specification.h"
#include "verify/vector_list.h"

namespace assay {

// A finite list of vectors; the i-th is a pure function of (specification, options, i), so the list can be cut into
// pieces for threads or machines. Of every M consecutive vectors, M being the number of modes, each mode has one, in an
// order that changes; a mode with fewer vectors than another starts over. Operands wider than the mode's format have
// zeros above it.
class Stimulus {
 public:
  Stimulus(const Specification& specification, const StimulusOptions& options);

  uint64_t size() const { return size_; }
  // Vectors before this one are systematic or directed, those from it on random.
  uint64_t first_random() const { return first_random_; }
  bool exhaustive() const { return exhaustive_; }

  // In words: "exhaustive: all 65,536", or what was taken; with several modes "... x 5 modes".
  std::string description() const;

  // Vectors first .. first + count.
  void fill(uint64_t first, size_t count, VectorBatch& batch) const;

 private:
  const Specification& specification_;
  StimulusOptions options_;
  std::vector<VectorList> lists_;  // [mode]
  size_t slots_;
  uint64_t size_ = 0, first_random_ = 0;
  bool exhaustive_ = true;
};

}  // namespace assay
