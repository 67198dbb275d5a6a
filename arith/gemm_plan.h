// Which kernel computes a GEMM, decided from the unit alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "arith/gemm_kernels.h"
#include "arith/unit.h"

namespace assay {

//   fma               float32 accumulator: one fused multiply-add a product
//   piecewise_affine  float32 accumulator, products by integer addition
//   pairs, bytes      integer accumulator modulo 2^32
//   rounding          float32 arithmetic, rounded to a narrower format after every product
//   window            alignment windows of tensor cores with a float32 accumulator
//   rows              float64 arithmetic with a lane for each output, rounded by the array kernels at every step
//   golden            evaluate(), one output at a time
enum class GemmKernel { fma, piecewise_affine, pairs, bytes, rounding, window, rows, golden };

// How the values of an operand become the words of a panel.
enum class PackRule { floats, affine_a, affine_b, pairs_a, pairs_b, bytes_a, bytes_b, window_a, window_b };

struct GemmPlan {
  GemmKernel kind = GemmKernel::golden;
  // Of the kernels that work on panels:
  PanelKernel panel;
  StepConstants constants;
  PackRule pack_a = PackRule::floats;
  PackRule pack_b = PackRule::floats;
  // Products are packed in multiples of it; absent ones are zero.
  int64_t depth_multiple = 1;
  int least_exponent_a = 0;  // window: of normal operands
  int least_exponent_b = 0;
  // window: rows and columns with an operand whose exponent is none of these, zeros apart, are left to the golden model:
  // products might not be floats.
  int least_taken = -126;
  int greatest_taken = 127;
  int rounding_mode = 0;         // FE_TONEAREST, ...
  bool absent_products = false;  // K is filled up with products of +0, which turn a sum of -0 into +0
  bool integer = false;          // accumulators are integers, else floats
  float scale_a = 1;             // of integers: times the value of an operand it is the integer
  float scale_b = 1;
  int32_t byte_offset = 0;   // what is added to every a so that it is an unsigned byte
  int64_t greatest_sum = 0;  // piecewise_affine: with magnitudes whose sum is larger, the guarded kernel
};

// `k`: products of an output; `from_zero`: accumulators start at zero; `random_bits`: of a stochastic
// rounding.
GemmPlan choose_kernel(const Unit& unit, int64_t k, bool from_zero, int random_bits);

std::string_view to_string(GemmKernel kind);

// Whether the dot product adds its products to the accumulator one by one, each with a rounding of its own.
bool is_sequential(const Unit& unit);

// The rounding mode of the processor (FE_TONEAREST, ...) that is the unit's rounding, with its overflow.
std::optional<int> processor_mode(Rounding rounding);

// Whether every value of the format is a float32.
bool fits_float(const Format& format);

}  // namespace assay
