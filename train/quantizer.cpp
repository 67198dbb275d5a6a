#include "train/quantizer.h"

#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "formats/quotient.h"
#include "formats/random_bits.h"
#include "formats/real.h"
#include "formats/round.h"
#include "train/absmax.h"
#include "train/luq.h"
#include "train/sawb.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, QuantizerKind>, 4> kKinds = {
    {{"cast", QuantizerKind::cast},
     {"absmax", QuantizerKind::absmax},
     {"sawb", QuantizerKind::sawb},
     {"luq", QuantizerKind::luq}}};

constexpr int kLuqRandomBits = 32;

// How many random bits an element takes.
int random_bits_of(const Quantizer& quantizer) {
  if (quantizer.kind == QuantizerKind::sawb) return 0;
  if (quantizer.kind == QuantizerKind::luq) return kLuqRandomBits;
  return is_stochastic(quantizer.rounding) ? quantizer.random_bits : 0;
}

// -2^(width - 1) of a two's complement format gives way to the number above it.
uint64_t make_symmetric(const Format& format, uint64_t code) {
  const uint64_t least = uint64_t{1} << (format.width - 1);
  return format.kind == FormatKind::twos_complement && code == least ? least + 1 : code;
}

uint64_t luq_code(const Format& format, const Real& quotient, uint32_t random) {
  if (quotient.kind == RealClass::nan) {
    return round_to_code(format, quotient, Rounding::rne, Saturation::sat_finite);
  }
  const uint32_t y_bits = quotient.kind == RealClass::finite
                              ? std::bit_cast<uint32_t>(round_to_float(quotient)) & 0x7FFFFFFF
                              : std::bit_cast<uint32_t>(quotient.kind == RealClass::zero ? 0.0F : HUGE_VALF);
  return luq_magnitude(y_bits, random) | uint64_t{quotient.negative} << (format.width - 1);
}

uint64_t code_of(const Quantizer& quantizer, const Real& quotient, RandomBits random) {
  const Format& format = quantizer.format;
  switch (quantizer.kind) {
    case QuantizerKind::cast:
      return round_to_code(format, quotient, quantizer.rounding, quantizer.saturation, random);
    case QuantizerKind::absmax:
      return make_symmetric(
          format, round_to_code(format, quotient, quantizer.rounding, Saturation::sat_finite, random));
    case QuantizerKind::sawb:
      return make_symmetric(format, round_to_code(format, quotient, Rounding::rne, Saturation::sat_finite));
    case QuantizerKind::luq:
      break;
  }
  return luq_code(format, quotient, random.value);
}

void check_coefficient(std::string_view key, double value) {
  if (!(std::isfinite(value) && value >= 0.0)) {
    fail("quantizer sawb: {}: expected a finite number of at least 0, found {}", key, value);
  }
}

}  // namespace

void check_quantizer(const Quantizer& quantizer) {
  const Format& format = quantizer.format;
  const std::string_view kind = to_string(quantizer.kind);
  if (quantizer.random_bits < 1 || quantizer.random_bits > 32) {
    fail("quantizer {}: random_bits: expected 1..32, found {}", kind, quantizer.random_bits);
  }
  switch (quantizer.kind) {
    case QuantizerKind::cast:
      if (quantizer.saturation == Saturation::wrap && format.kind != FormatKind::twos_complement &&
          format.kind != FormatKind::unsigned_integer) {
        fail("quantizer cast: saturation wrap expects a format such as int8 or uint8, found {}", format.name);
      }
      break;
    case QuantizerKind::absmax:
      if (!format.has_subnormals) {
        fail("quantizer absmax: expected a format with a zero, found {}", format.name);
      }
      break;
    case QuantizerKind::sawb:
      if (format.kind == FormatKind::floating || format.width != 4) {
        fail("quantizer sawb: expected the format int4, smint4 or uint4, found {}", format.name);
      }
      check_coefficient("rms_coefficient", quantizer.rms_coefficient);
      check_coefficient("mean_coefficient", quantizer.mean_coefficient);
      break;
    case QuantizerKind::luq:
      if (!(format == parse_format("e3m0"))) {
        fail("quantizer luq: expected the format e3m0, found {}", format.name);
      }
      break;
  }
}

float quantizer_scale(const Quantizer& quantizer, std::span<const float> values) {
  switch (quantizer.kind) {
    case QuantizerKind::cast:
      return 1.0F;
    case QuantizerKind::sawb:
      return sawb_scale(quantizer.format, quantizer.rms_coefficient, quantizer.mean_coefficient, values);
    case QuantizerKind::absmax:
    case QuantizerKind::luq:  // alpha = max|x| / 64, and 64 is the largest number of e3m0
      break;
  }
  return absmax_scale(quantizer.format, quantizer.power_of_two_scale, values);
}

void quantize_elements(const Quantizer& quantizer, float scale, std::span<const float> values, uint64_t seed,
                       uint64_t stream, uint64_t first_index, std::span<uint64_t> codes) {
  const int bits = random_bits_of(quantizer);
  const Real divisor = real_from_float(scale);
  for (size_t i = 0; i < values.size(); ++i) {
    const RandomBits random = element_random_bits(seed, stream, first_index + i, bits);
    codes[i] = code_of(quantizer, divide(real_from_float(values[i]), divisor), random);
  }
}

QuantizedTensor quantize(const Quantizer& quantizer, std::span<const float> values, uint64_t seed,
                         uint64_t stream) {
  check_quantizer(quantizer);
  QuantizedTensor tensor;
  tensor.format = quantizer.format;
  tensor.scale = quantizer_scale(quantizer, values);
  tensor.codes.resize(values.size());
  quantize_elements(quantizer, tensor.scale, values, seed, stream, 0, tensor.codes);
  return tensor;
}

std::vector<double> dequantize(const QuantizedTensor& tensor) {
  std::vector<double> values;
  values.reserve(tensor.codes.size());
  for (const uint64_t code : tensor.codes) {
    values.push_back(to_double(decode(tensor.format, code)) * double{tensor.scale});
  }
  return values;
}

std::string_view to_string(QuantizerKind kind) {
  for (const auto& [word, known] : kKinds) {
    if (known == kind) return word;
  }
  return {};
}

QuantizerKind parse_quantizer_kind(std::string_view word) {
  std::string known_words;
  for (const auto& [known, kind] : kKinds) {
    if (known == word) return kind;
    known_words += known_words.empty() ? "" : ", ";
    known_words += known;
  }
  fail("unknown kind of quantizer '{}': expected one of {}", word, known_words);
}

}  // namespace assay
