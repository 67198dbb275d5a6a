// A rounding as a table of steps, for formats without a rule that SIMD arithmetic could follow: posits, logarithmic
// formats, code books.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/array_kernels_binades.h"
#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

template <typename Float>
class StepTable {
 public:
  using Key = OrderKey<Float>;

  // The table of round_to_code. Building it takes a few dozen roundings for each code of the format, or three
  // if every binade is cut like the others.
  // Precondition: the rounding is not stochastic, the saturation not `wrap`.
  StepTable(const Format& format, Rounding rounding, Saturation saturation);

  // The step a source is on: an index into codes and values.
  size_t find(Float value) const {
    const Key key = order_of(value);
    const Bucket bucket = buckets_[index_.find(key)];
    if (bucket.is_crowded) [[unlikely]]
      return find_from(bucket.step, key);
    return bucket.step + (bucket.next_begin <= key ? 1 : 0);
  }

  uint64_t code(size_t step) const { return codes_[step]; }
  Float value(size_t step) const { return steps_[step].value; }
  // The place of the first source on it, in the order of all.
  Key begin(size_t step) const { return steps_[step].begin; }

 private:
  struct Step {
    Key begin;
    Float value;  // of the code
  };
  struct Bucket {
    Key next_begin;           // where the next step begins, in this bucket or beyond
    uint32_t step : 31;       // that the bucket's least key is on
    uint32_t is_crowded : 1;  // more than one other step begins in it
  };

  void add_step(Key begin, uint64_t code, Float value);
  void add_buckets();
  size_t find_from(size_t step, Key key) const;

  // The last step stands twice, so that every step has a successor.
  std::vector<Step> steps_;  // ascending, the first begins at 0
  std::vector<uint32_t> codes_;
  BinadeBuckets<Float> index_;
  std::vector<Bucket> buckets_;
};

}  // namespace assay
