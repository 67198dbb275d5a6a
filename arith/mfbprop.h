// The multiplication-free product of LUQ's backward pass (Chmiel et al., ICLR 2023, arXiv 2112.10769, App.
// A.8).
#pragma once

#include <cstdint>

namespace assay {

// Product of a sign-magnitude INT4 code (format smint4) and an FP4 [1,3,0] code (e3m0: 0, or 2^(e - 1)) as an
// FP7 [1,4,2] code (e4m2: value 2^(E - 1) (1 + man / 4)). With the integer's magnitude m = 2^shift (1 + man /
// 4), E = e + shift: an exponent adder and a four-entry fraction table. Exact for all 256 pairs. A zero
// product has the exclusive or of the signs.
uint64_t mfbprop_multiply(uint64_t a, uint64_t b);

}  // namespace assay
