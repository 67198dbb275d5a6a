// Posits, fixed point, HiFloat8, code books and logarithmic formats against their definitions.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "gap_oracle.h"

using namespace assay;
using boost::multiprecision::cpp_int;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

double value(const Format& format, uint64_t code) {
  return to_double(decode(format, code));
}

void check_round_trip(const Format& format) {
  CAPTURE(format.name);
  check_format(format);
  for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
    // Each of these formats has at most one NaN.
    const Real x = decode(format, code);
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
    for (int es = 0; es <= 4; ++es) {
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

namespace {

// The integers of one kind and width, whose unit is 2^-fraction_width.
struct IntegerSpec {
  std::string prefix;  // "", "u", "sm" or "sym"
  int width, fraction_width;

  std::string name() const {
    if (fraction_width == 0) return prefix + "int" + std::to_string(width);
    const std::string fraction =
        fraction_width < 0 ? "m" + std::to_string(-fraction_width) : std::to_string(fraction_width);
    return prefix + "fix" + std::to_string(width) + "." + fraction;
  }
  bool is_signed() const { return prefix != "u"; }
  int64_t greatest() const { return (int64_t{1} << (width - (is_signed() ? 1 : 0))) - 1; }
  int64_t least() const {
    if (!is_signed()) return 0;
    return prefix.empty() ? -greatest() - 1 : -greatest();
  }
  uint64_t code(int64_t integer, bool negative) const {
    if (prefix == "sm")
      return static_cast<uint64_t>(integer < 0 ? -integer : integer) |
             (negative ? uint64_t{1} << (width - 1) : 0);
    return static_cast<uint64_t>(integer) & code_mask(width);
  }
  // What becomes of a rounded integer, by the table in formats/rounding.h.
  int64_t saturate(int64_t integer, Saturation saturation) const {
    const int64_t low = saturation == Saturation::sat_symmetric && is_signed() ? -greatest() : least();
    if (saturation == Saturation::wrap || (integer >= low && integer <= greatest())) return integer;
    if (integer < 0 && !is_signed()) return 0;
    if (saturation == Saturation::sat_zero) return 0;
    return std::clamp(integer, low, greatest());
  }
};

constexpr Saturation kIntegerSaturations[] = {
    Saturation::sat_none, Saturation::sat_none_v40,  Saturation::sat_finite, Saturation::sat_propagate,
    Saturation::sat_zero, Saturation::sat_symmetric, Saturation::wrap};

// All places between the integers of twice the format's range, and around the next powers of two.
void check_integers(const IntegerSpec& spec) {
  const Format format = parse_format(spec.name());
  check_round_trip(format);
  CAPTURE(format.name);
  const bool can_wrap = spec.prefix.empty() || spec.prefix == "u";
  for (int64_t whole = 0; whole <= (int64_t{1} << (spec.width + 1)); ++whole) {
    const bool at_an_end = whole + 3 > spec.greatest() && whole < spec.greatest() + 4;
    for (const bool negative : {false, true}) {
      for_all_places([&](Place place, Rounding rounding, RandomBits random) {
        const Real x = at_place(negative, static_cast<uint64_t>(whole), -spec.fraction_width, place);
        const bool away = away_by_definition(place, rounding, negative, whole % 2 == 0, random);
        const int64_t rounded = (negative ? -1 : 1) * (whole + (away ? 1 : 0));
        for (const Saturation saturation : kIntegerSaturations) {
          if (saturation == Saturation::wrap && !can_wrap) continue;
          if (!at_an_end && saturation != Saturation::sat_none && saturation != Saturation::wrap) continue;
          const uint64_t expected = spec.code(spec.saturate(rounded, saturation), negative);
          const uint64_t found = round_to_code(format, x, rounding, saturation, random);
          if (found != expected) {
            FAIL_CHECK(format.name << " " << (negative ? "-" : "") << whole << " and " << place.eighths
                                   << "/8 " << place.sticky << " " << to_string(rounding) << " "
                                   << to_string(saturation) << ": " << found << ", expected " << expected);
          }
        }
      });
    }
  }
}

}  // namespace

TEST_CASE("integers and fixed point of 2 to 10 bits: round trip, places in every gap, overflow, wrapping") {
  for (const char* prefix : {"", "u", "sm", "sym"}) {
    for (int width = 2; width <= 10; ++width) {
      check_integers({prefix, width, 0});
      if (std::string(prefix) == "sm") continue;
      for (const int fraction_width : {-3, 1, width - 2, width + 5}) {
        if (fraction_width != 0 && (width <= 6 || width == 8))
          check_integers({prefix, width, fraction_width});
      }
    }
  }
}

TEST_CASE("fixed point: landmarks and names") {
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

namespace {

// The gap between the greatest finite number of a table and what would follow it. `codes` are those of the
// greatest number, of infinity or what stands for it, and the same for negative numbers.
struct EndOfTable {
  double greatest, following;
  uint64_t code, beyond, minus_code, minus_beyond;
};

void check_end_of_table(const Format& format, const EndOfTable& end) {
  for (const bool negative : {false, true}) {
    const uint64_t near = negative ? end.minus_code : end.code,
                   far = negative ? end.minus_beyond : end.beyond;
    for_all_places([&](Place place, Rounding rounding, RandomBits random) {
      Real x = real_from_double(end.greatest + (end.following - end.greatest) * place.eighths / 8);
      x.significand <<= 60;
      x.exponent -= 60;
      x.sticky = place.sticky;
      x.negative = negative;
      const bool away = away_by_definition(place, rounding, negative, near % 2 == 0, random);
      const bool inward = rounding == Rounding::rtz || rounding == (negative ? Rounding::rup : Rounding::rdn);
      CHECK(round_to_code(format, x, rounding, Saturation::sat_none, random) ==
            (away && !inward ? far : near));
      CHECK(round_to_code(format, x, rounding, Saturation::sat_finite, random) == near);
    });
  }
}

}  // namespace

TEST_CASE("HiFloat8: the paper's counts and specials, round trip, places") {
  const Format hif8 = parse_format("hif8");
  check_round_trip(hif8);
  const std::vector<uint64_t> codes = sorted_codes(hif8);
  CHECK(codes.size() == 253);  // 256 without NaN and the infinities
  check_linear_gaps(hif8, codes);
  check_end_of_table(hif8, {0x1p15, 0x1.8p15, 0x6e, 0x6f, 0xee, 0xef});
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
  check_end_of_table(radix4, {4096, 16384, 7, 7, 15, 15});
  check_linear_gaps(nf4, sorted_codes(nf4));
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

namespace {

// All logarithmic formats of some widths: a sign, at least one integer bit, and fraction bits.
std::vector<std::string> all_logarithmic(int least_bits, int most_bits) {
  std::vector<std::string> names;
  for (int width = least_bits; width <= most_bits; ++width) {
    for (int fraction = 0; fraction <= width - 2; ++fraction)
      names.push_back("lns" + std::to_string(width) + "f" + std::to_string(fraction));
  }
  return names;
}

// Whether a positive x in the gap above magnitude m rounds to m + 1. Boundaries of rounding to nearest are
// irrational where there are fraction bits, and no number lies on them.
bool logarithmic_away(Rounding rounding, bool negative, int64_t m, bool on_m, bool above_middle) {
  switch (rounding) {
    case Rounding::rtz:
      return false;
    case Rounding::rup:
      return !on_m && !negative;
    case Rounding::rdn:
      return !on_m && negative;
    case Rounding::odd:
      return !on_m && m % 2 == 0;
    default:
      return above_middle;
  }
}

// The doubles around every value and boundary in the logarithmic domain, by integer powers.
void check_logarithmic_domain(const std::string& name) {
  const Format format = parse_format(name);
  CAPTURE(name);
  check_round_trip(format);
  const int width = format.fraction_width;
  const int64_t bias = int64_t{format.exponent_bias} << width;
  const auto largest = static_cast<int64_t>(code_mask(format.width - 1));
  const uint64_t minus = uint64_t{1} << (format.width - 1);
  for (int64_t m = 0; m <= largest; ++m) {
    // The boundary of rounding to nearest: 2^((2m + 1) / 2^(F+1) - bias), and some doubles around it; the value
    // of m and what follows it.
    const double middle = std::exp2((static_cast<double>(m - bias) + 0.5) / std::ldexp(1.0, width));
    std::vector<double> around = {middle, std::nextafter(middle, 0), std::nextafter(middle, kInfinity)};
    const double low = m == 0 ? 0 : value(format, static_cast<uint64_t>(m));
    const double high = m == largest ? kInfinity : value(format, static_cast<uint64_t>(m + 1));
    if (m > 0) around.insert(around.end(), {low, std::nextafter(low, kInfinity)});
    if (m < largest) around.push_back(std::nextafter(high, 0));
    for (const double x : around) {
      const bool above_middle = !power_is_below(real_from_double(x), width + 1, 2 * (m - bias) + 1);
      for (const bool negative : {false, true}) {
        for (const Rounding rounding : all_roundings()) {
          // One random bit: variant A goes up from the boundary on if R = 1, and never if R = 0.
          if (rounding == Rounding::sr_b || rounding == Rounding::sr_c) continue;
          const RandomBits random = {1, 1};
          const bool away = logarithmic_away(rounding, negative, m, x == low, above_middle);
          const bool inward =
              rounding == Rounding::rtz || rounding == (negative ? Rounding::rup : Rounding::rdn);
          uint64_t expected = static_cast<uint64_t>(m + (away ? 1 : 0));
          uint64_t clamped = std::min(expected, static_cast<uint64_t>(largest));
          if (negative && clamped != 0) clamped |= minus;
          if (negative && expected != 0) expected |= minus;
          if (m == largest && away) expected = inward ? clamped : minus;  // NaN: there is no infinity
          const double signed_x = negative ? -x : x;
          if (encode(format, signed_x, rounding, Saturation::sat_none, random) != expected)
            FAIL_CHECK(signed_x << " " << to_string(rounding) << " expected " << expected);
          if (encode(format, signed_x, rounding, Saturation::sat_finite, random) != clamped)
            FAIL_CHECK(signed_x << " " << to_string(rounding) << " saturated, expected " << clamped);
        }
        const uint64_t below =
            negative && m != 0 ? static_cast<uint64_t>(m) | minus : static_cast<uint64_t>(m);
        CHECK(encode(format, negative ? -x : x, Rounding::sr_a, Saturation::sat_none, {1, 0}) == below);
      }
    }
  }
}

// Places in every gap in the linear domain, in every rounding.
void check_linear_domain(const std::string& name) {
  const Format format = parse_format(name);
  check_round_trip(format);
  const uint64_t minus = uint64_t{1} << (format.width - 1);
  for (uint64_t m = 0; m < minus - 1; ++m) {
    const Real low = decode(format, m), high = decode(format, m + 1);
    // Both are doubles within a factor of 4, or the lower one is 0: their difference is an integer in units of
    // the last place of the smaller one.
    const int unit = m == 0 ? high.exponent : std::min(low.exponent, high.exponent);
    const uint128 low_units = m == 0 ? 0 : low.significand << (low.exponent - unit);
    const uint128 gap = (high.significand << (high.exponent - unit)) - low_units;
    for (const bool negative : {false, true}) {
      for_all_places([&](Place place, Rounding rounding, RandomBits random) {
        Real x = {RealClass::finite, negative, unit - 3,
                  8 * low_units + gap * static_cast<unsigned>(place.eighths), place.sticky};
        if (x.significand == 0 && place.sticky) x = {RealClass::finite, negative, unit - 100, 1, true};
        if (x.significand == 0) return;
        const bool away = away_by_definition(place, rounding, negative, m % 2 == 0, random);
        const uint64_t magnitude = m + (away ? 1 : 0);
        const uint64_t expected = negative && magnitude != 0 ? magnitude | minus : magnitude;
        const uint64_t found = round_to_code(format, x, rounding, Saturation::sat_none, random);
        if (found != expected) {
          FAIL_CHECK(format.name << " above " << m << " at " << place.eighths << "/8 " << place.sticky << " "
                                 << to_string(rounding) << ": " << found << ", expected " << expected);
        }
      });
    }
  }
}

}  // namespace

TEST_CASE("logarithmic: the doubles around every value and boundary, up to 7 bits, by integer powers") {
  for (const std::string& name : all_logarithmic(3, 7)) check_logarithmic_domain(name);
}

TEST_CASE("logarithmic: the doubles around every value and boundary, 8 to 10 bits, by integer powers" *
          doctest::test_suite("long") * doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  for (const std::string& name : all_logarithmic(8, 10)) check_logarithmic_domain(name);
}

TEST_CASE("logarithmic: overflow and underflow") {
  const Format lns8 = parse_format("lns8f3");
  CHECK(encode(lns8, 1e300) == 0x80);
  CHECK(encode(lns8, 1e300, Rounding::rne, Saturation::sat_finite) == 0x7f);
  CHECK(encode(lns8, -1e300, Rounding::rtz) == 0xff);
  CHECK(encode(lns8, 1e-300) == 0);
  CHECK(encode(lns8, 1e-300, Rounding::rup) == 1);
}

TEST_CASE("logarithmic: the power that code 0 would stand for is not zero") {
  // 2^-8 of lns8f3, once taken for an exact zero.
  const Format format = parse_format("lns8f3");
  for (const double x : {0x1p-8, 0x1p-9, 0x1.1p-8}) {
    CHECK(encode(format, x, Rounding::rup) == 1);
    CHECK(encode(format, x, Rounding::odd) == 1);
    CHECK(encode(format, x, Rounding::rtz) == 0);
    CHECK(encode(format, -x, Rounding::rdn) == 0x81);
    CHECK(encode(format, -x, Rounding::rup) == 0);
  }
  CHECK(encode(format, 0.0, Rounding::rup) == 0);
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

TEST_CASE("logarithmic: places in every gap in the linear domain, up to 6 bits, every rounding") {
  for (const std::string& name : all_logarithmic(3, 6)) check_linear_domain(name + "_linear");
}

TEST_CASE("logarithmic: places in every gap in the linear domain, 7 to 10 bits, every rounding" *
          doctest::test_suite("long") * doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  for (const std::string& name : all_logarithmic(7, 10)) check_linear_domain(name + "_linear");
}
