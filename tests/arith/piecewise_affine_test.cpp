// The piecewise-affine operations against their definition on real numbers, published vectors and laws.
#include "arith/piecewise_affine.h"

#include <doctest/doctest.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "arith/epfml_piecewise_affine.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "formats/real.h"
#include "formats/round.h"
#include "tests/arith/affine_oracle.h"
#include "tests/error_of.h"

using namespace assay;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

float as_float(uint64_t code) {
  return std::bit_cast<float>(static_cast<uint32_t>(code));
}

// The operands of a format as the operations see them: 0 for zero and subnormal numbers, NaN also for
// infinity.
struct Values {
  Format format;
  double least_normal = 0;
  double largest = 0;
  std::vector<double> of_code;

  explicit Values(const std::string& name) : format(parse_format(name)) {
    least_normal = std::ldexp(1.0, 1 - format.exponent_bias);
    largest = to_double(decode(format, max_finite_magnitude(format)));
    for (uint64_t code = 0; code <= code_mask(format.width); ++code) {
      const double value = to_double(decode(format, code));
      of_code.push_back(!std::isfinite(value) ? kNan : std::fabs(value) < least_normal ? 0.0 : value);
    }
  }

  // The code a result must have; exact results are expected. NaN in a format without NaN is what converting
  // NaN gives.
  uint64_t code_of(double result, Saturation saturation = Saturation::sat_none) const {
    if (std::isnan(result)) return encode(format, kNan);
    if (std::fabs(result) < least_normal) return 0;
    const uint64_t code = encode(format, result, Rounding::rne, saturation);
    if (std::fabs(result) <= largest && to_double(decode(format, code)) != result) {
      if (!(result < 0 && !format.is_signed)) FAIL_CHECK("oracle: inexact result ", result);
    }
    return code;
  }
};

// All kinds of specials, of signs and of biases.
const char* const kSmallFormats[] = {
    "e4m3",        "e5m2",        "e4m3fnuz",    "e5m2fnuz",    "e4m3ieee",    "e3m4",        "e3m2",
    "e2m3",        "e2m1",        "e3m0",        "e4m3b11fnuz", "e5m2b3",      "e4m3b20f",    "e6m1",
    "e1m5f",       "e8m0f",       "binary8p1se", "binary8p2sf", "binary8p3se", "binary8p4se", "binary8p5sf",
    "binary8p7se", "binary8p3ue", "binary8p4uf", "binary6p3se", "binary3p1sf"};

}  // namespace

TEST_CASE("PAM and PAD: published fp32 vectors") {
  struct Row {
    uint32_t a, b, product, quotient;
  };
  const Row rows[] = {
      {0x3fc00000, 0x3fc00000, 0x40000000, 0x3f800000}, {0x40490fdb, 0x402df854, 0x40f7082f, 0x3f9b1787},
      {0x3fa66666, 0xbfa66666, 0xbfcccccc, 0xbf800000}, {0x3dcccccd, 0x3e4ccccd, 0x3c99999a, 0x3f000000},
      {0x40900000, 0x40400000, 0x41500000, 0x3fd00000}, {0x3fffffff, 0x3fffffff, 0x407ffffe, 0x3f800000},
      {0xc0c00000, 0x40400000, 0xc1800000, 0xc0000000}, {0x477fe000, 0x3a83126f, 0x4282f26f, 0x4c7ccd91},
      {0x3fe00000, 0x3fa00000, 0x40000000, 0x3fc00000}, {0x3eaaaaab, 0x40400000, 0x3f6aaaab, 0x3deaaaab},
      {0x40000000, 0xbf333333, 0xbfb33333, 0xc04ccccd},
  };
  const Format fp32 = parse_format("fp32");
  for (const Row& row : rows) {
    CHECK(pam_multiply(fp32, row.a, row.b) == row.product);
    CHECK(pam_multiply(fp32, row.b, row.a) == row.product);
    CHECK(pad_divide(fp32, row.a, row.b) == row.quotient);
    CHECK(epfml_pam_multiply(row.a, row.b) == row.product);
    CHECK(epfml_pad_divide(row.a, row.b) == row.quotient);
  }
  CHECK(pad_divide(fp32, 0x3f800000, 0x3fb8aa3b) == 0x3f4755c5);  // 1 / log2(e)
  CHECK(base_e(fp32).log2 == 0x3fb8aa3b);
  CHECK(base_two(fp32).ln == 0x3f317218);
}

TEST_CASE("PAM: the tests of the released code") {
  struct Row {
    float a, b, product;
  };
  const Row rows[] = {{1.5F, 1.5F, 2.0F}, {4.5F, 3.0F, 13.0F},  {-6.0F, 3.0F, -16.0F}, {-3.5F, -3.5F, 12.0F},
                      {7.3F, 1.0F, 7.3F}, {0.7F, 32.0F, 22.4F}, {1e-30F, 1e-30F, 0.0F}};
  const auto product = [](float a, float b) {
    return as_float(
        pam_multiply(kPiecewiseAffineFloat32, std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b)));
  };
  for (const Row& row : rows) CHECK(product(row.a, row.b) == row.product);
  CHECK(product(1.3F, -1.3F) == doctest::Approx(-1.6));
  const float infinity = std::numeric_limits<float>::infinity(),
              nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [a, b] :
       {std::pair{1e30F, 1e30F}, {-infinity, 1e-20F}, {nan, 3.0F}, {infinity, 0.0F}, {nan, 0.0F}}) {
    CHECK_FALSE(std::isfinite(product(a, b)));
    CHECK(epfml_pam_multiply(std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b)) == 0x7fc00000);
  }
}

TEST_CASE("the facts of fp32 are those of the format") {
  CHECK(kPiecewiseAffineFloat32 == piecewise_affine_format(parse_format("fp32")));
  CHECK(error_of([] { piecewise_affine_format(parse_format("int8")); }).find("found int8") !=
        std::string::npos);
  CHECK(error_of([] { piecewise_affine_format(parse_format("e8m0")); }).find("with a zero") !=
        std::string::npos);
}

TEST_CASE("PAM and PAD: all pairs of small formats, from the definition") {
  for (const char* name : kSmallFormats) {
    CAPTURE(name);
    const Values values(name);
    for (const Saturation saturation : {Saturation::sat_none, Saturation::sat_finite}) {
      const PiecewiseAffineFormat f = piecewise_affine_format(values.format, saturation);
      uint64_t wrong = 0;
      for (uint64_t a = 0; a < values.of_code.size(); ++a) {
        for (uint64_t b = 0; b < values.of_code.size(); ++b) {
          const double x = values.of_code[a], y = values.of_code[b];
          const double product = std::isnan(x) || std::isnan(y) ? kNan : oracle::pam(x, y);
          const double quotient = std::isnan(x) || std::isnan(y) || y == 0 ? kNan : oracle::pad(x, y);
          wrong += pam_multiply(f, a, b) != values.code_of(product, saturation) ? 1 : 0;
          wrong += pad_divide(f, a, b) != values.code_of(quotient, saturation) ? 1 : 0;
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("exp2, log2 and sqrt: all codes of formats of up to 16 bits, from the definition") {
  std::vector<std::string> names(std::begin(kSmallFormats), std::end(kSmallFormats));
  for (const char* name : {"bf16", "fp16", "e4m11", "e6m9b40"}) names.emplace_back(name);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Values values(name);
    const int fraction_width = values.format.fraction_width;
    const PiecewiseAffineFormat f = piecewise_affine_format(values.format);
    uint64_t wrong = 0;
    for (uint64_t code = 0; code < values.of_code.size(); ++code) {
      const double x = values.of_code[code];
      // nearbyint rounds to nearest even, as the mode of the test is.
      double exponential = kNan, logarithm = kNan, root = kNan;
      if (!std::isnan(x)) {
        const double rounded = std::ldexp(std::nearbyint(std::ldexp(x, fraction_width)), -fraction_width);
        exponential = oracle::exp2(std::fmax(-900, std::fmin(900, rounded)));
        if (x > 0) {
          logarithm = oracle::log2(x);
          root = oracle::exp2(
              std::ldexp(std::floor(std::ldexp(logarithm / 2, fraction_width)), -fraction_width));
        }
        if (x == 0) root = 0;
      }
      wrong += pa_exp2(f, code) != values.code_of(exponential) ? 1 : 0;
      wrong += pa_sqrt(f, code) != values.code_of(root) ? 1 : 0;
      // log2 is the one operation that rounds to the format.
      uint64_t expected = encode(values.format, logarithm);
      if (logarithm < 0 && !values.format.is_signed) {
        expected = encode(values.format, kNan);
      } else if (!std::isnan(logarithm)) {
        // Rounded as if there were no subnormal numbers, of which none is a result.
        const double magnitude = std::fabs(logarithm);
        const double unit = magnitude == 0 ? 1 : std::ldexp(1, std::ilogb(magnitude) - fraction_width);
        expected = values.code_of(std::copysign(std::nearbyint(magnitude / unit) * unit, logarithm));
      }
      wrong += pa_log2(f, code) != expected ? 1 : 0;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("fp64: the carry of all bits, and the ends of the range") {
  const Format fp64 = parse_format("fp64");
  for (uint64_t i = 0; i < 20'000; ++i) {
    const uint64_t a = philox64(41, 0, i), b = philox64(41, 1, i);
    const double x = std::bit_cast<double>(a), y = std::bit_cast<double>(b);
    if (!std::isnormal(x) || !std::isnormal(y)) continue;
    const oracle::ExponentAndFraction s = oracle::split(x), t = oracle::split(y);
    // 52-bit fractions as integers: 1 + Ma + Mb may need 54 bits.
    const auto ma = static_cast<uint64_t>(s.fraction * 0x1p52),
               mb = static_cast<uint64_t>(t.fraction * 0x1p52);
    const double carry = (ma + mb) >> 52 != 0 ? 1 : 0;
    const double exponent = s.exponent + t.exponent + carry;
    const uint64_t sign = (a ^ b) & uint64_t{1} << 63;
    const uint64_t expected = exponent < -1022  ? 0
                              : exponent > 1023 ? sign | 0x7ff0000000000000
                                                : sign | static_cast<uint64_t>(exponent + 1023) << 52 |
                                                      ((ma + mb) & 0xfffffffffffff);
    if (pam_multiply(fp64, a, b) != expected) FAIL_CHECK(a << " " << b);
  }
  CHECK(pam_multiply(fp64, 0x7fefffffffffffff, 0x7fefffffffffffff) == 0x7ff0000000000000);
  CHECK(pad_divide(fp64, 0xffefffffffffffff, 0x0010000000000000) == 0xfff0000000000000);
  CHECK(pad_divide(fp64, 0x0010000000000000, 0x7fefffffffffffff) == 0);
}

TEST_CASE("laws: associative, PAD inverts PAM, exact by powers of two, symmetric in signs") {
  for (const char* name : {"e3m2", "e2m3", "e4m3", "fp16", "bf16", "fp32"}) {
    CAPTURE(name);
    const Format format = parse_format(name);
    const PiecewiseAffineFormat f = piecewise_affine_format(format);
    const bool exhaustive = format.width <= 6;
    const uint64_t count = exhaustive ? 1 << 18 : 400'000;
    const uint64_t mask = code_mask(format.width), sign = f.sign_mask;
    uint64_t checked = 0, wrong = 0;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t r = philox64(42, 0, i);
      const uint64_t a = (exhaustive ? i : r) & mask, b = (exhaustive ? i >> 6 : r >> 32) & mask,
                     c = (exhaustive ? i >> 12 : philox64(42, 1, i)) & mask;
      for (const int64_t offset : {0, 1}) {
        const uint64_t ab = pam_multiply(f, a, b, offset), bc = pam_multiply(f, b, c, offset);
        wrong += ab != pam_multiply(f, b, a, offset) ? 1 : 0;
        const auto in_range = [&](uint64_t code) {
          return !piecewise_affine::is_zero(f, code) && (code & ~sign) < max_finite_magnitude(format);
        };
        if (!in_range(ab) || !in_range(bc)) continue;
        ++checked;
        wrong += pam_multiply(f, ab, c, offset) != pam_multiply(f, a, bc, offset) ? 1 : 0;
        wrong += pad_divide(f, ab, b, offset) != a ? 1 : 0;
        wrong += pam_multiply(f, a ^ sign, b, offset) != (ab ^ sign) ? 1 : 0;
      }
      const uint64_t power = b & ~(f.least_normal - 1);
      if (piecewise_affine::is_special(f, a) || piecewise_affine::is_special(f, power)) continue;
      if (piecewise_affine::is_zero(f, a) || piecewise_affine::is_zero(f, power)) continue;
      const double x = to_double(decode(format, a)), y = to_double(decode(format, power));
      const double product = to_double(decode(format, pam_multiply(f, a, power)));
      const double largest = to_double(decode(format, max_finite_magnitude(format)));
      if (product != 0 && std::fabs(x * y) <= largest) wrong += product != x * y ? 1 : 0;
      const double quotient = to_double(decode(format, pad_divide(f, a, power)));
      if (quotient != 0 && std::fabs(x / y) <= largest) wrong += quotient != x / y ? 1 : 0;
    }
    CHECK(checked > count / 20);
    CHECK(wrong == 0);
  }
}

TEST_CASE("published relative errors") {
  // Midpoints of an even grid of fractions.
  constexpr int kGrid = 1000;
  double sum = 0, squares = 0, logarithms = 0, divided = 0, divided_squares = 0, worst = 0,
         worst_quotient = 0;
  for (int i = 0; i < kGrid; ++i) {
    for (int j = 0; j < kGrid; ++j) {
      const auto code = [](int k) {
        return std::bit_cast<uint32_t>(static_cast<float>(1 + (k + 0.5) / kGrid));
      };
      const double exact = static_cast<double>(as_float(code(i))) * as_float(code(j));
      const double ratio = as_float(pam_multiply(kPiecewiseAffineFloat32, code(i), code(j))) / exact;
      sum += ratio - 1;
      squares += (ratio - 1) * (ratio - 1);
      logarithms += std::log2(ratio);
      worst = std::fmin(worst, ratio - 1);
      CHECK_MESSAGE(ratio <= 1, ratio);
      const double true_quotient = static_cast<double>(as_float(code(i))) / as_float(code(j));
      const double error =
          as_float(pad_divide(kPiecewiseAffineFloat32, code(i), code(j))) / true_quotient - 1;
      divided += error;
      divided_squares += error * error;
      worst_quotient = std::fmax(worst_quotient, error);
      CHECK_MESSAGE(error >= -1e-12, error);
    }
  }
  constexpr double kPairs = kGrid * kGrid;
  CHECK(sum / kPairs == doctest::Approx(-0.03849).epsilon(1e-4));
  CHECK(std::sqrt(squares / kPairs) == doctest::Approx(0.04842).epsilon(1e-4));
  CHECK(logarithms / kPairs == doctest::Approx(-0.057305).epsilon(1e-4));
  CHECK(divided / kPairs == doctest::Approx(0.0410).epsilon(2e-3));
  CHECK(std::sqrt(divided_squares / kPairs) == doctest::Approx(0.0523).epsilon(2e-3));
  CHECK(worst >= -1.0 / 9);
  CHECK(worst_quotient <= 0.125);
  // The bounds are attained: 1.5 * 1.5 = 2.25 -> 2, and 1 / 1.5 -> 0.75.
  CHECK(as_float(pam_multiply(kPiecewiseAffineFloat32, 0x3fc00000, 0x3fc00000)) == 2.25F * 8 / 9);
  CHECK(as_float(pad_divide(kPiecewiseAffineFloat32, 0x3f800000, 0x3fc00000)) == 0.75F);
}

TEST_CASE("published errors of narrow fractions") {
  for (const auto& [bits, mean] :
       {std::pair{1, -0.0278}, {2, -0.0357}, {3, -0.0378}, {4, -0.0383}, {7, -0.0385}}) {
    const int n = 1 << bits;
    double sum = 0, worst = 0;
    for (int i = n; i < 2 * n; ++i) {
      for (int j = n; j < 2 * n; ++j) {
        const double x = static_cast<double>(i) / n, y = static_cast<double>(j) / n;
        const uint64_t product =
            pam_multiply(kPiecewiseAffineFloat32, std::bit_cast<uint32_t>(static_cast<float>(x)),
                         std::bit_cast<uint32_t>(static_cast<float>(y)));
        sum += as_float(product) / (x * y) - 1;
        worst = std::fmin(worst, as_float(product) / (x * y) - 1);
      }
    }
    CHECK(sum / (n * n) == doctest::Approx(mean).epsilon(3e-3));
    CHECK(worst == doctest::Approx(-1.0 / 9));
  }
}

TEST_CASE("published errors of exp2, log2, sqrt and exp") {
  double exp2_sum = 0, exp2_most = 0, log2_least = 0, log2_sum = 0, sqrt_most = 0, reciprocal_most = 0;
  double exp_least = 0, exp_most = 0;
  constexpr int kCount = 100'000;
  const auto value = [](uint64_t code) { return static_cast<double>(as_float(code)); };
  for (int i = 0; i < kCount; ++i) {
    const auto x = static_cast<float>(1 + (i + 0.5) / kCount);
    const uint32_t code = std::bit_cast<uint32_t>(x);
    const double exp2_error = value(pa_exp2(kPiecewiseAffineFloat32, code)) / std::exp2(x) - 1;
    exp2_sum += exp2_error;
    exp2_most = std::fmax(exp2_most, exp2_error);
    const double log2_error = value(pa_log2(kPiecewiseAffineFloat32, code)) - std::log2(x);
    log2_sum += log2_error;
    log2_least = std::fmin(log2_least, log2_error);
    // Both parities of the exponent: 1..4.
    const auto y = static_cast<float>(std::exp2(2 * (i + 0.5) / kCount));
    const uint64_t root = pa_sqrt(kPiecewiseAffineFloat32, std::bit_cast<uint32_t>(y));
    const double sqrt_error = value(root) / std::sqrt(static_cast<double>(y)) - 1;
    CHECK_MESSAGE(sqrt_error > -2e-7, y);
    sqrt_most = std::fmax(sqrt_most, sqrt_error);
    reciprocal_most = std::fmax(
        reciprocal_most,
        value(pad_divide(kPiecewiseAffineFloat32, 0x3f800000, root)) * std::sqrt(static_cast<double>(y)) - 1);
    const auto z = static_cast<float>(-8 + 16 * (i + 0.5) / kCount);
    const double exp_error =
        value(pa_exp(kPiecewiseAffineFloat32, std::bit_cast<uint32_t>(z), 0x3fb8aa3b)) / std::exp(z) - 1;
    exp_least = std::fmin(exp_least, exp_error);
    exp_most = std::fmax(exp_most, exp_error);
  }
  CHECK(exp2_most == doctest::Approx(0.06148).epsilon(1e-3));
  CHECK(exp2_sum / kCount == doctest::Approx(0.0407).epsilon(2e-3));
  CHECK(log2_least == doctest::Approx(-0.086071).epsilon(1e-4));
  CHECK(log2_sum / kCount == doctest::Approx(-0.0573).epsilon(1e-3));
  CHECK(sqrt_most == doctest::Approx(0.0607).epsilon(2e-3));
  CHECK(reciprocal_most == doctest::Approx(0.0887).epsilon(2e-3));
  CHECK(exp_least == doctest::Approx(-0.495).epsilon(5e-3));
  CHECK(exp_most == doctest::Approx(0.98).epsilon(5e-3));
}

TEST_CASE("exp, log and pow are made of the other operations") {
  const auto exp = [](float x) {
    return as_float(pa_exp(kPiecewiseAffineFloat32, std::bit_cast<uint32_t>(x), 0x3fb8aa3b));
  };
  const auto pow = [](float a, float b) {
    return as_float(pa_pow(kPiecewiseAffineFloat32, std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b)));
  };
  CHECK(exp(0) == 1);
  CHECK(exp(1) ==
        2 * std::bit_cast<float>(0x3fb8aa3b));  // 2^floor(t) (1 + t - floor(t)) = 2 t for 1 <= t < 2
  CHECK(exp(-0x1p100F) == 0);
  CHECK(std::isinf(exp(0x1p100F)));
  CHECK(std::isnan(exp(0x1.cp127F)));  // the product overflows
  CHECK(pow(4, 0.5) == 2);
  CHECK(pow(8, 2) == 64);
  CHECK(pow(0, -3) == 0);
  CHECK(std::isnan(pow(-4, 0.5)));
  const Format fp32 = parse_format("fp32");
  CHECK(as_float(pa_log(kPiecewiseAffineFloat32, 0x42000000, base_two(fp32).log2)) == 5);
  // log10 of 1: 0; of 1024: PAD(10, log2 10) from the codes 41200000 and 40549a78.
  CHECK(base_ten(fp32).log2 == 0x40549a78);
  CHECK(pa_log(kPiecewiseAffineFloat32, 0x3f800000, base_ten(fp32).log2) == 0);
  CHECK(pa_log(kPiecewiseAffineFloat32, 0x44800000, base_ten(fp32).log2) ==
        0x41200000 - 0x40549a78 + 0x3f800000);
}

TEST_CASE("the composed square root differs in the last bits") {
  int64_t most = 0;
  for (uint64_t i = 0; i < 100'000; ++i) {
    const uint64_t x = philox64(43, 0, i) % 0x7f000000 + 0x00800000;
    const uint64_t composed = pa_pow(kPiecewiseAffineFloat32, x, 0x3f000000);
    const auto root = static_cast<int64_t>(pa_sqrt(kPiecewiseAffineFloat32, x));
    most = std::max(most, std::abs(static_cast<int64_t>(composed) - root));
  }
  CHECK(most > 0);
  CHECK(most <= 16);
}

TEST_CASE("BF16 PAM and PAD are those of FP32 on widened operands") {
  const Format bf16 = parse_format("bf16");
  const PiecewiseAffineFormat f = piecewise_affine_format(bf16);
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    const uint64_t r = philox64(44, 0, i), a = r & 0xffff, b = r >> 16 & 0xffff;
    if (pam_multiply(f, a, b) << 16 != pam_multiply(kPiecewiseAffineFloat32, a << 16, b << 16) ||
        pad_divide(f, a, b) << 16 != pad_divide(kPiecewiseAffineFloat32, a << 16, b << 16)) {
      FAIL_CHECK(a << " " << b);
    }
  }
}

TEST_CASE("the released kernels: the window of the true product and quotient, subnormal operands") {
  CHECK(epfml_pam_multiply(0x1e3ce508, 0x233877aa) == 0);  // |ab| just below 1e-37
  CHECK(pam_multiply(kPiecewiseAffineFloat32, 0x1e3ce508, 0x233877aa) == 0x01f55cb2);
  CHECK(epfml_pam_multiply(0x7149f2ca, 0x7149f2ca) == 0x7fc00000);
  CHECK(epfml_pam_multiply(0x0da24260, 0x0da24260) == 0);
  CHECK(epfml_pam_multiply(0x000AE398, 0x501502F9) == 0x109FE691);  // a subnormal taken for 2^-127 (1 + M)
  CHECK(epfml_pam_multiply(0x80000000, 0x3f800000) == 0);
  CHECK(epfml_pad_divide(0x3f800000, 0xff800000) == 0);
  CHECK(epfml_pad_divide(0x00000000, 0x00000000) == 0x7fc00000);
  const auto select = [](float reference, uint32_t sum) {
    const double t = std::fabs(reference);
    return t < 1e-37 ? 0U : t < 1e37 ? sum : 0x7fc00000U;
  };
  uint64_t inside = 0, outside = 0;
  for (uint64_t i = 0; i < 2'000'000; ++i) {
    const uint64_t r = philox64(45, 0, i);
    auto a = static_cast<uint32_t>(r), b = static_cast<uint32_t>(r >> 32);
    if (i % 4 == 0) a &= 0x807fffff;  // subnormal
    if (i % 2 == 0) {
      // Products near the ends of the window.
      const uint64_t exponent = i % 8 < 4 ? 131 : 377;
      b = (b & 0x807fffff) | static_cast<uint32_t>(exponent - std::min<uint64_t>(a >> 23 & 255, 250)) << 23;
    }
    const float x = std::bit_cast<float>(a), y = std::bit_cast<float>(b);
    const uint32_t offset = i % 3 == 0 ? 0x710CB : 0;
    if (epfml_pam_multiply(a, b, offset) != select(x * y, a + b - 0x3f800000 + offset) ||
        epfml_pad_divide(a, b, offset) != select(x / y, a - b + 0x3f800000 - offset)) {
      FAIL_CHECK(a << " " << b);
    }
    if (!std::isnormal(x) || !std::isnormal(y)) continue;
    const double t = std::fabs(x * y);
    const bool in_window = t >= 1e-37 && t < 1e37;
    (in_window ? inside : outside) += 1;
    if (in_window && epfml_pam_multiply(a, b) != pam_multiply(kPiecewiseAffineFloat32, a, b))
      FAIL_CHECK(a << " " << b);
  }
  CHECK(inside > 300'000);
  CHECK(outside > 100'000);
}

TEST_CASE("all pairs of BF16 codes: PAM and PAD from the definition" *
          doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  const PiecewiseAffineFormat f = piecewise_affine_format(parse_format("bf16"));
  constexpr size_t kCodes = 1 << 16;
  // Exponents and fractions as doubles; 2^exponent as a factor, since ldexp would take most of the time.
  struct Operand {
    bool special, zero;
    double fraction, power;
  };
  std::vector<Operand> operands;
  std::vector<double> magnitudes;
  for (uint64_t code = 0; code < kCodes; ++code) {
    const double value = as_float(code << 16);
    const bool normal = std::isnormal(as_float(code << 16));
    const oracle::ExponentAndFraction parts =
        normal ? oracle::split(value) : oracle::ExponentAndFraction{0, 0};
    operands.push_back({!std::isfinite(value), std::isfinite(value) && !normal, parts.fraction,
                        std::ldexp(1.0, static_cast<int>(parts.exponent))});
    magnitudes.push_back(std::fabs(value));
  }
  struct Counts {
    std::atomic<uint64_t> finite{0}, zero{0}, overflow{0}, special{0}, wrong{0};
  };
  Counts products, quotients;
  const auto agrees = [&](uint64_t code, uint64_t sign, double expected, uint64_t(&counts)[4]) {
    if (expected < 0x1p-126) {
      ++counts[1];
      return code == 0;
    }
    if (expected >= 0x1p128) {
      ++counts[2];
      return code == (sign | 0x7f80);
    }
    ++counts[0];
    return magnitudes[code] == expected && (code & 0x8000) == sign;
  };
  Progress progress("BF16 pairs", kCodes);
  parallel_for(kCodes, hardware_threads(), [&](size_t a) {
    const Operand x = operands[a];
    uint64_t product_counts[4] = {}, quotient_counts[4] = {}, wrong_products = 0, wrong_quotients = 0;
    for (size_t b = 0; b < kCodes; ++b) {
      const Operand& y = operands[b];
      const uint64_t product = pam_multiply(f, a, b), quotient = pad_divide(f, a, b), sign = (a ^ b) & 0x8000;
      if (x.special || y.special) {
        ++product_counts[3];
        ++quotient_counts[3];
        wrong_products += product != 0x7fc0 ? 1 : 0;
        wrong_quotients += quotient != 0x7fc0 ? 1 : 0;
        continue;
      }
      const double carry = x.fraction + y.fraction >= 1 ? 1 : 0, borrow = x.fraction < y.fraction ? 1 : 0;
      const double true_product =
          x.zero || y.zero ? 0 : x.power * y.power * (1 + carry) * (1 + x.fraction + y.fraction - carry);
      wrong_products += agrees(product, sign, true_product, product_counts) ? 0 : 1;
      if (y.zero) {
        ++quotient_counts[3];
        wrong_quotients += quotient != 0x7fc0 ? 1 : 0;
        continue;
      }
      const double true_quotient =
          x.zero ? 0 : x.power / y.power * (1 - borrow / 2) * (1 + x.fraction - y.fraction + borrow);
      wrong_quotients += agrees(quotient, sign, true_quotient, quotient_counts) ? 0 : 1;
    }
    const auto add = [](Counts& to, const uint64_t(&counts)[4], uint64_t wrong) {
      to.finite += counts[0];
      to.zero += counts[1];
      to.overflow += counts[2];
      to.special += counts[3];
      to.wrong += wrong;
    };
    add(products, product_counts, wrong_products);
    add(quotients, quotient_counts, wrong_quotients);
    progress.advance();
  });
  CHECK(products.wrong == 0);
  CHECK(quotients.wrong == 0);
  CHECK(products.finite == 3'171'025'408);
  CHECK(products.zero == 553'614'848);
  CHECK(products.overflow == 536'838'144);
  CHECK(products.special == 33'488'896);
  MESSAGE("quotients: ", quotients.finite.load(), " finite, ", quotients.zero.load(), " zero, ",
          quotients.overflow.load(), " overflow, ", quotients.special.load(), " NaN");
}

TEST_CASE("all float32: exp2 and log2" * doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  // How many of the arguments below 127.99 there are, and for how many the steps of the released kernel, in
  // floats, differ from the rounded and from the truncated x 2^23; counted independently.
  constexpr uint64_t kExp2Arguments = 2'247'883'490, kDoublyRounded = 46'137'344, kTruncated = 1'059'061'760;
  constexpr uint64_t kNormal = 2'130'706'432;
  constexpr size_t kChunk = 1 << 20;
  std::atomic<uint64_t> arguments{0}, doubly_rounded{0}, truncated{0}, positive{0}, wrong{0};
  Progress progress("float32", (size_t{1} << 32) / kChunk);
  parallel_for((size_t{1} << 32) / kChunk, hardware_threads(), [&](size_t chunk) {
    uint64_t counts[5] = {};
    for (size_t code = chunk * kChunk; code < (chunk + 1) * kChunk; ++code) {
      const float x = as_float(code);
      if (x >= -126 && x < 128) {
        counts[0] += x < 127.99F ? 1 : 0;
        const auto result = static_cast<int64_t>(pa_exp2(kPiecewiseAffineFloat32, code)) - 0x3f800000;
        const float whole = std::floor(x);
        const float power = as_float(static_cast<uint64_t>(static_cast<int64_t>(whole) + 127) << 23);
        const int64_t released =
            static_cast<int64_t>(std::bit_cast<uint32_t>(power * (1 + (x - whole)))) - 0x3f800000;
        const double scaled = static_cast<double>(x) * 0x1p23;
        counts[1] += result != released ? 1 : 0;
        counts[2] += static_cast<int64_t>(std::floor(scaled)) != released ? 1 : 0;
        counts[4] += static_cast<int64_t>(std::nearbyint(scaled)) != result ? 1 : 0;
      }
      if (x > 0 && std::isnormal(x)) {
        ++counts[3];
        const double sum =
            static_cast<double>(code >> 23) - 127 + static_cast<double>(code & 0x7fffff) * 0x1p-23;
        counts[4] += as_float(pa_log2(kPiecewiseAffineFloat32, code)) != static_cast<float>(sum) ? 1 : 0;
      }
    }
    arguments += counts[0];
    doubly_rounded += counts[1];
    truncated += counts[2];
    positive += counts[3];
    wrong += counts[4];
    progress.advance();
  });
  CHECK(wrong == 0);
  CHECK(positive == kNormal);
  CHECK(arguments == kExp2Arguments);
  CHECK(doubly_rounded == kDoublyRounded);
  CHECK(truncated == kTruncated);
}
