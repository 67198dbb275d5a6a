// Dense storage of codes narrower than a byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace assay {

// The packed form is one string of bits, the least significant of a byte first: code i occupies bits i * width to
// (i + 1) * width - 1. With 4 bits the even element is the low nibble of a byte, with 6 bits four codes fill three
// bytes. Bits after the last code are zero.

// Bytes that `count` codes of `width` bits take.
size_t packed_size(size_t count, int width);

// width = 1..8. Bits of codes above the width are ignored. `packed` has packed_size(codes.size(), width) bytes; any
// other size or width throws Error.
void pack_codes(std::span<const uint8_t> codes, int width, std::span<uint8_t> packed, int threads = 1);
void unpack_codes(std::span<const uint8_t> packed, int width, std::span<uint8_t> codes, int threads = 1);

}  // namespace assay
