#include "arith/gemm_scaled_operands.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "arith/float_environment.h"
#include "arith/gemm_golden.h"
#include "arith/gemm_pack.h"
#include "arith/gemm_plan.h"
#include "base/parallel.h"

namespace assay {
namespace {

// Values of k a task takes.
constexpr int64_t kDepth = 128;

// The place of product k's scales.
int64_t block_at(const Unit& unit, int64_t k) {
  const int64_t block = block_length(unit), begin = k / unit.terms * unit.terms;
  return begin / block + (k - begin) / block;
}

// An operand, its lanes being rows of A or columns of B.
struct Operand {
  const Format& format;
  const ConstMatrix& matrix;
  const ConstMatrix& scales;
  int64_t lanes;
  bool is_b;

  ReadStrip<double> read(const Format& of, const ConstMatrix& m, int64_t batch) const {
    return read_matrix<double>(m, batch * m.batch_stride, is_b ? m.column_stride : m.row_stride,
                               is_b ? m.row_stride : m.column_stride,
                               std::make_shared<CodeReader<double>>(of));
  }
};

// out[k * lanes + lane] for k from first_k on. False if a product is no float32.
bool scale(const Unit& unit, const Operand& operand, int64_t batch, int64_t first_k, int64_t depth,
           float* out) {
  const FloatEnvironment environment;
  const auto lanes = static_cast<size_t>(operand.lanes);
  std::vector<double> values(static_cast<size_t>(depth) * lanes), scales(lanes);
  operand.read(operand.format, operand.matrix, batch)(0, lanes, first_k, static_cast<size_t>(depth), lanes,
                                                      values.data());
  const ReadStrip<double> read_scales = operand.read(unit.c, operand.scales, batch);
  bool exact = true;
  int64_t block = -1;
  for (int64_t k = 0; k < depth; ++k) {
    if (block_at(unit, first_k + k) != block) {
      block = block_at(unit, first_k + k);
      read_scales(0, lanes, block, 1, lanes, scales.data());
    }
    const double* row = values.data() + static_cast<size_t>(k) * lanes;
    for (size_t i = 0; i < lanes; ++i) {
      const double product = row[i] * scales[i];
      const auto nearest = static_cast<float>(product);
      exact = exact && (static_cast<double>(nearest) == product || product != product);
      *out++ = nearest;
    }
  }
  return exact;
}

bool scale_all(const Unit& unit, const Operand& operand, int64_t k, int64_t batches, int threads,
               std::vector<float>& out) {
  out.resize(static_cast<size_t>(batches * k * operand.lanes));
  const int64_t tasks = (k + kDepth - 1) / kDepth;
  std::atomic<bool> exact = true;
  parallel_for(static_cast<size_t>(batches * tasks), threads, [&](size_t task) {
    const int64_t batch = static_cast<int64_t>(task) / tasks,
                  first = static_cast<int64_t>(task) % tasks * kDepth;
    if (exact && !scale(unit, operand, batch, first, std::min(kDepth, k - first),
                        out.data() + (batch * k + first) * operand.lanes)) {
      exact = false;
    }
  });
  return exact;
}

// Batch items that differ.
int64_t items(const GemmProblem& problem, const ConstMatrix& matrix, const ConstMatrix& scales) {
  return matrix.batch_stride == 0 && scales.batch_stride == 0 ? 1 : problem.batches;
}

}  // namespace

Unit without_block_scales(const Unit& unit) {
  Unit dot = unit;
  dot.operation = Operation::dot;
  dot.a = dot.b = parse_format("fp32");
  dot.accumulation.block = 0;
  return dot;
}

std::optional<ScaledOperands> scale_operands(const Unit& unit, const GemmProblem& problem, int threads) {
  if (unit.operation != Operation::block_dot || unit.product != ProductRule::exact) return std::nullopt;
  if (!fits_float(unit.a) || !fits_float(unit.b) || !fits_float(unit.c)) return std::nullopt;
  ScaledOperands scaled{without_block_scales(unit), {}, {}, problem};
  if (choose_kernel(scaled.unit, problem.k, !problem.c0, 0).panel.run == nullptr) return std::nullopt;

  const int64_t m = problem.m, n = problem.n, k = problem.k;
  const Operand a{unit.a, problem.a, *problem.block_scales_a, m, false};
  const Operand b{unit.b, problem.b, *problem.block_scales_b, n, true};
  const int64_t items_a = items(problem, a.matrix, a.scales), items_b = items(problem, b.matrix, b.scales);
  if (!scale_all(unit, a, k, items_a, threads, scaled.a) ||
      !scale_all(unit, b, k, items_b, threads, scaled.b)) {
    return std::nullopt;
  }
  scaled.problem.a = {scaled.a.data(), Element::float32, 1, m, items_a > 1 ? m * k : 0};
  scaled.problem.b = {scaled.b.data(), Element::float32, n, 1, items_b > 1 ? n * k : 0};
  scaled.problem.block_scales_a.reset();
  scaled.problem.block_scales_b.reset();
  return scaled;
}

}  // namespace assay
