// Piecewise-affine multiplication (PAM) of Kosson & Jaggi, NeurIPS 2023 (arXiv 2305.17190): one integer
// addition of two floating-point codes.
#pragma once

#include <cstdint>

#include "formats/format.h"

namespace assay {

// The PAM product of two codes of `format`, which must have infinity and IEEE NaNs. With A = 2^Ea (1 + Ma)
// and B likewise: 2^(Ea + Eb + carry) (1 + Ma + Mb - carry), carry = [Ma + Mb >= 1]; the sign is the
// exclusive or. Range behaviour: an operand that is infinite or NaN gives the canonical NaN; else an operand
// that is zero or subnormal gives +0; a result below the least normal number gives +0; one beyond the largest
// finite number gives infinity with its sign. Nothing is ever rounded.
uint64_t pam_multiply(const Format& format, uint64_t a, uint64_t b);

}  // namespace assay
