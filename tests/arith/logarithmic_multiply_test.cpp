// Compensated products: published error figures, offsets found by enumeration, and the fixed-point steps of
// the papers.
#include "arith/logarithmic_multiply.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <string>

#include "arith/table_multiplier.h"
#include "base/random.h"
#include "formats/real.h"
#include "formats/round.h"
#include "tests/arith/affine_oracle.h"
#include "tests/error_of.h"

using namespace assay;

namespace {

constexpr const PiecewiseAffineFormat& kF = kPiecewiseAffineFloat32;
constexpr int64_t kOne = 0x3f800000;

double value(uint64_t code) {
  return std::bit_cast<float>(static_cast<uint32_t>(code));
}

struct Errors {
  double mean = 0, rms = 0, least = 0, most = 0;
};

// Relative errors of multiply(a, b), codes of fp32, over all pairs of fractions (k + shift) / n.
template <typename Multiply>
Errors errors_of(const Multiply& multiply, int n, double shift) {
  Errors errors{0, 0, 1, -1};
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const auto a = static_cast<float>(1 + (i + shift) / n), b = static_cast<float>(1 + (j + shift) / n);
      const double error = value(multiply(std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b))) /
                               (static_cast<double>(a) * b) -
                           1;
      errors.mean += error / n / n;
      errors.rms += error * error / n / n;
      errors.least = std::fmin(errors.least, error);
      errors.most = std::fmax(errors.most, error);
    }
  }
  errors.rms = std::sqrt(errors.rms);
  return errors;
}

auto with_offset(int64_t offset) {
  return [offset](uint64_t a, uint64_t b) { return pam_multiply(kF, a, b, offset); };
}

}  // namespace

TEST_CASE("published errors of compensated products") {
  constexpr int kGrid = 800;
  const auto near = [](double got, double published) { CHECK(std::fabs(got - published) < 1.2e-4); };
  const Errors c0552 = errors_of(with_offset(0x000710CB), kGrid, 0.5);  // 1.0552 as a float, less 1
  near(c0552.least, -0.0775);
  near(c0552.most, 0.0552);
  near(c0552.mean, -0.0010);
  near(c0552.rms, 0.03054);
  const Errors lmul = errors_of(with_offset(lmul_offset(23, 23)), kGrid, 0.5);
  near(lmul.least, -0.0729);
  near(lmul.most, 0.0625);
  near(lmul.mean, 0.0041);
  near(lmul.rms, 0.03095);
  const Errors mbm = errors_of([](uint64_t a, uint64_t b) { return mbm_multiply(kF, a, b, 23); }, kGrid, 0.5);
  CHECK(std::fabs(mbm.least + 0.0764) < 6e-4);
  near(mbm.most, 0.0781);
  CHECK(std::fabs(mbm.mean + 0.0010) < 2e-4);
  CHECK(std::fabs(mbm.rms - 0.0317) < 1e-4);
  const Errors rms = errors_of(with_offset(compensation_offset(23, Compensation::minimum_rms)), kGrid, 0.5);
  const Errors mean = errors_of(with_offset(compensation_offset(23, Compensation::zero_mean)), kGrid, 0.5);
  CHECK(std::fabs(mean.mean) < 1e-6);
  CHECK(rms.rms < mean.rms);
  CHECK(rms.rms <= c0552.rms);
}

TEST_CASE("the offsets are the best ones of each width, by enumeration") {
  for (int width = 0; width <= 8; ++width) {
    CAPTURE(width);
    const int n = 1 << width;
    int64_t best_rms = -1, best_mean = -1;
    double least_rms = 1, least_mean = 1;
    for (int64_t offset = 0; offset <= n / 8 + 1; ++offset) {
      const Errors errors = errors_of(with_offset(offset << (23 - width)), n, 0);
      if (errors.rms < least_rms) {
        least_rms = errors.rms;
        best_rms = offset;
      }
      if (std::fabs(errors.mean) < least_mean) {
        least_mean = std::fabs(errors.mean);
        best_mean = offset;
      }
    }
    CHECK(compensation_offset(width, Compensation::minimum_rms) == best_rms);
    CHECK(compensation_offset(width, Compensation::zero_mean) == best_mean);
  }
}

TEST_CASE("L-Mul: l(m), the paper's instructions, and the errors of narrow operands") {
  const int64_t expected[] = {0, 1, 1, 1, 2, 2, 4, 8, 16, 32, 64};
  for (int m = 1; m <= 10; ++m) CHECK(lmul_offset(m, m) == expected[m]);
  CHECK(lmul_offset(23, 23) == 0x80000);
  CHECK(lmul_offset(23, 3) == 0x100000);
  CHECK(lmul_offset(7, 4) == 16);
  CHECK(error_of([] { lmul_offset(3, 4); }).find("expected 1 to 3") != std::string::npos);
  for (uint64_t i = 0; i < 100'000; ++i) {
    const uint64_t r = philox64(61, 0, i);
    const auto normal = [](uint64_t x) {
      return static_cast<uint32_t>((x & 0x807fffff) | (70 + (x >> 24) % 100) << 23);
    };
    const uint32_t a = normal(r), b = normal(r >> 32);
    const uint32_t sum = ((a & 0x7fffffff) + (b & 0x7fffffff) - 0x3F780000) & 0x7fffffff;
    const uint32_t product = sum + ((a & 0x80000000) ^ (b & 0x80000000));
    if (pam_multiply(kF, a, b, lmul_offset(23, 23)) != product) FAIL_CHECK(a << " " << b);
  }
  CHECK(pam_multiply(kF, 0, 0x40400000, lmul_offset(23, 23)) == 0);
  for (const auto& [m, mean] :
       {std::pair{1, 0.375}, {2, 0.147}, {3, 0.0493}, {4, 0.0487}, {5, 0.0041}, {7, 0.0041}}) {
    CHECK(errors_of(with_offset(lmul_offset(23, m)), 1 << m, 0).mean == doctest::Approx(mean).epsilon(0.01));
  }
}

TEST_CASE("MBM: the fixed-point steps with 23 bits, and the definition on reals with fewer") {
  for (uint64_t i = 0; i < 200'000; ++i) {
    const uint64_t r = philox64(62, 0, i);
    const int bits[] = {23, 7, 5, 3, 1};
    const int kept = bits[i % 5];
    const auto fraction = [&](uint64_t code) {
      const auto f = static_cast<uint32_t>(code & 0x7fffff);
      return kept == 23 ? f : (f & ~(0x7fffffU >> kept)) | 0x400000U >> kept;
    };
    const uint64_t a = (r & 0x7fffff) | 0x3f800000, b = (r >> 32 & 0x807fffff) | 0x40000000;
    const uint32_t sum = fraction(a) + fraction(b);
    const uint32_t carry = sum >= 0x800000 ? 1 : 0;
    uint32_t corrected = (sum & 0x7fffff) + (655360U >> carry);
    if (carry == 1 && corrected >= 0x800000) corrected = sum & 0x7fffff;
    uint32_t exponent = 128 + carry;
    uint32_t significand = 0x800000 + corrected;
    if (significand >= 0x1000000) {
      significand >>= 1;
      ++exponent;
    }
    const uint64_t expected = (b & 0x80000000) | exponent << 23 | (significand & 0x7fffff);
    if (mbm_multiply(kF, a, b, kept) != expected) FAIL_CHECK(a << " " << b << " " << kept);
  }
  // On reals, with the bits below the last dropped, for narrow formats.
  for (const char* name : {"e4m3", "e5m2", "e3m4", "e5m1"}) {
    const Format format = parse_format(name);
    const PiecewiseAffineFormat f = piecewise_affine_format(format);
    const int m = format.fraction_width;
    const auto one = static_cast<uint64_t>(f.one);
    for (uint64_t i = 0; i < f.least_normal; ++i) {
      for (uint64_t j = 0; j < f.least_normal; ++j) {
        const double x = std::ldexp(static_cast<double>(i), -m), y = std::ldexp(static_cast<double>(j), -m);
        constexpr double kCorrection = 1.0 / 16 + 1.0 / 64;
        double product = x + y < 1 ? 1 + x + y + kCorrection : 2 * (x + y + kCorrection / 2);
        if (product >= 4) product = 2 * (x + y);
        const double unit = std::ldexp(1, std::ilogb(product) - m);
        CHECK(to_double(decode(format, mbm_multiply(f, one + i, one + j, m))) ==
              std::floor(product / unit) * unit);
      }
    }
  }
  CHECK(mbm_multiply(kF, 0x80000001, kOne, 23) == 0);
  CHECK(mbm_multiply(kF, 0x7f800000, 0, 23) == 0x7fc00000);
  CHECK(mbm_multiply(kF, 0xff7fffff, 0x40000000, 23) == 0xff800000);
}

TEST_CASE("tables: Mitchell's is PAM, MBM's is MBM, an exact one gives rounded products") {
  const Format bf16 = parse_format("bf16");
  const PiecewiseAffineFormat f = piecewise_affine_format(bf16);
  const TableMultiplier mitchell = mitchell_table(7), mbm = mbm_table(7), mitchell3 = mitchell_table(3);
  for (uint64_t i = 0; i < 300'000; ++i) {
    const uint64_t r = philox64(63, 0, i), a = r & 0xffff, b = r >> 16 & 0xffff;
    if (mitchell.multiply(f, a, b) != pam_multiply(f, a, b)) FAIL_CHECK(a << " " << b);
    // fp32 operands are cut to the table's bits, and so is the product.
    const uint64_t x = r & 0xffffffff, y = r >> 32;
    if (mbm.multiply(kF, x, y) != (mbm_multiply(kF, x, y, 7) & 0xffff0000)) FAIL_CHECK(x << " " << y);
    if (!std::isfinite(value(x)) || !std::isfinite(value(y))) continue;
    if (mitchell3.multiply(kF, x, y) != pam_multiply(kF, x & 0xfff00000, y & 0xfff00000))
      FAIL_CHECK(x << " " << y);
  }
  const Format e4m3 = parse_format("e4m3");
  const PiecewiseAffineFormat narrow = piecewise_affine_format(e4m3);
  const TableMultiplier exact = exact_table(3);
  for (uint64_t a = 0; a < 256; ++a) {
    for (uint64_t b = 0; b < 256; ++b) {
      const double x = to_double(decode(e4m3, a)), y = to_double(decode(e4m3, b));
      if (piecewise_affine::is_zero(narrow, a) || piecewise_affine::is_zero(narrow, b) || std::isnan(x * y))
        continue;
      const uint64_t rounded = encode(e4m3, x * y);
      if (std::fabs(to_double(decode(e4m3, rounded))) <= 0x1p-6) continue;  // rounded among subnormals
      if (exact.multiply(narrow, a, b) != rounded) FAIL_CHECK(a << " " << b);
    }
  }
}

TEST_CASE("tables: of the user, of bytes, zeros, overflow, errors") {
  // A multiplier of one bit that is always 1.5 times too large: 1 * 1 = 1.5, 1.5 * 1.5 = 3 and so on.
  const TableMultiplier table(1, {1, 2, 2, 3});
  CHECK(table.multiply(kF, 0x3f800000, 0xbf800000) == 0xbfc00000);
  CHECK(table.multiply(kF, 0x3fc00000, 0x3f800000) == 0x40000000);
  CHECK(table.multiply(kF, 0x40400000, 0x40400000) == 0x41400000);
  // Zero times a number of 2 or more, and overflow, which the original gets wrong.
  CHECK(table.multiply(kF, 0, 0x41000000) == 0);
  CHECK(table.multiply(kF, 0xc1000000, 0x80000000) == 0);
  CHECK(table.multiply(kF, 0x7f000000, 0xff000000) == 0xff800000);
  CHECK(table.multiply(kF, 0x00800000, 0x3e800000) == 0);
  CHECK(table.multiply(kF, 0x7f800000, 0) == 0x7fc00000);
  const uint8_t bytes[] = {0x01, 0x80, 0x80, 0x81};
  const TableMultiplier same = TableMultiplier::from_bytes(1, bytes);
  CHECK(std::equal(same.entries().begin(), same.entries().end(), table.entries().begin()));
  CHECK(error_of([] { TableMultiplier(2, {0, 1}); }).find("2 entries, expected 16") != std::string::npos);
  CHECK(error_of([] { TableMultiplier(1, {0, 1, 4, 2}); }).find("entry 2 is 4") != std::string::npos);
  CHECK(error_of([] { TableMultiplier(13, {}); }).find("expected 1 to 12") != std::string::npos);
  const uint8_t wide[] = {0, 0, 2, 0};
  CHECK(error_of([&] { TableMultiplier::from_bytes(1, wide); }).find("entry 2 is 2") != std::string::npos);
  CHECK(error_of([] { tabulate(2, [](uint64_t, uint64_t) { return uint64_t{0}; }); }).find("not in 1..4") !=
        std::string::npos);
}
