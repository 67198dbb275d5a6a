// Mean and layer normalization.
#include <algorithm>
#include <vector>

#include "arith/piecewise_affine_arrays.h"
#include "arith/piecewise_affine_float32.h"
#include "arith/piecewise_affine_functions.h"

namespace assay {
namespace {

float sum_of(std::span<const float> x) {
  float sum = x[0];
  for (size_t i = 1; i < x.size(); ++i) sum += x[i];
  return sum;
}

// One row on its way to y.
struct NormalizedRow {
  std::vector<float> centred;     // x - mean
  std::vector<float> normalized;  // PAD(centred, deviation)
  float count = 0;
  float sum = 0;         // of x
  float square_sum = 0;  // of PAM(centred, centred)
  float variance = 0;    // with epsilon
  float deviation = 0;
};

void normalize(std::span<const float> x, const LayerNorm& layer, NormalizedRow& row) {
  row.centred.resize(x.size());
  row.normalized.resize(x.size());
  row.count = static_cast<float>(x.size());
  row.sum = sum_of(x);
  const float mean = float32::pad(row.sum, row.count);
  for (size_t j = 0; j < x.size(); ++j) {
    row.centred[j] = x[j] - mean;
    const float square = float32::pam(row.centred[j], row.centred[j]);
    row.square_sum = j == 0 ? square : row.square_sum + square;
  }
  row.variance = float32::pad(row.square_sum, row.count) + layer.epsilon;
  row.deviation = layer.square_root == SquareRoot::composed ? float32::pow(row.variance, float32::kHalfValue)
                                                            : float32::sqrt(row.variance);
  for (size_t j = 0; j < x.size(); ++j) row.normalized[j] = float32::pad(row.centred[j], row.deviation);
}

float deviation_gradient(const LayerNorm& layer, Derivative derivative, float variance, float dy) {
  return layer.square_root == SquareRoot::composed
             ? float32::pow_gradient(derivative, variance, float32::kHalfValue, dy)
             : float32::sqrt_gradient(derivative, variance, dy);
}

// From the gradient of `normalized`, in `dx`, to that of x.
void row_gradient(const NormalizedRow& row, const LayerNorm& layer, Derivative derivative,
                  std::span<float> dx) {
  float ddeviation = 0;
  for (size_t j = 0; j < dx.size(); ++j) {
    const float term = float32::divisor_gradient(derivative, row.centred[j], row.deviation, dx[j]);
    ddeviation = j == 0 ? term : ddeviation + term;
  }
  const float dvariance = deviation_gradient(layer, derivative, row.variance, ddeviation);
  const float dsquare = float32::dividend_gradient(derivative, row.square_sum, row.count, dvariance);
  float dmean = 0;
  for (size_t j = 0; j < dx.size(); ++j) {
    const float direct = float32::dividend_gradient(derivative, row.centred[j], row.deviation, dx[j]);
    // The square has the same operand twice.
    const float factor = float32::pam_gradient(derivative, row.centred[j], row.centred[j], dsquare);
    dx[j] = direct + (factor + factor);
    dmean = j == 0 ? -dx[0] : dmean - dx[j];
  }
  const float dsum = float32::dividend_gradient(derivative, row.sum, row.count, dmean);
  for (float& value : dx) value += dsum;
}

}  // namespace

float pa_mean(std::span<const float> x) {
  if (x.empty()) fail("piecewise-affine function: the mean expects at least one value");
  float mean = 0;
  in_default_mode([&] { mean = float32::pad(sum_of(x), static_cast<float>(x.size())); });
  return mean;
}

void pa_layer_norm(std::span<const float> x, size_t columns, std::span<const float> gamma,
                   std::span<const float> beta, const LayerNorm& layer, std::span<float> y) {
  expect_matrix(x.size(), columns);
  expect_size("gamma", gamma.size(), columns);
  expect_size("beta", beta.size(), columns);
  expect_size("y", y.size(), x.size());
  in_default_mode([&] {
    NormalizedRow row;
    for (size_t first = 0; first < x.size(); first += columns) {
      normalize(x.subspan(first, columns), layer, row);
      for (size_t j = 0; j < columns; ++j) {
        y[first + j] = float32::pam(row.normalized[j], gamma[j]) + beta[j];
      }
    }
  });
}

void pa_layer_norm_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                            std::span<const float> gamma, const LayerNorm& layer, Derivative derivative,
                            std::span<float> dx, std::span<float> dgamma, std::span<float> dbeta) {
  expect_matrix(x.size(), columns);
  expect_size("dy", dy.size(), x.size());
  expect_size("gamma", gamma.size(), columns);
  expect_size("dx", dx.size(), x.size());
  expect_size("dgamma", dgamma.size(), columns);
  expect_size("dbeta", dbeta.size(), columns);
  in_default_mode([&] {
    std::fill(dgamma.begin(), dgamma.end(), 0.0F);
    std::fill(dbeta.begin(), dbeta.end(), 0.0F);
    NormalizedRow row;
    for (size_t first = 0; first < x.size(); first += columns) {
      normalize(x.subspan(first, columns), layer, row);
      for (size_t j = 0; j < columns; ++j) {
        const float dy_j = dy[first + j];
        const float dgamma_j = float32::pam_gradient(derivative, gamma[j], row.normalized[j], dy_j);
        dgamma[j] = first == 0 ? dgamma_j : dgamma[j] + dgamma_j;
        dbeta[j] = first == 0 ? dy_j : dbeta[j] + dy_j;
        dx[first + j] = float32::pam_gradient(derivative, row.normalized[j], gamma[j], dy_j);
      }
      row_gradient(row, layer, derivative, dx.subspan(first, columns));
    }
  });
}

}  // namespace assay
