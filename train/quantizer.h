// Quantizers: how a tensor of float32 numbers becomes the codes of a format and one scale.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

class TomlTable;

// cast    every value rounded to the format; scale 1
// absmax  scale = max|x| / largest finite number of the format (absmax.h)
// sawb    statistics-aware weight binning to 4-bit integers (sawb.h)
// luq     logarithmic unbiased quantization to FP4 [1,3,0] (luq.h)
enum class QuantizerKind { cast, absmax, sawb, luq };

// One quantizer as plain data; a kind ignores the fields that are not its own.
struct Quantizer {
  QuantizerKind kind = QuantizerKind::cast;
  Format format;
  Rounding rounding = Rounding::rne;             // cast, absmax
  int random_bits = 32;                          // cast, absmax: bits of a stochastic rounding, 1..32
  Saturation saturation = Saturation::sat_none;  // cast; the others always clamp to the finite range
  bool power_of_two_scale = false;               // absmax, luq: the scale rounded up to a power of two
  double rms_coefficient = 12.1;                 // sawb
  double mean_coefficient = 12.2;                // sawb
};

// x is approximately scale * decode(format, codes[i]).
struct QuantizedTensor {
  Format format;
  float scale = 1.0F;
  std::vector<uint64_t> codes;
};

// Throws Error if the kind does not fit the format (cast: any; wrap only to an integer that can wrap; absmax:
// any with a zero; sawb: int4, smint4, uint4; luq: e3m0), or random_bits or a coefficient is out of range.
void check_quantizer(const Quantizer& quantizer);

// The scale for a tensor: positive, finite, a normal float32. Infinities and NaNs do not take part; a tensor
// without a finite non-zero element has scale 1. A scale that would be below 2^-126 is 2^-126, so that the
// scale itself is always accurate to half a unit in its last place.
float quantizer_scale(const Quantizer& quantizer, std::span<const float> values);

// codes[i] = the code of values[i] / scale, for a given scale, as if values[0] were element `first_index` of
// its tensor. The quotient is exact (luq: rounded once to float32) and rounded once to the format. Random
// bits are those of element first_index + i (formats/random_bits.h; luq takes 32), so pieces of a tensor may be
// quantized in any order and on any thread. What lies beyond the range, infinities included, becomes the largest finite
// number of its sign (cast: as its saturation says); but for cast, integers are symmetric: the two's
// complement number without a positive counterpart is not used. NaN becomes what round_to_code makes of it:
// the canonical NaN; without one, the largest finite number (floating point) or 0 (integers). Negative
// numbers become 0 in an unsigned format. A zero keeps its sign if the format has a minus zero. Precondition:
// the spans have the same length.
void quantize_elements(const Quantizer& quantizer, float scale, std::span<const float> values, uint64_t seed,
                       uint64_t stream, uint64_t first_index, std::span<uint64_t> codes);

// Scale and codes of a tensor. The result is a function of the arguments alone. An empty tensor has scale 1.
QuantizedTensor quantize(const Quantizer& quantizer, std::span<const float> values, uint64_t seed,
                         uint64_t stream);

// scale * decode(format, code); exact for formats of at most 29 significant bits.
std::vector<double> dequantize(const QuantizedTensor& tensor);

// The words used in TOML files. parse_quantizer_kind throws Error listing what is known.
std::string_view to_string(QuantizerKind kind);
QuantizerKind parse_quantizer_kind(std::string_view word);

// The quantizer of a TOML table: kind and format, and, for the kinds they belong to, the fields above under
// their own names. Throws Error "place:line: key: ...".
Quantizer quantizer_from_toml(const TomlTable& table);

}  // namespace assay
