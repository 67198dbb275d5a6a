// Logarithmic unbiased quantization (Chmiel et al., ICLR 2023, arXiv 2112.10769) of one scaled magnitude, in
// the form a circuit computes it.
#pragma once

#include <cstdint>

namespace assay {

// The magnitude code (0..7; 0 stands for 0, e for 2^(e - 1)) of y >= 0, given as the bits of a float32, for
// 32 uniform random bits. E[value] = y for y in [2^-9, 64], and y rounded down to a multiple of 2^-32 below:
//   y >= 1  the random bits above the lowest 9 are added to the 23 fraction bits; the carry moves the
//           exponent up with a probability of exactly the fraction; the fraction is dropped.
//   y < 1   stochastic underflow: 1 with probability floor(y 2^32) / 2^32, else 0.
// The paper's range has eight powers of two and a zero, one code more than four bits can hold with a sign.
// This is the range of seven, which makes alpha = max|x| / 2^6 and not / 2^7. y above 64 and infinity become
// 64.
uint64_t luq_magnitude(uint32_t y_bits, uint32_t random);

}  // namespace assay
