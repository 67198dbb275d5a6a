// The functions of a network without multiplications (Kosson & Jaggi, NeurIPS 2023, arXiv 2305.17190) on
// float32 arrays: normalization, loss and optimizer from the operations of piecewise_affine.h and ordinary
// float32 additions.
//
// Matrices are row-major, with `columns` > 0 columns and as many rows as the array holds; Error is thrown
// where sizes do not fit. Results may not overlap operands unless said so. All sums run in ascending order
// from their first term, each addition rounded to nearest even; results depend neither on the host's
// floating-point mode nor on threads. Zero divided by zero, negative variances and the like give NaN as
// piecewise_affine.h says, with any sign and payload.
//
// Functions called _gradient return the gradient of a loss L to x from that to the result, dy. They go
// backward through the same graph, with the derivative of each operation of the kind asked for
// (piecewise_affine_gradients.h).
#pragma once

#include <cstdint>
#include <span>

#include "arith/piecewise_affine_gradients.h"

namespace assay {

// From what, before it is rounded down to an integer, softmax and its relatives subtract to keep exponentials
// in range: the largest of t = PAM(x, log2 e) in the row, or, as in the code released with the paper, in the
// whole array. There a row more than about 126 below has the sum 0, and its results are NaN. An integer is
// subtracted because this divides the exponentials by a power of two exactly. NaN among the values makes all
// results that use the maximum NaN.
enum class MaximumOf { row, array };

// How a square root is formed: pa_sqrt, or pa_pow(x, 1/2) as in the released code.
enum class SquareRoot { halved_logarithm, composed };

// y = PAD(e, sum of e in the row), e = exp2(t - floor(max t)), t = PAM(x, log2 e); e = 0 where x = -infinity.
void pa_softmax(std::span<const float> x, size_t columns, MaximumOf maximum, std::span<float> y);
void pa_softmax_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                         MaximumOf maximum, Derivative derivative, std::span<float> dx);

// One value a row: PAD(floor(max t) + log2(sum of e), log2 e).
void pa_logsumexp(std::span<const float> x, size_t columns, MaximumOf maximum, std::span<float> y);
void pa_logsumexp_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                           MaximumOf maximum, Derivative derivative, std::span<float> dx);

// y = x - logsumexp of the row.
void pa_log_softmax(std::span<const float> x, size_t columns, MaximumOf maximum, std::span<float> y);
void pa_log_softmax_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                             MaximumOf maximum, Derivative derivative, std::span<float> dx);

// PAD(sum, number of values).
float pa_mean(std::span<const float> x);

// y = PAM(PAD(xc, root(var + epsilon)), gamma) + beta with xc = x - mean of the row and var = mean of PAM(xc,
// xc). gamma and beta have a value a column.
struct LayerNorm {
  float epsilon = 1e-5F;
  SquareRoot square_root = SquareRoot::halved_logarithm;
};
void pa_layer_norm(std::span<const float> x, size_t columns, std::span<const float> gamma,
                   std::span<const float> beta, const LayerNorm& layer, std::span<float> y);

// dgamma and dbeta are sums over the rows. Under `composed` the derivative of the root is that of pa_pow.
void pa_layer_norm_gradient(std::span<const float> x, std::span<const float> dy, size_t columns,
                            std::span<const float> gamma, const LayerNorm& layer, Derivative derivative,
                            std::span<float> dx, std::span<float> dgamma, std::span<float> dbeta);

// Label-smoothed cross entropy of each row of logits, in 0..columns-1 targets, as fairseq has it:
// PAM(1 - smoothing - s, -l_target) + PAM(s, -sum of l), l = log_softmax, s = PAD(smoothing, columns - 1).
// Without smoothing s = 0. Throws Error for targets out of range and for smoothing in a matrix of one column.
struct CrossEntropy {
  float smoothing = 0;
  MaximumOf maximum = MaximumOf::row;
};
void pa_cross_entropy(std::span<const float> logits, size_t columns, std::span<const int32_t> targets,
                      const CrossEntropy& loss, std::span<float> losses);

// From dlosses, one a row, to the gradient of the logits.
void pa_cross_entropy_gradient(std::span<const float> logits, std::span<const float> dlosses, size_t columns,
                               std::span<const int32_t> targets, const CrossEntropy& loss,
                               Derivative derivative, std::span<float> dlogits);

// One step of AdamW:
//   m = PAM(m, beta1) + PAM(g, 1 - beta1)       v = PAM(v, beta2) + PAM(PAM(g, g), 1 - beta2)
//   p = p - PAM(p, learning_rate weight_decay)    p = p - PAM(PAD(m, root(v) + epsilon), step size)
// with the step size learning_rate sqrt(1 - beta2^t) / (1 - beta1^t). The scalars are true arithmetic in
// double, powers by repeated squaring, and rounded to float32 before they meet an array. `step` is t, counted
// from 1.
struct AdamW {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  SquareRoot square_root = SquareRoot::halved_logarithm;
};
void pa_adamw_step(const AdamW& optimizer, int64_t step, std::span<const float> gradient,
                   std::span<float> parameters, std::span<float> m, std::span<float> v);

}  // namespace assay
