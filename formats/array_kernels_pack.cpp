#include "formats/array_kernels_pack.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/parallel.h"

namespace assay {
namespace {

static_assert(std::endian::native == std::endian::little, "eight codes are read as one little-endian word");

constexpr size_t kGroup = 8;        // codes in a word; packed they fill `width` bytes
constexpr size_t kBlock = 1 << 16;  // codes a thread takes at a time

// What one step of joining neighbours does with each pair of fields: keeps the lower, shifts the upper down.
constexpr uint64_t kLowerBytes = 0x00ff00ff00ff00ff;
constexpr uint64_t kLowerHalves = 0x0000ffff0000ffff;
constexpr uint64_t kLowerWord = 0x00000000ffffffff;

uint64_t repeated(int width) {
  return ((uint64_t{1} << width) - 1) * 0x0101010101010101;
}

// Eight codes, one in each byte, to 8 * width bits.
uint64_t join(uint64_t codes, int width) {
  uint64_t x = codes & repeated(width);
  x = (x & kLowerBytes) | (x & ~kLowerBytes) >> (8 - width);
  x = (x & kLowerHalves) | (x & ~kLowerHalves) >> (16 - 2 * width);
  return (x & kLowerWord) | (x & ~kLowerWord) >> (32 - 4 * width);
}

uint64_t split(uint64_t bits, int width) {
  const uint64_t lower_word = (uint64_t{1} << 4 * width) - 1;
  uint64_t x = (bits & lower_word) | (bits & ~lower_word) << (32 - 4 * width);
  const uint64_t lower_halves = ((uint64_t{1} << 2 * width) - 1) * 0x0000000100000001;
  x = (x & lower_halves) | (x & ~lower_halves) << (16 - 2 * width);
  const uint64_t lower_bytes = ((uint64_t{1} << width) - 1) * 0x0001000100010001;
  x = (x & lower_bytes) | (x & ~lower_bytes) << (8 - width);
  return x & repeated(width);
}

uint64_t load(const uint8_t* from, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, from, size);
  return word;
}

void check_sizes(size_t codes, int width, size_t packed) {
  if (width < 1 || width > 8) fail("packed codes have 1 to 8 bits, not {}", width);
  if (packed != packed_size(codes, width)) {
    fail("{} codes of {} bits take {} bytes, not {}", codes, width, packed_size(codes, width), packed);
  }
}

// Calls body(code index, byte index, number of codes) for groups of up to eight codes.
template <typename Body>
void for_groups(size_t count, int width, int threads, const Body& body) {
  parallel_for((count + kBlock - 1) / kBlock, threads, [&](size_t block) {
    const size_t end = std::min((block + 1) * kBlock, count);
    for (size_t i = block * kBlock; i < end; i += kGroup) {
      body(i, i / kGroup * static_cast<size_t>(width), std::min(kGroup, end - i));
    }
  });
}

}  // namespace

size_t packed_size(size_t count, int width) {
  const auto bits = static_cast<size_t>(width);
  return count / kGroup * bits + (count % kGroup * bits + 7) / 8;
}

void pack_codes(std::span<const uint8_t> codes, int width, std::span<uint8_t> packed, int threads) {
  check_sizes(codes.size(), width, packed.size());
  for_groups(codes.size(), width, threads, [&](size_t i, size_t byte, size_t count) {
    const bool whole = count == kGroup;
    const uint64_t bits = join(whole ? load(&codes[i], kGroup) : load(&codes[i], count), width);
    std::memcpy(&packed[byte], &bits, packed_size(count, width));
  });
}

void unpack_codes(std::span<const uint8_t> packed, int width, std::span<uint8_t> codes, int threads) {
  check_sizes(codes.size(), width, packed.size());
  for_groups(codes.size(), width, threads, [&](size_t i, size_t byte, size_t count) {
    const uint64_t bytes = split(load(&packed[byte], packed_size(count, width)), width);
    if (count == kGroup) {
      std::memcpy(&codes[i], &bytes, kGroup);
    } else {
      std::memcpy(&codes[i], &bytes, count);
    }
  });
}

}  // namespace assay
