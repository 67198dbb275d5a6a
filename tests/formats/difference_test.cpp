// Formats compared, against sets of doubles.
#include "formats/difference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "formats/inspect.h"

using namespace assay;

namespace {

std::vector<double> values_of(const Format& format) {
  std::vector<double> values;
  for (uint64_t code = 0; code < uint64_t{1} << format.width; ++code)
    values.push_back(to_double(decode(format, code)));
  return values;
}

std::set<double> finite_of(const Format& format) {
  std::set<double> values;
  for (const double value : values_of(format)) {
    if (std::isfinite(value)) values.insert(value);
  }
  return values;
}

void check_equal(const std::vector<Real>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) REQUIRE(to_double(found[i]) == expected[i]);
}

// What is known of a conversion without rounding anything: whether a value exists in the other format, is beyond its
// range, or is nearer to zero than to its least number.
ConversionOutcomes expected_saturating(const Format& a, const Format& b) {
  const std::set<double> numbers = finite_of(b);
  const double least = *numbers.begin(), greatest = *numbers.rbegin();
  const double above = *numbers.upper_bound(0),
               below = least < 0 ? *std::prev(numbers.lower_bound(0)) : -above;
  ConversionOutcomes outcomes;
  outcomes.saturation = Saturation::sat_finite;
  for (const double value : values_of(a)) {
    if (std::isnan(value)) {
      ++(b.nan == NanEncoding::none ? outcomes.nan_replaced : outcomes.exact);
    } else if (numbers.contains(value)) {
      ++outcomes.exact;
    } else if (value > greatest || value < least) {
      ++outcomes.clamped;
    } else {
      ++(value <= above / 2 && value >= below / 2 ? outcomes.to_zero : outcomes.rounded);
    }
  }
  return outcomes;
}

bool operator==(const ConversionOutcomes& x, const ConversionOutcomes& y) {
  return x.exact == y.exact && x.rounded == y.rounded && x.to_zero == y.to_zero && x.clamped == y.clamped &&
         x.to_infinity == y.to_infinity && x.to_nan == y.to_nan && x.nan_replaced == y.nan_replaced;
}

uint64_t sum(const ConversionOutcomes& x) {
  return x.exact + x.rounded + x.to_zero + x.clamped + x.to_infinity + x.to_nan + x.nan_replaced;
}

}  // namespace

TEST_CASE("values of two formats") {
  const std::vector<std::string> names = {"e4m3", "e4m3fnuz", "e5m2", "e2m1", "int8",  "uint8",
                                          "nf4",  "posit8",   "hif8", "fp16", "lns8f3"};
  for (const std::string& name_a : names) {
    for (const std::string& name_b : names) {
      CAPTURE(name_a);
      CAPTURE(name_b);
      const Format a = parse_format(name_a), b = parse_format(name_b);
      const std::set<double> in_a = finite_of(a), in_b = finite_of(b);
      std::vector<double> only_a, only_b, both;
      std::ranges::set_difference(in_a, in_b, std::back_inserter(only_a));
      std::ranges::set_difference(in_b, in_a, std::back_inserter(only_b));
      std::ranges::set_intersection(in_a, in_b, std::back_inserter(both));
      const FormatDifference difference = compare_formats(a, b);
      REQUIRE(difference.compared);
      check_equal(difference.only_in_a, only_a);
      check_equal(difference.only_in_b, only_b);
      check_equal(difference.in_both, both);
      CHECK(difference.parameters.empty() == (name_a == name_b));
      if (name_a == name_b) CHECK(difference.codes.empty());
      CHECK(sum(difference.conversions[0]) == uint64_t{1} << a.width);
      // Posits never become zero, and ties of logarithmic numbers lie elsewhere.
      if (b.kind != FormatKind::posit && b.kind != FormatKind::logarithmic && name_b != "hif8") {
        CHECK(difference.conversions[1] == expected_saturating(a, b));
      }
    }
  }
}

TEST_CASE("e4m3 and e4m3fnuz") {
  const FormatDifference difference = compare_formats(parse_format("e4m3"), parse_format("e4m3fnuz"));
  CHECK(difference.only_in_a.size() == 14);  // +-256 .. +-448 in steps of 32
  CHECK(difference.only_in_b.size() == 16);  // odd multiples of 2^-10 up to 15
  // All codes but zero: the bias differs, 0x80 is -0 or NaN, 0x7f NaN or 240.
  CHECK(difference.codes.size() == 255);
  CHECK(difference.codes[0].code == 1);
  CHECK(to_double(difference.codes[0].a) == 0x1p-9);
  CHECK(to_double(difference.codes[0].b) == 0x1p-10);
  CHECK(difference.conversions[0].to_nan == 14);
  CHECK(difference.conversions[1].clamped == 14);
  CHECK(difference.conversions[1].exact == 242);
}

TEST_CASE("overflow goes where the saturation sends it") {
  // Of e5m2's magnitudes 256..57344, 24 exceed 464, where e4m3 overflows: from 512 to 57344. 448 is its largest.
  const ConversionOutcomes none =
      convert_all_codes(parse_format("e5m2"), parse_format("e4m3"), Saturation::sat_none);
  CHECK(none.to_nan == 2 * (7 * 4 - 0) + 2);  // binades 2^9 .. 2^15, and both infinities
  CHECK(none.to_infinity == 0);
  const ConversionOutcomes infinite =
      convert_all_codes(parse_format("fp16"), parse_format("e5m2"), Saturation::sat_none);
  // fp16 from 61440 (a tie, to the even side: infinity) to 65504.
  CHECK(infinite.to_infinity == 2 * 128);
  const ConversionOutcomes finite =
      convert_all_codes(parse_format("e5m2"), parse_format("e2m1"), Saturation::sat_none);
  CHECK(finite.nan_replaced == 6);
}

TEST_CASE("wide formats: parameters only") {
  const FormatDifference difference = compare_formats(parse_format("fp32"), parse_format("bf16"));
  CHECK(!difference.compared);
  CHECK(difference.parameters.size() == 2);  // width and fraction
  CHECK(difference.parameters[1].name == "fraction_width");
  CHECK(difference.parameters[1].a == "23");
  CHECK(difference.parameters[1].b == "7");
  const FormatDifference kinds = compare_formats(parse_format("int32"), parse_format("posit32"));
  CHECK(std::ranges::count(kinds.parameters, "-", &ParameterDifference::a) == 2);  // exponent and quire
}
