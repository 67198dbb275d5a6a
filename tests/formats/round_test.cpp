// Rounding against an oracle written from the definition with exact rationals, and against the host's own
// conversions.
#include <doctest/doctest.h>

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "formats/format.h"
#include "formats/real.h"
#include "formats/round.h"

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

TEST_CASE("float to _Float16 and double to float, samples of all inputs, against the hardware") {
  const Format fp32 = parse_format("fp32");
#ifdef __FLT16_MANT_DIG__  // Clang has _Float16 on x86 from version 15 on
  const Format fp16 = parse_format("fp16");
  for (uint64_t i = 0; i < 2'000'000; ++i) {
    const auto bits = static_cast<uint32_t>(philox64(1, 0, i));
    const auto x = std::bit_cast<float>(bits);
    if (std::isnan(x)) continue;
    const uint64_t half = round_to_code(fp16, decode(fp32, bits), Rounding::rne, Saturation::sat_none);
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
