// Speed of the GEMM against the host's sgemm. A case multiplies two square matrices in codes of the unit's formats (or
// float32); its peer is the sgemm of the BLAS that was found, of the same size, in the same run and on one thread. Both
// are the best of several repetitions, taken in turn. On one thread the time is that of the processor, so that other
// programs on the machine matter less; on more it is that of the wall.
//
//   bench_gemm [repetitions] [threads] [size] [unit ...]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "arith/gemm.h"
#include "base/random.h"
#include "formats/real.h"
#include "formats/round.h"

#ifdef ASSAY_HAS_BLAS
extern "C" {
// The BLAS of Fortran; its matrices are in column-major order, in which the product of squares takes the same work.
void sgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
            const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
            const float* beta, float* c, const int* ldc);
[[gnu::weak]] void openblas_set_num_threads(int threads);
}
#endif

using namespace assay;

namespace {

double seconds(const std::function<void()>& body, int threads) {
  if (threads > 1) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  body();
  return now() - start;
}

// Codes of values between -1 and 1, or small integers.
uint64_t code_of(const Format& format, size_t i, uint64_t stream) {
  const float uniform = 2 * uniform_float(philox(1, stream, i)[0]) - 1;
  const float value = is_integer(format) && format.fraction_width == 0 ? 100 * uniform : uniform;
  return encode(format, value, Rounding::rne, Saturation::sat_finite);
}

std::vector<uint32_t> codes_of(const Format& format, size_t count, uint64_t stream) {
  std::vector<uint32_t> codes(count);
  for (size_t i = 0; i < count; ++i) codes[i] = static_cast<uint32_t>(code_of(format, i, stream));
  return codes;
}

struct Operand {
  Element element = Element::code32;
  std::vector<uint8_t> bytes;
  std::vector<uint16_t> halves;
  std::vector<uint32_t> words;
  std::vector<uint64_t> doubles;

  Operand(const Format& format, size_t count, uint64_t stream) : words(codes_of(format, count, stream)) {
    if (format.width <= 8) {
      element = Element::code8;
      bytes.assign(words.begin(), words.end());
    } else if (format.width <= 16) {
      element = Element::code16;
      halves.assign(words.begin(), words.end());
    } else if (format.width > 32) {
      element = Element::code64;
      for (size_t i = 0; i < count; ++i) doubles.push_back(code_of(format, i, stream));
    }
  }
  const void* data() const {
    if (element == Element::code8) return bytes.data();
    if (element == Element::code16) return halves.data();
    if (element == Element::code64) return doubles.data();
    return words.data();
  }
};

struct Peer {
  int size;
  std::vector<float> a, b, c;
  explicit Peer(int n)
      : size(n), a(static_cast<size_t>(n) * static_cast<size_t>(n), 0.5F), b(a), c(a.size()) {}
  void operator()() {
#ifdef ASSAY_HAS_BLAS
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    const float one = 1, zero = 0;
    sgemm_("N", "N", &size, &size, &size, &one, a.data(), &size, b.data(), &size, &zero, c.data(), &size);
#endif
  }
};

void measure(const std::string& name, int repetitions, int threads, int size, Peer& peer) {
  const Unit unit = parse_unit(name);
  const auto count = static_cast<size_t>(size) * static_cast<size_t>(size);
  const std::string kernel = gemm_kernel_name(unit, size);
  // What is computed one by one takes a slice of the rows.
  const int64_t rows = kernel == "golden" ? 1 : kernel == "rows" ? std::max(size / 16, 1) : size;
  const Operand a(unit.a, count, 1), b(unit.b, count, 2);
  const bool scaled = unit.operation == Operation::block_dot;
  const Format& scale_format = scaled ? unit.c : unit.a;
  const Operand scales_a(scale_format, scaled ? count : 0, 4), scales_b(scale_format, scaled ? count : 0, 5);
  Operand c(unit.result, count, 3);
  GemmProblem problem;
  problem.m = rows;
  problem.n = problem.k = size;
  problem.a = {a.data(), a.element, size, 1, 0};
  problem.b = {b.data(), b.element, size, 1, 0};
  if (scaled) {
    problem.block_scales_a = {scales_a.data(), scales_a.element, size, 1, 0};
    problem.block_scales_b = {scales_b.data(), scales_b.element, size, 1, 0};
  }
  problem.c = {const_cast<void*>(c.data()), c.element, size, 1, 0};
  double best = std::numeric_limits<double>::infinity(), best_peer = best;
  for (int i = 0; i < repetitions; ++i) {
    best_peer = std::min(best_peer, seconds(peer, 1));
    best = std::min(best, seconds([&] { gemm(unit, problem, {.threads = threads}); }, threads));
  }
  const double macs = static_cast<double>(size) * size;
  const double rate = macs * static_cast<double>(rows) / best / 1e9;
  const double peer_rate = macs * size / best_peer / 1e9;
  fmt::print("  {:56} {:16} {:8.3f} GMAC/s   sgemm {:6.1f}   ratio {:6.3f}\n", name, kernel, rate, peer_rate,
             rate / peer_rate);
}

const std::vector<std::string> kUnits = {
    "mac-fp32-fp32-fp32", "mac-e4m3-e4m3-fp32", "mac-bf16-bf16-fp32", "mac-fp16-fp16-fp32",
    "mac-bf16-bf16-fp32-rtz", "mac-int8-int8-int32", "mac-uint8-uint8-int32", "mac-int16-int16-int32",
    "mac-fp32-fp32-fp32-pam", "mac-bf16-bf16-fp32-pam", "mac-fp16-fp16-fp16", "mac-bf16-bf16-bf16",
    "mac-e4m3-e4m3-fp16", "mac-e5m2-e5m2-e5m2", "mac-fp16-fp16-fp16-rtz",
    "dot32-e4m3-e4m3-fp32-rtz-window13-sum_e8m13", "dot16-fp16-fp16-fp32-rtz-window25",
    "dot16-bf16-bf16-fp32-rtz-window25", "dot128-e4m3-e4m3-fp32-rtz-window13-group32-partial_e8m13",
    "mac-e4m3-e4m3-fp16-sr_a", "mac-bf16-bf16-bf16-sr_a", "mac-fp16-fp16-fp16-rna", "mac-bf16-bf16-bf16-pam",
    "mac-posit8-posit8-posit16", "mac-e4m3-e4m3-fp32-via_bf16", "dot4-e4m3-e4m3-fp32-fused",
    "dot4-fp16-fp16-fp32-fused", "dot4-e4m3-e4m3-fp16-tree", "dot4-e4m3-e4m3-fp16-kahan",
    "mac-bf16-bf16-fp32-sr_a",
    // one of each other family
    "mac-fp32-fp32-fp32-rna", "mac-fp32-fp32-fp32-sr_c", "mac-e4m3fnuz-e4m3fnuz-e4m3fnuz",
    "mac-posit8-posit8-posit8", "mac-posit16-posit16-posit16", "mac-posit16-posit16-posit16-sr_a",
    "mac-posit32-posit32-posit32", "mac-lns8f3-lns8f3-fp32", "mac-lns16f9-lns16f9-fp32",
    "mac-lns8f3-lns8f3-lns8f3", "mac-lns16f9-lns16f9-lns16f9", "mac-nf4-nf4-fp32", "mac-hif8-hif8-fp32",
    "mac-fp64-fp64-fp64", "mac-int8-int8-int8-sat_finite", "mac-e4m3-e4m3-int16-sat_finite",
    "mac-bf16-bf16-fp32-via_fp16", "mac-bf16-bf16-fp32-lmul", "mac-bf16-bf16-fp32-pam_minimum_rms",
    "mac-bf16-bf16-bf16-mbm", "mac-fp32-fp32-fp32-mbm", "mac-fp32-fp32-fp32-epfml", "mac-e4m3-e4m3-bf16-mbm",
    "mac-fp32-fp32-fp64-sr_a", "mac-fp64-fp64-fp32", "dot8-fp32-fp32-fp64-fused", "dot8-fp64-fp64-fp64-tree",
    "dot8-fp64-fp64-fp64-kahan", "dot8-bf16-bf16-fp64-window25", "dot8-posit32-posit32-fp32-window25",
    "mac-bf16-bf16-int32", "dot8-fp32-fp32-int32-fused", "mac-lns16f9-lns16f9-lns16f9-sr_a",
    "dot8-lns16f9-lns16f9-lns16f9-tree-sr_a", "mac-smint4-e3m0-fp32-mfbprop", "mac-smint8-smint8-fp16",
    "dot8-fp16-fp16-fp32-fused", "dot8-bf16-bf16-fp32-fused", "dot8-fp32-fp32-fp32-fused",
    "dot8-posit16-posit16-posit16-fused", "dot8-fp16-fp16-fp32-tree", "dot4-fp16-fp16-fp32-tree-flush",
    "dot8-fp16-fp16-fp32-kahan", "dot8-bf16-bf16-bf16-kahan-sr_a", "dot16-fp16-fp16-fp16-window25",
    "dot8-fp16-fp16-fp32-window24_join31", "dot16-e4m3fnuz-e4m3fnuz-fp32-window24_join31_even_odd",
    "dot32-e4m3-e4m3-fp32-fused-partial_fp16", "block_dot32-e4m3-e4m3-e8m0-fp32",
    "block_dot32-e2m1-e2m1-e8m0-fp32", "block_dot32-fix8.6-fix8.6-e8m0-fp32",
    "block_dot16-e2m1-e2m1-e4m3-fp32", "block_dot32-e4m3-e4m3-e8m0-fp32-fused",
    "block_dot16-e2m1-e2m1-e4m3-fp32-fused", "block_dot32-e4m3-e4m3-e8m0-fp32-rtz-window25",
    "block_dot64-e2m1-e2m1-e4m3-fp32-rtz-window35-block16-exact16",
    "block_dot128-e4m3-e4m3-fp32-fp32-rtz-window13-group32-partial_e8m13"};

}  // namespace

int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::atoi(argv[1]) : 5;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  const int size = argc > 3 ? std::atoi(argv[3]) : 1024;
  Peer peer(size);
  fmt::print("{0} x {0} x {0}, {1} thread(s), best of {2}; sgemm on one thread\n", size, threads,
             repetitions);
  std::vector<std::string> units(argv + std::min(argc, 4), argv + argc);
  for (const std::string& unit : units.empty() ? kUnits : units)
    measure(unit, repetitions, threads, size, peer);
}
