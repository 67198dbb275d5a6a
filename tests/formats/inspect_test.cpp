// What is said of a format, against counts over all its codes and numbers of the standards.
#include "formats/inspect.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "formats/picture.h"

using namespace assay;

namespace {

const std::vector<std::string> kNames = {
    "e4m3",        "e5m2",        "e2m1",        "e3m2",    "e8m0",       "e4m3fnuz", "fp16",
    "bf16",        "e3m0",        "e4m3b11fnuz", "int8",    "uint4",      "smint8",   "symint8",
    "fix8.6",      "posit8",      "posit16",     "lns8f3",  "hif8",       "nf4",      "e1m2",
    "binary8p3se", "binary6p3uf", "fp4_radix4",  "e5m10fn", "binary3p1ue"};

// The values of all codes by an independent path: doubles, which hold all of these.
std::vector<double> values_of(const Format& format) {
  std::vector<double> values;
  for (uint64_t code = 0; code < uint64_t{1} << format.width; ++code)
    values.push_back(to_double(decode(format, code)));
  return values;
}

std::vector<double> positive_of(const Format& format) {
  std::set<double> distinct;
  for (const double value : values_of(format)) {
    if (value > 0 && std::isfinite(value)) distinct.insert(value);
  }
  return {distinct.begin(), distinct.end()};
}

double value_of(const std::vector<NotableCode>& codes, std::string_view what) {
  const auto entry = std::ranges::find(codes, what, &NotableCode::what);
  REQUIRE(entry != codes.end());
  return to_double(entry->value);
}

bool has(const std::vector<NotableCode>& codes, std::string_view what) {
  return std::ranges::find(codes, what, &NotableCode::what) != codes.end();
}

}  // namespace

TEST_CASE("counts of codes") {
  for (const std::string& name : kNames) {
    CAPTURE(name);
    const Format format = parse_format(name);
    const std::vector<double> values = values_of(format);
    std::set<double> finite;
    for (const double value : values) {
      if (std::isfinite(value)) finite.insert(value);
    }
    CHECK(nan_code_count(format) == static_cast<uint64_t>(std::ranges::count_if(
                                        values, [](double value) { return std::isnan(value); })));
    CHECK(finite_value_count(format) == finite.size());
  }
  CHECK(nan_code_count(parse_format("fp32")) == 16777214);  // 2 (2^23 - 1)
  CHECK(finite_value_count(parse_format("fp64")) == 18437736874454810623U);
}

TEST_CASE("positive values in order") {
  for (const std::string& name : kNames) {
    CAPTURE(name);
    const Format format = parse_format(name);
    const std::vector<double> expected = positive_of(format);
    const PositiveValues positive(format);
    REQUIRE(positive.count() == expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(to_double(positive[i]) == expected[i]);
      REQUIRE(positive.below(real_from_double(expected[i])) == i);
      REQUIRE(positive.below(real_from_double(std::nextafter(expected[i], HUGE_VAL))) == i + 1);
    }
    CHECK(positive.below(Real{}) == 0);
  }
}

TEST_CASE("binades") {
  for (const std::string& name : kNames) {
    CAPTURE(name);
    const Format format = parse_format(name);
    const std::vector<double> values = positive_of(format);
    std::map<int, std::vector<size_t>> expected;  // places of the values of a binade
    for (size_t i = 0; i < values.size(); ++i) expected[std::ilogb(values[i])].push_back(i);
    int exponent = expected.begin()->first;
    for (const Binade& binade : binades(format)) {
      CAPTURE(exponent);
      REQUIRE(binade.exponent == exponent++);
      const std::vector<size_t>& places = expected[binade.exponent];
      REQUIRE(binade.values == places.size());
      if (places.empty() || places[0] + 1 == values.size()) {
        CHECK(binade.relative_step == 0);
      } else {
        CHECK(binade.relative_step ==
              doctest::Approx(values[places[0] + 1] / values[places[0]] - 1).epsilon(1e-12));
      }
    }
    CHECK(exponent == expected.rbegin()->first + 1);
    CHECK(dynamic_range(format).binades == doctest::Approx(std::log2(values.back() / values.front())));
    CHECK(dynamic_range(format).decibels == doctest::Approx(20 * std::log10(values.back() / values.front())));
  }
  const std::vector<Binade> wide = binades(parse_format("fp32"));
  CHECK(wide.size() == 277);
  CHECK(wide.front() == Binade{-149, 1, 1, true});
  CHECK(wide.back() == Binade{127, 8388608, 0x1p-23, false});
}

TEST_CASE("codes of note are those of the standards") {
  // OCP OFP8, table 1.
  auto codes = notable_codes(parse_format("e4m3"));
  CHECK(value_of(codes, "largest finite") == 448);
  CHECK(value_of(codes, "most negative") == -448);
  CHECK(value_of(codes, "least normal") == 0x1p-6);
  CHECK(value_of(codes, "greatest subnormal") == 0.875 * 0x1p-6);
  CHECK(value_of(codes, "least subnormal") == 0x1p-9);
  CHECK(std::isnan(value_of(codes, "NaN")));
  CHECK(!has(codes, "infinity"));
  codes = notable_codes(parse_format("e5m2"));
  CHECK(value_of(codes, "largest finite") == 57344);
  CHECK(value_of(codes, "greatest subnormal") == 0.75 * 0x1p-14);
  CHECK(std::isinf(value_of(codes, "minus infinity")));
  codes = notable_codes(parse_format("e8m0"));
  CHECK(!has(codes, "zero"));
  CHECK(value_of(codes, "least normal") == 0x1p-127);
  CHECK(!has(codes, "most negative"));
  codes = notable_codes(parse_format("int8"));
  CHECK(value_of(codes, "most negative") == -128);
  CHECK(value_of(codes, "largest finite") == 127);
  codes = notable_codes(parse_format("posit16"));
  CHECK(value_of(codes, "least positive") == 0x1p-56);
  CHECK(!has(notable_codes(parse_format("e4m3fnuz")), "minus zero"));
  CHECK(!has(notable_codes(parse_format("e3m2b20")), "one"));  // its largest number is far below
  for (const std::string& name : kNames) {
    for (const NotableCode& entry : notable_codes(parse_format(name))) {
      const double value = to_double(decode(parse_format(name), entry.code));
      CHECK((std::isnan(value) || value == to_double(entry.value)));
    }
  }
}

TEST_CASE("decimals say whether they are exact") {
  const auto decimal = [](double value) { return to_decimal(real_from_double(value)); };
  CHECK(decimal(0x1p-9) == "= 0.001953125");
  CHECK(decimal(-448) == "= -448");
  CHECK(decimal(0x1p56) == "= 72057594037927936");
  CHECK(decimal(0x1p57) == "~ 1.44115e+17");
  CHECK(decimal(0x1p-149) == "~ 1.4013e-45");
  CHECK(decimal(0x1p-24) == "= 5.9604644775390625e-08");  // 17 digits
  CHECK(decimal(0x1p-25) == "~ 2.98023e-08");
  CHECK(decimal(1e22) == "= 1e+22");
  CHECK(decimal(1e23) == "~ 1e+23");  // the nearest double is not 10^23
  CHECK(decimal(0.0) == "= 0");
  CHECK(decimal(-0.0) == "= -0");
  CHECK(decimal(INFINITY) == "inf");
  CHECK(decimal(NAN) == "nan");
  // 2^-3000 = 8.1285e-904, beyond double.
  CHECK(to_decimal(Real{RealClass::finite, true, -3000, 1, false}) == "~ -8.1285e-904");
}

TEST_CASE("bit layouts are as wide as the format") {
  for (const std::string& name : kNames) {
    CAPTURE(name);
    const Format format = parse_format(name);
    if (format.kind == FormatKind::posit) continue;
    const std::string layout = bit_layout(format);
    CHECK(std::ranges::count_if(layout, [](char c) { return c != ' ' && c != '.'; }) == format.width);
  }
  CHECK(bit_layout(parse_format("e4m3")) == "s eeee mmm");
  CHECK(value_formula(parse_format("e4m3")) == "(-1)^s * 2^(e - 7) * 1.m; where e = 0: (-1)^s * 2^-6 * 0.m");
  CHECK(value_formula(parse_format("e8m0")) == "2^(e - 127)");
  CHECK(value_formula(parse_format("fix8.6")) == "i * 2^-6, i in two's complement");
}

TEST_CASE("block formats") {
  // OCP MX: 32 elements and 8 bits of scale.
  CHECK(block_facts(parse_block_format("mxfp4")).bits_per_element == 4.25);
  CHECK(block_facts(parse_block_format("mxfp8_e4m3")).bits_per_element == 8.25);
  CHECK(block_facts(parse_block_format("nvfp4")).bits_per_element == 4.5);
  CHECK(block_facts(parse_block_format("mx9")).bits_per_element == 9);
  CHECK(block_facts(parse_block_format("mx6")).bits_per_element == 6);
  CHECK(block_facts(parse_block_format("mx4")).bits_per_element == 4);
  CHECK(block_facts(parse_block_format("nvfp4")).largest == 6 * 448);
  CHECK(block_facts(parse_block_format("nvfp4")).least_positive == 0.5 * 0x1p-9);
  CHECK(block_facts(parse_block_format("mxfp4")).largest == 6 * 0x1p127);
  CHECK(block_facts(parse_block_format("mxfp4")).least_positive == 0x1p-128);
  for (const std::string& name : named_block_formats()) CHECK(is_block_format_name(name));
  for (const std::string& name : named_formats()) CHECK(!is_block_format_name(name));
  CHECK(!is_block_format_name("mxfoo.toml"));
}

TEST_CASE("pictures fit the terminal and its characters") {
  std::vector<std::string> names = named_formats();
  names.insert(names.end(), kNames.begin(), kNames.end());
  names.insert(names.end(), {"e11m52b3000", "fix63.64", "int2", "uint2", "posit3", "ufix8.m64"});
  for (const std::string& name : names) {
    CAPTURE(name);
    const Format format = parse_format(name);
    for (const int width : {60, 80, 120}) {
      const std::string ascii = draw_format(format, {Glyphs::ascii, width});
      CHECK(!ascii.empty());
      CHECK(ascii.back() == '\n');
      CHECK(std::ranges::all_of(ascii, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
      for (const std::string& picture : {ascii, draw_format(format, {Glyphs::unicode, width})}) {
        int column = 0;
        for (const char c : picture) {
          column = c == '\n' ? 0 : column + ((static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0);
          REQUIRE(column <= std::max(width, 80));
        }
      }
    }
  }
}

TEST_CASE("ticks lie where the numbers are") {
  const std::string line = draw_ticks(parse_format("e2m1"), {Glyphs::ascii, 65});
  // 61 columns for 0..6: ten a unit.
  CHECK(line ==
        "the 8 numbers that are not negative; the negative ones mirror them\n"
        "  +----+----+----+----+---------+---------+-------------------+\n"
        "  0   0.5   1   1.5   2         3         4                   6\n");
  CHECK(draw_ticks(parse_format("int2"), {Glyphs::ascii, 65}).starts_with("the 4 numbers\n"));
  CHECK(list_binades(parse_format("e2m1"), {}) ==
        "positive numbers by binade\n"
        "  2^2     4 6\n"
        "  2^1     2 3\n"
        "  2^0     1 1.5\n"
        "  2^-1    0.5                   subnormal\n");
}
