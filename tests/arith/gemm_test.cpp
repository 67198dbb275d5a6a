// The GEMM against the golden model of one output, bit for bit, on every instruction set of the machine.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "arith/dot.h"
#include "arith/gemm.h"
#include "arith/gemm_kernels.h"
#include "base/error.h"
#include "base/random.h"
#include "formats/array_kernels_plan.h"
#include "formats/random_bits.h"
#include "formats/real.h"
#include "formats/round.h"
#include "tests/arith/targets.h"

using namespace assay;

namespace {

// How the codes of an operand are drawn.
//   any       all codes alike, NaN and infinities among them
//   finite    all codes of numbers alike
//   moderate  values near 1, zeros, and some codes of any number
//   rare      moderate, one in 200 any code
//   zeros     +0 and -0
enum class Draw { any, finite, moderate, rare, zeros };

uint64_t draw(const Format& format, Draw how, uint64_t seed, uint64_t index) {
  const auto words = philox(seed, 7, index);
  const uint64_t any = (uint64_t{words[1]} << 32 | words[0]) & code_mask(format.width);
  const auto finite = [&](uint64_t code) {
    const RealClass kind = decode(format, code).kind;
    return kind == RealClass::finite || kind == RealClass::zero ? code : zero_code(format, false);
  };
  const double near_one = std::ldexp(1.0 + words[2] * 0x1p-32, static_cast<int>(words[3] % 8) - 4);
  const bool integer = is_integer(format);
  const uint64_t moderate = words[3] / 8 % 8 == 0 ? zero_code(format, words[3] / 64 % 2 == 0)
                            : words[3] / 8 % 8 == 1 || integer
                                ? finite(any)
                                : encode(format, words[3] / 128 % 2 == 0 ? near_one : -near_one,
                                         Rounding::rne, Saturation::sat_finite);
  switch (how) {
    case Draw::any:
      return any;
    case Draw::finite:
      return finite(any);
    case Draw::moderate:
      return moderate;
    case Draw::rare:
      return words[3] / 256 % 200 == 0 ? any : moderate;
    case Draw::zeros:
      break;
  }
  return zero_code(format, words[0] % 2 == 0);
}

// Matrices with room between their elements.
struct Case {
  std::string unit;
  int64_t m = 1, n = 1, k = 1, batches = 1;
  Draw how = Draw::moderate;
  bool transpose_a = false, transpose_b = false, transpose_c = false;
  bool with_c0 = false;
  bool floats = false;  // operands and results as float32
  int64_t gap = 0;      // elements between rows
  int64_t spread = 1;   // distance of the elements of a row
  int threads = 1;
  int random_bits = 16;
};

struct Layout {
  int64_t row, column, batch;
  int64_t at(int64_t b, int64_t i, int64_t j) const { return b * batch + i * row + j * column; }
};

Layout layout(const Case& c, int64_t rows, int64_t columns, bool transposed) {
  const int64_t inner = (transposed ? rows : columns) * c.spread + c.gap;
  const int64_t outer = transposed ? columns : rows;
  return transposed ? Layout{c.spread, inner, inner * outer + 3} : Layout{inner, c.spread, inner * outer + 3};
}

Element element_of(const Format& format) {
  return format.width <= 8    ? Element::code8
         : format.width <= 16 ? Element::code16
         : format.width <= 32 ? Element::code32
                              : Element::code64;
}

size_t size_of(Element element) {
  return element == Element::code8 ? 1 : element == Element::code16 ? 2 : element == Element::code64 ? 8 : 4;
}

// A buffer whose data starts one element after where memory was allocated, so that no vector is aligned.
struct Buffer {
  Buffer(const Format& format, bool floats, int64_t elements)
      : element(floats ? Element::float32 : element_of(format)),
        bytes(size_of(element) * static_cast<size_t>(elements + 1) + 1, 0xa5) {}
  unsigned char* data() { return bytes.data() + size_of(element); }

  void set(const Format& format, int64_t at, uint64_t code) {
    uint64_t bits = code;
    if (element == Element::float32)
      bits = std::bit_cast<uint32_t>(nearest_float<float>(decode(format, code)));
    std::memcpy(data() + at * static_cast<int64_t>(size_of(element)), &bits, size_of(element));
  }
  uint64_t get(int64_t at) {
    uint64_t bits = 0;
    std::memcpy(&bits, data() + at * static_cast<int64_t>(size_of(element)), size_of(element));
    return bits;
  }

  Element element;
  std::vector<unsigned char> bytes;
};

class Run {
 public:
  explicit Run(const Case& c)
      : case_(c),
        unit_(parse_unit(c.unit)),
        la_(layout(c, c.m, c.k, c.transpose_a)),
        lb_(layout(c, c.k, c.n, c.transpose_b)),
        lc_(layout(c, c.m, c.n, c.transpose_c)),
        scales_of_a_(layout(c, c.m, blocks(), c.transpose_a)),
        scales_of_b_(layout(c, blocks(), c.n, c.transpose_b)),
        a_(unit_.a, c.floats, c.batches * la_.batch),
        b_(unit_.b, c.floats, c.batches * lb_.batch),
        c0_(unit_.result, c.floats, c.batches * lc_.batch),
        c_(unit_.result, c.floats, c.batches * lc_.batch),
        scales_a_(scale_format(), c.floats, c.batches * scales_of_a_.batch),
        scales_b_(scale_format(), c.floats, c.batches * scales_of_b_.batch) {
    for (int64_t batch = 0; batch < c.batches; ++batch) {
      for (int64_t i = 0; i < c.m * c.k; ++i)
        a_.set(unit_.a, la_.at(batch, i / c.k, i % c.k), a(batch, i / c.k, i % c.k));
      for (int64_t i = 0; i < c.k * c.n; ++i)
        b_.set(unit_.b, lb_.at(batch, i / c.n, i % c.n), b(batch, i / c.n, i % c.n));
      for (int64_t i = 0; i < c.m * c.n; ++i)
        c0_.set(unit_.result, lc_.at(batch, i / c.n, i % c.n), c0(batch, i / c.n, i % c.n));
      for (int64_t i = 0; has_scales() && i < c.m * blocks(); ++i)
        scales_a_.set(unit_.c, scales_of_a_.at(batch, i / blocks(), i % blocks()),
                      scale_a(batch, i / blocks(), i % blocks()));
      for (int64_t i = 0; has_scales() && i < blocks() * c.n; ++i)
        scales_b_.set(unit_.c, scales_of_b_.at(batch, i / c.n, i % c.n), scale_b(batch, i / c.n, i % c.n));
    }
  }

  bool has_scales() const { return unit_.operation == Operation::block_dot; }
  const Format& scale_format() const { return has_scales() ? unit_.c : unit_.a; }
  int64_t blocks() const {
    const int64_t block = unit_.accumulation.block > 0 ? unit_.accumulation.block : unit_.terms;
    return has_scales() ? (case_.k + block - 1) / block : 0;
  }
  uint64_t scale_a(int64_t batch, int64_t i, int64_t block) const {
    return drawn(unit_.c, 4, (batch * case_.m + i) * blocks() + block);
  }
  uint64_t scale_b(int64_t batch, int64_t block, int64_t j) const {
    return drawn(unit_.c, 8, (batch * blocks() + block) * case_.n + j);
  }

  uint64_t a(int64_t batch, int64_t i, int64_t j) const {
    return drawn(unit_.a, 1, (batch * case_.m + i) * case_.k + j);
  }
  uint64_t b(int64_t batch, int64_t i, int64_t j) const {
    return drawn(unit_.b, 2, (batch * case_.k + i) * case_.n + j);
  }
  uint64_t c0(int64_t batch, int64_t i, int64_t j) const {
    return drawn(unit_.result, 3, (batch * case_.m + i) * case_.n + j);
  }

  uint64_t expected(int64_t batch, int64_t row, int64_t column) const {
    std::vector<uint64_t> as, bs;
    for (int64_t k = 0; k < case_.k; ++k) {
      as.push_back(a(batch, row, k));
      bs.push_back(b(batch, k, column));
    }
    const auto count = static_cast<size_t>((case_.k + unit_.terms - 1) / unit_.terms) *
                       static_cast<size_t>(rounding_count(unit_));
    std::vector<RandomBits> random;
    const auto output = static_cast<uint64_t>((batch * case_.m + row) * case_.n + column);
    const auto outputs = static_cast<uint64_t>(case_.batches * case_.m * case_.n);
    for (size_t r = 0; is_stochastic(unit_.rounding) && r < count; ++r)
      random.push_back(element_random_bits(5, 6, r * outputs + output, case_.random_bits));
    const uint64_t start = case_.with_c0 ? c0(batch, row, column) : zero_code(unit_.result, false);
    if (!has_scales()) return accumulate_dot(unit_, as, bs, start, random);
    std::vector<uint64_t> scales_a, scales_b;
    for (int64_t block = 0; block < blocks(); ++block) {
      scales_a.push_back(scale_a(batch, row, block));
      scales_b.push_back(scale_b(batch, block, column));
    }
    return accumulate_block_dot(unit_, as, bs, scales_a, scales_b, start, random);
  }

  void compute() {
    GemmProblem problem;
    problem.m = case_.m;
    problem.n = case_.n;
    problem.k = case_.k;
    problem.batches = case_.batches;
    problem.a = {a_.data(), a_.element, la_.row, la_.column, la_.batch};
    problem.b = {b_.data(), b_.element, lb_.row, lb_.column, lb_.batch};
    if (case_.with_c0) problem.c0 = ConstMatrix{c0_.data(), c0_.element, lc_.row, lc_.column, lc_.batch};
    problem.c = {c_.data(), c_.element, lc_.row, lc_.column, lc_.batch};
    if (has_scales()) {
      const Layout &a = scales_of_a_, &b = scales_of_b_;
      problem.block_scales_a = {scales_a_.data(), scales_a_.element, a.row, a.column, a.batch};
      problem.block_scales_b = {scales_b_.data(), scales_b_.element, b.row, b.column, b.batch};
    }
    gemm(unit_, problem,
         {.threads = case_.threads, .seed = 5, .stream = 6, .random_bits = case_.random_bits});
  }

  // The number of outputs that are wrong, of all or of some.
  int mistakes(int64_t stride = 1) {
    int wrong = 0;
    expected_.resize(static_cast<size_t>(case_.batches * case_.m * case_.n));
    for (int64_t i = 0; i < case_.batches * case_.m * case_.n; i += stride) {
      const int64_t batch = i / (case_.m * case_.n), row = i / case_.n % case_.m, column = i % case_.n;
      std::optional<uint64_t>& known = expected_[static_cast<size_t>(i)];
      if (!known) known = expected(batch, row, column);
      uint64_t wanted = *known;
      const bool is_nan = decode(unit_.result, wanted).kind == RealClass::nan;
      if (case_.floats)
        wanted = std::bit_cast<uint32_t>(nearest_float<float>(decode(unit_.result, wanted)));
      else if (is_nan)
        wanted = canonical_nan(unit_.result);
      const uint64_t got = c_.get(lc_.at(batch, row, column));
      if (got != wanted && wrong++ == 0) {
        MESSAGE(case_.unit << " m " << case_.m << " n " << case_.n << " k " << case_.k << " at " << row
                           << ", " << column << ": " << std::hex << got << " expected " << wanted);
      }
    }
    return wrong;
  }

 private:
  uint64_t drawn(const Format& format, uint64_t seed, int64_t index) const {
    return draw(format, case_.how, seed, static_cast<uint64_t>(index));
  }

  Case case_;
  Unit unit_;
  Layout la_, lb_, lc_, scales_of_a_, scales_of_b_;
  Buffer a_, b_, c0_, c_, scales_a_, scales_b_;
  std::vector<std::optional<uint64_t>> expected_;  // of the outputs that were asked for
};

int mistakes_of(const Case& c) {
  Run run(c);
  run.compute();
  return run.mistakes();
}

const std::vector<std::string> kUnits = {
    // fma
    "mac-fp32-fp32-fp32", "mac-bf16-bf16-fp32", "mac-fp16-fp16-fp32", "mac-tf32-tf32-fp32",
    "mac-e4m3-e4m3-fp32", "mac-e4m3-e5m2-fp32", "mac-e2m1-e2m1-fp32", "mac-int8-int8-fp32",
    "mac-smint4-e3m0-fp32-mfbprop", "mac-bf16-bf16-fp32-rtz", "mac-fp32-fp32-fp32-rdn",
    "mac-fp16-fp16-fp32-rup", "mac-posit8-posit8-fp32", "dot4-e4m3-e4m3-fp32",
    // piecewise affine
    "mac-fp32-fp32-fp32-pam", "mac-bf16-bf16-fp32-pam", "mac-fp16-fp16-fp32-pam", "mac-e5m2-e5m2-fp32-pam",
    // integers
    "mac-int8-int8-int32", "mac-uint8-int8-int32", "mac-int8-uint8-int32", "mac-uint8-uint8-int32",
    "mac-int4-int4-int32", "mac-uint4-int4-int16", "mac-int16-int16-int32", "mac-int8-int8-int16",
    "mac-int8-int8-int32-sat_finite", "mac-int8-int8-int16-sat_finite", "mac-smint8-int4-int24",
    "mac-uint8-uint8-uint32", "mac-fix8.6-fix8.4-fix32.10", "mac-uint16-int4-int32",
    // rounded every time
    "mac-fp16-fp16-fp16", "mac-bf16-bf16-bf16", "mac-e4m3-e4m3-fp16", "mac-e5m2-e5m2-fp16",
    "mac-e4m3-e4m3-e4m3", "mac-e5m2-e5m2-e5m2", "mac-e4m3-e4m3-bf16", "mac-fp16-fp16-fp16-rtz",
    "mac-bf16-bf16-bf16-rtz", "mac-fp16-fp16-fp16-rup", "mac-fp16-fp16-fp16-rdn",
    "mac-fp16-fp16-fp16-sat_finite", "mac-bf16-bf16-bf16-sat_finite", "mac-fp16-fp16-fp16-sat_propagate",
    "mac-e4m3-e4m3-e4m3-sat_finite", "mac-fp32-fp32-fp16", "mac-fp32-fp32-bf16", "mac-fp32-fp32-tf32",
    "mac-e5m2-e5m2-e5m2-rtz", "mac-e3m2-e2m3-e4m3", "mac-int8-int8-bf16", "dot4-fp16-fp16-fp16",
    "mac-fp16-fp16-fp16-rna", "mac-fp16-fp16-fp16-odd",
    // windows
    "dot32-e4m3-e4m3-fp32-rtz-window13", "dot16-fp16-fp16-fp32-rtz-window25", "dot8-fp16-fp16-fp32-window24",
    "dot8-e5m2-e4m3-fp32-rtz-window14-group4", "dot16-e5m2-e5m2-fp32-rtz-window13_floor",
    "dot4-e2m1-e4m3-fp32-window3", "dot32-e4m3-e4m3-fp32-rtz-window13-sum_e8m13",
    "dot8-e5m2-e5m2-fp32-window13-sum_e8m13", "dot4-tf32-tf32-fp32-rtz-window25",
    "dot16-e4m3-e4m3-fp32-rtz-window13-group4-partial_e8m13", "dot8-e4m3-e5m2-fp32-window13-partial_fp32",
    "dot16-bf16-bf16-fp32-rtz-window25",
    // rows of float64
    "mac-e4m3-e4m3-fp16-sr_a", "mac-e4m3-e4m3-bf16-sr_b", "mac-fp16-fp16-fp16-sr_c",
    "mac-bf16-bf16-fp32-sr_a", "dot4-e4m3-e4m3-fp16-sr_a", "mac-bf16-bf16-bf16-pam", "mac-fp16-fp16-fp16-pam",
    "mac-e4m3-e4m3-fp32-via_bf16", "mac-e4m3-e4m3-fp16-via_e5m2", "mac-posit8-posit8-posit16",
    "mac-posit8-posit8-fp16", "mac-int8-int8-int8-sat_finite", "mac-e4m3-e4m3-int16-sat_finite",
    "dot4-e4m3-e4m3-fp32-fused", "dot8-e4m3-e4m3-fp32-fused-group4", "dot4-int8-int8-fp16-fused",
    "mac-e4m3-e4m3-fp32-sat_finite", "mac-fp16-fp16-fp16-rdn-sat_finite", "mac-fp16-fp16-fp32-rna",
    "mac-e2m1-e2m1-e4m3-rntz", "mac-nf4-nf4-nf4", "dot4-e4m3-e4m3-hif8-tree", "dot4-hif8-hif8-nf4-fused-rdn",
    "dot3-nf4-bf16-hif8-sr_a", "dot4-fp16-fp16-nf4-kahan-rup", "dot8-e4m3-nf4-hif8-window12",
    "mac-hif8-hif8-hif8-rup", "mac-e4m3-e4m3-binary8p4se-odd", "mac-fp32-fp32-fp32-sr_b",
    "mac-posit16-posit16-posit16", "mac-posit16-posit16-fp32-rna", "mac-bf16-bf16-fp32-via_fp16-rna",
    "mac-bf16-bf16-bf16-lmul", "mac-fp16-fp16-fp32-pam_minimum_rms", "mac-bf16-bf16-fp32-pam_zero_mean",
    "mac-bf16-bf16-fp32-mbm", "mac-fp32-fp32-fp32-mbm", "mac-fp32-fp32-fp32-epfml",
    "mac-fp32-fp32-fp32-pam-rtz", "mac-e5m10fnuz-e5m10fnuz-fp16-pam", "mac-lns10f5-lns10f5-fp32",
    "mac-lns10f5-fp16-bf16-rdn", "mac-lns10f5-lns10f5-fp16-sr_a", "mac-e8m28-e8m28-fp32-rup",
    "mac-e8m30-fp32-bf16-rdn", "mac-fp32-fp32-int16-wrap", "mac-posit32-posit32-posit32",
    "mac-posit32-fp32-posit24-rup", "mac-posit8-posit8-posit32-rtz", "mac-posit16-posit16-posit16-sr_b",
    "mac-e5m2-posit16-posit10-sr_a", "mac-fp16-fp16-posit20-rna", "mac-lns8f3-lns8f3-lns8f3",
    "mac-lns10f5-lns10f5-lns10f5-rdn", "mac-lns8f3-fp16-lns10f5-rtz", "mac-fp64-fp64-fp64",
    "mac-fp64-fp64-fp64-rtz", "dot4-fp64-fp32-fp64-rdn", "mac-fp16-posit32-fp64-rup",
    // fused
    "dot4-fp16-fp16-fp32-fused", "dot6-bf16-bf16-fp32-fused-group4", "dot4-fp16-fp16-fp16-fused-rdn",
    "dot4-bf16-bf16-bf16-fused-rdn", "dot4-fp32-fp32-fp32-fused", "dot8-posit16-posit16-posit16-fused",
    "dot3-e5m2-e5m2-fp32-fused-sr_a", "dot4-fp16-fp16-fp32-fused-sum_e8m13", "dot4-bf16-bf16-fp32-fused-lmul",
    "dot4-e4m3-e4m3-fp16-fused-rtz-flush", "dot4-posit32-posit32-posit32-fused",
    "dot3-posit32-fp32-posit24-fused-rdn", "dot4-lns10f5-lns10f5-lns10f5-fused",
    "dot4-lns10f5-lns10f5-fp16-fused",
    // trees and Kahan's compensation
    "dot4-e4m3-e4m3-fp16-tree", "dot7-fp16-fp16-fp32-tree-group3", "dot4-fp16-fp16-fp32-tree-flush",
    "dot5-fp16-fp16-fp16-tree-sr_a", "dot4-e5m2-e5m2-e5m2-tree-rdn", "dot4-bf16-bf16-fp16-tree-flush-rup",
    "dot4-e4m3-e4m3-fp16-kahan", "dot5-fp16-fp16-fp16-kahan-rdn", "dot4-bf16-bf16-bf16-kahan-sr_a",
    "dot4-e4m3-e4m3-e4m3-kahan-flush-rtz", "dot4-posit32-posit32-posit32-tree",
    "dot5-posit32-fp32-fp32-tree-rdn", "dot4-lns10f5-lns10f5-lns10f5-tree",
    "dot4-posit32-posit32-posit32-kahan", "dot4-lns10f5-lns10f5-fp32-kahan-rup",
    "dot3-lns8f3-lns8f3-lns8f3-kahan", "dot4-fp32-posit32-fp32-kahan-rdn",
    // float64 accumulators in all ways
    "mac-e4m3-e4m3-fp64-sr_a", "mac-fp64-fp64-fp64-sr_b", "mac-fp64-fp64-fp64-rna",
    "mac-bf16-posit32-fp64-sr_c", "mac-fp32-fp32-fp64-rdn-sat_finite", "mac-fp64-fp64-fp64-rtz-sat_zero",
    "dot3-fp64-fp64-fp64-kahan-sat_propagate", "dot4-fp64-fp64-fp64-tree-rup-sat_finite",
    "mac-bf16-bf16-fp64-mbm", "mac-fp16-fp16-fp64-via_bf16-rup", "dot4-fp32-fp32-fp64-fused",
    "dot3-fp64-fp64-fp64-fused", "dot4-fp64-bf16-fp64-fused-rdn", "dot4-e4m3-e4m3-fp64-fused-sr_a",
    "dot5-posit32-lns16f9-fp64-fused-rup", "dot4-e5m2-fp32-fp64-fused-rna", "dot4-fp64-fp64-fp64-tree",
    "dot5-fp64-fp64-fp64-tree-rdn", "dot5-fp32-fp64-fp64-tree-sr_a", "dot4-lns8f3-lns8f3-fp64-tree-odd",
    "dot4-fp64-fp64-fp64-kahan", "dot5-fp32-fp32-fp64-kahan-rtz", "dot3-fp64-fp64-fp64-kahan-sr_a",
    "dot4-nf4-lns8f3-fp64-kahan-rup", "dot8-bf16-bf16-fp64-window25", "dot4-fp64-fp64-fp64-window30_floor",
    "dot4-posit32-posit32-fp64-rtz-window20", "dot4-fp32-fp32-fp64-sr_a-window25",
    // float64 operands
    "mac-fp64-fp64-fp32", "mac-fp64-e4m3-bf16-sr_a", "dot4-fp64-fp64-fp16-fused-rup",
    "dot4-fp64-fp64-posit16-tree", "dot3-fp64-fp64-fp32-kahan", "dot4-fp64-fp32-fp32-rtz-window25",
    "mac-fp64-fp64-int16-sat_finite", "mac-e11m4-e11m4-e11m4",
    // sums that wrap
    "mac-bf16-bf16-int32", "mac-fp64-fp64-int16-rtz", "mac-posit32-posit32-uint16-rdn",
    "mac-fp32-fp32-fix32.10-sr_a", "mac-bf16-fp32-uint8-odd", "dot4-bf16-bf16-int32-fused-rtz",
    "dot4-fp32-fp32-ufix12.m2-fused-rup", "dot3-posit32-posit32-fix24.10-fused-rdn",
    "dot5-bf16-bf16-int32-tree-rna", "dot4-lns16f9-fp32-int16-tree-rdn", "dot4-fp32-fp32-int16-kahan",
    "dot4-bf16-bf16-int32-window25-rtz", "dot8-posit16-posit16-fix32.10-window20",
    // results of more than 32 bits
    "mac-bf16-bf16-e8m30", "dot4-e4m3-e4m3-e8m40-fused-rdn", "mac-int16-int16-fix40.20-sat_finite",
    "dot8-fp32-fp32-fix48.20-fused", "mac-e4m3-fp32-e8m28-sr_a", "dot5-bf16-fp32-fix36.10-tree-rna",
    "dot4-posit32-fp32-e8m35-kahan-odd", "dot4-fp16-fp16-ufix40.20-window24", "dot3-fp32-fp32-fix45.10-rdn",
    // windows of products of two parts
    "dot4-posit32-posit32-fp32-window25", "dot8-posit32-posit32-fp32-rtz-window24_floor",
    "dot4-lns10f5-lns10f5-fp32-window20", "dot4-lns8f3-lns8f3-fp16-window12_floor",
    "dot4-posit32-lns8f3-posit32-window30", "dot4-fp64-fp64-bf16-window12-rdn",
    // windows of all machines
    "dot4-fp16-fp16-fp16-window23", "dot8-fp16-fp16-fp32-window24_join31",
    "dot8-bf16-bf16-fp32-window24_join31", "dot5-tf32-tf32-fp32-window24_join31",
    "dot16-e5m2fnuz-e4m3fnuz-fp32-window24_join31_even_odd", "dot8-bf16-bf16-bf16-rtz-window10_floor",
    "dot8-e4m3-e4m3-e5m2-rtz-window10-group3", "dot8-int8-posit8-fp16-window12",
    "dot4-fp16-fp16-fp32-window20-via_e5m2", "dot4-bf16-bf16-fp32-window20-mbm",
    "dot6-fp16-fp16-fp16-window12-flush", "dot8-e4m3-e4m3-fp16-sr_a-window12",
    "dot8-e5m2-e5m2-fp16-window13-sum_e5m3", "dot8-bf16-bf16-e4m3-rdn-window8-sat_finite",
    // partial sums
    "dot8-e4m3-e4m3-fp32-partial_fp16", "dot8-fp16-fp16-fp32-partial_bf16-rtz",
    "dot8-fp16-fp16-fp32-fused-group4-partial_fp16-sr_a", "dot6-e4m3-e4m3-bf16-tree-group2-partial_fp16",
    "dot4-e4m3-e4m3-bf16-kahan-partial_e5m2-flush",
    // block_dot
    "block_dot32-e4m3-e4m3-e8m0-fp32", "block_dot32-e5m2-e4m3-e8m0-fp32-rtz",
    "block_dot32-e2m1-e2m1-e8m0-fp32", "block_dot16-e2m1-e2m1-e4m3-fp32",
    "block_dot32-fix8.6-fix8.6-e8m0-fp32", "block_dot8-e4m3-e4m3-e8m0-fp16",
    "block_dot8-e4m3-e4m3-e8m0-bf16-block4-sr_a", "block_dot9-e2m1-e2m1-e4m3-fp32-block4-rna",
    "block_dot8-e2m1-e2m1-e8m0-fp32-fused", "block_dot8-e2m1-e2m1-e4m3-fp32-fused",
    "block_dot8-e4m3-e4m3-e8m0-fp32-fused-block4-group2",
    "block_dot12-e4m3-e4m3-e8m0-fp32-fused-block4-group8", "block_dot8-e4m3-e4m3-e8m0-fp32-rtz-window25",
    "block_dot32-e2m1-e2m1-e8m0-fp32-rtz-window35-block16-exact8",
    "block_dot64-e2m1-e2m1-e4m3-fp32-rtz-window35-block16-exact16", "block_dot8-e5m2-e5m2-e8m0-fp32-tree",
    "block_dot8-e2m1-e2m1-e4m3-fp16-kahan-block2",
    "block_dot8-e4m3-e4m3-fp32-fp32-rtz-window13-group4-partial_e8m13",
    "block_dot8-e4m3-e5m2-fp32-fp32-partial_fp16-block2", "block_dot8-fp16-fp16-e8m0-fp32-flush",
    "block_dot4-bf16-bf16-e8m0-fp32-pam", "block_dot4-e4m3-e4m3-e4m3-int16-sat_finite",
    // others
    "mac-fp64-fp64-fp64-odd", "mac-lns8f3-lns8f3-fp32", "mac-nf4-nf4-fp32", "mac-lns10f5-lns10f5-lns10f5",
    "dot2-posit32-posit32-fp32-fused", "mac-e4m3fnuz-e4m3fnuz-e4m3fnuz", "mac-bf16-bf16-bf16-rup"};

}  // namespace

TEST_CASE("a GEMM has the bits of the golden model") {
  const auto check = [](const Case& c) {
    Run run(c);
    on_every_target([&] {
      run.compute();
      CHECK(run.mistakes() == 0);
    });
  };
  for (const std::string& unit : kUnits) {
    CAPTURE(unit);
    for (const Draw how : {Draw::moderate, Draw::any, Draw::finite, Draw::rare, Draw::zeros}) {
      CAPTURE(static_cast<int>(how));
      check({.unit = unit, .m = 17, .n = 37, .k = 9, .how = how});
    }
    check({.unit = unit, .m = 3, .n = 35, .k = 40, .how = Draw::rare, .with_c0 = true});
  }
}

TEST_CASE("shapes, strides, transposes, batches, threads") {
  on_every_target([] {
    for (const char* unit : {"mac-e4m3-e4m3-fp32", "mac-bf16-bf16-fp32-pam", "mac-int8-int8-int32",
                             "mac-fp16-fp16-fp16", "dot4-e5m2-e5m2-fp32", "mac-fp16-fp16-fp16-rna",
                             "block_dot4-e4m3-e4m3-e8m0-fp32", "block_dot4-e2m1-e2m1-e4m3-fp32-window20"}) {
      CAPTURE(unit);
      CHECK(mistakes_of({.unit = unit, .m = 1, .n = 70, .k = 1}) == 0);
      CHECK(mistakes_of({.unit = unit, .m = 70, .n = 1, .k = 5}) == 0);
      CHECK(mistakes_of({.unit = unit, .m = 1, .n = 1, .k = 700}) == 0);
      CHECK(mistakes_of({.unit = unit, .m = 5, .n = 6, .k = 0}) == 0);
      CHECK(mistakes_of({.unit = unit, .m = 5, .n = 6, .k = 0, .with_c0 = true}) == 0);
      CHECK(mistakes_of({.unit = unit, .m = 2, .n = 2, .k = 65537}) == 0);
      for (int bits = 0; bits < 8; ++bits) {
        Case c{.unit = unit, .m = 19, .n = 23, .k = 11, .batches = 2, .how = Draw::rare};
        c.transpose_a = (bits & 1) != 0;
        c.transpose_b = (bits & 2) != 0;
        c.transpose_c = (bits & 4) != 0;
        c.gap = bits;
        c.spread = 1 + bits % 3;
        c.with_c0 = bits % 2 == 1;
        c.threads = 1 + bits;
        // Not every int32 is a float.
        c.floats = bits > 4 && !(c.with_c0 && is_integer(parse_unit(unit).result));
        CAPTURE(bits);
        CHECK(mistakes_of(c) == 0);
      }
    }
  });
}

TEST_CASE("any number of threads gives the same bits") {
  for (const char* unit : {"mac-fp32-fp32-fp32", "mac-fp32-fp32-fp32-pam", "mac-bf16-bf16-bf16",
                           "mac-e4m3-e4m3-fp16-sr_a", "dot32-e4m3-e4m3-fp32-rtz-window13",
                           "block_dot32-e4m3-e4m3-e8m0-fp32", "block_dot16-e2m1-e2m1-e4m3-fp32-fused"}) {
    for (int threads = 1; threads <= 8; ++threads) {
      Case c{.unit = unit, .m = 150, .n = 260, .k = 300, .how = Draw::moderate, .threads = threads};
      Run run(c);
      run.compute();
      CHECK(run.mistakes(997) == 0);
    }
  }
}

TEST_CASE("products from tables, which only many outputs are worth") {
  on_every_target([] {
    for (const char* unit :
         {"mac-e4m3-e4m3-fp32-via_bf16", "mac-e4m3-e4m3-fp16-pam", "mac-e5m2-e5m2-fp32-lmul",
          "mac-e4m3fnuz-e4m3fnuz-fp16-mbm", "dot4-e4m3-e4m3-fp16-fused-via_e5m2", "mac-lns8f3-lns8f3-fp32",
          "mac-lns8f3-lns8f3-fp16-rdn", "mac-nf4-lns8f3-bf16-rna", "dot4-e5m2-e5m2-fp16-tree-pam-flush",
          "dot4-smint4-e3m0-fp16-window10-mfbprop", "dot8-e4m3-e4m3-fp32-window12-pam"}) {
      CAPTURE(unit);
      for (const Draw how : {Draw::rare, Draw::any}) {
        Case c{
            .unit = unit, .m = 25, .n = 70, .k = 41, .how = how, .with_c0 = how == Draw::rare, .threads = 3};
        Run run(c);
        run.compute();
        CHECK(run.mistakes(7) == 0);
      }
    }
  });
}

TEST_CASE("logarithmic accumulators, which lanes may be in doubt of") {
  for (const char* unit :
       {"mac-lns8f3-lns8f3-lns8f3", "mac-lns8f3-lns8f3-lns8f3-rdn", "mac-lns8f3-e4m3-lns6f2-rup",
        "mac-e4m3-e4m3-lns7f3-rtz", "dot4-lns8f3-lns8f3-lns8f3-fused-rdn",
        "dot3-lns10f5-lns10f5-lns10f5-tree", "dot4-lns8f3-lns8f3-lns10f5-kahan",
        "dot4-e4m3-e4m3-lns8f3-window12", "mac-lns8f3-lns8f3-lns8f3-sr_a",
        "mac-lns8f3-e4m3-lns6f2_linear-sr_b", "mac-fp16-fp16-lns10f5-sr_c", "mac-e4m3-e4m3-lns8f0-sr_a",
        "dot3-bf16-bf16-lns10f5_linear-tree-sr_a", "dot4-e4m3-e4m3-lns12f8-kahan-sr_b",
        "dot4-lns8f3-lns8f3-lns10f5-fused-sr_a", "dot4-e4m3-e4m3-lns8f1-sr_c-window12"}) {
    CAPTURE(unit);
    for (const Draw how : {Draw::moderate, Draw::rare, Draw::zeros}) {
      Case c{.unit = unit, .m = 12, .n = 70, .k = 41, .how = how, .with_c0 = how == Draw::rare};
      // With one random bit half of the values are never taken away from zero.
      for (const int random_bits : {16, 1}) {
        if (random_bits == 1 && !is_stochastic(parse_unit(unit).rounding)) continue;
        c.random_bits = random_bits;
        Run run(c);
        on_every_target([&] {
          run.compute();
          CHECK(run.mistakes(11) == 0);
        });
      }
    }
  }
}

#if defined(__x86_64__)
TEST_CASE("nothing depends on the floating-point mode of the host") {
  const unsigned saved = _mm_getcsr();
  for (const unsigned mode : {0x8040U, 0x2000U, 0x4000U, 0x6000U, 0xe040U}) {
    for (const char* unit :
         {"mac-fp32-fp32-fp32", "mac-fp32-fp32-fp32-pam", "mac-bf16-bf16-bf16", "mac-fp16-fp16-fp16",
          "mac-int8-int8-int32", "mac-bf16-bf16-fp32-sr_a", "mac-lns10f5-lns10f5-fp32",
          "dot4-bf16-bf16-fp32-fused", "dot4-fp16-fp16-fp32-tree", "dot4-fp16-fp16-fp16-kahan",
          "dot4-posit32-posit32-posit32-fused", "mac-posit16-posit16-posit16", "mac-lns8f3-lns8f3-lns8f3",
          "dot8-bf16-bf16-fp32-window24_join31", "dot4-fp16-fp16-fp16-window23",
          "block_dot4-e4m3-e4m3-e8m0-fp32", "block_dot4-e4m3-e4m3-fp32-fp32-partial_fp16",
          "block_dot4-e4m3-e4m3-e8m0-fp32-fused"}) {
      CAPTURE(unit);
      CAPTURE(mode);
      Case c{.unit = unit, .m = 7, .n = 33, .k = 12, .how = Draw::finite, .threads = 2};
      Run run(c);
      on_every_target([&] {
        _mm_setcsr(saved | mode);
        run.compute();
        const unsigned after = _mm_getcsr();
        _mm_setcsr(saved);
        CHECK((after & 0xffc0U) == ((saved | mode) & 0xffc0U));
        CHECK(run.mistakes() == 0);
      });
    }
  }
}
#endif

TEST_CASE("C may be its own C0") {
  const std::vector<float> a = {1, 2, 3, 4}, b = {1, -1, 0.5F, 2};
  std::vector<float> c = {10, 20, 30, 40};
  GemmProblem problem;
  problem.m = problem.n = problem.k = 2;
  problem.a = {a.data(), Element::float32, 2, 1, 0};
  problem.b = {b.data(), Element::float32, 2, 1, 0};
  problem.c = {c.data(), Element::float32, 2, 1, 0};
  problem.c0 = ConstMatrix{c.data(), Element::float32, 2, 1, 0};
  gemm(parse_unit("mac-bf16-bf16-fp32"), problem);
  CHECK(c == std::vector<float>{12, 23, 35, 45});
}

TEST_CASE("what a GEMM cannot take is refused") {
  GemmProblem problem;
  CHECK_THROWS_AS(gemm(parse_unit("add-fp32-fp32-fp32"), problem), Error);
  CHECK_THROWS_AS(gemm(parse_unit("mac-fp64-fp64-fp64"), problem), Error);
  CHECK_THROWS_AS(gemm(parse_unit("mac-fp32-fp32-fp32"), problem, {.threads = 0}), Error);
  problem.a.element = Element::code8;
  CHECK_THROWS_AS(gemm(parse_unit("mac-fp16-fp16-fp32"), problem), Error);
  problem.a.element = Element::float32;
  problem.k = -1;
  CHECK_THROWS_AS(gemm(parse_unit("mac-fp16-fp16-fp32"), problem), Error);
}

TEST_CASE("scales are single-precision factors of the result") {
  const std::vector<float> a = {1, 2, 3, 4}, b = {1, -1, 0.5F, 2};
  std::vector<float> c(4);
  const std::vector<float> rows = {3, 0.1F}, columns = {7, 1e-3F};
  GemmProblem problem;
  problem.m = problem.n = problem.k = 2;
  problem.a = {a.data(), Element::float32, 2, 1, 0};
  problem.b = {b.data(), Element::float32, 2, 1, 0};
  problem.c = {c.data(), Element::float32, 2, 1, 0};
  problem.scales = {0.7F, rows, columns};
  gemm(parse_unit("mac-bf16-bf16-fp32"), problem);
  const std::vector<float> product = {2, 3, 5, 5};
  for (size_t i = 0; i < 4; ++i) {
    const float scaled = product[i] * 0.7F;
    const float by_row = scaled * rows[i / 2];
    CHECK(c[i] == by_row * columns[i % 2]);
  }
  problem.scales.rows = {};
  problem.c.element = Element::code32;
  CHECK_THROWS_AS(gemm(parse_unit("mac-bf16-bf16-fp32"), problem), Error);
}
