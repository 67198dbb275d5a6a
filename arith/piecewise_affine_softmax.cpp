// Softmax, its logarithm, and the loss made of it.
#include <cmath>
#include <limits>
#include <vector>

#include "arith/piecewise_affine_arrays.h"
#include "arith/piecewise_affine_float32.h"
#include "arith/piecewise_affine_functions.h"

namespace assay {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// exp2(t - shift) of one row, with what leads there.
struct ExponentialRow {
  std::vector<float> arguments;  // t - shift; -infinity where x is
  std::vector<float> exponentials;
  float shift = 0;
  float sum = 0;
};

float scaled(float x) {
  return x == -kInfinity ? -kInfinity : float32::pam(x, float32::kLog2EValue);
}

// The largest scaled value rounded down; NaN if there is one.
float shift_of(std::span<const float> x) {
  float largest = -kInfinity;
  for (const float value : x) {
    const float t = scaled(value);
    if (!(t <= largest)) largest = t;
    if (std::isnan(largest)) break;
  }
  return std::floor(largest);
}

// Fills `row`, whose shift is set.
void fill_exponentials(std::span<const float> x, ExponentialRow& row) {
  row.arguments.resize(x.size());
  row.exponentials.resize(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const bool masked = x[i] == -kInfinity;
    row.arguments[i] = masked ? -kInfinity : scaled(x[i]) - row.shift;
    row.exponentials[i] = masked ? 0 : float32::exp2(row.arguments[i]);
    row.sum = i == 0 ? row.exponentials[0] : row.sum + row.exponentials[i];
  }
}

// Calls body(row number, its values, its exponentials) for every row.
template <typename Body>
void for_each_row(std::span<const float> x, size_t columns, MaximumOf maximum, const Body& body) {
  const float array_shift = maximum == MaximumOf::array ? shift_of(x) : 0;
  ExponentialRow row;
  for (size_t i = 0; i < x.size() / columns; ++i) {
    const std::span<const float> values = x.subspan(i * columns, columns);
    row.shift = maximum == MaximumOf::array ? array_shift : shift_of(values);
    fill_exponentials(values, row);
    body(i, values, row);
  }
}

float logsumexp_of(const ExponentialRow& row) {
  return float32::pad(row.shift + float32::log2(row.sum), float32::kLog2EValue);
}

// From the gradient of exp2(t - shift) to that of x. Masked values have none.
float exponential_gradient(Derivative derivative, float x, float argument, float dy) {
  if (x == -kInfinity) return 0;
  const float dt = float32::exp2_gradient(derivative, argument, dy);
  return float32::pam_gradient(derivative, x, float32::kLog2EValue, dt);
}

// The gradient of logsumexp to each value of the row.
void logsumexp_row_gradient(std::span<const float> x, const ExponentialRow& row, Derivative derivative,
                            float dy, std::span<float> dx) {
  const float logarithm = row.shift + float32::log2(row.sum);
  const float dlogarithm = float32::dividend_gradient(derivative, logarithm, float32::kLog2EValue, dy);
  const float dsum = float32::log2_gradient(derivative, row.sum, dlogarithm);
  for (size_t j = 0; j < x.size(); ++j) {
    dx[j] = exponential_gradient(derivative, x[j], row.arguments[j], dsum);
  }
}

// dx = dy + the gradient of -logsumexp.
void log_softmax_row_gradient(std::span<const float> x, const ExponentialRow& row, Derivative derivative,
                              std::span<const float> dy, std::span<float> dx) {
  float sum = dy[0];
  for (size_t j = 1; j < dy.size(); ++j) sum += dy[j];
  logsumexp_row_gradient(x, row, derivative, -sum, dx);
  for (size_t j = 0; j < dy.size(); ++j) dx[j] = dy[j] + dx[j];
}

// The factors of the target's loss and of the others'.
struct SmoothingFactors {
  float target;
  float all;
};

SmoothingFactors smoothing_factors(float smoothing, size_t columns) {
  const float all = smoothing == 0 ? 0 : float32::pad(smoothing, static_cast<float>(columns - 1));
  return {(1 - smoothing) - all, all};
}

size_t checked_target(std::span<const int32_t> targets, size_t row, size_t columns) {
  const int32_t target = targets[row];
  if (target < 0 || static_cast<size_t>(target) >= columns) {
    fail("cross entropy: target {} of row {} is not in 0..{}", target, row, columns - 1);
  }
  return static_cast<size_t>(target);
}

void check_cross_entropy(std::span<const float> logits, size_t columns, size_t targets, size_t losses,
                         const CrossEntropy& loss) {
  expect_matrix(logits.size(), columns);
  expect_size("targets", targets, logits.size() / columns);
  expect_size("losses", losses, logits.size() / columns);
  if (columns == 1 && loss.smoothing != 0)
    fail("cross entropy: smoothing expects two columns or more, found 1");
}

}  // namespace

void pa_softmax(std::span<const float> x, size_t columns, MaximumOf maximum, std::span<float> y) {
  expect_matrix(x.size(), columns);
  expect_size("y", y.size(), x.size());
  in_default_mode([&] {
    for_each_row(x, columns, maximum, [&](size_t i, std::span<const float>, const ExponentialRow& row) {
      for (size_t j = 0; j < columns; ++j) y[i * columns + j] = float32::pad(row.exponentials[j], row.sum);
    });
  });
}

void pa_softmax_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                         MaximumOf maximum, Derivative derivative, std::span<float> dx) {
  expect_matrix(x.size(), columns);
  expect_size("dy", dy.size(), x.size());
  expect_size("dx", dx.size(), x.size());
  in_default_mode([&] {
    for_each_row(
        x, columns, maximum, [&](size_t i, std::span<const float> values, const ExponentialRow& row) {
          const std::span<const float> dy_row = dy.subspan(i * columns, columns);
          float dsum = 0;
          for (size_t j = 0; j < columns; ++j) {
            const float term = float32::divisor_gradient(derivative, row.exponentials[j], row.sum, dy_row[j]);
            dsum = j == 0 ? term : dsum + term;
          }
          for (size_t j = 0; j < columns; ++j) {
            const float direct =
                float32::dividend_gradient(derivative, row.exponentials[j], row.sum, dy_row[j]);
            dx[i * columns + j] =
                exponential_gradient(derivative, values[j], row.arguments[j], direct + dsum);
          }
        });
  });
}

void pa_logsumexp(std::span<const float> x, size_t columns, MaximumOf maximum, std::span<float> y) {
  expect_matrix(x.size(), columns);
  expect_size("y", y.size(), x.size() / columns);
  in_default_mode([&] {
    for_each_row(x, columns, maximum, [&](size_t i, std::span<const float>, const ExponentialRow& row) {
      y[i] = logsumexp_of(row);
    });
  });
}

void pa_logsumexp_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                           MaximumOf maximum, Derivative derivative, std::span<float> dx) {
  expect_matrix(x.size(), columns);
  expect_size("dy", dy.size(), x.size() / columns);
  expect_size("dx", dx.size(), x.size());
  in_default_mode([&] {
    for_each_row(x, columns, maximum,
                 [&](size_t i, std::span<const float> values, const ExponentialRow& row) {
                   logsumexp_row_gradient(values, row, derivative, dy[i], dx.subspan(i * columns, columns));
                 });
  });
}

void pa_log_softmax(std::span<const float> x, size_t columns, MaximumOf maximum, std::span<float> y) {
  expect_matrix(x.size(), columns);
  expect_size("y", y.size(), x.size());
  in_default_mode([&] {
    for_each_row(x, columns, maximum,
                 [&](size_t i, std::span<const float> values, const ExponentialRow& row) {
                   const float logsumexp = logsumexp_of(row);
                   for (size_t j = 0; j < columns; ++j) y[i * columns + j] = values[j] - logsumexp;
                 });
  });
}

void pa_log_softmax_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                             MaximumOf maximum, Derivative derivative, std::span<float> dx) {
  expect_matrix(x.size(), columns);
  expect_size("dy", dy.size(), x.size());
  expect_size("dx", dx.size(), x.size());
  in_default_mode([&] {
    for_each_row(x, columns, maximum,
                 [&](size_t i, std::span<const float> values, const ExponentialRow& row) {
                   log_softmax_row_gradient(values, row, derivative, dy.subspan(i * columns, columns),
                                            dx.subspan(i * columns, columns));
                 });
  });
}

void pa_cross_entropy(std::span<const float> logits, size_t columns, std::span<const int32_t> targets,
                      const CrossEntropy& loss, std::span<float> losses) {
  check_cross_entropy(logits, columns, targets.size(), losses.size(), loss);
  in_default_mode([&] {
    const SmoothingFactors factors = smoothing_factors(loss.smoothing, columns);
    for_each_row(logits, columns, loss.maximum,
                 [&](size_t i, std::span<const float> values, const ExponentialRow& row) {
                   const float logsumexp = logsumexp_of(row);
                   float sum = values[0] - logsumexp;
                   for (size_t j = 1; j < columns; ++j) sum += values[j] - logsumexp;
                   const float of_target = values[checked_target(targets, i, columns)] - logsumexp;
                   losses[i] = float32::pam(factors.target, -of_target) + float32::pam(factors.all, -sum);
                 });
  });
}

void pa_cross_entropy_gradient(std::span<const float> logits, std::span<const float> dlosses, size_t columns,
                               std::span<const int32_t> targets, const CrossEntropy& loss,
                               Derivative derivative, std::span<float> dlogits) {
  check_cross_entropy(logits, columns, targets.size(), dlosses.size(), loss);
  expect_size("dlogits", dlogits.size(), logits.size());
  in_default_mode([&] {
    const SmoothingFactors factors = smoothing_factors(loss.smoothing, columns);
    std::vector<float> dl(columns);
    for_each_row(
        logits, columns, loss.maximum,
        [&](size_t i, std::span<const float> values, const ExponentialRow& row) {
          const size_t target = checked_target(targets, i, columns);
          const float logsumexp = logsumexp_of(row);
          float sum = values[0] - logsumexp;
          for (size_t j = 1; j < columns; ++j) sum += values[j] - logsumexp;
          const float dsum = float32::pam_gradient(derivative, -sum, factors.all, dlosses[i]);
          const float dtarget =
              float32::pam_gradient(derivative, -(values[target] - logsumexp), factors.target, dlosses[i]);
          for (float& value : dl) value = -dsum;
          dl[target] = -dsum - dtarget;
          log_softmax_row_gradient(values, row, derivative, dl, dlogits.subspan(i * columns, columns));
        });
  });
}

}  // namespace assay
