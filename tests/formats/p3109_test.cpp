// All formats of IEEE P3109 v4.0 against the text of the report: decoding, rounding (section 4.6's Q, S and
// RoundAway) and the two versions of SatNone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "gap_oracle.h"

using namespace assay;

namespace {

struct Spec {
  int k, p;
  bool is_signed, extended;

  std::string name() const {
    return "binary" + std::to_string(k) + "p" + std::to_string(p) + (is_signed ? "s" : "u") +
           (extended ? "e" : "f");
  }
  int bias() const { return 1 << (is_signed ? k - p - 1 : k - p); }
  uint64_t nan() const { return is_signed ? uint64_t{1} << (k - 1) : (uint64_t{1} << k) - 1; }
  uint64_t infinity() const { return is_signed ? (uint64_t{1} << (k - 1)) - 1 : (uint64_t{1} << k) - 2; }
  uint64_t minus() const { return uint64_t{1} << (k - 1); }
  // Code of M_hi: what comes before +Inf, or before NaN (unsigned) or the negatives (signed).
  uint64_t largest() const { return extended ? infinity() - 1 : nan() - 1; }
};

// A positive value as an integer multiple of 2^q.
struct Scaled {
  uint64_t s;
  int q;
};

Scaled decode_by_text(const Spec& spec, uint64_t code) {
  const uint64_t unit = uint64_t{1} << (spec.p - 1);
  const uint64_t t = code % unit, e = code / unit;
  if (e == 0) return {t, 1 - spec.p + 1 - spec.bias()};
  return {unit + t, 1 - spec.p + static_cast<int>(e) - spec.bias()};
}

bool code_is_even(const Spec& spec, const Scaled& x) {
  if (spec.p > 1) return x.s % 2 == 0;
  return x.s == 0 || (x.q + spec.bias()) % 2 == 0;
}

std::vector<Spec> all_formats(int least, int most) {
  std::vector<Spec> specs;
  for (int k = least; k <= most; ++k) {
    for (int p = 1; p <= k; ++p) {
      for (const bool extended : {true, false}) {
        if (p < k) specs.push_back({k, p, true, extended});
        specs.push_back({k, p, false, extended});
      }
    }
  }
  return specs;
}

double value(const std::string& name, uint64_t code) {
  return to_double(decode(parse_format(name), code));
}

// SatNone of the two texts for a rounded Z outside [M_lo, M_hi]; `infinite`: X was an infinity.
uint64_t saturate_by_text(const Spec& spec, Saturation version, bool negative, bool infinite,
                          Rounding rounding) {
  const uint64_t high = spec.largest(), low = spec.is_signed ? high | spec.minus() : 0;
  const uint64_t minus_infinity = spec.minus() | spec.infinity();
  const bool to_high = rounding == Rounding::rtz || rounding == Rounding::rdn;
  const bool to_low = rounding == Rounding::rtz || rounding == Rounding::rup;
  if (version == Saturation::sat_none_v40) {
    if (infinite && !negative) return spec.extended ? spec.infinity() : high;
    if (infinite && spec.is_signed && spec.extended) return minus_infinity;
    if (infinite && !spec.is_signed) return spec.nan();
    if (infinite) return low;
    if (rounding == Rounding::odd && !spec.is_signed && spec.extended && !negative) return high;
    if (to_high && !negative) return high;
    if (to_low && negative) return low;
    if (negative) return spec.is_signed && spec.extended ? minus_infinity : spec.is_signed ? low : spec.nan();
    return spec.extended ? spec.infinity() : high;
  }
  if (to_high && !negative && !infinite) return high;
  if (to_low && negative && !infinite) return low;
  if (!spec.extended) return spec.nan();
  if (!negative) return spec.infinity();
  return spec.is_signed ? minus_infinity : spec.nan();
}

uint64_t negated(const Spec& spec, uint64_t code) {
  return code == 0 ? 0 : code | spec.minus();
}

void check_gaps(const Spec& spec) {
  const Format format = parse_format(spec.name());
  const uint64_t largest = spec.largest();
  for (uint64_t code = 0; code <= largest; ++code) {
    const Scaled low = decode_by_text(spec, code);
    const bool even = code_is_even(spec, low);
    for (const bool negative : {false, true}) {
      for_all_places([&](Place place, Rounding rounding, RandomBits random) {
        const Real x = at_place(negative, low.s, low.q, place);
        const uint64_t rounded = code + (away_by_definition(place, rounding, negative, even, random) ? 1 : 0);
        const bool outside = rounded > largest || (negative && !spec.is_signed && rounded > 0);
        for (const Saturation saturation : {Saturation::sat_none, Saturation::sat_none_v40,
                                            Saturation::sat_finite, Saturation::sat_propagate}) {
          uint64_t expected = negative ? negated(spec, rounded) : rounded;
          if (outside) {
            const bool none = saturation == Saturation::sat_none || saturation == Saturation::sat_none_v40;
            const uint64_t clamped = !negative ? largest : spec.is_signed ? negated(spec, largest) : 0;
            expected = none ? saturate_by_text(spec, saturation, negative, false, rounding) : clamped;
          }
          const uint64_t found = round_to_code(format, x, rounding, saturation, random);
          if (found != expected) {
            FAIL_CHECK(format.name << " above " << code << " at " << place.eighths << "/8 " << place.sticky
                                   << " " << to_string(rounding) << " " << to_string(saturation)
                                   << " negative " << negative << ": " << found << ", expected " << expected);
          }
          if (!outside) break;  // saturation does not matter
        }
      });
    }
  }
}

}  // namespace

TEST_CASE("P3109: every code of every format decodes as the text says and round-trips") {
  for (const Spec& spec : all_formats(3, 16)) {
    const Format format = parse_format(spec.name());
    CAPTURE(format.name);
    check_format(format);
    CHECK(max_finite_magnitude(format) == spec.largest());
    CHECK(canonical_nan(format) == spec.nan());
    CHECK(decode(format, spec.nan()).kind == RealClass::nan);
    CHECK(decode(format, 0).kind == RealClass::zero);
    CHECK_FALSE(has_negative_zero(format));
    if (spec.extended) CHECK(decode(format, spec.infinity()).kind == RealClass::infinity);
    const uint64_t count = uint64_t{1} << spec.k;
    Real previous;
    for (uint64_t code = 0; code < count; ++code) {
      const Real found = decode(format, code);
      // NaN included, of which there is one.
      if (round_to_code(format, found, Rounding::rne, Saturation::sat_none) != code)
        FAIL_CHECK("code " << code << " does not round-trip");
      const bool negative = spec.is_signed && code > spec.nan();
      const uint64_t magnitude = negative ? code - spec.minus() : code;
      if (magnitude == 0 || magnitude > spec.largest() || found.kind != RealClass::finite) continue;
      const Scaled text = decode_by_text(spec, magnitude);
      const Real expected = {RealClass::finite, negative, text.q, text.s, false};
      if (compare(found, expected) != 0) FAIL_CHECK("code " << code << " differs from the text");
      if (magnitude > 1 && compare(found, previous) != (negative ? -1 : 1))
        FAIL_CHECK("not monotone at " << code);
      previous = found;
    }
  }
}

TEST_CASE("P3109: places in every gap of every format of up to 10 bits, every rounding and saturation") {
  for (const Spec& spec : all_formats(3, 10)) check_gaps(spec);
}

TEST_CASE("P3109: infinities by saturation") {
  for (const Spec& spec : all_formats(3, 8)) {
    const Format format = parse_format(spec.name());
    for (const bool negative : {false, true}) {
      const Real x = {RealClass::infinity, negative, 0, 0, false};
      const uint64_t clamped = !negative        ? spec.largest()
                               : spec.is_signed ? negated(spec, spec.largest())
                                                : 0;
      for (const Rounding rounding : all_roundings()) {
        const RandomBits random = {2, 1};
        for (const Saturation version : {Saturation::sat_none, Saturation::sat_none_v40}) {
          CHECK(round_to_code(format, x, rounding, version, random) ==
                saturate_by_text(spec, version, negative, true, rounding));
        }
        CHECK(round_to_code(format, x, rounding, Saturation::sat_finite, random) == clamped);
        const bool kept = spec.extended && (!negative || spec.is_signed);
        const uint64_t infinity = spec.infinity() | (negative && spec.is_signed ? spec.minus() : 0);
        CHECK(round_to_code(format, x, rounding, Saturation::sat_propagate, random) ==
              (kept ? infinity : clamped));
      }
    }
  }
}

TEST_CASE("P3109: the report's tables") {
  // Largest finite values for K = 8.
  const double signed_extended[] = {0x1p62, 0x1p31, 49152, 224, 15, 3.875, 1.96875};
  const double signed_finite[] = {0x1p63, 0x3p30, 57344, 240, 15.5, 3.9375, 1.984375};
  const double unsigned_extended[] = {0x1p125, 0x1p62 * 1.5, 0x5p29, 53248, 232, 15.25, 3.90625, 1.9765625};
  const double unsigned_finite[] = {0x1p126, 0x1p63, 0x3p30, 57344, 240, 15.5, 3.9375, 1.984375};
  for (int p = 1; p <= 8; ++p) {
    CAPTURE(p);
    for (const bool is_signed : {true, false}) {
      if (is_signed && p == 8) continue;
      for (const bool extended : {true, false}) {
        const Spec spec = {8, p, is_signed, extended};
        const double* table = is_signed ? (extended ? signed_extended : signed_finite)
                                        : (extended ? unsigned_extended : unsigned_finite);
        CHECK(value(spec.name(), spec.largest()) == table[p - 1]);
      }
    }
  }
  const double binary4p2sf[] = {0, .25, .5, .75, 1, 1.5, 2, 3};
  for (uint64_t code = 0; code < 8; ++code) {
    CHECK(value("binary4p2sf", code) == binary4p2sf[code]);
    if (code > 0) CHECK(value("binary4p2sf", code + 8) == -binary4p2sf[code]);
  }
  CHECK(std::isnan(value("binary4p2sf", 8)));
  CHECK(value("binary8p1uf", 1) == std::ldexp(1.0, 1 - 128));
}

namespace {

// The gap above a code, in units of 2^exponent.
struct Gap {
  Format format;
  uint64_t code, next;
  uint128 low, width;
  int exponent;
};

Gap gap_above(const char* name, uint64_t code) {
  const Format format = parse_format(name);
  const Real low = decode(format, code), high = decode(format, code + 1);
  const bool from_zero = low.kind == RealClass::zero;
  const int exponent = from_zero ? high.exponent : std::min(low.exponent, high.exponent);
  const uint128 low_units = from_zero ? 0 : low.significand << (low.exponent - exponent);
  return {format,  code, code + 1, low_units, (high.significand << (high.exponent - exponent)) - low_units,
          exponent};
}

// Gaps that begin at zero, at 1 and below the greatest number, in formats of every kind whose gaps are linear.
std::vector<Gap> some_gaps() {
  return {
      gap_above("binary8p4se", 0x40),   gap_above("binary8p1uf", 0x80), gap_above("binary16p11se", 0x3fff),
      gap_above("binary8p3ue", 0),      gap_above("e4m3", 0),           gap_above("e4m3", 0x7d),
      gap_above("e5m2", 0x3c),          gap_above("bf16", 0x3f80),      gap_above("fix8.3", 8),
      gap_above("ufix8.m3", 100),       gap_above("smint8", 0),         gap_above("posit16", 0x4000),
      gap_above("lns8f3_linear", 0x40), gap_above("hif8", 8),           gap_above("nf4", 9)};
}

// Place of a value in a gap: (part + more) / 2^bits, where more is 0, an infinitesimal, or 2^-40.
enum class More { nothing, sticky, something };

Real at_part(const Gap& gap, uint64_t part, int bits, More more, bool negative) {
  Real x = {RealClass::finite, negative, gap.exponent - bits, (gap.low << bits) + gap.width * part, false};
  if (more == More::nothing) {
    if (x.significand == 0) x.kind = RealClass::zero;
    return x;
  }
  // As bits of the gap's unit, of which there is at least one to the width.
  x.significand = (x.significand << 40) + 1;
  x.exponent -= 40;
  if (more == More::sticky) {
    x.significand -= x.significand == 1 ? 0 : 1;
    x.sticky = true;
  }
  return x;
}

// How many of the 2^count values of R round away from zero.
uint64_t round_ups(const Gap& gap, const Real& x, Rounding rounding, int count) {
  const uint64_t sign = x.negative && gap.format.is_signed ? uint64_t{1} << (gap.format.width - 1) : 0;
  uint64_t ups = 0;
  for (uint32_t r = 0; r < uint32_t{1} << count; ++r) {
    uint64_t code = round_to_code(gap.format, x, rounding, Saturation::sat_finite, {count, r});
    if (sign != 0) {
      const bool complement =
          gap.format.kind == FormatKind::twos_complement || gap.format.kind == FormatKind::posit;
      code = complement ? (0 - code) & code_mask(gap.format.width) : code & ~sign;
    }
    if (code != gap.code && code != gap.next) FAIL_CHECK(gap.format.name << " leaves the gap");
    ups += code == gap.next ? 1 : 0;
  }
  return ups;
}

// The closed forms, for v = (part + tiny) / 2^bits with bits >= count + 2.
uint64_t ups_of_a(uint64_t part, int bits, int count) {
  return part >> (bits - count);
}
uint64_t ups_of_b(uint64_t part, int bits, int count) {
  return ((part >> (bits - count - 1)) + 1) / 2;
}
uint64_t ups_of_c(uint64_t part, int bits, int count, bool tiny) {
  const uint64_t one = uint64_t{1} << (bits - count), nearest = part / one, rest = part % one;
  const bool up = 2 * rest > one || (2 * rest == one && (tiny || nearest % 2 == 1));
  return nearest + (up ? 1 : 0);
}

// Every v of `bits` = count + 3 fraction bits, or every `stride`-th of them.
void check_round_ups(const Gap& gap, int count, uint64_t stride) {
  const int bits = count + 3;
  for (uint64_t part = 0; part < uint64_t{1} << bits; part += stride) {
    for (const More more : {More::nothing, More::sticky, More::something}) {
      const bool can_be_negative = gap.format.is_signed && gap.format.kind != FormatKind::code_book;
      const Real x = at_part(gap, part, bits, more, can_be_negative && part % 3 == 0);
      const bool tiny = more != More::nothing;
      CAPTURE(gap.format.name);
      CAPTURE(part);
      CAPTURE(count);
      CHECK(round_ups(gap, x, Rounding::sr_a, count) == ups_of_a(part, bits, count));
      CHECK(round_ups(gap, x, Rounding::sr_b, count) == ups_of_b(part, bits, count));
      CHECK(round_ups(gap, x, Rounding::sr_c, count) == ups_of_c(part, bits, count, tiny));
    }
  }
}

// The sum over all v = (part + half_step / 2) / 2^bits, with bits = count + 3, of the expectation over R less v,
// in units of 2^-(bits + 1); and a check that it is nowhere greater than `most` and less than `least` units.
int64_t total_bias(const Gap& gap, Rounding rounding, int count, int half_step, int64_t least, int64_t most) {
  const int bits = count + 3;
  int64_t total = 0;
  for (uint64_t part = 0; part < uint64_t{1} << bits; ++part) {
    const auto v = static_cast<int64_t>(2 * part) + half_step;
    const Real x = at_part(gap, static_cast<uint64_t>(v), bits + 1, More::nothing, false);
    const int64_t bias = (static_cast<int64_t>(round_ups(gap, x, rounding, count)) << 4) - v;
    if (bias < least || bias > most) FAIL_CHECK("bias " << bias << " at " << v);
    total += bias;
  }
  return total;
}

// In the units of total_bias 2^-N is 16.
void check_bias(const Gap& gap, int count) {
  CAPTURE(gap.format.name);
  CAPTURE(count);
  const auto values = int64_t{1} << (count + 3);
  // A truncates v to N bits: -(2^-N - 2^-(N+3)) / 2 on average over multiples of 2^-(N+3), which are 8 in each
  // step of 2^-N, and -2^-(N+1) over the centres between them, as over all v.
  CHECK(total_bias(gap, Rounding::sr_a, count, 0, -15, 0) == -7 * values);
  CHECK(total_bias(gap, Rounding::sr_a, count, 1, -15, 0) == -8 * values);
  // B and C are off by at most 2^-(N+1), and by nothing on average over the centres, as over all v. On multiples
  // of 2^-(N+3) every eighth v is a tie, all of which B rounds up and C half of them.
  CHECK(total_bias(gap, Rounding::sr_b, count, 0, -8, 8) == values);
  CHECK(total_bias(gap, Rounding::sr_b, count, 1, -8, 8) == 0);
  CHECK(total_bias(gap, Rounding::sr_c, count, 0, -8, 8) == 0);
  CHECK(total_bias(gap, Rounding::sr_c, count, 1, -8, 8) == 0);
}

}  // namespace

TEST_CASE("stochastic rounding: the number of random values that round up, for N = 1..10") {
  for (const Gap& gap : some_gaps()) {
    for (int count = 1; count <= 10; ++count)
      check_round_ups(gap, count, count <= 4 ? 1 : count <= 7 ? 61 : 509);
  }
}

TEST_CASE("stochastic rounding: A is biased by half a step of 2^-N, B and C are not, for N = 1..5") {
  for (const Gap& gap : some_gaps()) {
    for (int count = 1; count <= 5; ++count) check_bias(gap, count);
  }
}

TEST_CASE("stochastic rounding: all v of N + 3 bits and their bias, for N = 6..10" *
          doctest::test_suite("long") * doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  for (const Gap& gap :
       {gap_above("binary8p4se", 0x40), gap_above("e5m2", 0), gap_above("posit16", 0x4000)}) {
    for (int count = 6; count <= 10; ++count) {
      check_round_ups(gap, count, 1);
      check_bias(gap, count);
    }
  }
}
