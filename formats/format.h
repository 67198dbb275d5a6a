// A number format as plain data, and the facts that follow from it. There is no class per format: binary
// floating point of any widths, integers, fixed point, posits, logarithmic numbers and tables of values
// differ only in the values of these fields.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/code_book.h"

namespace assay {

enum class FormatKind {
  floating,
  twos_complement,
  unsigned_integer,
  sign_magnitude,
  posit,
  logarithmic,
  code_book
};

// Which codes are not a number.
//   none           every code is a number (OCP E2M1, E3M2, E2M3; LUQ's E3M0 and E4M2; integers)
//   ieee           top exponent with a non-zero fraction (IEEE 754, bfloat16, OCP E5M2)
//   all_ones       all bits but the sign are ones (OCP E4M3, E8M0; the unsigned formats of P3109)
//   negative_zero  the code that would be -0: a one and then zeros (the FNUZ types, the signed formats of
//                  P3109, posits, logarithmic formats)
//   listed         a code book says which
enum class NanEncoding { none, ieee, all_ones, negative_zero, listed };

// On which scale a value lies between its two neighbours, for rounding to nearest and stochastic rounding.
//   linear       the distance of the values
//   logarithmic  the distance of their logarithms (logarithmic formats only)
enum class RoundingDomain { linear, logarithmic };

// Widths in bits. What a code means, from the most significant bit down, by kind:
//   floating     sign | exponent | fraction: (-1)^sign * 1.fraction * 2^(exponent - exponent_bias), or
//                0.fraction * 2^(1 - exponent_bias) where the exponent field is 0
//   twos_complement, unsigned_integer, sign_magnitude
//                the integer times 2^-fraction_width: fixed point where fraction_width is not 0
//   posit        Posit Standard (2022): sign | regime | exponent | fraction with exponent_width exponent bits
//                (2 in the standard); a negative number is the two's complement of its absolute value
//   logarithmic  sign | e, with e a fixed-point number of fraction_width fraction bits:
//                (-1)^sign * 2^(e - exponent_bias), and zero where e = 0. See formats/logarithmic.h for what
//                is exact here
//   code_book    the entry of a table
struct Format {
  std::string name;
  FormatKind kind = FormatKind::floating;
  int width = 0;
  bool is_signed = true;
  int exponent_width = 0;  // logarithmic: integer bits of e
  int fraction_width = 0;  // may be negative for fixed point
  int exponent_bias = 0;
  // With NaN encoding `ieee` infinity has the top exponent and a zero fraction, otherwise it is the largest
  // magnitude that is not NaN (P3109).
  bool has_infinity = false;
  bool has_subnormals = true;  // false: exponent field 0 is an ordinary binade and there is no zero (E8M0)
  bool is_symmetric = false;   // two's complement whose code -2^(width-1) only wrapping gives
  NanEncoding nan = NanEncoding::none;
  RoundingDomain rounding_domain = RoundingDomain::linear;
  std::shared_ptr<const CodeBook> book;  // kind code_book only

  bool operator==(const Format& other) const;  // equal in every field but the name
};

// The format a name stands for. Accepted:
//   fp64 fp32 tf32 bf16 fp16; e4m3 e5m2 e3m2 e2m3 e2m1 e8m0 (OCP); e3m0 and e4m2 (LUQ's FP4 [1,3,0] and FP7
//   [1,4,2], finite, bias 1)
//   eXmY   X = 1..11, Y = 0..52, and after it optionally bB (bias B) and one of: ieee (infinity and NaNs at
//          the top exponent; the default), fn (finite, one NaN of all ones), f (finite, no NaN), fnuz
//          (finite, NaN in the place of -0, bias one larger)
//   binaryKpP{s|u}{e|f}  IEEE P3109 v4.0: K = 3..16 bits, precision P (0 < P < K signed, 0 < P <= K
//          unsigned), signed or unsigned, extended (with infinity) or finite
//   intN, uintN, smintN, symintN  two's complement, unsigned, sign-magnitude, two's complement without
//          -2^(N-1); N = 2..32
//   fixW.F, ufixW.F, symfixW.F  the same times 2^-F; W = 2..63, F = 0..64, or m1..m64 for -1..-64. The
//          element of MXINT8 is fix8.6
//   positN, positNesE  posits with N = 3..32 bits and 2 or E = 0..4 exponent bits
//   lnsWfF, lnsWfF_linear  logarithmic: W bits, of which F = 0..20 fraction bits and 1..10 integer bits of
//          the logarithm, rounded to nearest in the logarithmic or linear domain; bias in the middle
//   hif8 (HiFloat8), nf4 (NormalFloat), fp4_radix4  tables of values, see formats/code_book.h
// The ml_dtypes spellings (float8_e4m3fn, bfloat16, ...) are aliases. `name` of the result is the canonical
// name, which parses back to the same format. Throws Error saying what is wrong with the name.
Format parse_format(std::string_view name);

// A format by name, or by the path of a TOML file (ending in .toml) with these keys, spelled as the fields
// of Format: `name`, `kind`, `width`, `is_signed`, `exponent_width`, `fraction_width`, `exponent_bias`,
// `has_infinity`, `has_subnormals`, `is_symmetric`, `nan`, `rounding_domain`; or `name` and `values`, the
// value of every code in order (a code book), with `beyond` (see CodeBook) if wanted. Throws Error naming
// file, line and key.
Format load_format(std::string_view name_or_path);

// Throws Error if the fields contradict each other: widths that do not add up or are not supported, codes
// with two meanings, no finite number but zero.
void check_format(const Format& format);

// Names with an entry of their own in parse_format, for listings.
std::vector<std::string> named_formats();

// The code of the greatest finite number. In all kinds but code_book it is also the largest code of a
// magnitude (the code without its sign bit) that is a finite number, and 0 is the code of the least
// magnitude; the codes between are in the order of their values.
uint64_t max_finite_magnitude(const Format& format);

// Number of magnitude bits of a code: the width without the sign bit.
int magnitude_width(const Format& format);

// Whether the format has a code for minus zero.
bool has_negative_zero(const Format& format);

// The NaN that operations produce: the quiet NaN with a zero payload and a zero sign for `ieee`, the positive
// all-ones code for `all_ones`, the first of a table, the only NaN otherwise. Precondition:
// format.nan != none.
uint64_t canonical_nan(const Format& format);

// Whether the format is an integer or fixed-point one.
bool is_integer(const Format& format);

// Bits of the quire, the fixed-point accumulator in which sums of products of posits are exact: 16 n in the
// Posit Standard (2022). For other exponent widths the least power of two that holds the square of the
// largest posit, the square of the least and eight bits for sign and carries, which gives the 32 and 128 bits
// of the earlier posit8 (0 exponent bits) and posit16 (1). Precondition: the kind is posit.
int quire_width(const Format& format);

// The bit that negative numbers have: the first one, 0 in formats without sign.
uint64_t sign_mask(const Format& format);

// A mask of `width` ones.
uint64_t code_mask(int width);

// The words of TOML files.
std::string_view to_string(FormatKind kind);
std::string_view to_string(NanEncoding nan);
std::string_view to_string(RoundingDomain domain);
FormatKind parse_format_kind(std::string_view word);
NanEncoding parse_nan_encoding(std::string_view word);
RoundingDomain parse_rounding_domain(std::string_view word);

}  // namespace assay
