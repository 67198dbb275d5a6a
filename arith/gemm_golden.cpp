#include "arith/gemm_golden.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "arith/dot.h"
#include "arith/float_environment.h"
#include "base/parallel.h"
#include "formats/array_kernels_plan.h"
#include "formats/random_bits.h"
#include "formats/round.h"

namespace assay {
namespace {

template <typename Any>
int64_t place(const Any& matrix, int64_t batch, int64_t row, int64_t column) {
  return batch * matrix.batch_stride + row * matrix.row_stride + column * matrix.column_stride;
}

float scaled(const GemmScales& scales, int64_t row, int64_t column, float value) {
  if (scales.tensor) value *= *scales.tensor;
  if (!scales.rows.empty()) value *= scales.rows[static_cast<size_t>(row)];
  if (!scales.columns.empty()) value *= scales.columns[static_cast<size_t>(column)];
  return value != value ? std::bit_cast<float>(0x7fc00000) : value;
}

void write_code(const Format& format, const GemmProblem& problem, int64_t batch, int64_t row, int64_t column,
                uint64_t code) {
  const int64_t at = place(problem.c, batch, row, column);
  switch (problem.c.element) {
    case Element::float32:
      static_cast<float*>(problem.c.data)[at] =
          scaled(problem.scales, row, column, nearest_float<float>(decode(format, code)));
      return;
    case Element::code8:
      static_cast<uint8_t*>(problem.c.data)[at] = static_cast<uint8_t>(code);
      return;
    case Element::code16:
      static_cast<uint16_t*>(problem.c.data)[at] = static_cast<uint16_t>(code);
      return;
    case Element::code32:
      static_cast<uint32_t*>(problem.c.data)[at] = static_cast<uint32_t>(code);
      return;
    case Element::code64:
      static_cast<uint64_t*>(problem.c.data)[at] = code;
      return;
  }
}

// The random bits of all roundings of one of so many outputs.
std::vector<RandomBits> random_bits(const GemmOptions& options, uint64_t output, uint64_t outputs,
                                    uint64_t roundings) {
  std::vector<RandomBits> bits(roundings);
  for (uint64_t i = 0; i < roundings; ++i) {
    bits[i] = element_random_bits(options.seed, options.stream, i * outputs + output, options.random_bits);
  }
  return bits;
}

std::vector<uint64_t> read_row(const Format& format, const ConstMatrix& matrix, int64_t batch, int64_t row,
                               int64_t k) {
  std::vector<uint64_t> codes(static_cast<size_t>(k));
  for (int64_t i = 0; i < k; ++i)
    codes[static_cast<size_t>(i)] = read_code(format, matrix, place(matrix, batch, row, i));
  return codes;
}

std::vector<uint64_t> read_column(const Format& format, const ConstMatrix& matrix, int64_t batch,
                                  int64_t column, int64_t k) {
  std::vector<uint64_t> codes(static_cast<size_t>(k));
  for (int64_t i = 0; i < k; ++i) {
    codes[static_cast<size_t>(i)] = read_code(format, matrix, place(matrix, batch, i, column));
  }
  return codes;
}

// The codes of a row of A or a column of B and of its blocks' scales.
struct Line {
  std::vector<uint64_t> codes, scales;
};

Line row_of_a(const Unit& unit, const GemmProblem& problem, int64_t batch, int64_t row) {
  Line line{read_row(unit.a, problem.a, batch, row, problem.k), {}};
  if (problem.block_scales_a) {
    line.scales = read_row(unit.c, *problem.block_scales_a, batch, row, block_count(unit, problem.k));
  }
  return line;
}

Line column_of_b(const Unit& unit, const GemmProblem& problem, int64_t batch, int64_t column) {
  Line line{read_column(unit.b, problem.b, batch, column, problem.k), {}};
  if (problem.block_scales_b) {
    line.scales = read_column(unit.c, *problem.block_scales_b, batch, column, block_count(unit, problem.k));
  }
  return line;
}

uint64_t output_of(const Unit& unit, const GemmProblem& problem, const GemmOptions& options, int64_t batch,
                   int64_t row, int64_t column, const Line& a, const Line& b) {
  uint64_t c = zero_code(unit.result, false);
  if (problem.c0) c = read_code(unit.result, *problem.c0, place(*problem.c0, batch, row, column));
  std::vector<RandomBits> random;
  if (is_stochastic(unit.rounding)) {
    const auto terms = static_cast<uint64_t>(unit.terms);
    const uint64_t evaluations = (a.codes.size() + terms - 1) / terms;
    const int64_t output = (batch * problem.m + row) * problem.n + column;
    random = random_bits(options, static_cast<uint64_t>(output),
                         static_cast<uint64_t>(problem.batches * problem.m * problem.n),
                         evaluations * static_cast<uint64_t>(rounding_count(unit)));
  }
  if (unit.operation == Operation::block_dot) {
    return accumulate_block_dot(unit, a.codes, b.codes, a.scales, b.scales, c, random);
  }
  return accumulate_dot(unit, a.codes, b.codes, c, random);
}

}  // namespace

uint64_t read_code(const Format& format, const ConstMatrix& matrix, int64_t at) {
  switch (matrix.element) {
    case Element::float32:
      return round_to_code(format, real_of(static_cast<const float*>(matrix.data)[at]), Rounding::rne,
                           Saturation::sat_none);
    case Element::code8:
      return static_cast<const uint8_t*>(matrix.data)[at] & code_mask(format.width);
    case Element::code16:
      return static_cast<const uint16_t*>(matrix.data)[at] & code_mask(format.width);
    case Element::code32:
      return static_cast<const uint32_t*>(matrix.data)[at] & code_mask(format.width);
    case Element::code64:
      break;
  }
  return static_cast<const uint64_t*>(matrix.data)[at] & code_mask(format.width);
}

int64_t block_length(const Unit& unit) {
  return unit.accumulation.block > 0 ? unit.accumulation.block : unit.terms;
}

int64_t block_count(const Unit& unit, int64_t k) {
  return (k + block_length(unit) - 1) / block_length(unit);
}

uint64_t golden_output(const Unit& unit, const GemmProblem& problem, const GemmOptions& options,
                       int64_t batch, int64_t row, int64_t column) {
  return output_of(unit, problem, options, batch, row, column, row_of_a(unit, problem, batch, row),
                   column_of_b(unit, problem, batch, column));
}

void run_golden(const Unit& unit, const GemmProblem& problem, const GemmOptions& options, int64_t batch) {
  parallel_for(static_cast<size_t>(problem.m), options.threads, [&](size_t row_index) {
    const FloatEnvironment environment;  // for what is not golden: the scales
    const auto row = static_cast<int64_t>(row_index);
    const Line a = row_of_a(unit, problem, batch, row);
    for (int64_t column = 0; column < problem.n; ++column) {
      write_code(unit.result, problem, batch, row, column,
                 output_of(unit, problem, options, batch, row, column, a,
                           column_of_b(unit, problem, batch, column)));
    }
  });
}

}  // namespace assay
