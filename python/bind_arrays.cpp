// Arrays of numbers to codes and back. Results are written into arrays that numpy has allocated.
#include <bit>
#include <type_traits>
#include <utility>
#include <vector>

#include "arith/unit.h"
#include "formats/array_kernels.h"
#include "formats/array_kernels_pack.h"
#include "formats/conversion.h"
#include "formats/quotient.h"
#include "python/element_random.h"

namespace assay::python {
namespace {

constexpr int kKernelWidth = 32;  // bits of the widest format that quantize_dequantize takes

Real real_of(double value) {
  return real_from_double(value);
}
Real real_of(float value) {
  return real_from_float(value);
}

// The value rounded to nearest, ties to even.
template <typename Float>
Float float_of(const Real& value) {
  if constexpr (std::is_same_v<Float, double>) return to_double(value);
  static const Format fp32 = parse_format("fp32");
  const uint64_t code = round_to_code(fp32, value, Rounding::rne, Saturation::sat_none);
  return std::bit_cast<float>(static_cast<uint32_t>(code));
}

void check_conversion(const Format& format, const Conversion& conversion) {
  if (conversion.saturation == Saturation::wrap && default_saturation(format) != Saturation::wrap) {
    fail("saturation wrap expects a two's complement or unsigned integer format, found {}", format.name);
  }
}

// The kernels know no policies for NaN and infinities; under others than the usual ones these few elements are
// converted one by one.
bool has_policies(const Conversion& conversion) {
  return conversion.nan != NanPolicy::by_kind || conversion.infinity != InfinityPolicy::by_saturation;
}

template <typename Float>
bool is_finite(Float value) {
  using Bits = std::conditional_t<sizeof(Float) == 4, uint32_t, uint64_t>;
  constexpr Bits kExponent = sizeof(Float) == 4 ? Bits{0x7F800000} : static_cast<Bits>(0x7FF0000000000000);
  return (std::bit_cast<Bits>(value) & kExponent) != kExponent;
}

// (place, code) of what is not finite.
template <typename Float>
std::vector<std::pair<size_t, uint64_t>> policy_codes(const Format& format, std::span<const Float> values,
                                                      const Conversion& conversion) {
  std::vector<std::pair<size_t, uint64_t>> codes;
  if (!has_policies(conversion)) return codes;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!is_finite(values[i])) codes.emplace_back(i, convert(format, real_of(values[i]), conversion));
  }
  return codes;
}

template <typename Float, typename Code>
void encode(const Format& format, const Input<Float>& values, const Output<Code>& codes,
            const Conversion& conversion, const ElementRandom& random, int threads) {
  check_conversion(format, conversion);
  expect_size("codes", codes.size(), values.size());
  const std::span<const Float> from = elements(values);
  const std::span<Code> to = elements(codes);
  const nb::gil_scoped_release unlocked;
  if constexpr (sizeof(Code) <= 2) {
    if (!random.words) {
      encode_array(format, conversion.rounding, conversion.saturation, from, to, random.drawn, threads);
      for (const auto& [i, code] : policy_codes(format, from, conversion)) to[i] = static_cast<Code>(code);
      return;
    }
  }
  const bool stochastic = is_stochastic(conversion.rounding);
  for_elements(from.size(), threads, [&](size_t i) {
    const RandomBits bits = stochastic ? random.at(i) : RandomBits{};
    to[i] = static_cast<Code>(convert(format, real_of(from[i]), conversion, bits));
  });
}

template <typename Code, typename Float>
void decode(const Format& format, const Input<Code>& codes, const Output<Float>& values, int threads) {
  expect_size("values", values.size(), codes.size());
  const std::span<const Code> from = elements(codes);
  const std::span<Float> to = elements(values);
  const nb::gil_scoped_release unlocked;
  if constexpr (sizeof(Code) <= 2) {
    decode_array(format, from, to, threads);
  } else {
    for_elements(from.size(), threads,
                 [&](size_t i) { to[i] = float_of<Float>(assay::decode(format, from[i])); });
  }
}

template <typename Float>
void round_in_place(const Format& format, const Output<Float>& array, const Conversion& conversion,
                    const ElementRandom& random, int threads) {
  check_conversion(format, conversion);
  const std::span<Float> values = elements(array);
  const nb::gil_scoped_release unlocked;
  if (format.width <= kKernelWidth && !random.words) {
    const auto special = policy_codes(format, std::span<const Float>(values), conversion);
    quantize_dequantize(format, conversion.rounding, conversion.saturation, values, random.drawn, threads);
    for (const auto& [i, code] : special) values[i] = float_of<Float>(assay::decode(format, code));
    return;
  }
  const bool stochastic = is_stochastic(conversion.rounding);
  for_elements(values.size(), threads, [&](size_t i) {
    const RandomBits bits = stochastic ? random.at(i) : RandomBits{};
    values[i] = float_of<Float>(assay::decode(format, convert(format, real_of(values[i]), conversion, bits)));
  });
}

void pack(const Input<uint8_t>& codes, int width, const Output<uint8_t>& packed, int threads) {
  const nb::gil_scoped_release unlocked;
  pack_codes(elements(codes), width, elements(packed), threads);
}

void unpack(const Input<uint8_t>& packed, int width, const Output<uint8_t>& codes, int threads) {
  const nb::gil_scoped_release unlocked;
  unpack_codes(elements(packed), width, elements(codes), threads);
}

template <typename Float, typename Code>
void bind_codes(nb::module_& module) {
  module.def("encode", &encode<Float, Code>, nb::arg("format"), nb::arg("values").noconvert(),
             nb::arg("codes").noconvert(), nb::arg("conversion"), nb::arg("random"), nb::arg("threads"));
  module.def("decode", &decode<Code, Float>, nb::arg("format"), nb::arg("codes").noconvert(),
             nb::arg("values").noconvert(), nb::arg("threads"));
}

template <typename Float>
void bind_float(nb::module_& module) {
  bind_codes<Float, uint8_t>(module);
  bind_codes<Float, uint16_t>(module);
  bind_codes<Float, uint32_t>(module);
  bind_codes<Float, uint64_t>(module);
  module.def("round_in_place", &round_in_place<Float>, nb::arg("format"), nb::arg("values").noconvert(),
             nb::arg("conversion"), nb::arg("random"), nb::arg("threads"));
}

}  // namespace

void bind_arrays(nb::module_& module) {
  bind_float<float>(module);
  bind_float<double>(module);
  module.def("pack", &pack, nb::arg("codes").noconvert(), nb::arg("width"), nb::arg("packed").noconvert(),
             nb::arg("threads"));
  module.def("unpack", &unpack, nb::arg("packed").noconvert(), nb::arg("width"), nb::arg("codes").noconvert(),
             nb::arg("threads"));
  module.def("packed_size", &packed_size, nb::arg("count"), nb::arg("width"));
}

}  // namespace assay::python
