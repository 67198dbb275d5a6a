// The array kernels against the scalar reference, bit for bit, on every instruction set of the machine.
#include <doctest/doctest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "formats/array_kernels.h"
#include "formats/array_kernels_chances.h"
#include "formats/array_kernels_steps.h"
#include "formats/array_kernels_tables.h"
#include "formats/real.h"
#include "formats/round.h"

using namespace assay;

namespace {

constexpr std::array kRoundings = {Rounding::rne,  Rounding::rna,   Rounding::rntz, Rounding::rnup,
                                   Rounding::rndn, Rounding::rnodd, Rounding::rtz,  Rounding::rup,
                                   Rounding::rdn,  Rounding::odd,   Rounding::sr_a, Rounding::sr_b,
                                   Rounding::sr_c};
constexpr std::array kSaturations = {
    Saturation::sat_none, Saturation::sat_none_v40,  Saturation::sat_finite, Saturation::sat_propagate,
    Saturation::sat_zero, Saturation::sat_symmetric, Saturation::wrap};
const std::vector<std::string> kFormats = {
    "e4m3",         "e5m2",     "e3m2",        "e2m3",        "e2m1",        "e8m0",        "e3m0",
    "e4m2",         "fp16",     "bf16",        "e4m3fnuz",    "e5m2fnuz",    "e3m4",        "e8m3b120f",
    "e8m4b130",     "e8m3b126", "binary8p4se", "binary8p1ue", "binary8p3sf", "binary8p8uf", "binary4p2sf",
    "binary16p8se", "int8",     "int4",        "uint8",       "smint8",      "symint8",     "int16",
    "fix8.6",       "ufix8.m3", "posit8",      "posit16",     "lns8f3",      "hif8",        "nf4"};

// Runs body for each instruction set of the machine the kernels are compiled for.
template <typename Body>
void on_every_target(const Body& body) {
  const int64_t supported = hwy::SupportedTargets() & (HWY_SCALAR | HWY_AVX2 | HWY_AVX3);
  REQUIRE(supported != 0);
  for (int64_t left = supported; left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

uint64_t bits_of(float x) {
  return std::bit_cast<uint32_t>(x);
}
uint64_t bits_of(double x) {
  return std::bit_cast<uint64_t>(x);
}

const Format& source_format(float /*type*/) {
  static const Format format = parse_format("fp32");
  return format;
}
const Format& source_format(double /*type*/) {
  static const Format format = parse_format("fp64");
  return format;
}

// Half-words for up to 16 bits, words for more.
RandomBits random_at(const ArrayRandom& random, size_t i) {
  const uint64_t index = random.first_index + i;
  if (random.bits > 16) {
    const uint32_t word = philox(random.seed, random.stream, index / 4).at(index % 4);
    return {random.bits, word >> (32 - random.bits)};
  }
  std::array<uint16_t, 8> halves{};
  const auto words = philox(random.seed, random.stream, index / 8);
  for (size_t half = 0; half < 8; ++half)
    halves.at(half) = static_cast<uint16_t>(words.at(half / 2) >> 16 * (half % 2));
  return {random.bits, static_cast<uint32_t>(halves.at(index % 8)) >> (16 - random.bits)};
}

template <typename Float>
std::vector<uint16_t> reference_codes(const Format& format, Rounding rounding, Saturation saturation,
                                      const std::vector<Float>& values, const ArrayRandom& random) {
  std::vector<uint16_t> codes;
  codes.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Real exact = decode(source_format(Float{}), bits_of(values[i]));
    const RandomBits bits = is_stochastic(rounding) ? random_at(random, i) : RandomBits{};
    codes.push_back(static_cast<uint16_t>(round_to_code(format, exact, rounding, saturation, bits)));
  }
  return codes;
}

template <typename Float>
uint64_t reference_value(const Format& format, uint64_t code) {
  return round_to_code(source_format(Float{}), decode(format, code), Rounding::rne, Saturation::sat_none);
}

template <typename Float>
std::vector<uint64_t> value_table(const Format& format) {
  std::vector<uint64_t> table;
  for (uint64_t code = 0; code <= code_mask(format.width); ++code)
    table.push_back(reference_value<Float>(format, code));
  return table;
}

std::string describe(const Format& format, Rounding rounding, Saturation saturation) {
  return format.name + " " + std::string(to_string(rounding)) + " " + std::string(to_string(saturation)) +
         " target " + hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets());
}

template <typename Code, typename Float>
size_t code_mismatches(const Format& format, Rounding rounding, Saturation saturation,
                       const std::vector<Float>& values, const std::vector<uint16_t>& expected,
                       const ArrayRandom& random, int threads) {
  std::vector<Code> codes(values.size());
  encode_array(format, rounding, saturation, std::span<const Float>(values), std::span(codes), random,
               threads);
  size_t count = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (codes[i] != expected[i] && count++ == 0) {
      MESSAGE(describe(format, rounding, saturation)
              << ": " << to_hex_float(decode(source_format(Float{}), bits_of(values[i]))) << " -> "
              << int(codes[i]) << ", expected " << expected[i]);
    }
  }
  return count;
}

template <typename Float>
size_t value_mismatches(const Format& format, Rounding rounding, Saturation saturation,
                        const std::vector<Float>& values, const std::vector<uint16_t>& expected,
                        const std::vector<uint64_t>& table, const ArrayRandom& random, int threads) {
  std::vector<Float> results = values;
  quantize_dequantize(format, rounding, saturation, std::span(results), random, threads);
  size_t count = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (bits_of(results[i]) != table[expected[i]] && count++ == 0) {
      MESSAGE(describe(format, rounding, saturation)
              << ": " << to_hex_float(decode(source_format(Float{}), bits_of(values[i]))) << " -> "
              << results[i] << ", expected code " << expected[i]);
    }
  }
  return count;
}

// All results for one format, rounding and saturation, on all targets.
template <typename Float>
void check_all(const Format& format, Rounding rounding, Saturation saturation,
               const std::vector<Float>& values, const std::vector<uint64_t>& table,
               const ArrayRandom& random, int threads) {
  const auto expected = reference_codes(format, rounding, saturation, values, random);
  const bool has_simd = format.kind == FormatKind::floating || is_integer(format);
  on_every_target([&] {
    // Without SIMD arithmetic there is nothing that the targets could differ in.
    if (!has_simd && hwy::SupportedTargets() != HWY_SCALAR) return;
    if (format.width <= 8) {
      CHECK(code_mismatches<uint8_t>(format, rounding, saturation, values, expected, random, threads) == 0);
    }
    CHECK(code_mismatches<uint16_t>(format, rounding, saturation, values, expected, random, threads) == 0);
    CHECK(value_mismatches(format, rounding, saturation, values, expected, table, random, threads) == 0);
  });
}

// Every value of the format, every midpoint of neighbours, and the numbers of Float around them.
template <typename Float>
std::vector<Float> boundaries(const Format& format) {
  std::vector<double> finite;
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const Real value = decode(format, code);
    if (value.kind == RealClass::zero || value.kind == RealClass::finite) finite.push_back(to_double(value));
  }
  std::ranges::sort(finite);
  const size_t count = finite.size();
  for (size_t i = 0; i + 1 < count; ++i) finite.push_back(finite[i] / 2 + finite[i + 1] / 2);
  const double step = finite[count - 1] - finite[count - 2];
  for (double half_steps : {1.0, 2.0, 3.0, 4.0}) {
    finite.push_back(finite[count - 1] + half_steps * step / 2);
    finite.push_back(finite[0] - half_steps * step / 2);
  }
  std::vector<Float> values;
  constexpr Float kInfinity = std::numeric_limits<Float>::infinity();
  for (double x : finite) {
    const auto near = static_cast<Float>(x);
    values.insert(values.end(), {near, std::nextafter(near, kInfinity), std::nextafter(near, -kInfinity)});
  }
  return values;
}

// Numbers of all magnitudes, and those without one.
template <typename Float>
std::vector<Float> specials() {
  using Limits = std::numeric_limits<Float>;
  std::vector<Float> values = {0,
                               1,
                               Limits::min(),
                               Limits::denorm_min(),
                               Limits::max(),
                               Limits::min() - Limits::denorm_min(),
                               Limits::infinity(),
                               Limits::quiet_NaN(),
                               Limits::signaling_NaN()};
  for (int exponent = -160; exponent <= 130; ++exponent) {
    for (double significand : {1.0, 1.25, 1.5, 1.999999})
      values.push_back(static_cast<Float>(std::ldexp(significand, exponent)));
  }
  const size_t count = values.size();
  for (size_t i = 0; i < count; ++i) values.push_back(-values[i]);
  return values;
}

std::vector<float> random_floats(size_t count) {
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) values.push_back(std::bit_cast<float>(philox(9, 0, i)[0]));
  return values;
}

// Half of them random bits, half of them of moderate size.
std::vector<double> random_doubles(size_t count) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t bits = philox64(10, 0, i);
    const double moderate = std::ldexp(static_cast<double>(bits >> 11), static_cast<int>(bits % 80) - 93);
    values.push_back(i % 2 == 0 ? std::bit_cast<double>(bits) : moderate);
  }
  return values;
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& what) {
  to.insert(to.end(), what.begin(), what.end());
}

template <typename T>
std::vector<T> every(size_t step, const std::vector<T>& all) {
  std::vector<T> some;
  for (size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

template <typename Float>
size_t step_mismatches(const Format& format, Rounding rounding, Saturation saturation,
                       const std::vector<Float>& values) {
  const StepTable<Float> table(format, rounding, saturation);
  const auto expected = reference_codes(format, rounding, saturation, values, {});
  size_t wrong = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t step = table.find(values[i]);
    wrong += table.code(step) != expected[i] ||
             bits_of(table.value(step)) != reference_value<Float>(format, expected[i]);
  }
  return wrong;
}

// Those that the table decides wrongly, or all if it leaves more than one in five open.
template <typename Float>
size_t chance_mismatches(const Format& format, Rounding rounding, Saturation saturation,
                         const std::vector<Float>& values, const ArrayRandom& random) {
  const ChanceTable<Float> table(format, rounding, saturation, random.bits);
  const auto expected = reference_codes(format, rounding, saturation, values, random);
  size_t wrong = 0, open = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto code = table.code(values[i], random_at(random, i).value);
    open += !code;
    if (!code) continue;
    wrong +=
        *code != expected[i] || bits_of(table.value(*code)) != reference_value<Float>(format, expected[i]);
  }
  return open * 5 > values.size() ? values.size() : wrong;
}

// The elements [begin, begin + size) of `source` as codes and in place: what is expected, and nothing beside it changed.
void check_piece(const Format& format, Rounding rounding, const std::vector<float>& source, size_t begin,
                 size_t size, const std::vector<uint64_t>& table) {
  const auto at = [](size_t i) { return static_cast<ptrdiff_t>(i); };
  const std::vector<float> piece(source.begin() + at(begin), source.begin() + at(begin + size));
  const ArrayRandom random = {.seed = 4, .first_index = begin, .bits = 8};
  const auto expected = reference_codes(format, rounding, Saturation::sat_none, piece, random);
  std::vector<uint8_t> codes(source.size(), 0xa5), all_codes = codes;
  std::copy(expected.begin(), expected.end(), all_codes.begin() + at(begin));
  encode_array(format, rounding, Saturation::sat_none, std::span(source).subspan(begin, size),
               std::span(codes).subspan(begin, size), random);
  CHECK(codes == all_codes);

  std::vector<float> values = source;
  quantize_dequantize(format, rounding, Saturation::sat_none, std::span(values).subspan(begin, size), random);
  size_t wrong = 0;
  for (size_t i = 0; i < source.size(); ++i) {
    const bool is_inside = i >= begin && i < begin + size;
    wrong += bits_of(values[i]) != (is_inside ? table[all_codes[i]] : bits_of(source[i]));
  }
  CHECK(wrong == 0);

  values.assign(source.size(), 7.0F);
  decode_array(format, std::span<const uint8_t>(codes).subspan(begin, size),
               std::span(values).subspan(begin, size));
  CHECK(std::all_of(values.begin(), values.begin() + at(begin), [](float x) { return x == 7.0F; }));
  CHECK(std::all_of(values.begin() + at(begin + size), values.end(), [](float x) { return x == 7.0F; }));
}

}  // namespace

TEST_CASE("every rounding and saturation of every kind of format equals the scalar reference") {
  for (const std::string& name : kFormats) {
    const Format format = parse_format(name);
    CAPTURE(name);
    std::vector<float> values = specials<float>();
    std::vector<double> doubles = specials<double>();
    append(values, random_floats(500));
    append(doubles, random_doubles(500));
    if (format.width <= 8) {
      append(values, boundaries<float>(format));
      append(doubles, boundaries<double>(format));
    }
    // The exact reference of logarithmic formats takes microseconds.
    if (format.kind == FormatKind::logarithmic) {
      values = every(29, values);
      doubles = every(29, doubles);
    }
    const auto float_table = value_table<float>(format);
    const auto double_table = value_table<double>(format);
    int bits = 0;
    for (Rounding rounding : kRoundings) {
      for (Saturation saturation : kSaturations) {
        if (saturation == Saturation::wrap && !is_integer(format)) continue;
        // 33 has no common factor with the numbers of roundings and saturations: all counts occur.
        const ArrayRandom random = {.seed = 5, .stream = 3, .first_index = 1, .bits = bits++ % 33};
        check_all(format, rounding, saturation, values, float_table, random, 1);
        check_all(format, rounding, saturation, doubles, double_table, random, 1);
      }
    }
  }
}

TEST_CASE("tables of steps equal the scalar reference") {
  for (const char* name : {"posit8", "hif8", "nf4", "e8m0", "e4m3", "e8m3b126", "binary8p1ue", "int8"}) {
    const Format format = parse_format(name);
    CAPTURE(name);
    std::vector<float> values = specials<float>();
    append(values, random_floats(20'000));
    append(values, boundaries<float>(format));
    std::vector<double> doubles = specials<double>();
    append(doubles, random_doubles(20'000));
    append(doubles, boundaries<double>(format));
    for (Rounding rounding : kRoundings) {
      if (is_stochastic(rounding)) continue;
      for (Saturation saturation : {Saturation::sat_none, Saturation::sat_zero, Saturation::sat_propagate}) {
        CHECK(step_mismatches(format, rounding, saturation, values) == 0);
        CHECK(step_mismatches(format, rounding, saturation, doubles) == 0);
      }
    }
  }
}

TEST_CASE("large arrays of formats without SIMD arithmetic equal the scalar reference") {
  std::vector<float> values = random_floats(70'000);
  for (const char* name : {"posit8", "hif8", "e8m0", "binary8p1ue"}) {
    const Format format = parse_format(name);
    const auto table = value_table<float>(format);
    for (Rounding rounding : {Rounding::rne, Rounding::rdn, Rounding::sr_b}) {
      const auto expected = reference_codes(format, rounding, Saturation::sat_none, values, {});
      CHECK(code_mismatches<uint8_t>(format, rounding, Saturation::sat_none, values, expected, {}, 2) == 0);
      CHECK(code_mismatches<uint16_t>(format, rounding, Saturation::sat_none, values, expected, {}, 2) == 0);
      CHECK(value_mismatches(format, rounding, Saturation::sat_none, values, expected, table, {}, 2) == 0);
    }
  }
}

TEST_CASE("boundaries of the 16-bit formats") {
  for (const char* name : {"fp16", "bf16", "int16", "binary16p8se"}) {
    const Format format = parse_format(name);
    const std::vector<float> values = boundaries<float>(format);
    const auto table = value_table<float>(format);
    for (Rounding rounding : {Rounding::rne, Rounding::rup, Rounding::odd}) {
      check_all(format, rounding, Saturation::sat_none, values, table, {}, 2);
    }
  }
}

TEST_CASE("all high halves of float") {
  std::vector<float> values;
  for (uint32_t high = 0; high < 0x10000; ++high) {
    for (uint32_t low : {0x0000U, 0x0001U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
      values.push_back(std::bit_cast<float>(high << 16 | low));
    }
  }
  append(values, random_floats(100'000));
  for (const char* name : {"e4m3", "e5m2", "e2m1", "fp16", "bf16", "binary8p4se", "int8"}) {
    const Format format = parse_format(name);
    const auto table = value_table<float>(format);
    for (Rounding rounding : kRoundings) {
      check_all(format, rounding, Saturation::sat_none, values, table, {.seed = 1, .bits = 13}, 3);
    }
  }
}

TEST_CASE("stochastic rounding with every number of bits") {
  for (const char* name : {"e4m3", "bf16", "fp16", "int8"}) {
    const Format format = parse_format(name);
    std::vector<float> values = specials<float>();
    // Values far below the least number, where only the first random bits matter.
    for (int i = 0; i < 4000; ++i)
      values.push_back(static_cast<float>(std::ldexp(1 + i % 64 / 64.0, -i / 64 + 8)));
    std::vector<double> doubles(values.begin(), values.end());
    const auto table = value_table<float>(format);
    const auto double_table = value_table<double>(format);
    for (Rounding rounding : {Rounding::sr_a, Rounding::sr_b, Rounding::sr_c}) {
      for (int bits = 0; bits <= 32; ++bits) {
        check_all(format, rounding, Saturation::sat_none, values, table, {.seed = 2, .bits = bits}, 1);
        check_all(format, rounding, Saturation::sat_none, doubles, double_table, {.seed = 2, .bits = bits},
                  1);
      }
    }
  }
}

TEST_CASE("a double is rounded once") {
  // Halfway between two values of the format but for a part below float's last place.
  const double x = 1.0625 + 0x1p-50;
  std::vector<double> values(5, x);
  quantize_dequantize(parse_format("e4m3"), Rounding::rne, Saturation::sat_none, std::span(values));
  CHECK(values == std::vector<double>(5, 1.125));
}

TEST_CASE("decoding equals the scalar reference") {
  for (const std::string& name : kFormats) {
    const Format format = parse_format(name);
    CAPTURE(name);
    const auto float_table = value_table<float>(format);
    const auto double_table = value_table<double>(format);
    // All codes, and codes with garbage above the format's width, more often than a table is worth making.
    std::vector<uint16_t> codes(size_t{3} << 16);
    for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint16_t>(i);
    std::vector<uint8_t> bytes(codes.begin(), codes.end());
    on_every_target([&] {
      for (size_t count : {size_t{100}, codes.size()}) {
        std::vector<float> floats(count);
        std::vector<double> doubles(count);
        const auto mismatches = [&](const auto& values, const auto& table, const auto& from) {
          size_t wrong = 0;
          for (size_t i = 0; i < count; ++i)
            wrong += bits_of(values[i]) != table[from[i] & code_mask(format.width)];
          return wrong;
        };
        decode_array(format, std::span<const uint16_t>(codes).first(count), std::span(floats), 2);
        CHECK(mismatches(floats, float_table, codes) == 0);
        decode_array(format, std::span<const uint16_t>(codes).first(count), std::span(doubles), 2);
        CHECK(mismatches(doubles, double_table, codes) == 0);
        if (format.width > 8) continue;
        decode_array(format, std::span<const uint8_t>(bytes).first(count), std::span(floats));
        CHECK(mismatches(floats, float_table, bytes) == 0);
        decode_array(format, std::span<const uint8_t>(bytes).first(count), std::span(doubles));
        CHECK(mismatches(doubles, double_table, bytes) == 0);
      }
    });
  }
}

TEST_CASE("sizes, alignments and pieces do not matter") {
  const std::vector<float> source = random_floats(80);
  for (const char* name : {"e4m3", "int8", "binary8p4se", "e8m0"}) {
    const Format format = parse_format(name);
    const auto table = value_table<float>(format);
    on_every_target([&] {
      for (Rounding rounding : {Rounding::rne, Rounding::rup, Rounding::sr_a, Rounding::sr_c}) {
        for (size_t size = 0; size <= 67; ++size) {
          for (size_t begin : {0, 1, 3, 7}) check_piece(format, rounding, source, begin, size, table);
        }
      }
    });
  }
}

TEST_CASE("threads do not matter") {
  const std::vector<float> source = random_floats(300'001);
  const Format format = parse_format("e5m2");
  // Across the point where the low word of the Philox counter wraps.
  const ArrayRandom random = {
      .seed = 6, .stream = uint64_t{1} << 33, .first_index = (uint64_t{1} << 34) - 150'002};
  const auto expected = reference_codes(format, Rounding::sr_a, Saturation::sat_none, source, random);
  for (int threads = 1; threads <= 8; ++threads) {
    CHECK(code_mismatches<uint8_t>(format, Rounding::sr_a, Saturation::sat_none, source, expected, random,
                                   threads) == 0);
  }
}

TEST_CASE("the host's floating-point mode does not matter, and stays") {
  std::vector<float> values = specials<float>();
  std::vector<double> doubles = specials<double>();
  const int before = std::fegetround();
  for (const char* name : {"e4m3", "fp16", "bf16", "int8", "binary8p4se"}) {
    const Format format = parse_format(name);
    const auto table = value_table<float>(format);
    const auto double_table = value_table<double>(format);
    for (Rounding rounding : {Rounding::rne, Rounding::sr_a, Rounding::sr_b, Rounding::sr_c}) {
      const ArrayRandom random = {.seed = 8, .bits = 16};
      const auto expected = reference_codes(format, rounding, Saturation::sat_none, values, random);
      const auto expected_doubles = reference_codes(format, rounding, Saturation::sat_none, doubles, random);
      for (int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        std::fesetround(mode);
        on_every_target([&] {
          CHECK(code_mismatches<uint16_t>(format, rounding, Saturation::sat_none, values, expected, random,
                                          1) == 0);
          CHECK(value_mismatches(format, rounding, Saturation::sat_none, values, expected, table, random,
                                 1) == 0);
          CHECK(value_mismatches(format, rounding, Saturation::sat_none, doubles, expected_doubles,
                                 double_table, random, 1) == 0);
        });
        CHECK(std::fegetround() == mode);
      }
      std::fesetround(before);
    }
  }
}

TEST_CASE("array kernels say what does not fit") {
  std::vector<float> values(4);
  std::vector<uint8_t> codes(4);
  const std::span<const float> source(values);
  CHECK_THROWS_AS(
      encode_array(parse_format("fp16"), Rounding::rne, Saturation::sat_none, source, std::span(codes)),
      Error);
  CHECK_THROWS_AS(encode_array(parse_format("e4m3"), Rounding::rne, Saturation::sat_none, source,
                               std::span(codes).first(3)),
                  Error);
  CHECK_THROWS_AS(quantize_dequantize(parse_format("e4m3"), Rounding::sr_a, Saturation::sat_none,
                                      std::span(values), {.bits = 33}),
                  Error);
  CHECK_THROWS_AS(
      quantize_dequantize(parse_format("fp64"), Rounding::rne, Saturation::sat_none, std::span(values)),
      Error);
}

TEST_CASE("up to 16 random bits are those of a half-word, more are those of a word") {
  // With no bits below the unit but those, rounding half a unit up or down shows the most significant random bit, and
  // a quarter and three quarters show the next.
  const Format format = parse_format("int8");
  constexpr uint64_t kSeed = 77, kStream = 5, kFirst = 3;
  std::vector<float> values(41);
  for (int bits : {1, 16, 17, 32}) {
    std::fill(values.begin(), values.end(), 0.5f);
    quantize_dequantize(format, Rounding::sr_a, Saturation::sat_none, std::span(values),
                        {.seed = kSeed, .stream = kStream, .first_index = kFirst, .bits = bits});
    for (uint64_t i = 0; i < values.size(); ++i) {
      const uint64_t index = kFirst + i;
      const bool by_half = bits <= 16;
      const uint32_t word = by_half ? philox(kSeed, kStream, index / 8).at(index % 8 / 2)
                                    : philox(kSeed, kStream, index / 4).at(index % 4);
      const bool top = (word >> (by_half && index % 2 == 0 ? 15 : 31) & 1) != 0;
      CHECK(values[i] == (top ? 1.0f : 0.0f));
    }
  }
}

TEST_CASE("integers wrap") {
  const std::vector<float> values = {127.5f,
                                     128,
                                     129,
                                     -129,
                                     255,
                                     256,
                                     257,
                                     -256,
                                     -257,
                                     0x1p24f + 2,
                                     0x1.000002p31f,
                                     -0x1.000002p30f,
                                     0x1p100f,
                                     std::numeric_limits<float>::infinity(),
                                     std::numeric_limits<float>::quiet_NaN(),
                                     -0.25f};
  const auto wrapped = [&](const char* name) {
    std::vector<float> results = values;
    quantize_dequantize(parse_format(name), Rounding::rne, Saturation::wrap, std::span(results));
    return results;
  };
  // 0x1.000002p31 is 2^31 + 2^8, 0x1.000002p30 is 2^30 + 2^7.
  on_every_target([&] {
    CHECK(wrapped("int8") ==
          std::vector<float>{-128, -128, -127, 127, -1, 0, 1, 0, -1, 2, 0, -128, 0, 0, 0, 0});
    CHECK(wrapped("uint8") ==
          std::vector<float>{128, 128, 129, 127, 255, 0, 1, 0, 255, 2, 0, 128, 0, 0, 0, 0});
    CHECK(wrapped("int4") == std::vector<float>{0, 0, 1, -1, -1, 0, 1, 0, -1, 2, 0, 0, 0, 0, 0, 0});
  });
}

TEST_CASE("E8M0 rounds between powers of two, also below the normal numbers of float") {
  const Format format = parse_format("e8m0");
  const std::vector<float> values = {1,         1.5f, 0x1.8p3f, 0x1p-126f, 0x1p-127f, 0x1.8p-127f,
                                     0x1p-149f, 0,    -0.0f,    -1,        0x1p127f,  0x1.8p127f};
  std::vector<uint8_t> codes(values.size());
  on_every_target([&] {
    // Ties go to even codes.
    encode_array(format, Rounding::rne, Saturation::sat_none, std::span(values), std::span(codes));
    CHECK(codes == std::vector<uint8_t>{127, 128, 130, 1, 0, 0, 0, 0, 0, 255, 254, 254});
    encode_array(format, Rounding::rup, Saturation::sat_finite, std::span(values), std::span(codes));
    CHECK(codes == std::vector<uint8_t>{127, 128, 131, 1, 0, 1, 0, 0, 0, 0, 254, 254});
    std::vector<float> results = values;
    quantize_dequantize(format, Rounding::rtz, Saturation::sat_finite, std::span(results));
    CHECK(results == std::vector<float>{1, 1, 8, 0x1p-126f, 0x1p-127f, 0x1p-127f, 0x1p-127f, 0x1p-127f,
                                        0x1p-127f, 0x1p-127f, 0x1p127f, 0x1p127f});
  });
}

TEST_CASE("tables of chances equal the scalar reference") {
  for (const char* name : {"posit8", "hif8", "nf4", "binary8p1ue", "uint4", "e4m3"}) {
    const Format format = parse_format(name);
    CAPTURE(name);
    std::vector<float> values = specials<float>();
    append(values, random_floats(20'000));
    append(values, boundaries<float>(format));
    std::vector<double> doubles = specials<double>();
    append(doubles, random_doubles(20'000));
    append(doubles, boundaries<double>(format));
    for (Rounding rounding : {Rounding::sr_a, Rounding::sr_b, Rounding::sr_c}) {
      for (Saturation saturation : {Saturation::sat_none, Saturation::sat_zero}) {
        for (int bits : {0, 1, 5, 16, 32}) {
          // Only some pairs, for time.
          if ((bits + static_cast<int>(rounding) + static_cast<int>(saturation)) % 3 != 0) continue;
          CAPTURE(bits);
          CHECK(chance_mismatches(format, rounding, saturation, values, {.seed = 8, .bits = bits}) == 0);
          CHECK(chance_mismatches(format, rounding, saturation, doubles, {.seed = 8, .bits = bits}) == 0);
        }
      }
    }
  }
}

TEST_CASE("kept tables are built when they are worth it and told apart by all that matters") {
  const Format posit8 = parse_format("posit8");
  constexpr size_t kMany = size_t{1} << 20;
  CHECK(step_table<float>(posit8, Rounding::rna, Saturation::sat_none, 1) == nullptr);
  const auto table = step_table<float>(posit8, Rounding::rna, Saturation::sat_none, kMany);
  REQUIRE(table != nullptr);
  CHECK(step_table<float>(posit8, Rounding::rna, Saturation::sat_none, 1) == table);
  Format renamed = posit8;
  renamed.name = "mine";
  CHECK(step_table<float>(renamed, Rounding::rna, Saturation::sat_none, 1) == table);
  CHECK(step_table<float>(posit8, Rounding::rtz, Saturation::sat_none, kMany) != table);
  CHECK(step_table<float>(posit8, Rounding::rna, Saturation::sat_finite, kMany) != table);
  CHECK(step_table<float>(parse_format("posit8es1"), Rounding::rna, Saturation::sat_none, kMany) != table);
  // Elements of several calls count together.
  CHECK(step_table<double>(posit8, Rounding::rna, Saturation::sat_none, kMany / 256) == nullptr);
  CHECK(step_table<double>(posit8, Rounding::rna, Saturation::sat_none, kMany / 256) != nullptr);

  const auto chances = chance_table<float>(posit8, Rounding::sr_a, Saturation::sat_none, 4, kMany);
  REQUIRE(chances != nullptr);
  CHECK(chance_table<float>(posit8, Rounding::sr_a, Saturation::sat_none, 4, 1) == chances);
  CHECK(chance_table<float>(posit8, Rounding::sr_a, Saturation::sat_none, 5, 1) != chances);

  // The least recently used go first; those in use stay alive.
  for (int width = 3; width <= 32; ++width)
    step_table<float>(parse_format("posit" + std::to_string(width)), Rounding::rne, Saturation::sat_none, 0);
  CHECK(step_table<float>(posit8, Rounding::rna, Saturation::sat_none, 1) == nullptr);
  CHECK(table->value(table->find(1.0f)) == 1.0f);
}

TEST_CASE("many calls for a format with a table equal the scalar reference") {
  const Format format = parse_format("hif8");
  std::vector<float> values = random_floats(150'000);
  const auto table = value_table<float>(format);
  for (Rounding rounding : {Rounding::rne, Rounding::sr_b}) {
    const ArrayRandom random = {.seed = 3, .first_index = 5, .bits = 9};
    const auto expected = reference_codes(format, rounding, Saturation::sat_finite, values, random);
    // From the fourth on with the table of chances.
    for (int call = 0; call < 5; ++call) {
      CHECK(code_mismatches<uint8_t>(format, rounding, Saturation::sat_finite, values, expected, random, 2) ==
            0);
      CHECK(value_mismatches(format, rounding, Saturation::sat_finite, values, expected, table, random, 2) ==
            0);
    }
  }
}
