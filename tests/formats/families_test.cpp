// Posits, fixed point, HiFloat8, code books and logarithmic formats against their definitions.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gap_oracle.h"

using namespace assay;
using boost::multiprecision::cpp_int;

namespace {

__extension__ using int128 = __int128;

const double kInfinity = std::numeric_limits<double>::infinity();

double value(const Format& format, uint64_t code) {
  return to_double(decode(format, code));
}

void check_round_trip(const Format& format) {
  CAPTURE(format.name);
  check_format(format);
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const Real x = decode(format, code);
    if (x.kind == RealClass::nan) continue;
    for (const Rounding rounding : all_roundings()) {
      const uint64_t back = round_to_code(format, x, rounding, Saturation::sat_none, {4, 9});
      const bool unused = format.is_symmetric && code == uint64_t{1} << (format.width - 1);
      if (back != (unused ? code + 1 : code))
        FAIL_CHECK(to_string(rounding) << ": " << code << " became " << back);
    }
  }
}

// Checks all places between neighbours on the line of doubles. `codes` are those of the finite values in
// ascending order.
void check_linear_gaps(const Format& format, const std::vector<uint64_t>& codes) {
  for (size_t i = 0; i + 1 < codes.size(); ++i) {
    const double low = value(format, codes[i]), high = value(format, codes[i + 1]);
    const bool negative = high <= 0;
    const double near = negative ? high : low, far = negative ? low : high;
    const uint64_t near_code = codes[negative ? i + 1 : i], far_code = codes[negative ? i : i + 1];
    const bool even = near_code % 2 == 0;
    for_all_places([&](Place place, Rounding rounding, RandomBits random) {
      const double x = near + (far - near) * place.eighths / 8;  // exact for the values used here
      Real real = real_from_double(x);
      real.negative = negative;
      if (place.sticky && real.kind == RealClass::zero) {
        real = {RealClass::finite, negative, -1000, 1, true};
      } else if (place.sticky) {
        real.significand <<= 60;
        real.exponent -= 60;
        real.sticky = true;
      }
      const bool away = away_by_definition(place, rounding, negative, even, random);
      const uint64_t expected = away ? far_code : near_code;
      const uint64_t found = round_to_code(format, real, rounding, Saturation::sat_none, random);
      const bool both_zero = value(format, expected) == 0 && value(format, found) == 0;
      if (found != expected && !both_zero) {
        FAIL_CHECK(format.name << " " << x << " " << to_string(rounding) << ": " << found << ", expected "
                               << expected);
      }
    });
  }
}

// Codes of finite values in ascending order, one for zero.
std::vector<uint64_t> sorted_codes(const Format& format) {
  std::vector<uint64_t> codes;
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    const double x = value(format, code);
    const bool minus_zero = x == 0 && std::signbit(x);
    const bool unused = format.is_symmetric && code == uint64_t{1} << (format.width - 1);
    if (std::isfinite(x) && !minus_zero && !unused) codes.push_back(code);
  }
  std::sort(codes.begin(), codes.end(),
            [&](uint64_t a, uint64_t b) { return value(format, a) < value(format, b); });
  return codes;
}

// The posit standard's formula ((1 - 3s) + f) 2^((1 - 2s)(2^es r + e + s)) read off the bits of the code itself
// (not of its absolute value), for a code that is neither zero nor NaR.
double posit_by_formula(int width, int exponent_width, uint64_t code) {
  std::vector<int> bits;
  for (int i = width - 1; i >= 0; --i) bits.push_back(static_cast<int>(code >> i & 1));
  size_t at = 1;
  const int s = bits[0], first = bits[1];
  int k = 0;
  while (at < bits.size() && bits[at] == first) ++at, ++k;
  ++at;  // the bit that ends the run
  const int r = first == 0 ? -k : k - 1;
  int e = 0;
  for (int i = 0; i < exponent_width; ++i, ++at) e = 2 * e + (at < bits.size() ? bits[at] : 0);
  double f = 0;
  for (double weight = 0.5; at < bits.size(); ++at, weight /= 2) f += weight * bits[at];
  return ((1 - 3 * s) + f) * std::ldexp(1.0, (1 - 2 * s) * ((1 << exponent_width) * r + e + s));
}

}  // namespace

TEST_CASE("posits: values by the standard's formula, order, round trip") {
  for (int width = 3; width <= 12; ++width) {
    for (int es = 0; es <= 4; ++es) {
      const Format format = parse_format("posit" + std::to_string(width) + "es" + std::to_string(es));
      CAPTURE(format.name);
      const uint64_t nar = uint64_t{1} << (width - 1), mask = code_mask(width);
      CHECK(decode(format, nar).kind == RealClass::nan);
      for (uint64_t code = 1; code <= mask; ++code) {
        if (code == nar) continue;
        if (value(format, code) != posit_by_formula(width, es, code)) FAIL_CHECK("value of " << code);
      }
      // Two's complement order is the order of the values.
      for (uint64_t i = 1; i + 1 < mask; ++i) {
        if (value(format, (nar + i) & mask) >= value(format, (nar + i + 1) & mask))
          FAIL_CHECK("order at " << i);
      }
      check_round_trip(format);
    }
  }
  check_round_trip(parse_format("posit16"));
}

TEST_CASE("posits: landmarks of the 2022 standard and of the earlier posit8") {
  CHECK(value(parse_format("posit8"), 0x7f) == 0x1p24);
  CHECK(value(parse_format("posit8"), 0x01) == 0x1p-24);
  CHECK(value(parse_format("posit16"), 0x7fff) == 0x1p56);
  CHECK(value(parse_format("posit32"), 0x7fffffff) == 0x1p120);
  CHECK(value(parse_format("posit32"), 0xffffffff) == -0x1p-120);
  CHECK(value(parse_format("posit8"), 0x40) == 1);
  CHECK(value(parse_format("posit8es0"), 0x7f) == 64);
  CHECK(value(parse_format("posit16es1"), 0x7fff) == 0x1p28);
  CHECK(quire_width(parse_format("posit8")) == 128);
  CHECK(quire_width(parse_format("posit16")) == 256);
  CHECK(quire_width(parse_format("posit32")) == 512);
  CHECK(quire_width(parse_format("posit8es0")) == 32);
  CHECK(quire_width(parse_format("posit16es1")) == 128);
}

TEST_CASE("posits: places on the bit string, which longer posits name, in every rounding") {
  for (int width = 3; width <= 10; ++width) {
    for (int es = 0; es <= 3; ++es) {
      const std::string suffix = "es" + std::to_string(es);
      const Format format = parse_format("posit" + std::to_string(width) + suffix);
      const uint64_t largest = code_mask(width - 1), mask = code_mask(width);
      for (uint64_t code = 0; code <= largest; ++code) {
        for (const bool negative : {false, true}) {
          for_all_places([&](Place place, Rounding rounding, RandomBits random) {
            const uint64_t longer = 8 * code + static_cast<uint64_t>(place.eighths);
            if (longer == 0) return;
            Real x = real_from_double(posit_by_formula(width + 3, es, longer));
            x.significand <<= 60;
            x.exponent -= 60;
            x.sticky = place.sticky;
            x.negative = negative;
            const bool away = away_by_definition(place, rounding, negative, code % 2 == 0, random);
            uint64_t expected = std::clamp(code + (away ? 1 : 0), uint64_t{1}, largest);
            if (negative) expected = (0 - expected) & mask;
            const uint64_t found = round_to_code(format, x, rounding, Saturation::sat_none, random);
            if (found != expected) {
              FAIL_CHECK(format.name << " above " << code << " at " << place.eighths << "/8 "
                                     << to_string(rounding) << ": " << found << ", expected " << expected);
            }
          });
        }
      }
    }
  }
}

TEST_CASE("posits: neither zero nor NaR from a finite number") {
  const Format posit8 = parse_format("posit8");
  for (const Rounding rounding : all_roundings()) {
    for (const Saturation saturation :
         {Saturation::sat_none, Saturation::sat_finite, Saturation::sat_propagate}) {
      CHECK(encode(posit8, 1e300, rounding, saturation, {3, 0}) == 0x7f);
      CHECK(encode(posit8, -1e300, rounding, saturation, {3, 0}) == 0x81);
      CHECK(encode(posit8, 1e-300, rounding, saturation, {3, 0}) == 0x01);
      CHECK(encode(posit8, -1e-300, rounding, saturation, {3, 0}) == 0xff);
    }
  }
  CHECK(encode(posit8, kInfinity) == 0x80);
  CHECK(encode(posit8, kInfinity, Rounding::rne, Saturation::sat_finite) == 0x7f);
  CHECK(encode(posit8, std::nan("")) == 0x80);
  CHECK(encode(posit8, -0.0) == 0);
}

TEST_CASE("fixed point: round trip and every place in every gap") {
  for (const char* name :
       {"fix8.6", "fix4.0", "fix6.m3", "fix5.9", "ufix8.4", "symfix8.6", "symint8", "ufix3.m2"}) {
    const Format format = parse_format(name);
    check_round_trip(format);
    check_linear_gaps(format, sorted_codes(format));
  }
  CHECK(value(parse_format("fix8.6"), 0x7f) == 127.0 / 64);  // MXINT8: 1 63/64
  CHECK(value(parse_format("fix8.6"), 0x80) == -2);
  CHECK(value(parse_format("symint8"), 0x81) == -127);
  CHECK(parse_format("mxint8_element").name == "fix8.6");
  CHECK(parse_format("fix8.0").name == "int8");
  CHECK(parse_format("fix8.0") == parse_format("int8"));
}

TEST_CASE(
    "fixed point: quantization modes by the examples of AMD UG1399 and overflow modes of Algorithmic C") {
  const Format fixed = parse_format("fix3.1"), narrow = parse_format("fix4.0"),
               unsigned4 = parse_format("ufix4.0");
  const auto rounded = [&](double x, const char* mode) {
    return value(fixed, encode(fixed, x, parse_rounding(mode), Saturation::sat_finite));
  };
  // ap_fixed<3, 2> of 1.25 and -1.25.
  CHECK(rounded(1.25, "AC_RND") == 1.5);
  CHECK(rounded(-1.25, "AC_RND") == -1.0);
  CHECK(rounded(1.25, "AC_RND_ZERO") == 1.0);
  CHECK(rounded(-1.25, "AC_RND_ZERO") == -1.0);
  CHECK(rounded(1.25, "AC_RND_MIN_INF") == 1.0);
  CHECK(rounded(-1.25, "AC_RND_MIN_INF") == -1.5);
  CHECK(rounded(1.25, "AC_RND_INF") == 1.5);
  CHECK(rounded(-1.25, "AC_RND_INF") == -1.5);
  CHECK(rounded(1.25, "AC_RND_CONV") == 1.0);
  CHECK(rounded(0.75, "AC_RND_CONV") == 1.0);
  CHECK(rounded(1.25, "AC_RND_CONV_ODD") == 1.5);
  CHECK(rounded(0.75, "AC_RND_CONV_ODD") == 0.5);
  CHECK(rounded(1.25, "AC_TRN") == 1.0);
  CHECK(rounded(-1.25, "AC_TRN") == -1.5);
  CHECK(rounded(-1.25, "AC_TRN_ZERO") == -1.0);
  const auto kept = [](const Format& format, double x, const char* mode) {
    return value(format, encode(format, x, Rounding::rnup, parse_saturation(mode)));
  };
  CHECK(kept(narrow, 19, "AC_SAT") == 7);
  CHECK(kept(narrow, -19, "AC_SAT") == -8);
  CHECK(kept(unsigned4, 19, "AC_SAT") == 15);
  CHECK(kept(unsigned4, -19, "AC_SAT") == 0);
  CHECK(kept(narrow, 19, "AC_SAT_ZERO") == 0);
  CHECK(kept(narrow, -19, "AC_SAT_ZERO") == 0);
  CHECK(kept(unsigned4, 19, "AC_SAT_ZERO") == 0);
  CHECK(kept(narrow, 19, "AC_SAT_SYM") == 7);
  CHECK(kept(narrow, -19, "AC_SAT_SYM") == -7);
  CHECK(kept(narrow, -8, "AC_SAT_SYM") == -7);
  CHECK(kept(narrow, -7, "AC_SAT_SYM") == -7);
  CHECK(kept(unsigned4, -19, "AC_SAT_SYM") == 0);
  CHECK(kept(narrow, 19, "AC_WRAP") == 3);
  CHECK(kept(narrow, -19, "AC_WRAP") == -3);
  const Format symmetric = parse_format("symint8");
  CHECK(value(symmetric, encode(symmetric, -128)) == -127);
  CHECK(value(symmetric, encode(symmetric, -1e9, Rounding::rne, Saturation::sat_none)) == -127);
  const Format scaled = parse_format("fix8.m4");
  CHECK(value(scaled, encode(scaled, 24)) == 32);
  CHECK(value(scaled, encode(scaled, 24, Rounding::rtz)) == 16);
  const Format wide = parse_format("fix63.20");
  CHECK(value(wide, encode(wide, -0x1.23456789abcp40)) == -0x1.23456789abcp40);
}

TEST_CASE("HiFloat8: the paper's counts and specials, round trip, places") {
  const Format hif8 = parse_format("hif8");
  check_round_trip(hif8);
  const std::vector<uint64_t> codes = sorted_codes(hif8);
  CHECK(codes.size() == 253);  // 256 without NaN and the infinities
  check_linear_gaps(hif8, codes);
  // Exponents with 3, 2 and 1 fraction bits, and those below, by the number of codes of each binade.
  int binades[9] = {};
  for (int exponent = -30; exponent <= 20; ++exponent) {
    const auto in_binade = std::count_if(codes.begin(), codes.end(), [&](uint64_t code) {
      const double x = value(hif8, code);
      return x > 0 && std::ilogb(x) == exponent;
    });
    ++binades[in_binade];
  }
  CHECK(binades[8] == 7);
  CHECK(binades[4] == 8);
  CHECK(binades[2] == 15);  // 16, but the last one holds 2^15 and infinity
  CHECK(binades[1] == 1 + 7);
  CHECK(value(hif8, 0x6e) == 0x1p15);
  CHECK(value(hif8, 0x6f) == kInfinity);
  CHECK(value(hif8, 0xef) == -kInfinity);
  CHECK(decode(hif8, 0x80).kind == RealClass::nan);
  CHECK(value(hif8, 0x01) == 0x1p-22);
  CHECK(value(hif8, 0x07) == 0x1p-16);
  CHECK(value(hif8, 0x7e) == 0x1p-15);
  CHECK(value(hif8, 0x08) == 1);
  CHECK(encode(hif8, 0x1.4p15, Rounding::rna) == 0x6f);
  CHECK(encode(hif8, 0x1.3fffp15, Rounding::rna) == 0x6e);
  CHECK(encode(hif8, -0x1.4p15, Rounding::rna, Saturation::sat_finite) == 0xee);
  CHECK(encode(hif8, 0x1p-23, Rounding::rna) == 0x01);
  CHECK(encode(hif8, -0x1.fp-24, Rounding::rna) == 0);
  CHECK(encode(hif8, -0.0) == 0);
}

TEST_CASE("code books: NF4 and radix-4 FP4") {
  const Format nf4 = parse_format("nf4"), radix4 = parse_format("fp4_radix4");
  CHECK(nf4.width == 4);
  CHECK(value(nf4, 0) == -1);
  CHECK(value(nf4, 7) == 0);
  CHECK(value(nf4, 15) == 1);
  check_round_trip(nf4);
  check_round_trip(radix4);
  check_linear_gaps(radix4, sorted_codes(radix4));
  for (int i = 0; i <= 4000; ++i) {
    const double x = -2 + i * 0.001;
    uint64_t nearest = 0;
    for (uint64_t code = 1; code < 16; ++code) {
      if (std::fabs(value(nf4, code) - x) < std::fabs(value(nf4, nearest) - x)) nearest = code;
    }
    CHECK(encode(nf4, x) == nearest);
  }
  CHECK(value(radix4, 7) == 4096);
  CHECK(value(radix4, encode(radix4, 2.5)) == 4);  // 1 has an odd code, 4 an even one
  CHECK(encode(radix4, -0.25) == 8);
  CHECK(encode(nf4, kInfinity) == 15);
  CHECK(encode(nf4, -kInfinity) == 0);
}

namespace {

// x^(2^power) as an integer times 2^exponent.
struct Power {
  cpp_int integer;
  int64_t exponent;
};

Power power_of(const Real& x, int power) {
  Power result = {cpp_int(static_cast<uint64_t>(x.significand)), x.exponent};
  for (int i = 0; i < power; ++i) {
    result.integer *= result.integer;
    result.exponent *= 2;
  }
  return result;
}

// Whether x^(2^power) < 2^exponent.
bool power_is_below(const Real& x, int power, int64_t exponent) {
  const Power left = power_of(x, power);
  const int64_t shift = exponent - left.exponent;
  return shift >= 0 && left.integer < (cpp_int(1) << static_cast<unsigned>(shift));
}

}  // namespace

TEST_CASE("logarithmic: every value is the double nearest to the power, by integer powers") {
  for (const char* name : {"lns8f3", "lns8f0", "lns9f5", "lns6f4", "lns12f7"}) {
    const Format format = parse_format(name);
    check_round_trip(format);
    const int width = format.fraction_width;
    const int64_t bias = int64_t{format.exponent_bias} << width;
    for (int64_t m = 1; m <= static_cast<int64_t>(code_mask(format.width - 1)); ++m) {
      const Real x = decode(format, static_cast<uint64_t>(m));
      if (m % (int64_t{1} << width) == 0) {
        CHECK(to_double(x) == std::ldexp(1.0, static_cast<int>((m - bias) >> width)));
        continue;
      }
      CHECK(floor_log2(x.significand) == 52);
      const Real half_below = {RealClass::finite, false, x.exponent - 1, 2 * x.significand - 1, false};
      const Real half_above = {RealClass::finite, false, x.exponent - 1, 2 * x.significand + 1, false};
      if (!power_is_below(half_below, width, m - bias)) FAIL_CHECK(name << ": " << m << " is too large");
      if (power_is_below(half_above, width, m - bias)) FAIL_CHECK(name << ": " << m << " is too small");
      if (m > 1) CHECK(compare(x, decode(format, static_cast<uint64_t>(m - 1))) > 0);
    }
  }
  CHECK(decode(parse_format("lns8f3"), 0x80).kind == RealClass::nan);
  CHECK(value(parse_format("lns8f3"), 0x40) == 1);
  CHECK(value(parse_format("lns8f3"), 0xc8) == -2);
}

TEST_CASE("logarithmic: the doubles around every boundary in the logarithmic domain, by integer powers") {
  for (const char* name : {"lns8f3", "lns7f2", "lns8f5"}) {
    const Format format = parse_format(name);
    const int width = format.fraction_width;
    const int64_t bias = int64_t{format.exponent_bias} << width;
    const auto largest = static_cast<int64_t>(code_mask(format.width - 1));
    for (int64_t m = 0; m < largest; ++m) {
      // The boundary of rounding to nearest: 2^((2m + 1) / 2^(F+1) - bias), and some doubles around it.
      const double about = std::exp2((static_cast<double>(m - bias) + 0.5) / std::ldexp(1.0, width));
      for (int ulps = -3; ulps <= 3; ++ulps) {
        double x = about;
        for (int i = 0; i < std::abs(ulps); ++i) x = std::nextafter(x, ulps < 0 ? 0 : kInfinity);
        const bool below = power_is_below(real_from_double(x), width + 1, 2 * (m - bias) + 1);
        const auto expected = static_cast<uint64_t>(below ? m : m + 1);
        CHECK(encode(format, x) == expected);
        CHECK(encode(format, -x) == (expected == 0 ? 0 : expected | uint64_t{1} << (format.width - 1)));
        // One random bit: up from the boundary on if R = 1, and never if R = 0 (variant A).
        CHECK(encode(format, x, Rounding::sr_a, Saturation::sat_none, {1, 1}) == expected);
        CHECK(encode(format, x, Rounding::sr_a, Saturation::sat_none, {1, 0}) == static_cast<uint64_t>(m));
      }
      const double value_above = value(format, static_cast<uint64_t>(m + 1));
      CHECK(encode(format, std::nextafter(value_above, 0), Rounding::rtz) == static_cast<uint64_t>(m));
      CHECK(encode(format, std::nextafter(value_above, 0), Rounding::rup) == static_cast<uint64_t>(m + 1));
      CHECK(encode(format, std::nextafter(value_above, kInfinity), Rounding::rtz) ==
            static_cast<uint64_t>(m + 1));
    }
  }
  const Format lns8 = parse_format("lns8f3");
  CHECK(encode(lns8, 1e300) == 0x80);
  CHECK(encode(lns8, 1e300, Rounding::rne, Saturation::sat_finite) == 0x7f);
  CHECK(encode(lns8, -1e300, Rounding::rtz) == 0xff);
  CHECK(encode(lns8, 1e-300) == 0);
  CHECK(encode(lns8, 1e-300, Rounding::rup) == 1);
}

TEST_CASE("logarithmic: few random bits in the logarithmic domain, by integer powers") {
  // With six bits R, variant A rounds up from 2^((64 m + 64 - R) / (64 2^F) - bias) on.
  const Format format = parse_format("lns6f2");
  const int width = format.fraction_width;
  const int64_t bias = int64_t{format.exponent_bias} << width;
  for (int64_t m = 14; m < 19; ++m) {
    for (uint32_t r = 1; r < 64; ++r) {
      const int64_t boundary = 64 * (m - bias) + 64 - static_cast<int64_t>(r);
      double x = std::nextafter(std::exp2(static_cast<double>(boundary) / (64 << width)), 0);
      for (int i = 0; i < 3; ++i, x = std::nextafter(x, kInfinity)) {
        const bool below = power_is_below(real_from_double(x), width + 6, boundary);
        CHECK(encode(format, x, Rounding::sr_a, Saturation::sat_none, {6, r}) ==
              static_cast<uint64_t>(below ? m : m + 1));
      }
    }
  }
}

TEST_CASE("logarithmic: the linear domain rounds as a table of the same doubles does") {
  for (const char* name : {"lns8f3_linear", "lns6f0_linear", "lns7f4_linear"}) {
    const Format format = parse_format(name);
    check_round_trip(format);
    const std::vector<uint64_t> codes = sorted_codes(format);
    for (size_t i = 0; i + 1 < codes.size(); ++i) {
      const Real low = decode(format, codes[i]), high = decode(format, codes[i + 1]);
      const bool negative = value(format, codes[i + 1]) <= 0;
      // low + (high - low) / 2 and neighbours, in units of a sixteenth of the smaller one's last place.
      const int unit = std::min(low.kind == RealClass::zero ? high.exponent : low.exponent,
                                high.kind == RealClass::zero ? low.exponent : high.exponent) -
                       4;
      const auto integer = [&](const Real& x) {
        if (x.kind == RealClass::zero) return int128{0};
        const auto magnitude = static_cast<int128>(x.significand << (x.exponent - unit));
        return x.negative ? -magnitude : magnitude;
      };
      const auto sum = integer(low) + integer(high);
      for (int offset = -1; offset <= 1; ++offset) {
        const auto twice = sum / 2 + offset;
        const Real x = {RealClass::finite, twice < 0, unit, static_cast<uint128>(twice < 0 ? -twice : twice),
                        false};
        const uint64_t near = codes[negative ? i + 1 : i], far = codes[negative ? i : i + 1];
        const int away = negative ? -offset : offset;
        const uint64_t expected = away > 0 || (away == 0 && near % 2 == 1) ? far : near;
        if (round_to_code(format, x, Rounding::rne, Saturation::sat_none) != expected) {
          FAIL_CHECK(name << " at rank " << i << " offset " << offset);
        }
      }
    }
  }
}
