// The inner loops of the GEMM, compiled for several instruction sets (Highway) and chosen at run time. A kernel computes
// one register block of outputs from packed panels, every output in ascending k.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay {

// What the steps need to know of a unit; each kernel says below what it reads.
struct StepConstants {
  // pam: bits of floats. A product below the first is +0, from the second on it is infinite.
  int32_t least_normal = 0;
  int32_t infinity = 0;
  // rounding: see rounding_kernel.
  int32_t dropped_bits = 0;    // 24 less the significand of the result
  int32_t least_exponent = 0;  // of normal results, as the exponent field of a float
  int32_t greatest = 0;        // bits of the largest finite result
  int32_t overflow = 0;        // bits of what a larger one becomes, but for the sign
  int32_t beyond = 0;          // the same of an infinity
  // window: see window_kernel. dropped_bits is then 53 less the significand of the result.
  int32_t window = 0;
  int32_t group = 1;
  int32_t promoted =
      0;  // steps summed from +0 before their sum is added to c with one more rounding; 0: none
  bool toward_zero = false;
};

// rows x columns outputs at c, c_stride words apart, each with `steps` steps added. A panel holds, for each step in
// order, a_words (b_words) vectors of `rows` (`columns`) words; a step takes `depth` values of k.
using PanelFunction = void (*)(const StepConstants& constants, size_t steps, const uint32_t* a,
                               const uint32_t* b, uint32_t* c, size_t c_stride);
struct PanelKernel {
  size_t rows = 0;
  size_t columns = 0;
  size_t a_words = 1;
  size_t b_words = 1;
  size_t depth = 1;
  PanelFunction run = nullptr;
  PanelFunction run_guarded = nullptr;  // for operands `run` cannot take; see the kernel
};

// c = fma(a, b, c) of floats under the rounding mode in force.
PanelKernel fma_kernel();

// c = c + pam(a, b) of floats, where pam yields the values of a format with IEEE infinities and NaNs and at most float's
// exponents and fraction. The words of a: its bits, and its magnitude, or INT32_MIN where the product is zero whatever b
// is; of b: its bits less those of 1, and the greatest magnitude of a for which the product is zero. c is not -0.
// `run` takes operands whose products are finite, `run_guarded` all.
PanelKernel piecewise_affine_kernel();

// c = c + a b modulo 2^32. A word holds two 16-bit integers or, where the kernel's depth is 4, four bytes: unsigned ones
// of a and signed ones of b.
PanelKernel integer_kernel();
PanelKernel byte_kernel();  // run is null where the processor has no such instruction

// c = round(c + a b) of floats with one rounding to a format whose values are floats.
//   exact_first  a b + c with a first rounding to 24 bits gives the same, the environment's rounding being that of the
//                unit; otherwise the rounding is to nearest even
//   wide         the result has float's exponents: subnormals begin where float's do
//   toward_zero  the rounding is toward zero
struct RoundingChoice {
  bool exact_first = false;
  bool wide = false;
  bool toward_zero = false;
  bool infinity_apart = false;      // `beyond` differs from `overflow`
  bool overflow_by_itself = false;  // wide, to nearest, and results beyond the range are infinite
};
// run is null without hardware FMA. Unless exact_first, the products must be floats, but where the processor's
// instructions carry a rounding of their own.
PanelKernel rounding_kernel(const RoundingChoice& choice);
bool has_rounding_in_instructions();

// c = the window sum of c and a group of products (arith/accumulation.h), groups of constants.group steps; the environment
// rounds to nearest. `steps` is a multiple of constants.promoted. Words of a and b: the value, and its exponent in the window, or kNoExponent for zeros. Products are
// floats, finite, and those that are not zero have exponents above window - 127; c has float's exponents.
inline constexpr int32_t kNoExponent = -(1 << 20);
PanelKernel window_kernel(bool floor);  // run is null without SIMD

// sums[i] = sums[i] + terms[i] in float64, rounded to odd; `downward`: exact sums of zero are -0 unless both are +0.
// Whole vectors are read and written: `count` is a multiple of 8, and the environment rounds to nearest.
void add_to_odd(const double* terms, size_t count, bool downward, double* sums);

// The same for terms that are sums of two parts, |low| at most half a unit in the last place of high.
void add_parts_to_odd(const double* high, const double* low, size_t count, bool downward, double* sums);

// sums[i] + rests[i] = sums[i] + high[i] + low[i], exactly but for the last bit of rests[i], which is one where the sum is
// inexact, |rests[i]| at most half a unit in the last place of sums[i]. `low` may be null. The rest of a sum that is
// infinite or NaN is NaN.
void add_in_parts(const double* high, const double* low, size_t count, double* sums, double* rests);

// sums[i] = sums[i] + terms[i] under the rounding mode in force, for terms that are not zero.
void add_nonzero(const double* terms, size_t count, double* sums);

// sums[i] = fma(a, b[i], sums[i]) under the rounding mode in force.
void multiply_add(double a, const double* b, size_t count, double* sums);

// high[i] + low[i] = a[i] b[i], exactly; low is 0 where high is infinite or NaN. Nothing leaves the range of float64.
void multiply_in_parts(const double* a, const double* b, size_t count, double* high, double* low);

}  // namespace assay
