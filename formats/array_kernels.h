// Arrays of numbers in a format: the operations of formats/round.h and formats/real.h for millions of elements.
// Every result equals the scalar reference bit for bit, whatever the instruction set, the number of threads, the
// alignment and the floating-point mode of the host.
//
// Binary floating point with subnormals whose values lie within the range of the source type, E8M0, and the integers
// (wrapped ones too, but for sign and magnitude) are converted with SIMD arithmetic in a time that does not
// depend on the data. Posits, logarithmic formats, code books and the remaining floating-point formats of up to 16 bits
// go through tables, which are built once a large enough number of elements has come and are kept for later calls:
// formats/array_kernels_steps.h for all of them, formats/array_kernels_chances.h for stochastic roundings to up to 8
// bits. What is left is converted element by element.
#pragma once

#include <cstdint>
#include <span>

#include "formats/format.h"
#include "formats/rounding.h"

namespace assay {

// The random bits of the stochastic roundings; the others ignore it. Element i of a span is element
// first_index + i of the array it is part of, so that an array may be converted in pieces; formats/random_bits.h says
// which `bits` bits (0..32) of philox(seed, stream, ...) it takes. Up to 16 bits take half the time of more. float
// sources with sr_b or sr_c and more than 30 bits are converted one by one.
struct ArrayRandom {
  uint64_t seed = 0;
  uint64_t stream = 0;
  uint64_t first_index = 0;
  int bits = 16;
};

// Replaces each value by decode_array of its code. Any format of at most 32 bits.
// Throws Error if bits is out of range or the format too wide.
void quantize_dequantize(const Format& format, Rounding rounding, Saturation saturation,
                         std::span<float> values, const ArrayRandom& random = {}, int threads = 1);
void quantize_dequantize(const Format& format, Rounding rounding, Saturation saturation,
                         std::span<double> values, const ArrayRandom& random = {}, int threads = 1);

// The codes of values, as round_to_code computes them from the exact source value. Formats of at most 8 bits for
// uint8_t and 16 bits for uint16_t; codes and values have the same length, or Error is thrown.
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const float> values, std::span<uint8_t> codes, const ArrayRandom& random = {},
                  int threads = 1);
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const float> values, std::span<uint16_t> codes, const ArrayRandom& random = {},
                  int threads = 1);
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const double> values, std::span<uint8_t> codes, const ArrayRandom& random = {},
                  int threads = 1);
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const double> values, std::span<uint16_t> codes, const ArrayRandom& random = {},
                  int threads = 1);

// The values of codes; bits above the format's width are ignored. Every NaN becomes the quiet NaN with a zero sign
// and payload. Values outside of float's range or precision (no format of up to 8 exponent bits with the usual
// bias has any) are rounded once, to nearest even.
void decode_array(const Format& format, std::span<const uint8_t> codes, std::span<float> values,
                  int threads = 1);
void decode_array(const Format& format, std::span<const uint16_t> codes, std::span<float> values,
                  int threads = 1);
void decode_array(const Format& format, std::span<const uint8_t> codes, std::span<double> values,
                  int threads = 1);
void decode_array(const Format& format, std::span<const uint16_t> codes, std::span<double> values,
                  int threads = 1);

}  // namespace assay
