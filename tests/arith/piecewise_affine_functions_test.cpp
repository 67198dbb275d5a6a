// Softmax, layer norm, cross entropy and AdamW without multiplications: forward against the same formulas on
// real numbers, exact gradients against differences, approximate ones against calculus.
#include "arith/piecewise_affine_functions.h"

#include <doctest/doctest.h>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "tests/arith/affine_oracle.h"
#include "tests/error_of.h"

using namespace assay;

namespace {

using Reals = std::vector<double>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const double kLog2E = std::bit_cast<float>(0x3fb8aa3bU);

std::vector<float> random_values(uint64_t stream, size_t count, float scale, float shift = 0) {
  std::vector<float> values;
  for (uint64_t i = 0; i < count; ++i) {
    values.push_back((uniform_float(philox(71, stream, i)[0]) * 2 - 1) * scale + shift);
  }
  return values;
}

Reals real(std::span<const float> x) {
  return {x.begin(), x.end()};
}

double sum_of(const Reals& x) {
  return std::accumulate(x.begin(), x.end(), 0.0);
}

// The functions of one row on real numbers; without roundings, a shift changes nothing.
Reals exponentials(const Reals& x) {
  Reals e;
  for (const double value : x) e.push_back(oracle::exp2(oracle::pam(value, kLog2E)));
  return e;
}

Reals softmax(const Reals& x) {
  Reals y = exponentials(x);
  const double sum = sum_of(y);
  for (double& value : y) value = oracle::pad(value, sum);
  return y;
}

double logsumexp(const Reals& x) {
  return oracle::pad(oracle::log2(sum_of(exponentials(x))), kLog2E);
}

double cross_entropy(const Reals& x, size_t target, double smoothing) {
  const double all = oracle::pad(smoothing, static_cast<double>(x.size()) - 1), l = logsumexp(x);
  double sum = 0;
  for (const double value : x) sum += value - l;
  return oracle::pam(1 - smoothing - all, -(x[target] - l)) + oracle::pam(all, -sum);
}

Reals layer_norm(const Reals& x, const Reals& gamma, const Reals& beta) {
  const auto n = static_cast<double>(x.size());
  const double mean = oracle::pad(sum_of(x), n);
  double squares = 0;
  for (const double value : x) squares += oracle::pam(value - mean, value - mean);
  const double deviation = oracle::sqrt(oracle::pad(squares, n) + static_cast<double>(1e-5F));
  Reals y;
  for (size_t j = 0; j < x.size(); ++j) {
    y.push_back(oracle::pam(oracle::pad(x[j] - mean, deviation), gamma[j]) + beta[j]);
  }
  return y;
}

double dot(const Reals& a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The gradient of a function by differences, and whether x_i is so near a kink that the two sides differ.
struct Difference {
  double slope;
  bool kink;
};
Difference difference(const std::function<double(const Reals&)>& function, Reals x, size_t i) {
  const double step = 1e-7, at = x[i], middle = function(x);
  x[i] = at + step;
  const double right = (function(x) - middle) / step;
  x[i] = at - step;
  const double left = (middle - function(x)) / step;
  return {(left + right) / 2, std::fabs(left - right) > 1e-4 * (1 + std::fabs(left))};
}

// Compares a gradient with differences of `function`; a few kinks are passed over.
void check_gradient(std::span<const float> gradient, std::span<const float> x,
                    const std::function<double(const Reals&)>& function) {
  size_t kinks = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const Difference expected = difference(function, real(x), i);
    if (expected.kink) {
      ++kinks;
      continue;
    }
    CHECK(std::fabs(gradient[i] - expected.slope) < 2e-5 * (1 + std::fabs(expected.slope)));
  }
  CHECK(kinks <= x.size() / 4);
}

// The distance between the approximate gradient and that of calculus, relative to the largest component of
// the latter.
double distance(std::span<const float> got, const Reals& expected) {
  double most = 0, scale = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    most = std::fmax(most, std::fabs(got[i] - expected[i]));
    scale = std::fmax(scale, std::fabs(expected[i]));
  }
  return most / scale;
}

constexpr size_t kRows = 20, kColumns = 12;

}  // namespace

TEST_CASE("PA softmax and its relatives: the formulas on real numbers") {
  const std::vector<float> x = random_values(0, kRows * kColumns, 6);
  std::vector<float> y(x.size()), l(kRows), log_y(x.size());
  for (const MaximumOf maximum : {MaximumOf::row, MaximumOf::array}) {
    pa_softmax(x, kColumns, maximum, y);
    pa_logsumexp(x, kColumns, maximum, l);
    pa_log_softmax(x, kColumns, maximum, log_y);
    for (size_t i = 0; i < kRows; ++i) {
      const std::span<const float> row = std::span(x).subspan(i * kColumns, kColumns);
      const Reals expected = softmax(real(row));
      const double expected_l = logsumexp(real(row));
      CHECK(l[i] == doctest::Approx(expected_l).epsilon(1e-6));
      for (size_t j = 0; j < kColumns; ++j) {
        CHECK(y[i * kColumns + j] == doctest::Approx(expected[j]).epsilon(1e-5));
        CHECK(log_y[i * kColumns + j] == row[j] - l[i]);
      }
    }
  }
}

TEST_CASE("PA softmax: worked by hand") {
  // t = PAM(x, log2 e) of 0, 1, 2: 0, 1.442695, 2.885390; less floor(2.885) = 2: -2, -0.557305, 0.885390.
  // exp2: 0.25, 0.5 * 1.442695 = 0.7213475, 1.885390; sum 2.8567375 = 2 * 1.42836875.
  // PAD: 0.25 / : E -2 - 1 - 1, M 0 - .42836875 + 1; 0.7213475 = 0.5 * 1.442695: E -1 - 1, M .442695 -
  // .42836875;
  //      1.885390: E 0 - 1, M .885390 - .42836875.
  const std::vector<float> x = {0, 1, 2};
  std::vector<float> y(3);
  pa_softmax(x, 3, MaximumOf::row, y);
  CHECK(y[0] == doctest::Approx(0.0625 * 1.57163125).epsilon(1e-6));
  CHECK(y[1] == doctest::Approx(0.25 * 1.01432625).epsilon(1e-6));
  CHECK(y[2] == doctest::Approx(0.5 * 1.45702125).epsilon(1e-6));
}

TEST_CASE("PA softmax: masks, NaN, and rows far below the maximum of the array") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {1, -kInfinity, 2, -kInfinity, -kInfinity, -kInfinity,
                                1, nan,        2, -300,       -301,       -302};
  std::vector<float> row(x.size()), array(x.size());
  pa_softmax(x, 3, MaximumOf::row, row);
  CHECK(row[1] == 0);
  CHECK(row[0] + row[2] == doctest::Approx(1).epsilon(0.2));
  for (size_t i = 3; i < 9; ++i) CHECK(std::isnan(row[i]));
  CHECK(row[9] > row[10]);
  std::vector<float> finite = {1, -kInfinity, 2, -300, -301, -302}, y(6);
  pa_softmax(finite, 3, MaximumOf::array, y);
  CHECK(y[0] == row[0]);
  for (size_t i = 3; i < 6; ++i) CHECK(std::isnan(y[i]));  // exponentials and sum are 0
  std::vector<float> dx(6);
  pa_softmax_gradient(finite, std::vector<float>{1, 2, 3, 1, 2, 3}, 3, MaximumOf::row, Derivative::exact, dx);
  CHECK(dx[1] == 0);
  CHECK(std::isfinite(dx[0]));
}

TEST_CASE(
    "PA softmax, logsumexp, log softmax: exact gradients by differences, approximate ones by calculus") {
  const std::vector<float> x = random_values(1, kRows * kColumns, 3),
                           dy = random_values(2, kRows * kColumns, 1);
  const std::vector<float> dl = random_values(3, kRows, 1);
  std::vector<float> ds(x.size()), dlse(x.size()), dlog(x.size());
  for (const Derivative derivative : {Derivative::exact, Derivative::approximate}) {
    pa_softmax_gradient(x, dy, kColumns, MaximumOf::row, derivative, ds);
    pa_logsumexp_gradient(x, dl, kColumns, MaximumOf::row, derivative, dlse);
    pa_log_softmax_gradient(x, dy, kColumns, MaximumOf::row, derivative, dlog);
    for (size_t i = 0; i < kRows; ++i) {
      const auto row = [&](const std::vector<float>& values) {
        return std::span<const float>(values).subspan(i * kColumns, kColumns);
      };
      if (derivative == Derivative::exact) {
        check_gradient(row(ds), row(x), [&](const Reals& v) { return dot(softmax(v), row(dy)); });
        check_gradient(row(dlse), row(x), [&](const Reals& v) { return dl[i] * logsumexp(v); });
        check_gradient(row(dlog), row(x), [&](const Reals& v) {
          const double l = logsumexp(v);
          double sum = 0;
          for (size_t j = 0; j < v.size(); ++j) sum += (v[j] - l) * row(dy)[j];
          return sum;
        });
        continue;
      }
      Reals s = real(row(x));
      for (double& value : s) value = std::exp(value);
      const double total = sum_of(s);
      for (double& value : s) value /= total;
      const double mean = dot(s, row(dy)), sum = sum_of(real(row(dy)));
      Reals expected_s, expected_lse, expected_log;
      for (size_t j = 0; j < kColumns; ++j) {
        expected_s.push_back(s[j] * (row(dy)[j] - mean));
        expected_lse.push_back(s[j] * dl[i]);
        expected_log.push_back(row(dy)[j] - s[j] * sum);
      }
      // exp with an argument up to 11 % too small, and a few products and quotients.
      CHECK(distance(row(ds), expected_s) < 0.6);
      CHECK(distance(row(dlse), expected_lse) < 0.6);
      CHECK(distance(row(dlog), expected_log) < 0.6);
    }
  }
}

TEST_CASE("PA mean") {
  CHECK(pa_mean(std::vector<float>{1, 2, 3, 4}) == 2.5F);
  CHECK(pa_mean(std::vector<float>{1, 1, 1}) == 1);
  CHECK(pa_mean(std::vector<float>{1, 1, 3}) == 1.75F);  // 5 / 3: M = .25 - .5 + 1, E = 2 - 1 - 1
  CHECK(error_of([] { pa_mean({}); }).find("at least one") != std::string::npos);
}

TEST_CASE("PA layer norm: forward, exact and approximate gradients") {
  const std::vector<float> x = random_values(4, kRows * kColumns, 2, 0.7F),
                           dy = random_values(5, kRows * kColumns, 1);
  const std::vector<float> gamma = random_values(6, kColumns, 0.5F, 1), beta = random_values(7, kColumns, 1);
  std::vector<float> y(x.size()), dx(x.size()), dgamma(kColumns), dbeta(kColumns);
  for (const SquareRoot root : {SquareRoot::halved_logarithm, SquareRoot::composed}) {
    const LayerNorm layer{.square_root = root};
    pa_layer_norm(x, kColumns, gamma, beta, layer, y);
    pa_layer_norm_gradient(x, dy, kColumns, gamma, layer, Derivative::exact, dx, dgamma, dbeta);
    const auto row = [&](const std::vector<float>& values, size_t i) {
      return std::span<const float>(values).subspan(i * kColumns, kColumns);
    };
    for (size_t i = 0; i < kRows; ++i) {
      const Reals expected = layer_norm(real(row(x, i)), real(gamma), real(beta));
      for (size_t j = 0; j < kColumns; ++j) {
        CHECK(y[i * kColumns + j] == doctest::Approx(expected[j]).epsilon(1e-5));
      }
      check_gradient(row(dx, i), row(x, i),
                     [&](const Reals& v) { return dot(layer_norm(v, real(gamma), real(beta)), row(dy, i)); });
    }
    check_gradient(dgamma, gamma, [&](const Reals& g) {
      double sum = 0;
      for (size_t i = 0; i < kRows; ++i) sum += dot(layer_norm(real(row(x, i)), g, real(beta)), row(dy, i));
      return sum;
    });
    for (size_t j = 0; j < kColumns; ++j) {
      double sum = 0;
      for (size_t i = 0; i < kRows; ++i) sum += dy[i * kColumns + j];
      CHECK(dbeta[j] == doctest::Approx(sum).epsilon(1e-5));
    }
    pa_layer_norm_gradient(x, dy, kColumns, gamma, layer, Derivative::approximate, dx, dgamma, dbeta);
    for (size_t i = 0; i < kRows; ++i) {
      Reals v = real(row(x, i)), g;
      const double n = kColumns, mean = sum_of(v) / n;
      double variance = 0;
      for (double& value : v) {
        value -= mean;
        variance += value * value / n;
      }
      const double deviation = std::sqrt(variance + 1e-5);
      double g_sum = 0, gv_sum = 0;
      for (size_t j = 0; j < kColumns; ++j) {
        v[j] /= deviation;
        g.push_back(static_cast<double>(gamma[j]) * row(dy, i)[j]);
        g_sum += g[j] / n;
        gv_sum += g[j] * v[j] / n;
      }
      Reals expected;
      for (size_t j = 0; j < kColumns; ++j) expected.push_back((g[j] - g_sum - v[j] * gv_sum) / deviation);
      CHECK(distance(row(dx, i), expected) < 0.3);
    }
  }
}

TEST_CASE("PA cross entropy: losses and exact gradients, with and without smoothing") {
  const std::vector<float> x = random_values(8, kRows * kColumns, 3);
  std::vector<int32_t> targets;
  for (uint64_t i = 0; i < kRows; ++i) targets.push_back(static_cast<int32_t>(philox64(72, 0, i) % kColumns));
  const std::vector<float> dlosses = random_values(9, kRows, 0.5F, 1);
  std::vector<float> losses(kRows), dx(x.size());
  for (const float smoothing : {0.0F, 0.1F}) {
    const CrossEntropy loss{.smoothing = smoothing};
    pa_cross_entropy(x, kColumns, targets, loss, losses);
    pa_cross_entropy_gradient(x, dlosses, kColumns, targets, loss, Derivative::exact, dx);
    for (size_t i = 0; i < kRows; ++i) {
      const std::span<const float> row = std::span(x).subspan(i * kColumns, kColumns);
      const auto target = static_cast<size_t>(targets[i]);
      CHECK(losses[i] == doctest::Approx(cross_entropy(real(row), target, smoothing)).epsilon(1e-5));
      check_gradient(std::span(dx).subspan(i * kColumns, kColumns), row,
                     [&](const Reals& v) { return dlosses[i] * cross_entropy(v, target, smoothing); });
    }
    // Downhill: a step against the approximate gradient lowers the loss.
    pa_cross_entropy_gradient(x, std::vector<float>(kRows, 1), kColumns, targets, loss,
                              Derivative::approximate, dx);
    std::vector<float> moved(x), lower(kRows);
    for (size_t i = 0; i < x.size(); ++i) moved[i] -= dx[i] / 4;
    pa_cross_entropy(moved, kColumns, targets, loss, lower);
    CHECK(sum_of(real(lower)) < 0.95 * sum_of(real(losses)));
  }
}

TEST_CASE("PA AdamW: steps written out with the definitions on real numbers") {
  const size_t n = 50;
  std::vector<float> p = random_values(10, n, 1), m(n), v(n);
  Reals q = real(p), s(n), t(n);
  const AdamW optimizer{.learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.98, .weight_decay = 0.1};
  for (int step = 1; step <= 20; ++step) {
    std::vector<float> g = random_values(100 + static_cast<uint64_t>(step), n, 0.1F);
    g[0] = 0;
    pa_adamw_step(optimizer, step, g, p, m, v);
    const double size = 0.01 * std::sqrt(1 - std::pow(0.98, step)) / (1 - std::pow(0.9, step));
    for (size_t i = 0; i < n; ++i) {
      const auto rounded = [](double x) { return static_cast<float>(x); };
      s[i] = rounded(oracle::pam(s[i], rounded(0.9)) + oracle::pam(g[i], rounded(1 - 0.9)));
      t[i] =
          rounded(oracle::pam(t[i], rounded(0.98)) + oracle::pam(oracle::pam(g[i], g[i]), rounded(1 - 0.98)));
      // The halved logarithm drops the bit below the last.
      const double unit = 0x1p-23;
      const double root = t[i] == 0 ? 0 : oracle::exp2(std::floor(oracle::log2(t[i]) / 2 / unit) * unit);
      q[i] = rounded(q[i] - oracle::pam(q[i], rounded(0.01 * 0.1)));
      q[i] = rounded(q[i] - oracle::pam(oracle::pad(s[i], rounded(root + rounded(1e-8))), rounded(size)));
      CHECK(m[i] == s[i]);
      CHECK(v[i] == t[i]);
      CHECK(p[i] == q[i]);
    }
  }
  CHECK(error_of([&] { pa_adamw_step(optimizer, 0, p, p, m, v); }).find("expected 1 or more") !=
        std::string::npos);
}

namespace {

struct Inputs {
  std::vector<float> x = random_values(1, kRows*kColumns, 60), dy = random_values(2, kRows*kColumns, 1e-36F),
                     small = random_values(3, kRows*kColumns, 1e-37F), gamma = random_values(6, kColumns, 1);
};

// Bits of everything, one after the other.
std::vector<uint32_t> all_results(const Inputs& inputs) {
  const auto& [x, dy, small, gamma] = inputs;
  const std::vector<int32_t> targets(kRows, 3);
  std::vector<uint32_t> bits;
  const auto note = [&](const std::vector<float>& values) {
    for (const float value : values) bits.push_back(std::bit_cast<uint32_t>(value));
  };
  std::vector<float> y(x.size()), rows(kRows), a(kColumns), b(kColumns);
  pa_softmax(x, kColumns, MaximumOf::row, y);
  note(y);
  pa_softmax_gradient(x, dy, kColumns, MaximumOf::row, Derivative::approximate, y);
  note(y);
  pa_log_softmax(x, kColumns, MaximumOf::row, y);
  note(y);
  pa_log_softmax_gradient(x, dy, kColumns, MaximumOf::array, Derivative::exact, y);
  note(y);
  pa_layer_norm(small, kColumns, gamma, gamma, {.epsilon = 0}, y);
  note(y);
  pa_layer_norm_gradient(x, dy, kColumns, gamma, {}, Derivative::exact, y, a, b);
  note(y);
  note(a);
  pa_cross_entropy(x, kColumns, targets, {.smoothing = 0.1F}, rows);
  note(rows);
  pa_cross_entropy_gradient(x, rows, kColumns, targets, {.smoothing = 0.1F}, Derivative::approximate, y);
  note(y);
  std::vector<float> p = small, m(p.size()), v(p.size());
  pa_adamw_step({.learning_rate = 1e-37, .weight_decay = 0.1}, 7, x, p, m, v);
  note(p);
  note({pa_mean(x), pa_mean(small)});
  return bits;
}

}  // namespace

TEST_CASE("PA functions: the same bits in every floating-point mode of the host") {
  const Inputs inputs;
  const std::vector<uint32_t> expected = all_results(inputs);
  // Subnormal sums occur, or flushing would go unseen.
  CHECK(std::any_of(expected.begin(), expected.end(),
                    [](uint32_t x) { return (x & 0x7f800000) == 0 && (x & 0x7fffffff) != 0; }));
  std::fenv_t before;
  std::fegetenv(&before);
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST}) {
    std::fesetround(mode);
#ifdef __SSE2__
    _mm_setcsr(_mm_getcsr() | 0x8040);  // flush results to zero, take subnormal operands for zero
#endif
    const std::vector<uint32_t> results = all_results(inputs);
    std::fesetenv(&before);
    CHECK(results == expected);
  }
}

TEST_CASE("PA functions: sizes that do not fit") {
  std::vector<float> six(6), five(5), two(2);
  const std::vector<int32_t> targets = {0, 3};
  CHECK(error_of([&] {
          pa_softmax(six, 4, MaximumOf::row, six);
        }).find("6 values are no matrix of 4 columns") != std::string::npos);
  CHECK(error_of([&] { pa_softmax(six, 0, MaximumOf::row, six); }).find("0 columns") != std::string::npos);
  CHECK(error_of([&] { pa_softmax(six, 3, MaximumOf::row, five); }).find("y has 5 values, expected 6") !=
        std::string::npos);
  CHECK(error_of([&] {
          pa_cross_entropy(six, 3, targets, {}, two);
        }).find("target 3 of row 1 is not in 0..2") != std::string::npos);
  CHECK(error_of([&] { pa_cross_entropy(two, 1, targets, {.smoothing = 0.1F}, two); }).find("two columns") !=
        std::string::npos);
}
