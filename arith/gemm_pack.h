// From matrices to the packed panels of the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "arith/gemm.h"
#include "arith/gemm_plan.h"

namespace assay {

// The values of a matrix, or of anything that is used as one, by strips: out[k * stride + i] = the value at lane
// first + i and depth first_k + k, for i < lanes and k < depth. A lane is a row of A or a column of B.
template <typename Float>
using ReadStrip = std::function<void(int64_t first, size_t lanes, int64_t first_k, size_t depth,
                                     size_t stride, Float* out)>;

// The values of codes of a format by a table or one by one.
template <typename Float>
class CodeReader {
 public:
  explicit CodeReader(const Format& format);
  Float operator()(uint64_t code) const;
  void read(std::span<const uint32_t> codes, std::span<Float> values) const;
  const Float* table() const { return table_.empty() ? nullptr : table_.data(); }
  uint64_t mask() const { return mask_; }
  // Whether a code is the leading bits of a float32, as in bfloat16, and how many are missing.
  bool is_truncated_float() const { return missing_bits_ >= 0; }
  int missing_bits() const { return missing_bits_; }

 private:
  Format format_;
  uint64_t mask_;
  int missing_bits_ = -1;
  std::vector<Float> table_;  // formats of up to 16 bits
};

// Reads a strided matrix whose batch item starts at element `offset`.
template <typename Float>
ReadStrip<Float> read_matrix(const ConstMatrix& matrix, int64_t offset, int64_t lane_stride,
                             int64_t depth_stride, std::shared_ptr<const CodeReader<Float>> reader);

// What packing finds out about the lanes of a panel.
struct PanelNotes {
  int32_t greatest_magnitude = 0;  // affine_a, affine_b: bits of the largest float with a product
  // affine_a, affine_b: 1 where a value is infinite or NaN; window_a, window_b: 1 where the kernel cannot take a value; bytes_b: the sum of the values modulo 2^32; else 0. They are
  // added to what is there.
  uint32_t* lanes = nullptr;
};

// Packs `depth` values of k of a panel of `width` lanes, of which the matrix has `lanes`; the others become zero, and so
// do values of k up to `padded`, a multiple of plan.depth_multiple.
void pack_panel(PackRule rule, const GemmPlan& plan, const ReadStrip<float>& read, int64_t first,
                size_t lanes, size_t width, int64_t first_k, size_t depth, size_t padded, uint32_t* out,
                PanelNotes& notes);

}  // namespace assay
