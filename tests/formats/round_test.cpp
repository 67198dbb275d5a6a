// Rounding against an oracle written from the definition with exact rationals, and against the host's own
// conversions.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "formats/format.h"
#include "formats/real.h"
#include "formats/round.h"
#include "gap_oracle.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

using namespace assay;
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

namespace {

cpp_rational exact(double x) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  const cpp_int significand(static_cast<long long>(std::ldexp(fraction, 53)));
  exponent -= 53;
  return exponent >= 0 ? cpp_rational(significand << exponent)
                       : cpp_rational(significand, cpp_int(1) << -exponent);
}

// All finite non-negative values of a format in order; the index is the magnitude's code.
std::vector<cpp_rational> grid(const Format& format) {
  std::vector<cpp_rational> values;
  for (uint64_t m = 0; m <= max_finite_magnitude(format); ++m)
    values.push_back(exact(to_double(decode(format, m))));
  return values;
}

// Rounds |x| by searching the list of representable magnitudes. One unit beyond the largest counts as
// overflow. Returns the index, or values.size() for overflow.
size_t oracle(const std::vector<cpp_rational>& values, const cpp_rational& x, bool negative,
              Rounding rounding, RandomBits random) {
  const cpp_rational step = values.back() - values[values.size() - 2];
  size_t below = static_cast<size_t>(std::upper_bound(values.begin(), values.end(), x) - values.begin()) - 1;
  const cpp_rational& low = values[below];
  const bool last = below + 1 == values.size();
  if (last && x >= low + step) return values.size();
  const cpp_rational high = last ? low + step : values[below + 1];
  if (x == low) return below;
  const cpp_rational part = (x - low) / (high - low);
  const cpp_rational half(1, 2);
  bool away = false;
  const cpp_int scale = cpp_int(1) << random.count;
  auto floor_of = [](const cpp_rational& q) { return cpp_int(numerator(q) / denominator(q)); };
  switch (rounding) {
    case Rounding::rne:
      away = part > half || (part == half && below % 2 == 1);
      break;
    case Rounding::rna:
      away = part >= half;
      break;
    case Rounding::rntz:
      away = part > half;
      break;
    case Rounding::rnup:
      away = part > half || (part == half && !negative);
      break;
    case Rounding::rndn:
      away = part > half || (part == half && negative);
      break;
    case Rounding::rnodd:
      away = part > half || (part == half && below % 2 == 0);
      break;
    case Rounding::rtz:
      break;
    case Rounding::rup:
      away = !negative;
      break;
    case Rounding::rdn:
      away = negative;
      break;
    case Rounding::odd:
      away = below % 2 == 0;
      break;
    case Rounding::sr_a:
      away = floor_of(part * scale) + random.value >= scale;
      break;
    case Rounding::sr_b:
      away = floor_of(part * scale * 2) + 2 * random.value + 1 >= scale * 2;
      break;
    case Rounding::sr_c: {
      cpp_int nearest = floor_of(part * scale);
      const cpp_rational rest = part * scale - nearest;
      if (rest > half || (rest == half && nearest % 2 == 1)) ++nearest;
      away = nearest + random.value >= scale;
      break;
    }
  }
  return below + (away ? 1 : 0);
}

constexpr Rounding kAll[] = {Rounding::rne,   Rounding::rna,  Rounding::rntz, Rounding::rnup, Rounding::rndn,
                             Rounding::rnodd, Rounding::rtz,  Rounding::rup,  Rounding::rdn,  Rounding::odd,
                             Rounding::sr_a,  Rounding::sr_b, Rounding::sr_c};

void check_value(const Format& format, const std::vector<cpp_rational>& values, double x) {
  const bool negative = std::signbit(x);
  const cpp_rational magnitude = exact(std::fabs(x));
  for (const Rounding rounding : kAll) {
    const int counts = is_stochastic(rounding) ? 3 : 1;
    for (int count = 1; count <= counts; ++count) {
      for (uint32_t r = 0; r < (is_stochastic(rounding) ? 1u << count : 1u); ++r) {
        const RandomBits random{count, r};
        const size_t index = oracle(values, magnitude, negative, rounding, random);
        const uint64_t code = encode(format, x, rounding, Saturation::sat_finite, random);
        const uint64_t sign = negative && format.is_signed ? uint64_t{1} << (format.width - 1) : 0;
        const uint64_t expected = sign | std::min<uint64_t>(index, max_finite_magnitude(format));
        const bool zero_without_sign = !has_negative_zero(format) && (expected & ~sign) == 0;
        if (code != (zero_without_sign ? 0 : expected)) {
          FAIL_CHECK(format.name << " " << x << " " << to_string(rounding) << " r=" << r << ": " << code
                                 << " expected " << expected);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("every neighbourhood of every code and midpoint, all roundings, against exact rationals") {
  for (const char* name : {"e4m3", "e5m2", "e3m2", "e2m3", "e2m1", "e3m0", "e4m2", "e4m3fnuz", "e5m2fnuz",
                           "e4m3ieee", "e5m0f", "e1m2", "e3m4b3ieee", "e6m2"}) {
    const Format format = parse_format(name);
    const std::vector<cpp_rational> values = grid(format);
    for (uint64_t m = 0; m < max_finite_magnitude(format); ++m) {
      const double low = to_double(decode(format, m)), high = to_double(decode(format, m + 1));
      for (int eighth = 0; eighth < 8; ++eighth) {
        const double x = low + (high - low) * eighth / 8;
        for (const double y : {x, std::nextafter(x, 1e300), -x, -std::nextafter(x, 0.0)})
          check_value(format, values, y);
      }
    }
    const double largest = to_double(decode(format, max_finite_magnitude(format)));
    for (const double factor : {1.0, 1.01, 1.0625, 1.2, 1.5, 2.0, 1e10})
      check_value(format, values, largest * factor);
  }
}

namespace {

// A float of any sign, exponent and kind but NaN, half of them near the places where bfloat16 and binary16
// round: the low bits are all zeros or ones, or those of a tie, or next to them.
float sample_float(uint64_t i) {
  auto bits = static_cast<uint32_t>(philox64(1, 0, i));
  const uint32_t low_width = i % 4 == 1 ? 16 : 13;
  const uint32_t low_mask = (1U << low_width) - 1, tie = 1U << (low_width - 1);
  if (i % 2 == 1)
    bits = (bits & ~low_mask) |
           ((tie * static_cast<uint32_t>(i / 4 % 2) + static_cast<uint32_t>(i / 8 % 3) - 1) & low_mask);
  const auto x = std::bit_cast<float>(bits);
  return std::isnan(x) ? std::bit_cast<float>(bits & 0xbfffffff) : x;
}

constexpr uint64_t kSamples = 2'000'000;

// bfloat16 is the upper half of a float; of the lower half only its place relative to a half counts.
uint32_t bfloat16_by_halves(uint32_t bits, Rounding rounding) {
  const uint32_t upper = bits >> 16, lower = bits & 0xffff;
  if ((bits & 0x7fffffff) == 0x7f800000) return upper;
  const bool negative = bits >> 31 != 0, odd = (upper & 1) != 0;
  const bool above = lower > 0x8000, tie = lower == 0x8000, inexact = lower != 0;
  bool away = false;
  switch (rounding) {
    case Rounding::rne:
      away = above || (tie && odd);
      break;
    case Rounding::rna:
      away = above || tie;
      break;
    case Rounding::rntz:
      away = above;
      break;
    case Rounding::rnup:
      away = above || (tie && !negative);
      break;
    case Rounding::rndn:
      away = above || (tie && negative);
      break;
    case Rounding::rnodd:
      away = above || (tie && !odd);
      break;
    case Rounding::rup:
      away = inexact && !negative;
      break;
    case Rounding::rdn:
      away = inexact && negative;
      break;
    case Rounding::odd:
      away = inexact && !odd;
      break;
    default:
      break;
  }
  const bool inward = rounding == Rounding::rtz || rounding == (negative ? Rounding::rup : Rounding::rdn);
  return (upper & 0x7fff) == 0x7f7f && inward ? upper : upper + (away ? 1 : 0);
}

#if defined(__x86_64__) && defined(__GNUC__)
// The processor's own conversions of eight floats to binary16 and of sixteen to bfloat16.
template <int kMode>
__attribute__((target("avx,f16c"))) void halves_by_f16c(const float* values, uint16_t* codes) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(codes), _mm256_cvtps_ph(_mm256_loadu_ps(values), kMode));
}

__attribute__((target("avx512f,avx512bf16"))) void bfloats_by_avx512(const float* values, uint16_t* codes) {
  const __m256bh converted = _mm512_cvtneps_pbh(_mm512_loadu_ps(values));
  std::memcpy(codes, &converted, sizeof converted);
}
#endif

}  // namespace

TEST_CASE("float to bfloat16 in all deterministic roundings, samples, against its upper and lower half") {
  const Format fp32 = parse_format("fp32"), bf16 = parse_format("bf16");
  for (uint64_t i = 0; i < kSamples; ++i) {
    const auto bits = std::bit_cast<uint32_t>(sample_float(i));
    const Rounding rounding = kAll[i / 16 % 10];
    const uint64_t found = round_to_code(bf16, decode(fp32, bits), rounding, Saturation::sat_none);
    const uint32_t expected = bfloat16_by_halves(bits, rounding);
    if (found != expected) {
      FAIL_CHECK("bf16 of " << bits << " " << to_string(rounding) << ": " << found << ", expected "
                            << expected);
    }
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
TEST_CASE(
    "float to binary16 in four roundings and to bfloat16, samples, against the processor's instructions") {
  const Format fp32 = parse_format("fp32"), fp16 = parse_format("fp16"), bf16 = parse_format("bf16");
  const auto check = [&](const Format& format, Rounding rounding, const float* values,
                         const uint16_t* expected, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const uint64_t found = round_to_code(format, decode(fp32, std::bit_cast<uint32_t>(values[i])), rounding,
                                           Saturation::sat_none);
      if (found != expected[i]) FAIL_CHECK(format.name << " of " << values[i] << " " << to_string(rounding));
    }
  };
  const bool has_f16c = __builtin_cpu_supports("f16c") != 0;
  const bool has_bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  if (!has_f16c) MESSAGE("no F16C: binary16 not compared");
  if (!has_bf16) MESSAGE("no AVX512_BF16: bfloat16 not compared");
  for (uint64_t i = 0; i < kSamples / 4; i += 16) {
    float values[16];
    for (uint64_t k = 0; k < 16; ++k) values[k] = sample_float(i + k);
    uint16_t codes[16];
    if (has_f16c) {
      halves_by_f16c<_MM_FROUND_TO_NEAREST_INT>(values, codes);
      check(fp16, Rounding::rne, values, codes, 8);
      halves_by_f16c<_MM_FROUND_TO_ZERO>(values, codes);
      check(fp16, Rounding::rtz, values, codes, 8);
      halves_by_f16c<_MM_FROUND_TO_POS_INF>(values, codes);
      check(fp16, Rounding::rup, values, codes, 8);
      halves_by_f16c<_MM_FROUND_TO_NEG_INF>(values, codes);
      check(fp16, Rounding::rdn, values, codes, 8);
    }
    if (has_bf16) {
      // The instruction takes subnormal floats for zeros.
      for (float& x : values)
        x = std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0F, x) : x;
      bfloats_by_avx512(values, codes);
      check(bf16, Rounding::rne, values, codes, 16);
    }
  }
}
#endif

TEST_CASE("float to _Float16 and double to float, samples of all inputs, against the compiler") {
  const Format fp32 = parse_format("fp32");
#ifdef __FLT16_MANT_DIG__
  const Format fp16 = parse_format("fp16");
  for (uint64_t i = 0; i < kSamples; ++i) {
    const float x = sample_float(i);
    const uint64_t half =
        round_to_code(fp16, decode(fp32, std::bit_cast<uint32_t>(x)), Rounding::rne, Saturation::sat_none);
    if (half != std::bit_cast<uint16_t>(static_cast<_Float16>(x))) FAIL_CHECK("fp16 of " << x);
  }
#endif
  const Format fp64 = parse_format("fp64");
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    uint64_t bits = philox64(2, 0, i);
    if (i % 2 == 0) bits = (bits & 0x800fffffffffffff) | (uint64_t{1023 - 160} + bits % 320) << 52;
    const auto x = std::bit_cast<double>(bits);
    if (std::isnan(x)) continue;
    const uint64_t single = round_to_code(fp32, decode(fp64, bits), Rounding::rne, Saturation::sat_none);
    if (single != std::bit_cast<uint32_t>(static_cast<float>(x))) FAIL_CHECK("fp32 of " << x);
  }
}

namespace {

// eXmY by its suffix: what formats/format.h says, with OCP's and MLIR's words.
struct FloatSpec {
  int exponent_bits, fraction_bits, bias;
  std::string suffix;

  int width() const { return 1 + exponent_bits + fraction_bits; }
  std::string name() const {
    return "e" + std::to_string(exponent_bits) + "m" + std::to_string(fraction_bits) + "b" +
           std::to_string(bias) + suffix;
  }
  uint64_t minus() const { return uint64_t{1} << (exponent_bits + fraction_bits); }
  uint64_t infinity() const { return minus() - (uint64_t{1} << fraction_bits); }  // ieee only
  uint64_t largest() const {
    if (suffix == "ieee") return infinity() - 1;
    return suffix == "fn" ? minus() - 2 : minus() - 1;
  }
  bool is_nan(uint64_t code) const {
    const uint64_t magnitude = code & (minus() - 1);
    if (suffix == "fnuz") return code == minus();
    if (suffix == "ieee") return magnitude > infinity();
    return magnitude > largest();
  }
  uint64_t nan() const {
    if (suffix == "fnuz") return minus();
    return suffix == "ieee" ? infinity() | uint64_t{1} << (fraction_bits - 1) : minus() - 1;
  }
  bool has_nan() const { return suffix != "f"; }
  uint64_t with_sign(uint64_t magnitude, bool negative) const {
    return negative && (magnitude != 0 || suffix != "fnuz") ? magnitude | minus() : magnitude;
  }
  // (value of the magnitude) = whole * 2^exponent.
  uint64_t whole(uint64_t magnitude) const {
    const uint64_t one = uint64_t{1} << fraction_bits;
    return magnitude < one ? magnitude : one + magnitude % one;
  }
  int exponent(uint64_t magnitude) const {
    return std::max(static_cast<int>(magnitude >> fraction_bits), 1) - bias - fraction_bits;
  }
};

std::vector<FloatSpec> all_floats(int most_bits) {
  std::vector<FloatSpec> specs;
  for (int x = 1; 1 + x <= most_bits; ++x) {
    for (int y = x == 1 ? 1 : 0; 1 + x + y <= most_bits; ++y) {
      const int usual = (1 << (x - 1)) - 1;
      if (y > 0) specs.push_back({x, y, usual, "ieee"});
      specs.push_back({x, y, usual, "fn"});
      specs.push_back({x, y, usual, "f"});
      specs.push_back({x, y, usual + 1, "fnuz"});
    }
  }
  // Biases of MLIR's float8_e4m3b11fnuz, of LUQ's [1,4,2] and [1,3,0], and odd ones.
  for (const FloatSpec& spec : {FloatSpec{4, 3, 11, "fnuz"}, FloatSpec{4, 2, 1, "f"}, FloatSpec{3, 0, 1, "f"},
                                FloatSpec{5, 2, 0, "ieee"}, FloatSpec{2, 3, 200, "fn"}}) {
    specs.push_back(spec);
  }
  return specs;
}

// The table in formats/rounding.h, for signed formats.
uint64_t beyond_range(const FloatSpec& spec, bool negative, bool is_infinity, Rounding rounding,
                      Saturation saturation) {
  const bool inward =
      !is_infinity && (rounding == Rounding::rtz || rounding == (negative ? Rounding::rup : Rounding::rdn));
  const uint64_t largest = spec.with_sign(spec.largest(), negative);
  const uint64_t infinity = spec.suffix == "ieee" ? spec.with_sign(spec.infinity(), negative) : largest;
  switch (saturation) {
    case Saturation::sat_none:
      if (inward) return largest;
      return spec.suffix == "fn" || spec.suffix == "fnuz" ? spec.nan() : infinity;
    case Saturation::sat_none_v40:
      return inward ? largest : infinity;
    case Saturation::sat_propagate:
      return is_infinity ? infinity : largest;
    case Saturation::sat_zero:
      return spec.with_sign(0, negative);
    default:
      return largest;
  }
}

constexpr Saturation kSaturations[] = {Saturation::sat_none,      Saturation::sat_none_v40,
                                       Saturation::sat_finite,    Saturation::sat_propagate,
                                       Saturation::sat_symmetric, Saturation::sat_zero};

void check_codes(const FloatSpec& spec) {
  const Format format = parse_format(spec.name());
  CAPTURE(format.name);
  CHECK(format.width == spec.width());
  CHECK(max_finite_magnitude(format) == spec.largest());
  if (spec.has_nan()) CHECK(canonical_nan(format) == spec.nan());
  for (uint64_t code = 0; code < 2 * spec.minus(); ++code) {
    const Real found = decode(format, code);
    const bool negative = code >= spec.minus();
    const uint64_t magnitude = code % spec.minus();
    if (spec.is_nan(code)) {
      if (found.kind != RealClass::nan) FAIL_CHECK("code " << code << " is NaN");
    } else if (spec.suffix == "ieee" && magnitude == spec.infinity()) {
      if (found.kind != RealClass::infinity || found.negative != negative) FAIL_CHECK("infinity " << code);
    } else if (magnitude == 0) {
      if (found.kind != RealClass::zero || found.negative != negative) FAIL_CHECK("zero " << code);
    } else {
      const Real expected = {RealClass::finite, negative, spec.exponent(magnitude), spec.whole(magnitude),
                             false};
      if (found.kind != RealClass::finite || compare(found, expected) != 0) FAIL_CHECK("value of " << code);
    }
    for (const Rounding rounding : kAll) {
      const uint64_t back = round_to_code(format, found, rounding, Saturation::sat_none, {4, 9});
      if (back != (spec.is_nan(code) ? spec.nan() : code))
        FAIL_CHECK(to_string(rounding) << ": " << code << " became " << back);
    }
  }
}

void check_gaps(const FloatSpec& spec) {
  const Format format = parse_format(spec.name());
  for (uint64_t magnitude = 0; magnitude <= spec.largest(); ++magnitude) {
    for (const bool negative : {false, true}) {
      for_all_places([&](Place place, Rounding rounding, RandomBits random) {
        const Real x = at_place(negative, spec.whole(magnitude), spec.exponent(magnitude), place);
        const uint64_t rounded =
            magnitude + (away_by_definition(place, rounding, negative, magnitude % 2 == 0, random) ? 1 : 0);
        for (const Saturation saturation : kSaturations) {
          const uint64_t expected = rounded > spec.largest()
                                        ? beyond_range(spec, negative, false, rounding, saturation)
                                        : spec.with_sign(rounded, negative);
          const uint64_t found = round_to_code(format, x, rounding, saturation, random);
          if (found != expected) {
            FAIL_CHECK(format.name << " above " << magnitude << " at " << place.eighths << "/8 "
                                   << place.sticky << " " << to_string(rounding) << " "
                                   << to_string(saturation) << " negative " << negative << ": " << found
                                   << ", expected " << expected);
          }
          if (rounded <= spec.largest()) break;  // saturation does not matter
        }
      });
    }
  }
  for (const bool negative : {false, true}) {
    for (const Rounding rounding : kAll) {
      for (const Saturation saturation : kSaturations) {
        for (const bool is_infinity : {false, true}) {
          const Real x = {is_infinity ? RealClass::infinity : RealClass::finite, negative, 5000, 1, false};
          CHECK(round_to_code(format, x, rounding, saturation, {2, 1}) ==
                beyond_range(spec, negative, is_infinity, rounding, saturation));
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("eXmY: every code of all formats of up to 10 bits by the text, and its round trip") {
  for (const FloatSpec& spec : all_floats(10)) check_codes(spec);
}

TEST_CASE("eXmY: places in every gap of all formats of up to 10 bits, every rounding and saturation") {
  for (const FloatSpec& spec : all_floats(10)) check_gaps(spec);
}

TEST_CASE("E8M0: places in every gap, below the least and above the greatest number, signs") {
  // OCP MX 1.0: 2^(code - 127), 0xff is NaN, neither zero nor infinity.
  const Format format = parse_format("e8m0");
  for (uint64_t code = 0; code <= 0xfe; ++code) {
    for_all_places([&](Place place, Rounding rounding, RandomBits random) {
      const Real x = at_place(false, 1, static_cast<int>(code) - 127, place);
      // The gap above 1 * 2^e is as wide as the number.
      const uint64_t rounded =
          code + (away_by_definition(place, rounding, false, code % 2 == 0, random) ? 1 : 0);
      const bool inward = rounding == Rounding::rtz || rounding == Rounding::rdn;
      const uint64_t clamped = std::min<uint64_t>(rounded, 0xfe);
      CHECK(round_to_code(format, x, rounding, Saturation::sat_finite, random) == clamped);
      CHECK(round_to_code(format, x, rounding, Saturation::sat_none, random) == (inward ? clamped : rounded));
    });
  }
  for (const Rounding rounding : kAll) {
    for (const double x : {0.0, -0.0, 0x1p-128, 0x1.fp-128, 0x1p-140, 0x1p-1074})
      CHECK(encode(format, std::fabs(x), rounding, Saturation::sat_none, {3, 5}) == 0);
    CHECK(encode(format, -1, rounding, Saturation::sat_none, {3, 5}) == 0xff);
    CHECK(encode(format, -1, rounding, Saturation::sat_finite, {3, 5}) == 0);
    CHECK(encode(format, std::numeric_limits<double>::infinity(), rounding, Saturation::sat_none, {3, 5}) ==
          0xff);
    CHECK(encode(format, std::numeric_limits<double>::infinity(), rounding, Saturation::sat_finite, {3, 5}) ==
          0xfe);
  }
}

TEST_CASE("overflow, infinity and NaN by policy") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  const Format e4m3 = parse_format("e4m3"), e5m2 = parse_format("e5m2"), e2m1 = parse_format("e2m1");
  const auto code = [](const Format& f, double x, Saturation s, Rounding r = Rounding::rne) {
    return encode(f, x, r, s);
  };
  // OCP OFP8 1.0, table of conversions: OVF is sat_none, SAT is sat_finite.
  CHECK(code(e4m3, 464.0, Saturation::sat_none) == 0x7e);
  CHECK(code(e4m3, std::nextafter(464.0, 1e9), Saturation::sat_none) == 0x7f);
  CHECK(code(e4m3, inf, Saturation::sat_none) == 0x7f);
  CHECK(code(e4m3, -inf, Saturation::sat_finite) == 0xfe);
  CHECK(code(e4m3, nan, Saturation::sat_finite) == 0x7f);
  CHECK(code(e5m2, 61439.0, Saturation::sat_none) == 0x7b);
  CHECK(code(e5m2, 61440.0, Saturation::sat_none) == 0x7c);
  CHECK(code(e5m2, 61440.0, Saturation::sat_finite) == 0x7b);
  CHECK(code(e5m2, inf, Saturation::sat_propagate) == 0x7c);
  CHECK(code(e5m2, 1e9, Saturation::sat_propagate) == 0x7b);
  CHECK(code(e5m2, 1e9, Saturation::sat_none, Rounding::rtz) == 0x7b);
  CHECK(code(e5m2, 1e9, Saturation::sat_none, Rounding::rdn) == 0x7b);
  CHECK(code(e5m2, -1e9, Saturation::sat_none, Rounding::rdn) == 0xfc);
  CHECK(code(e5m2, -1e9, Saturation::sat_none, Rounding::rup) == 0xfb);
  CHECK(code(e2m1, inf, Saturation::sat_none) == 0x7);
  CHECK(code(e2m1, nan, Saturation::sat_none) == 0x7);
  // MX: -0 is kept, ties go to the even code.
  const double ties[] = {0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5.0};
  const double even[] = {0, 1, 1, 2, 2, 4, 4};
  for (int i = 0; i < 7; ++i)
    CHECK(to_double(decode(e2m1, code(e2m1, ties[i], Saturation::sat_none))) == even[i]);
  CHECK(code(e2m1, -0.1, Saturation::sat_none) == 0x8);
}

TEST_CASE("integers") {
  const Format int8 = parse_format("int8"), uint8 = parse_format("uint8"), smint4 = parse_format("smint4");
  CHECK(encode(int8, 127.5, Rounding::rne, Saturation::sat_finite) == 0x7f);
  CHECK(encode(int8, -128.4, Rounding::rne, Saturation::sat_finite) == 0x80);
  CHECK(encode(int8, -1e30, Rounding::rne, Saturation::sat_none) == 0x80);
  CHECK(encode(int8, 128, Rounding::rne, Saturation::wrap) == 0x80);
  CHECK(encode(int8, -129, Rounding::rne, Saturation::wrap) == 0x7f);
  CHECK(encode(int8, 0x1p80 + 0x1p40, Rounding::rne, Saturation::wrap) == 0);
  CHECK(encode(int8, 2.5) == 2);
  CHECK(encode(int8, 2.5, Rounding::rna) == 3);
  CHECK(encode(int8, -2.5, Rounding::rup) == 0xfe);
  CHECK(encode(int8, -2.5, Rounding::rdn) == 0xfd);
  CHECK(encode(int8, -2.5, Rounding::odd) == 0xfd);
  CHECK(encode(int8, std::nan("")) == 0);
  CHECK(encode(uint8, -3.0) == 0);
  CHECK(encode(uint8, -3.0, Rounding::rne, Saturation::wrap) == 0xfd);
  CHECK(encode(uint8, 300.0) == 0xff);
  CHECK(encode(smint4, -7.0) == 0xf);
  CHECK(encode(smint4, -100.0) == 0xf);
  CHECK(encode(smint4, -0.25) == 0x8);
}

TEST_CASE("a sticky value is neither its lower end nor a tie") {
  const Format e4m3 = parse_format("e4m3");
  Real value{RealClass::finite, false, -120, uint128{17} << 116, true};  // 1.0625 + something below 2^-120
  CHECK(round_to_code(e4m3, value, Rounding::rne, Saturation::sat_none) == 0x39);
  value.sticky = false;  // 1.0625 is a tie between 1 and 1.125
  CHECK(round_to_code(e4m3, value, Rounding::rne, Saturation::sat_none) == 0x38);
  value.significand = uint128{1} << 120;
  value.sticky = true;
  CHECK(round_to_code(e4m3, value, Rounding::rup, Saturation::sat_none) == 0x39);
  CHECK(round_to_code(e4m3, value, Rounding::odd, Saturation::sat_none) == 0x39);
  CHECK(round_to_code(e4m3, value, Rounding::rtz, Saturation::sat_none) == 0x38);
}
