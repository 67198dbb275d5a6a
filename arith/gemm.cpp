#include "arith/gemm.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

#include "arith/gemm_golden.h"
#include "arith/gemm_output.h"
#include "arith/gemm_pack.h"
#include "arith/gemm_panels.h"
#include "arith/gemm_plan.h"
#include "arith/gemm_rows.h"
#include "arith/gemm_scaled_operands.h"
#include "arith/gemm_source.h"
#include "base/error.h"
#include "base/parallel.h"
#include "formats/array_kernels_plan.h"
#include "formats/real.h"

namespace assay {
namespace {

int element_width(Element element) {
  switch (element) {
    case Element::code8:
      return 8;
    case Element::code16:
      return 16;
    case Element::code32:
      return 32;
    default:
      return 64;
  }
}

void check_element(const char* matrix, const Format& format, Element element) {
  if (element == Element::float32) {
    if (format.width > 32)
      fail("gemm: {} has the format {}, expected codes, not float32", matrix, format.name);
  } else if (format.width > element_width(element)) {
    fail("gemm: {} has the format {}, whose codes do not fit {} bits", matrix, format.name,
         element_width(element));
  }
}

void check_scales(const char* name, std::span<const float> scales, int64_t expected, Element element) {
  if (scales.empty()) return;
  if (static_cast<int64_t>(scales.size()) != expected) {
    fail("gemm: {} {} scales, expected {}", scales.size(), name, expected);
  }
  if (element != Element::float32) fail("gemm: {} scales need float32 results", name);
}

void check(const Unit& unit, const GemmProblem& problem, const GemmOptions& options) {
  if (!accumulates(unit.operation)) {
    fail("gemm: expected a mac, dot or block_dot unit, found {}", unit_name(unit));
  }
  if (problem.m < 0 || problem.n < 0 || problem.k < 0 || problem.batches < 0) {
    fail("gemm: M = {}, N = {}, K = {}, {} batch items: expected none below 0", problem.m, problem.n,
         problem.k, problem.batches);
  }
  if (options.threads < 1) fail("gemm: {} threads, expected at least 1", options.threads);
  if (options.random_bits < 0 || options.random_bits > 32) {
    fail("gemm: {} random bits, expected 0 to 32", options.random_bits);
  }
  check_element("A", unit.a, problem.a.element);
  check_element("B", unit.b, problem.b.element);
  check_element("C", unit.result, problem.c.element);
  if (problem.c0) check_element("C0", unit.result, problem.c0->element);
  const bool scaled = unit.operation == Operation::block_dot;
  if (problem.block_scales_a.has_value() != scaled || problem.block_scales_b.has_value() != scaled) {
    fail("gemm: {} block scales of A and B with {}", scaled ? "expected" : "unexpected", unit_name(unit));
  }
  if (scaled) {
    check_element("block_scales_a", unit.c, problem.block_scales_a->element);
    check_element("block_scales_b", unit.c, problem.block_scales_b->element);
  }
  check_scales("row", problem.scales.rows, problem.m, problem.c.element);
  check_scales("column", problem.scales.columns, problem.n, problem.c.element);
  if (problem.scales.tensor && problem.c.element != Element::float32) {
    fail("gemm: a tensor scale needs float32 results");
  }
}

template <typename Any>
Any transposed(Any matrix) {
  std::swap(matrix.row_stride, matrix.column_stride);
  return matrix;
}

// C^T = B^T A^T. A product under a unit with both formats swapped is the same.
void transpose(Unit& unit, GemmProblem& problem) {
  std::swap(unit.a, unit.b);
  const ConstMatrix a = problem.a;
  problem.a = transposed(problem.b);
  problem.b = transposed(a);
  if (problem.c0) problem.c0 = transposed(*problem.c0);
  problem.c = transposed(problem.c);
  std::swap(problem.m, problem.n);
  std::swap(problem.scales.rows, problem.scales.columns);
  std::swap(problem.block_scales_a, problem.block_scales_b);
  if (problem.block_scales_a) problem.block_scales_a = transposed(*problem.block_scales_a);
  if (problem.block_scales_b) problem.block_scales_b = transposed(*problem.block_scales_b);
}

// What reads the codes of a matrix; null where it holds values.
template <typename Float>
std::shared_ptr<const CodeReader<Float>> reader_of(const Format& format, const ConstMatrix& matrix) {
  return matrix.element == Element::float32 ? nullptr : std::make_shared<CodeReader<Float>>(format);
}

// The readers of the codes of one unit, shared by all batch items.
struct Readers {
  Readers(const Unit& unit, const GemmPlan& plan, const GemmProblem& problem)
      : a(reader_of<float>(unit.a, problem.a)), b(reader_of<float>(unit.b, problem.b)) {
    if (!problem.c0) return;
    if (plan.integer)
      c_doubles = reader_of<double>(unit.result, *problem.c0);
    else
      c_floats = reader_of<float>(unit.result, *problem.c0);
  }

  std::shared_ptr<const CodeReader<float>> a, b, c_floats;
  std::shared_ptr<const CodeReader<double>> c_doubles;
};

// Accumulators that are floats.
void use_floats(const GemmOutput<float>& output, PanelProblem& panels) {
  panels.load = [&output](int64_t row, int64_t column, size_t count, uint32_t* words) {
    if (!output.has_c0()) {
      std::fill_n(words, count, 0U);
      return;
    }
    thread_local std::vector<float> values;
    values.resize(count);
    output.load(row, column, count, values.data());
    std::ranges::transform(values, words, [](float value) { return std::bit_cast<uint32_t>(value); });
  };
  panels.store = [&output](int64_t row, int64_t column, size_t count, const uint32_t* words) {
    if (output.store_words(row, column, count, words)) return;
    thread_local std::vector<float> values;
    values.resize(count);
    std::transform(words, words + count, values.begin(),
                   [](uint32_t word) { return std::bit_cast<float>(word); });
    output.store(row, column, count, values.data());
  };
}

// Accumulators that are integers modulo 2^32, of which the result has the last bits.
void use_integers(const Format& format, const GemmOutput<double>& output, PanelProblem& panels) {
  const double scale = std::ldexp(1.0, format.fraction_width);
  panels.load = [&output, scale](int64_t row, int64_t column, size_t count, uint32_t* words) {
    if (!output.has_c0()) {
      std::fill_n(words, count, 0U);
      return;
    }
    thread_local std::vector<double> values;
    values.resize(count);
    output.load(row, column, count, values.data());
    std::ranges::transform(values, words, [=](double value) {
      return static_cast<uint32_t>(static_cast<int64_t>(value * scale));
    });
  };
  const int unused = 32 - format.width;
  const bool is_signed = format.kind == FormatKind::twos_complement;
  panels.store = [=, &output](int64_t row, int64_t column, size_t count, const uint32_t* words) {
    if (output.store_words(row, column, count, words)) return;
    thread_local std::vector<double> values;
    values.resize(count);
    std::transform(words, words + count, values.begin(), [=](uint32_t word) {
      const uint32_t top = word << unused;
      return (is_signed ? static_cast<double>(static_cast<int32_t>(top) >> unused)
                        : static_cast<double>(top >> unused)) /
             scale;
    });
    output.store(row, column, count, values.data());
  };
}

ReadStrip<float> rows_of_a(const GemmProblem& problem, const Readers& readers, int64_t batch) {
  const ConstMatrix& a = problem.a;
  return read_matrix<float>(a, batch * a.batch_stride, a.row_stride, a.column_stride, readers.a);
}

void run_panels(const Unit& unit, const GemmPlan& plan, const GemmProblem& problem, const Readers& readers,
                ReadStrip<float> a, int64_t batch, const GemmOptions& options) {
  const ConstMatrix& b = problem.b;
  PanelProblem panels{problem.m, problem.n, problem.k, {}, {}, {}, {}, {}};
  panels.special = [&](int64_t row, int64_t column) {
    return static_cast<uint32_t>(golden_output(unit, problem, options, batch, row, column));
  };
  panels.a = std::move(a);
  panels.b = read_matrix<float>(b, batch * b.batch_stride, b.column_stride, b.row_stride, readers.b);
  if (plan.integer) {
    const GemmOutput<double> output(unit.result, problem, batch, readers.c_doubles);
    use_integers(unit.result, output, panels);
    run_panels(plan, panels, options.threads);
  } else {
    const GemmOutput<float> output(unit.result, problem, batch, readers.c_floats);
    use_floats(output, panels);
    run_panels(plan, panels, options.threads);
  }
}

// Codes, whatever the elements are.
ReadStrip<uint32_t> read_codes(const Format& format, const ConstMatrix& matrix, int64_t offset,
                               int64_t lane_stride, int64_t depth_stride) {
  return [=, &format, &matrix](int64_t first, size_t lanes, int64_t first_k, size_t depth, size_t stride,
                               uint32_t* out) {
    int64_t row = offset + first * lane_stride + first_k * depth_stride;
    for (size_t k = 0; k < depth; ++k, row += depth_stride, out += stride) {
      int64_t at = row;
      for (size_t i = 0; i < lanes; ++i, at += lane_stride)
        out[i] = static_cast<uint32_t>(read_code(format, matrix, at));
    }
  };
}

// The readers of the values of one unit in float64, shared by all batch items.
struct RowsReaders {
  using Reader = std::shared_ptr<const CodeReader<double>>;

  RowsReaders(const Unit& unit, const RowsKernel& kernel, const GemmProblem& problem) {
    if (!kernel.reads_codes()) {
      a = reader_of<double>(unit.a, problem.a);
      b = unit.a == unit.b && a ? a : reader_of<double>(unit.b, problem.b);
    }
    if (problem.c0) c0 = reader_of<double>(unit.result, *problem.c0);
    if (problem.block_scales_a) scales_a = reader_of<double>(unit.c, *problem.block_scales_a);
    if (problem.block_scales_b) scales_b = reader_of<double>(unit.c, *problem.block_scales_b);
  }

  Reader a, b, c0, scales_a, scales_b;
};

// The kernel of one GEMM and what reads its matrices.
struct Rows {
  std::shared_ptr<const RowsKernel> kernel;
  RowsReaders readers;
};

// Nothing if the GEMM is too small for the kernel's tables.
std::optional<Rows> rows_of(const Unit& unit, const GemmProblem& problem, int random_bits) {
  const auto products = static_cast<size_t>(problem.m * problem.n * problem.k * problem.batches);
  auto kernel = RowsKernel::of(unit, random_bits, products);
  if (kernel == nullptr) return std::nullopt;
  return Rows{kernel, RowsReaders(unit, *kernel, problem)};
}

void run_rows(const Unit& unit, const Rows& rows, const GemmProblem& problem, const GemmOptions& options,
              int64_t batch) {
  const GemmOutput<double> output(unit.result, problem, batch, rows.readers.c0);
  RowsProblem of_batch;
  of_batch.m = problem.m;
  of_batch.n = problem.n;
  of_batch.k = problem.k;
  const auto read_a = [&](const ConstMatrix& m, RowsReaders::Reader reader) {
    return read_matrix<double>(m, batch * m.batch_stride, m.row_stride, m.column_stride, std::move(reader));
  };
  const auto read_b = [&](const ConstMatrix& m, RowsReaders::Reader reader) {
    return read_matrix<double>(m, batch * m.batch_stride, m.column_stride, m.row_stride, std::move(reader));
  };
  const ConstMatrix &a = problem.a, &b = problem.b;
  if (rows.kernel->reads_codes()) {
    of_batch.a.codes = read_codes(unit.a, a, batch * a.batch_stride, a.row_stride, a.column_stride);
    of_batch.b.codes = read_codes(unit.b, b, batch * b.batch_stride, b.column_stride, b.row_stride);
  } else {
    of_batch.a.values = read_a(a, rows.readers.a);
    of_batch.b.values = read_b(b, rows.readers.b);
  }
  if (problem.block_scales_a) of_batch.a.scales = read_a(*problem.block_scales_a, rows.readers.scales_a);
  if (problem.block_scales_b) of_batch.b.scales = read_b(*problem.block_scales_b, rows.readers.scales_b);
  of_batch.output = &output;
  of_batch.golden = [&](int64_t row, int64_t column) {
    return nearest_float<double>(
        decode(unit.result, golden_output(unit, problem, options, batch, row, column)));
  };
  of_batch.outputs = static_cast<uint64_t>(problem.batches * problem.m * problem.n);
  of_batch.first_output = static_cast<uint64_t>(batch * problem.m * problem.n);
  rows.kernel->run(of_batch, options);
}

// Whether the columns of C are too few for the lanes of its kernel, but not its rows. Random bits go by rows.
bool is_better_transposed(const Unit& unit, const GemmPlan& plan, const GemmProblem& problem) {
  if (problem.m <= problem.n) return false;
  if (plan.panel.run != nullptr) return problem.n * 2 < static_cast<int64_t>(plan.panel.columns);
  constexpr int64_t kFewColumns = 64;
  return plan.kind == GemmKernel::rows && problem.n < kFewColumns && unit.product == ProductRule::exact &&
         !is_stochastic(unit.rounding);
}

// Calls body(batch, options) for each batch item: items side by side if there are enough of them, else threads share
// one item after the other.
template <typename Body>
void for_batches(const GemmProblem& problem, const GemmOptions& options, const Body& body) {
  const bool many = problem.batches >= options.threads;
  GemmOptions inner = options;
  inner.threads = many ? 1 : options.threads;
  parallel_for(static_cast<size_t>(problem.batches), many ? options.threads : 1,
               [&](size_t item) { body(static_cast<int64_t>(item), inner); });
}

}  // namespace

bool takes_rows_of_a(const Unit& unit, int64_t k, bool from_zero) {
  const GemmPlan plan = choose_kernel(unit, k, from_zero, 0);
  return plan.panel.run != nullptr && plan.kind != GemmKernel::window;
}

void gemm_from(const Unit& unit, const RowsOfA& rows, const GemmProblem& problem,
               const GemmOptions& options) {
  check(unit, problem, options);
  if (problem.m == 0 || problem.n == 0) return;
  const GemmPlan plan = choose_kernel(unit, problem.k, !problem.c0, 0);
  const Readers readers(unit, plan, problem);
  for_batches(problem, options, [&](int64_t batch, const GemmOptions& inner) {
    run_panels(unit, plan, problem, readers, rows(batch), batch, inner);
  });
}

void gemm(const Unit& unit, const GemmProblem& problem, const GemmOptions& options) {
  check(unit, problem, options);
  if (problem.m == 0 || problem.n == 0) return;
  if (const auto scaled = scale_operands(unit, problem, options.threads)) {
    return gemm(scaled->unit, scaled->problem, options);
  }
  GemmPlan plan = choose_kernel(unit, problem.k, !problem.c0, options.random_bits);
  Unit used = unit;
  GemmProblem ordered = problem;
  if (is_better_transposed(unit, plan, problem)) {
    transpose(used, ordered);
    plan = choose_kernel(used, problem.k, !problem.c0, options.random_bits);
  }
  const Readers readers(used, plan, ordered);
  std::optional<Rows> rows;
  if (plan.kind == GemmKernel::rows) rows = rows_of(used, ordered, options.random_bits);
  for_batches(problem, options, [&](int64_t batch, const GemmOptions& inner) {
    if (rows) {
      run_rows(used, *rows, ordered, inner, batch);
    } else if (plan.panel.run == nullptr) {
      run_golden(used, ordered, inner, batch);
    } else {
      run_panels(used, plan, ordered, readers, rows_of_a(ordered, readers, batch), batch, inner);
    }
  });
}

std::vector<uint64_t> gemm(const Unit& unit, int64_t m, int64_t n, int64_t k, std::span<const uint64_t> a,
                           std::span<const uint64_t> b, int threads) {
  if (is_stochastic(unit.rounding)) fail("gemm: {} rounds stochastically", unit_name(unit));
  if (static_cast<int64_t>(a.size()) != m * k || static_cast<int64_t>(b.size()) != k * n) {
    fail("gemm: A has {} and B {} codes, expected {} x {} and {} x {}", a.size(), b.size(), m, k, k, n);
  }
  std::vector<uint64_t> c(static_cast<size_t>(m * n), 0);
  GemmProblem problem;
  problem.m = m;
  problem.n = n;
  problem.k = k;
  problem.a = {a.data(), Element::code64, k, 1, 0};
  problem.b = {b.data(), Element::code64, n, 1, 0};
  problem.c = {c.data(), Element::code64, n, 1, 0};
  gemm(unit, problem, {.threads = threads});
  return c;
}

std::string gemm_kernel_name(const Unit& unit, int64_t k, const GemmOptions& options) {
  const GemmPlan scaled = choose_kernel(without_block_scales(unit), k, true, options.random_bits);
  const bool scales_first = unit.operation == Operation::block_dot && scaled.panel.run != nullptr;
  const GemmPlan plan = scales_first ? scaled : choose_kernel(unit, k, true, options.random_bits);
  return std::string(to_string(plan.kind));
}

}  // namespace assay
