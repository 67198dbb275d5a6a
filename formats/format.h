// A number format as plain data, and the facts that follow from it. There is no class per format: binary
// floating point of any widths and the integers differ only in the values of these fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class FormatKind { floating, twos_complement, unsigned_integer, sign_magnitude };

// Which codes of a floating-point format are not a number.
//   none           every code is a number (OCP E2M1, E3M2, E2M3; LUQ's E3M0 and E4M2)
//   ieee           top exponent with a non-zero fraction (IEEE 754, bfloat16, OCP E5M2)
//   all_ones       exponent and fraction all ones (OCP E4M3, E8M0)
//   negative_zero  the code that would be -0 (the FNUZ types)
enum class NanEncoding { none, ieee, all_ones, negative_zero };

// Widths in bits. Floating point: a code is sign | exponent | fraction from the most significant bit down; a
// number is (-1)^sign * 1.fraction * 2^(exponent - exponent_bias), or 0.fraction * 2^(1 - exponent_bias)
// where the exponent field is 0. Integers use only `kind`, `width` and `is_signed`.
struct Format {
  std::string name;
  FormatKind kind = FormatKind::floating;
  int width = 0;
  bool is_signed = true;
  int exponent_width = 0;
  int fraction_width = 0;
  int exponent_bias = 0;
  bool has_infinity = false;   // at the top exponent with a zero fraction
  bool has_subnormals = true;  // false: exponent field 0 is an ordinary binade and there is no zero (E8M0)
  NanEncoding nan = NanEncoding::none;

  bool operator==(const Format& other) const;  // equal in every field but the name
};

// The format a name stands for. Accepted: fp64 fp32 tf32 bf16 fp16; e4m3 e5m2 e3m2 e2m3 e2m1 e8m0 (OCP);
// e3m0 and e4m2 (LUQ's FP4 [1,3,0] and FP7 [1,4,2], finite, bias 1); intN, uintN, smintN (two's complement,
// unsigned, sign-magnitude; N = 2..32); any eXmY with X = 1..11, Y = 0..52, and after it optionally bB (bias
// B) and one of: ieee (infinity and NaNs at the top exponent; the default), fn (finite, one NaN of all ones),
// f (finite, no NaN), fnuz (finite, NaN in the place of -0, bias one larger). The ml_dtypes spellings
// (float8_e4m3fn, bfloat16, ...) are aliases. `name` of the result is the canonical name, which parses back
// to the same format. Throws Error saying what is wrong with the name.
Format parse_format(std::string_view name);

// Names with an entry of their own in parse_format, for listings.
std::vector<std::string> named_formats();

// Largest code of the magnitude (the code without its sign bit) that is a finite number.
uint64_t max_finite_magnitude(const Format& format);

// Number of magnitude bits of a code: the width without the sign bit.
int magnitude_width(const Format& format);

// Whether the format has a code for minus zero.
bool has_negative_zero(const Format& format);

// The NaN that operations produce: the quiet NaN with a zero payload and a zero sign for `ieee`, the positive
// all-ones code for `all_ones`, the only NaN otherwise. Precondition: format.nan != none.
uint64_t canonical_nan(const Format& format);

// A mask of `width` ones.
uint64_t code_mask(int width);

}  // namespace assay
