// Derivatives of the piecewise-affine operations: the exact ones against differences of the functions on real
// numbers, the approximate ones against calculus, both against the released kernels' steps.
#include "arith/piecewise_affine_gradients.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "base/random.h"
#include "formats/round.h"
#include "tests/arith/affine_oracle.h"

using namespace assay;

namespace {

constexpr const PiecewiseAffineFormat& kF = kPiecewiseAffineFloat32;
constexpr uint64_t kLog2E = 0x3fb8aa3b, kLn2 = 0x3f317218;

double value(uint64_t code) {
  return std::bit_cast<float>(static_cast<uint32_t>(code));
}

// A number of 8 significant bits, so that steps of 2^-16 of it neither round nor pass a kink.
uint64_t operand(uint64_t random, bool positive = false) {
  const uint64_t sign = positive ? 0 : random & 0x80000000;
  return sign | (117 + (random >> 40) % 20) << 23 | (random & 0x7f) << 16;
}

// The slope of a piecewise-affine function of x on the side away from zero, which is the branch a carry at 1
// takes.
template <typename Function>
double slope(const Function& function, double x) {
  const double step = x * 0x1p-24;
  return (function(x + step) - function(x)) / step;
}

}  // namespace

TEST_CASE("exact derivatives are the slopes of the functions, times dy") {
  for (uint64_t i = 0; i < 100'000; ++i) {
    const uint64_t r = philox64(51, 0, i), s = philox64(51, 1, i);
    const uint64_t a = operand(r), b = operand(s), x = operand(r ^ s, true);
    const uint64_t dy = (s & 0x807fffff) | 0x3f800000;
    const double da = value(a), db = value(b), dx = value(x), d = value(dy);
    const auto exact = Derivative::exact;
    const auto expect = [&](uint64_t code, double expected) {
      if (value(code) != expected)
        FAIL_CHECK(da << " " << db << ": " << value(code) << ", expected " << expected);
    };
    expect(pam_gradient(kF, exact, a, b, dy), d * slope([&](double t) { return oracle::pam(t, db); }, da));
    expect(pad_dividend_gradient(kF, exact, a, b, dy),
           d * slope([&](double t) { return oracle::pad(t, db); }, da));
    expect(pa_log2_gradient(kF, exact, x, kLn2, dy), d * slope([](double t) { return oracle::log2(t); }, dx));
    expect(pa_sqrt_gradient(kF, exact, x, dy), d * slope([](double t) { return oracle::sqrt(t); }, dx));
    // A growing divisor passes the kink at equal fractions at once.
    if (oracle::split(da).fraction != oracle::split(db).fraction) {
      expect(pad_divisor_gradient(kF, exact, a, b, dy),
             d * slope([&](double t) { return oracle::pad(da, t); }, db));
    }
    // Arguments below 32: 2^x in steps that doubles hold.
    if (std::fabs(da) < 32) {
      const double step = 0x1p-18;
      expect(pa_exp2_gradient(kF, exact, a, kLn2, dy),
             d * (oracle::exp2(da + step) - oracle::exp2(da)) / step);
    }
  }
}

TEST_CASE("exact derivatives of exp and log follow the chain rule") {
  const PiecewiseAffineBase e = base_e(parse_format("fp32"));
  const double log2_e = value(kLog2E);
  for (uint64_t i = 0; i < 20'000; ++i) {
    const uint64_t a = operand(philox64(52, 0, i)), x = operand(philox64(52, 1, i), true);
    const double da = value(a), dx = value(x);
    if (std::fabs(da) < 16) {
      const double t = oracle::pam(da, log2_e);
      const double expected =
          slope([&](double u) { return oracle::pam(u, log2_e); }, da) * oracle::power_times(std::floor(t), 1);
      if (value(pa_exp_gradient(kF, Derivative::exact, a, e, 0x3f800000)) != expected) FAIL_CHECK(da);
    }
    if (dx == 1) continue;
    const double t = oracle::log2(dx);
    const double expected = slope([&](double u) { return oracle::pad(u, log2_e); }, t) *
                            slope([](double u) { return oracle::log2(u); }, dx);
    if (value(pa_log_gradient(kF, Derivative::exact, x, e, 0x3f800000)) != expected) FAIL_CHECK(dx);
  }
}

TEST_CASE("exact derivatives as the released kernels have them") {
  const auto float_of = [](uint32_t code) { return std::bit_cast<float>(code); };
  for (uint64_t i = 0; i < 100'000; ++i) {
    const uint64_t r = philox64(53, 0, i), s = philox64(53, 1, i);
    const auto normal = [](uint64_t x) {
      return static_cast<uint32_t>((x & 0x807fffff) | (100 + (x >> 40) % 50) << 23);
    };
    const uint32_t a = normal(r), b = normal(s), dy = normal(r ^ s << 3);
    const uint32_t offset = i % 2 == 0 ? 0 : 0x710CB;
    const uint32_t slope = 0xff800000 & (b + (0x007fffff & a) + offset);
    CHECK(static_cast<float>(value(pam_gradient(kF, Derivative::exact, a, b, dy, offset))) ==
          float_of(dy) * float_of(slope));
    const auto quotient = static_cast<uint32_t>(pad_divide(kF, a, b, offset));
    const float released = -(float_of(quotient & 0xff800000) / float_of(b & 0x7f800000)) * float_of(dy);
    const double ours = value(pad_divisor_gradient(kF, Derivative::exact, a, b, dy, offset));
    CHECK(ours ==
          ((b & 0x80000000) != 0 ? -released : released));  // their sign is wrong for negative divisors
    const auto reciprocal = static_cast<uint32_t>(pad_divide(kF, 0x3f800000, b));
    const uint32_t dividend_slope = 0xff800000 & (reciprocal + (0x007fffff & a));
    CHECK(static_cast<float>(value(pad_dividend_gradient(kF, Derivative::exact, a, b, dy))) ==
          float_of(dy) * float_of(dividend_slope));
  }
}

TEST_CASE("approximate derivatives are near those of calculus") {
  const PiecewiseAffineBase e = base_e(parse_format("fp32")), ten = base_ten(parse_format("fp32"));
  for (uint64_t i = 0; i < 20'000; ++i) {
    const uint64_t r = philox64(54, 0, i), s = philox64(54, 1, i);
    const uint64_t a = operand(r), b = operand(s), x = operand(r >> 7, true), dy = operand(s >> 9);
    const double da = value(a), db = value(b), dx = value(x), d = value(dy);
    const auto approximate = Derivative::approximate;
    // Ratio to the true derivative, from the errors of one product and quotient: 8/9..1 and 1..9/8.
    const auto expect = [&](uint64_t code, double derivative, double least, double most) {
      const double ratio = value(code) / (derivative * d);
      if (!(ratio >= least - 1e-6 && ratio <= most + 1e-6))
        FAIL_CHECK(da << " " << db << " " << dx << ": " << ratio);
    };
    constexpr double kProduct = 8.0 / 9, kQuotient = 9.0 / 8;
    expect(pam_gradient(kF, approximate, a, b, dy), db, kProduct, 1);
    expect(pad_dividend_gradient(kF, approximate, a, b, dy), 1 / db, kProduct, kQuotient);
    expect(pad_divisor_gradient(kF, approximate, a, b, dy), -da / (db * db), kProduct, kQuotient * kQuotient);
    const double exponential = value(pa_exp2(kF, a));
    if (std::fabs(da) < 32) {
      expect(pa_exp2_gradient(kF, approximate, a, kLn2, dy), exponential * std::log(2.0), kProduct * kProduct,
             1);
    }
    expect(pa_log2_gradient(kF, approximate, x, kLn2, dy), 1 / (dx * std::log(2.0)), 1,
           kQuotient * kQuotient);
    expect(pa_sqrt_gradient(kF, approximate, x, dy), 0.5 / std::sqrt(dx), kProduct, kQuotient);
    if (std::fabs(da) < 16) {
      expect(pa_exp_gradient(kF, approximate, a, e, dy), value(pa_exp(kF, a, e.log2)), kProduct, 1);
      expect(pa_exp_gradient(kF, approximate, a, ten, dy), value(pa_exp(kF, a, ten.log2)) * std::log(10.0),
             kProduct * kProduct, 1);
    }
    expect(pa_log_gradient(kF, approximate, x, e, dy), 1 / dx, 1, kQuotient);
    expect(pa_log_gradient(kF, approximate, x, ten, dy), 1 / (dx * std::log(10.0)), 1, kQuotient * kQuotient);
  }
}

TEST_CASE("derivatives at zero, out of the range and for NaN") {
  constexpr uint64_t kOne = 0x3f800000, kNan = 0x7fc00000, kInfinity = 0x7f800000, kSubnormal = 0x00000123;
  const auto exact = Derivative::exact;
  CHECK(pam_gradient(kF, exact, 0, 0xc0400000, kOne) == 0xc0000000);  // -2: of b = -3 the exponent only
  CHECK(pam_gradient(kF, exact, kSubnormal, 0xc0400000, kOne) == 0xc0000000);
  CHECK(pam_gradient(kF, exact, 0x40400000, 0x80000000, kOne) == 0);
  CHECK(pam_gradient(kF, exact, kOne, kOne, 0x80000000) == 0);
  // A slope of 2^128 is not a float, its product with 2^-3 is.
  CHECK(pam_gradient(kF, exact, 0x3fc00000, 0x7f400000, 0x3e000000) == 0x7e000000);
  CHECK(pam_gradient(kF, exact, 0x3fc00000, 0x7f400000, kOne) == kInfinity);
  CHECK(pam_gradient(kF, exact, kOne, 0x00800000, 0x3f000000) == 0);
  for (const Derivative derivative : {Derivative::exact, Derivative::approximate}) {
    CHECK(pam_gradient(kF, derivative, kInfinity, kOne, kOne) == kNan);
    CHECK(pam_gradient(kF, derivative, kOne, 0xffc12345, 0) == kNan);
    CHECK(pad_dividend_gradient(kF, derivative, kOne, kSubnormal, kOne) == kNan);
    CHECK(pad_divisor_gradient(kF, derivative, kOne, 0, kOne) == kNan);
    CHECK(pad_divisor_gradient(kF, derivative, 0x80000000, kOne, kOne) == 0);
    CHECK(pad_divisor_gradient(kF, derivative, kOne, kOne, kInfinity + 1) == kNan);
    CHECK(pa_log2_gradient(kF, derivative, 0, kLn2, kOne) == kNan);
    CHECK(pa_log2_gradient(kF, derivative, 0xc0000000, kLn2, kOne) == kNan);
    CHECK(pa_sqrt_gradient(kF, derivative, 0, kOne) == kNan);
    CHECK(pa_exp2_gradient(kF, derivative, 0xff800000, kLn2, kOne) == kNan);
    CHECK(pa_exp2_gradient(kF, derivative, 0xc4000000, kLn2, kOne) == 0);
    CHECK(pa_log_gradient(kF, derivative, 0xc0000000, {kLog2E, kOne}, kOne) == kNan);
  }
  // In a format without NaN or infinity the largest number takes their places, with the sign that belongs to
  // it.
  const PiecewiseAffineFormat e2m1 = piecewise_affine_format(parse_format("e2m1"));
  CHECK(pad_divisor_gradient(e2m1, Derivative::exact, 0x7, 0x2, 0x7) == 0xf);  // -4 * 6
  CHECK(pad_divisor_gradient(e2m1, Derivative::approximate, 0x7, 0x2, 0x7) == 0xf);
}
