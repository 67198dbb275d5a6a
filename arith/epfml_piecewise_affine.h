// Piecewise-affine products and quotients of fp32 with the range behaviour of the CUDA kernels that were
// released with arXiv 2305.17190 (github.com/epfml/pam), for comparison with networks trained by them.
#pragma once

#include <cstdint>

namespace assay {

// The wrap-around sum or difference of the two words and the bias, if the true product or quotient t, rounded
// to fp32, has 1e-37 <= |t| < 1e37; below +0, above and for NaN the canonical NaN. Hence zero times a number
// is +0, infinity times anything NaN, x / 0 NaN, and a number divided by infinity +0. Subnormal operands are
// not flushed: the sum takes them as 2^-127 (1 + M), and t as what they are. Inside the window and for normal
// operands the bits are those of pam_multiply and pad_divide. `offset` is the word of the compensating factor
// less that of 1.
uint32_t epfml_pam_multiply(uint32_t a, uint32_t b, uint32_t offset = 0);
uint32_t epfml_pad_divide(uint32_t a, uint32_t b, uint32_t offset = 0);

}  // namespace assay
