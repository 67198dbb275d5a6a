#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"
#include "formats/format.h"
#include "formats/real.h"
#include "formats/round.h"

using namespace assay;

TEST_CASE("parameters of the standards") {
  struct Row {
    const char* name;
    int width;
    double max_finite, min_normal, min_subnormal;
  };
  // OCP OFP8 and MX v1.0, IEEE 754, MLIR's float types.
  const Row rows[] = {
      {"fp32", 32, 0x1.fffffep127, 0x1p-126, 0x1p-149},
      {"fp16", 16, 65504, 0x1p-14, 0x1p-24},
      {"bf16", 16, 0x1.fep127, 0x1p-126, 0x1p-133},
      {"tf32", 19, 0x1.ffcp127, 0x1p-126, 0x1p-136},
      {"e4m3", 8, 448, 0x1p-6, 0x1p-9},
      {"e5m2", 8, 57344, 0x1p-14, 0x1p-16},
      {"e3m2", 6, 28, 0.25, 0.0625},
      {"e2m3", 6, 7.5, 1, 0.125},
      {"e2m1", 4, 6, 1, 0.5},
      {"e4m3fnuz", 8, 240, 0x1p-7, 0x1p-10},
      {"e5m2fnuz", 8, 57344, 0x1p-15, 0x1p-17},
      {"e4m3b11fnuz", 8, 30, 0x1p-10, 0x1p-13},
      {"e4m3ieee", 8, 240, 0x1p-6, 0x1p-9},
      {"e3m4ieee", 8, 15.5, 0.25, 0x1p-6},
      {"e4m2", 7, 0x1.cp14, 1, 0.25},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Format format = parse_format(row.name);
    CHECK(format.width == row.width);
    CHECK(to_double(decode(format, max_finite_magnitude(format))) == row.max_finite);
    CHECK(to_double(decode(format, uint64_t{1} << format.fraction_width)) == row.min_normal);
    CHECK(to_double(decode(format, 1)) == row.min_subnormal);
  }
  const Format e8m0 = parse_format("e8m0");
  CHECK(to_double(decode(e8m0, 0)) == 0x1p-127);
  CHECK(to_double(decode(e8m0, 0xfe)) == 0x1p127);
  CHECK(decode(e8m0, 0xff).kind == RealClass::nan);
  const Format e3m0 = parse_format("e3m0");
  const double grid[] = {0, 1, 2, 4, 8, 16, 32, 64, -0.0, -1, -2, -4, -8, -16, -32, -64};
  for (unsigned code = 0; code < 16; ++code) CHECK(to_double(decode(e3m0, code)) == grid[code]);
}

TEST_CASE("special codes") {
  const Format e4m3 = parse_format("e4m3");
  CHECK(decode(e4m3, 0x7f).kind == RealClass::nan);
  CHECK(decode(e4m3, 0xff).kind == RealClass::nan);
  CHECK(decode(e4m3, 0x78).kind == RealClass::finite);
  CHECK(canonical_nan(e4m3) == 0x7f);
  const Format e5m2 = parse_format("e5m2");
  CHECK(decode(e5m2, 0xfc).kind == RealClass::infinity);
  CHECK(decode(e5m2, 0xfc).negative);
  CHECK(decode(e5m2, 0x7d).kind == RealClass::nan);
  CHECK(canonical_nan(parse_format("fp32")) == 0x7fc00000);
  CHECK(canonical_nan(parse_format("e4m3fnuz")) == 0x80);
  CHECK(decode(parse_format("e4m3fnuz"), 0x80).kind == RealClass::nan);
  CHECK(to_double(decode(parse_format("int4"), 0x8)) == -8);
  CHECK(to_double(decode(parse_format("smint4"), 0xf)) == -7);
  CHECK(to_double(decode(parse_format("uint4"), 0xf)) == 15);
  CHECK(std::signbit(to_double(decode(parse_format("smint4"), 0x8))));
}

TEST_CASE("names") {
  for (const std::string& name : named_formats()) {
    CAPTURE(std::string(name));
    CHECK(parse_format(name).name == name);
  }
  CHECK(parse_format("e8m7").name == "bf16");
  CHECK(parse_format("e4m3fn").name == "e4m3");
  CHECK(parse_format("float8_e4m3fn").name == "e4m3");
  CHECK(parse_format("float8_e4m3").name == "e4m3ieee");
  CHECK(parse_format("bfloat16").name == "bf16");
  CHECK(parse_format("e5m2ieee").name == "e5m2");
  CHECK(parse_format("e4m2ieee").name == "e4m2ieee");
  CHECK(parse_format("e4m2f").name == "e4m2f");
  CHECK(parse_format("e4m2f").exponent_bias == 7);
  CHECK(parse_format("e4m2b1f").name == "e4m2");
  CHECK(parse_format("e3m0b1f").name == "e3m0");
  for (const char* name :
       {"", "fp31", "e4", "e4m", "e0m3", "e12m3", "e5m53", "e4m3xy", "int1", "int33", "int", "uint8x",
        "int-4", "e4m3b", "e4m0", "e1m0f", "E4M3", "e4m3 ", "e99999999999m3"}) {
    CAPTURE(std::string(name));
    CHECK_THROWS_AS((void)parse_format(name), Error);
  }
}

TEST_CASE("every code of every small format round-trips and decoding is monotone") {
  for (const char* name : {"e4m3", "e5m2",     "e3m2",     "e2m3",     "e2m1",        "e8m0",   "e3m0",
                           "e4m2", "e4m3ieee", "e4m3fnuz", "e5m2fnuz", "e4m3b11fnuz", "fp16",   "bf16",
                           "e1m2", "e2m1f",    "tf32",     "e3m4ieee", "e6m3",        "e5m0f",  "int2",
                           "int8", "uint8",    "smint4",   "smint8",   "int16",       "uint16", "smint16"}) {
    const Format format = parse_format(name);
    CAPTURE(std::string(name));
    for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
      const Real value = decode(format, code);
      const bool is_nan = value.kind == RealClass::nan;
      const uint64_t back = round_to_code(format, value, Rounding::rne, Saturation::sat_none);
      if (back != (is_nan ? canonical_nan(format) : code)) FAIL_CHECK("code " << code << " became " << back);
      if (is_nan) continue;
      const uint64_t magnitude = code_mask(magnitude_width(format));
      if ((code & magnitude) == 0 || decode(format, code - 1).kind == RealClass::nan) continue;
      const double here = to_double(value), before = to_double(decode(format, code - 1));
      const bool rising = !value.negative || format.kind == FormatKind::twos_complement;
      if (rising ? here <= before : here >= before) FAIL_CHECK("not monotone at " << code);
    }
  }
}
