// Rows of C0 and C as values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "arith/gemm.h"
#include "arith/gemm_pack.h"

namespace assay {

// C0 and C of one batch item. Float is the type accumulators are computed in: every value of the result's format but
// NaN is one.
template <typename Float>
class GemmOutput {
 public:
  // `batch_offset` is that of the item in elements of C, `c0_offset` the same for C0.
  GemmOutput(const Format& format, const GemmProblem& problem, int64_t batch,
             std::shared_ptr<const CodeReader<Float>> reader);

  bool has_c0() const { return static_cast<bool>(read_); }

  // Elements column .. column + count of a row of C0, or zeros. NaNs are the quiet one without payload.
  void load(int64_t row, int64_t column, size_t count, Float* values) const;

  // The same elements of C: values of the format, scaled if they are wanted as float32.
  void store(int64_t row, int64_t column, size_t count, const Float* values) const;

  // The same of elements that are float32 (`words` then are bits of floats) or integers of 32 bits, if they lie one
  // after the other and are not scaled; else false.
  bool store_words(int64_t row, int64_t column, size_t count, const uint32_t* words) const;

 private:
  void store_floats(int64_t row, int64_t column, size_t count, const Float* values) const;

  const Format& format_;
  const GemmMatrix& c_;
  const GemmScales& scales_;
  int64_t offset_;
  ReadStrip<Float> read_;
};

}  // namespace assay
