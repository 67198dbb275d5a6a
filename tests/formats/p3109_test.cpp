// All formats of IEEE P3109 v4.0 against the text of the report: decoding, rounding (section 4.6's Q, S and
// RoundAway) and the two versions of SatNone.
#include <doctest/doctest.h>

#include <cmath>
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
      if (found.kind != RealClass::nan &&
          round_to_code(format, found, Rounding::rne, Saturation::sat_none) != code) {
        FAIL_CHECK("code " << code << " does not round-trip");
      }
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

TEST_CASE("P3109: the number of random values that round up, for N = 1..10") {
  for (const char* name :
       {"binary8p4se", "binary8p1uf", "binary16p11se", "e4m3", "fix8.3", "posit16", "hif8"}) {
    const Format format = parse_format(name);
    for (int part = 0; part < 64; ++part) {
      // 1 + part/64 of the gap above 1, which is 2^-3, 1, 2^-10, 2^-3, 2^-3, 2^-11 and 2^-3.
      const uint64_t one = encode(format, 1.0);
      const uint64_t next =
          round_to_code(format, {RealClass::finite, false, -120, (uint128{1} << 120) + 1, false},
                        Rounding::rup, Saturation::sat_none);
      const double gap = to_double(decode(format, next)) - 1;
      const Real x = real_from_double(1 + gap * part / 64);
      for (int count = 1; count <= 10; ++count) {
        const int scale = 1 << count;
        int up[3] = {};
        for (uint32_t r = 0; r < static_cast<uint32_t>(scale); ++r) {
          const Rounding modes[] = {Rounding::sr_a, Rounding::sr_b, Rounding::sr_c};
          for (int i = 0; i < 3; ++i) {
            const uint64_t code = round_to_code(format, x, modes[i], Saturation::sat_finite, {count, r});
            if (code != one && code != next) FAIL_CHECK(name << " leaves the gap");
            up[i] += code == next ? 1 : 0;
          }
        }
        int nearest = part * scale / 64;
        const int rest = part * scale % 64;
        if (rest > 32 || (rest == 32 && nearest % 2 == 1)) ++nearest;
        CAPTURE(name);
        CAPTURE(part);
        CAPTURE(count);
        CHECK(up[0] == part * scale / 64);
        CHECK(up[1] == (part * 2 * scale / 64 + 1) / 2);
        CHECK(up[2] == nearest);
      }
    }
  }
}
