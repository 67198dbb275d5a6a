// Arrays of codes from one format to another: through the array kernels where that gives the bits of the scalar
// reference (formats/conversion.h), element by element elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/conversion.h"
#include "formats/format.h"

namespace assay {

// Whether every number of `narrow` is one of `wide`, fp32 or fp64. For formats of more than 16 bits "no" is possible
// although it is so.
bool holds_all_numbers(const Format& wide, const Format& narrow);

// Bytes of the unsigned integer that a code is kept in: 1, 2, 4 or 8.
size_t code_bytes(const Format& format);

struct ArrayConversion {
  Conversion conversion;
  uint64_t seed = 0;
  int random_bits = 16;  // 0..32 of formats/random_bits.h, stream 0; for stochastic roundings
  int threads = 1;
};

// How an array goes from one format to another.
struct ConversionPlan {
  // The host type through which the kernels can go without rounding twice.
  enum class Path { one_by_one, by_float, by_double };

  Format from;
  Format to;
  ArrayConversion options;
  Path path = Path::one_by_one;
  bool widens = false;   // `to` is that host type: nothing is rounded
  bool patches = false;  // the kernels make something else of NaN or infinities than these:
  uint64_t nan_code = 0;
  std::array<uint64_t, 2> infinity_codes{};  // of infinity, of minus infinity
};

// Throws Error if the number of random bits is not possible, or the saturation is `wrap` and `to` neither two's
// complement nor unsigned.
ConversionPlan plan_conversion(const Format& from, const Format& to, const ArrayConversion& options);

// A piece of an array, from element first_index on. All spans are aligned as their elements are.
struct ConversionPiece {
  std::span<const std::byte> sources;  // codes of `from`, unsigned little-endian integers
  size_t source_bytes = 0;             // of each, at least code_bytes(from)
  std::span<std::byte> codes;          // of `to`, code_bytes(to) each; or empty if they are not wanted
  std::span<std::byte> values;         // what they stand for, as float or double; or empty
  size_t value_bytes = 0;              // 4 or 8: that type holds all numbers of `to`
  uint64_t first_index = 0;

  size_t count() const { return sources.size() / source_bytes; }
};

struct ConversionCounts {
  uint64_t changed = 0;       // numbers and infinities that became something else; -0 and 0 are the same
  uint64_t nan_replaced = 0;  // NaN that became a number or infinity
};

// Throws Error naming the first element that is no code of `from`.
ConversionCounts convert_piece(const ConversionPlan& plan, const ConversionPiece& piece);

}  // namespace assay
