// NaN boxing: floating-point codes in wider registers (RISC-V unprivileged architecture, "NaN Boxing of Narrower
// Values").
#pragma once

#include <cstdint>

#include "formats/format.h"

namespace assay {

// In registers of `registers` bits a narrower floating-point code has ones above it, all together a NaN of the wider
// format; what has any zero there counts as the canonical NaN of the narrow one. Codes of other formats, and all codes
// where there is no boxing (0 bits), come as they are.

// Whether codes of the format are boxed at all.
bool has_box(const Format& format, int registers);

// Bits that a code of the format comes in.
int boxed_width(const Format& format, int registers);

// The bits above the code, 0 where it is not boxed.
uint64_t box_mask(const Format& format, int registers);

// The register for a code: with ones above it.
uint64_t boxed(const Format& format, int registers, uint64_t code);

// The code that a register counts as. Precondition: a format that is boxed has a NaN.
uint64_t unboxed(const Format& format, int registers, uint64_t contents);

}  // namespace assay
