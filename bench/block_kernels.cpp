// Speed of block quantization against memcpy. A case quantizes 16 Mi numbers in rows of 4096; its peer is a memcpy of
// 16 Mi floats from one buffer to another in the same run, on as many threads. Both are taken in turn; of a case the best
// of several repetitions counts, of memcpy the best of the run so far. On one thread it is the processor's time, on two
// the clock's. A row of the table is a format on one kind of data; its columns are, for codes and for
// values in place, time over that of memcpy on one thread and on two, and how much faster two threads are.
//
//   bench_block_kernels [repetitions [formats ...]]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "formats/block_kernels.h"

using namespace assay;

namespace {

constexpr size_t kCount = size_t{1} << 24;
constexpr MatrixShape kShape{1 << 12, 1 << 12};

// Seconds of the clock, or of the processor where one thread does the work: other processes disturb those less.
double seconds(int threads, const std::function<void()>& body) {
  const auto now = [threads] {
    timespec time;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  body();
  return now() - start;
}

// Kinds of data that would show branches and slow paths.
struct Data {
  std::string name;
  float (*value)(std::array<uint32_t, 4> words);
};

float normal(std::array<uint32_t, 4> words) {
  const float radius = std::sqrt(-2 * std::log(uniform_float(words[0]) + 0x1p-25F));
  return radius * std::cos(6.2831853F * uniform_float(words[1]));
}
float wide(std::array<uint32_t, 4> words) {
  const float magnitude = std::exp2(80 * uniform_float(words[0]) - 40);
  return (words[1] & 1) != 0 ? -magnitude : magnitude;
}
float subnormal(std::array<uint32_t, 4> words) {
  return normal(words) * ((words[2] & 63) == 0 ? 0x1p-120F : 0x1p-140F);
}
float any_bits(std::array<uint32_t, 4> words) {
  return std::bit_cast<float>(words[0]);
}

struct Buffers {
  std::vector<float> source = std::vector<float>(kCount);
  std::vector<float> values = std::vector<float>(kCount);
  std::vector<uint8_t> codes = std::vector<uint8_t>(kCount);
  std::vector<uint8_t> scales;
};

void copy(Buffers& buffers, int threads) {
  const size_t piece = kCount / static_cast<size_t>(threads);
  parallel_for(static_cast<size_t>(threads), threads, [&](size_t i) {
    std::memcpy(buffers.values.data() + i * piece, buffers.source.data() + i * piece, piece * sizeof(float));
  });
}

// Seconds.
struct Timing {
  double body = std::numeric_limits<double>::infinity();
  double copy = std::numeric_limits<double>::infinity();  // the best of the run so far
};

Timing measure(Buffers& buffers, int repetitions, int threads, const std::function<void()>& body) {
  static std::map<int, double> best_copies;  // by threads
  double& best_copy = best_copies.try_emplace(threads, std::numeric_limits<double>::infinity()).first->second;
  Timing best;
  for (int i = 0; i < repetitions; ++i) {
    // Values are then those of the source.
    best_copy = std::min(best_copy, seconds(threads, [&] { copy(buffers, threads); }));
    best.body = std::min(best.body, seconds(threads, body));
  }
  best.copy = best_copy;
  return best;
}

struct Case {
  std::string name;
  BlockFormat format;
  BlockAxis axis = BlockAxis::row;
  BlockRounding rounding = {};
};

std::string columns(Buffers& buffers, int repetitions, const std::function<void(int)>& body) {
  const Timing one = measure(buffers, repetitions, 1, [&] { body(1); });
  const Timing two = measure(buffers, repetitions, 2, [&] { body(2); });
  return fmt::format("{:6.3f} ns {:5.2f} {:5.2f} {:5.2f}", one.body / static_cast<double>(kCount) * 1e9,
                     one.body / one.copy, two.body / two.copy, one.body / two.body);
}

void print_row(Buffers& buffers, const Case& one, int repetitions) {
  const MatrixShape grid = block_grid(one.format, kShape, one.axis);
  buffers.scales.resize(grid.rows * grid.cols);
  const std::string codes = columns(buffers, repetitions, [&](int threads) {
    quantize_blocks_to({buffers.codes, buffers.scales}, one.format, buffers.source, kShape, one.axis,
                       one.rounding, threads);
  });
  const std::string values = columns(buffers, repetitions, [&](int threads) {
    quantize_dequantize_blocks(one.format, buffers.values, kShape, one.axis, one.rounding, threads);
  });
  fmt::print("  {:28} {}   {}\n", one.name, codes, values);
}

std::vector<Case> cases(const std::vector<std::string>& names) {
  if (!names.empty()) {
    std::vector<Case> all;
    all.reserve(names.size());
    for (const std::string& name : names) all.push_back({name, parse_block_format(name)});
    return all;
  }
  std::vector<Case> all;
  for (const char* name : {"mxfp8_e4m3", "mxfp8_e5m2", "mxfp4", "mxfp4_rceil", "mxint8", "nvfp4",
                           "nvfp4_two_level", "nvfp4_te"}) {
    all.push_back({name, parse_block_format(name)});
  }
  const BlockFormat mxfp8 = parse_block_format("mxfp8_e4m3");
  all.push_back({"mxfp8_e4m3 along columns", mxfp8, BlockAxis::column});
  all.push_back({"mxfp8_e4m3 rup", mxfp8, BlockAxis::row, {.rounding = Rounding::rup}});
  all.push_back({"mxfp8_e4m3 sr_a 16 bits", mxfp8, BlockAxis::row, {.rounding = Rounding::sr_a, .seed = 1}});
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::atoi(argv[1]) : 10;
  const std::vector<Case> all = cases(std::vector<std::string>(argv + std::min(argc, 2), argv + argc));
  Buffers buffers;
  fmt::print(
      "Time per number on one thread; time over memcpy's on one and on two threads; speed-up of two.\n");
  fmt::print("memcpy's own speed-up: ");
  const Timing one = measure(buffers, repetitions, 1, [] {}), two = measure(buffers, repetitions, 2, [] {});
  fmt::print("{:.2f}; {:.3f} ns per float on one thread\n", one.copy / two.copy,
             one.copy / static_cast<double>(kCount) * 1e9);
  for (const Data& data : {Data{"normal", normal}, Data{"2^-40 .. 2^40", wide},
                           Data{"mostly subnormal", subnormal}, Data{"random bit patterns", any_bits}}) {
    for (size_t i = 0; i < kCount; ++i) buffers.source[i] = data.value(philox(1, 0, i));
    fmt::print("{}, best of {}\n  {:28} {:28}   {:28}\n", data.name, repetitions, "", "to codes", "in place");
    for (const Case& row : all) print_row(buffers, row, repetitions);
  }
}
