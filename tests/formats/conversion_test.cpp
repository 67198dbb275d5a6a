// The named conversions, against the tables of OCP OFP8 1.0 and of ONNX Cast.
#include "formats/conversion.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"

using namespace assay;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity(), kNan = std::nan("");

uint64_t code(const char* format, double x, const char* conversion) {
  return convert(parse_format(format), real_from_double(x), parse_conversion(conversion));
}

}  // namespace

TEST_CASE("OCP OFP8: saturating and non-saturating conversion of NaN, infinity and overflow") {
  struct Row {
    double source;
    uint64_t e5m2_sat, e5m2_ovf, e4m3_sat, e4m3_ovf;
  };
  const Row rows[] = {{kNan, 0x7e, 0x7e, 0x7f, 0x7f},
                      {kInfinity, 0x7b, 0x7c, 0x7e, 0x7f},
                      {-kInfinity, 0xfb, 0xfc, 0xfe, 0x7f},
                      {1e9, 0x7b, 0x7c, 0x7e, 0x7f},
                      {-1e9, 0xfb, 0xfc, 0xfe, 0x7f}};
  for (const Row& row : rows) {
    CAPTURE(row.source);
    CHECK(code("e5m2", row.source, "ocp_sat") == row.e5m2_sat);
    CHECK(code("e5m2", row.source, "ocp_ovf") == row.e5m2_ovf);
    CHECK(code("e4m3", row.source, "ocp_sat") == row.e4m3_sat);
    CHECK(code("e4m3", row.source, "ocp_ovf") == row.e4m3_ovf);
  }
  CHECK(code("e4m3", 464, "ocp_ovf") == 0x7e);
}

TEST_CASE("ONNX Cast: infinity is NaN in the FNUZ types though overflow saturates") {
  const char* names[] = {"e4m3", "e4m3fnuz", "e5m2", "e5m2fnuz"};
  const uint64_t nan[] = {0x7f, 0x80, 0x7e, 0x80}, infinity[] = {0x7e, 0x80, 0x7b, 0x80};
  const uint64_t largest[] = {0x7e, 0x7f, 0x7b, 0x7f}, minus_zero[] = {0x80, 0, 0x80, 0};
  for (int i = 0; i < 4; ++i) {
    CAPTURE(std::string(names[i]));
    CHECK(code(names[i], kNan, "onnx") == nan[i]);
    CHECK(code(names[i], kInfinity, "onnx") == infinity[i]);
    CHECK(code(names[i], 1e9, "onnx") == largest[i]);
    CHECK(code(names[i], -1e9, "onnx") == (largest[i] | 0x80));
    CHECK(code(names[i], -0.0, "onnx") == minus_zero[i]);
  }
}

TEST_CASE("NaN in formats without NaN, and infinities kept, by policy") {
  CHECK(code("e2m1", kNan, "nvidia_satfinite") == 0x7);
  CHECK(code("e3m2", kInfinity, "nvidia_satfinite") == 0x1f);
  CHECK(code("e4m3", kNan, "nvidia_satfinite") == 0x7f);
  CHECK(code("e4m3", -kInfinity, "nvidia_satfinite") == 0xfe);
  CHECK(code("e2m1", kNan, "ml_dtypes") == 0x8);
  CHECK(code("e2m1", -kInfinity, "ml_dtypes") == 0xf);
  CHECK(code("e4m3", kInfinity, "ml_dtypes") == 0x7f);
  CHECK(code("int8", kNan, "ocp_sat") == 0);
  const Real nan = real_from_double(kNan), infinity = real_from_double(kInfinity);
  Conversion conversion;
  conversion.nan = NanPolicy::error;
  CHECK_THROWS_AS((void)convert(parse_format("e2m1"), nan, conversion), Error);
  CHECK(convert(parse_format("e4m3"), nan, conversion) == 0x7f);
  conversion.nan = NanPolicy::zero;
  CHECK(convert(parse_format("e2m1"), nan, conversion) == 0);
  conversion.nan = NanPolicy::largest_finite;
  CHECK(convert(parse_format("int8"), nan, conversion) == 0x7f);
  conversion = {Rounding::rne, Saturation::sat_finite, NanPolicy::by_kind, InfinityPolicy::keep};
  CHECK(convert(parse_format("e5m2"), infinity, conversion) == 0x7c);
  CHECK(convert(parse_format("e4m3"), infinity, conversion) == 0x7f);
  CHECK(convert(parse_format("e2m1"), infinity, conversion) == 0x7);
  CHECK(convert(parse_format("e5m2"), real_from_double(1e9), conversion) == 0x7b);
}

TEST_CASE("words of conversions, roundings and saturations") {
  CHECK(named_conversions().size() == 5);
  for (const std::string_view name : named_conversions()) (void)parse_conversion(name);
  for (const char* word : {"by_kind", "largest_finite", "zero", "negative_zero", "error"}) {
    CHECK(to_string(parse_nan_policy(word)) == word);
  }
  for (const char* word : {"by_saturation", "keep", "nan_in_fnuz"}) {
    CHECK(to_string(parse_infinity_policy(word)) == word);
  }
  for (const char* word :
       {"rne", "rna", "rtz", "rup", "rdn", "odd", "sr_a", "sr_b", "sr_c", "rntz", "rnup", "rndn", "rnodd"}) {
    CHECK(to_string(parse_rounding(word)) == word);
  }
  for (const char* word :
       {"sat_none", "sat_finite", "sat_propagate", "wrap", "sat_none_v40", "sat_zero", "sat_symmetric"}) {
    CHECK(to_string(parse_saturation(word)) == word);
  }
  CHECK(parse_saturation("sat_none_v2607") == Saturation::sat_none);
  for (const char* word : {"", "ocp", "OCP_SAT", "rne"}) {
    CHECK_THROWS_AS((void)parse_conversion(word), Error);
    CHECK_THROWS_AS((void)parse_nan_policy(word), Error);
    CHECK_THROWS_AS((void)parse_saturation(word), Error);
  }
}
