// Speed of the array kernels against memcpy. A case converts 16 Mi elements; its peer is a memcpy of 16 Mi floats from
// one buffer to another (64 MiB read, 64 MiB written) in the same run. Both are the best of several repetitions,
// taken in turn.
//
//   bench_array_kernels [repetitions] [threads]
#include <fmt/format.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "formats/array_kernels.h"

using namespace assay;

namespace {

constexpr size_t kCount = size_t{1} << 24;

double seconds(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Kinds of data that would show branches and slow paths.
struct Data {
  std::string name;
  float (*value)(std::array<uint32_t, 4> words);
};

float normal(std::array<uint32_t, 4> words) {
  const float radius = std::sqrt(-2 * std::log(uniform_float(words[0]) + 0x1p-25f));
  return radius * std::cos(6.2831853f * uniform_float(words[1]));
}
float wide(std::array<uint32_t, 4> words) {
  const float magnitude = std::exp2(80 * uniform_float(words[0]) - 40);
  return (words[1] & 1) != 0 ? -magnitude : magnitude;
}
float small(std::array<uint32_t, 4> words) {
  return normal(words) * ((words[2] & 1) != 0 ? 0x1p-8f : 0x1p-140f);
}
float any_bits(std::array<uint32_t, 4> words) {
  return std::bit_cast<float>(words[0]);
}

struct Buffers {
  std::vector<float> source = std::vector<float>(kCount);
  std::vector<float> values = std::vector<float>(kCount);
  std::vector<uint8_t> codes8 = std::vector<uint8_t>(kCount);
  std::vector<uint16_t> codes16 = std::vector<uint16_t>(kCount);
};

void copy(Buffers& buffers, int threads) {
  const size_t piece = kCount / static_cast<size_t>(threads);
  parallel_for(static_cast<size_t>(threads), threads, [&](size_t i) {
    std::memcpy(buffers.values.data() + i * piece, buffers.source.data() + i * piece, piece * sizeof(float));
  });
}

struct Case {
  std::string name;
  std::function<void()> prepare;  // not timed
  std::function<void()> body;
};

std::vector<Case> cases(Buffers& b, int threads) {
  std::vector<Case> all;
  const auto restore = [&b] { b.values = b.source; };
  const auto nothing = [] {};
  const auto quantize = [&](const char* name, Rounding rounding, int bits) {
    all.push_back({fmt::format("{} {}{} in place", name, to_string(rounding),
                               is_stochastic(rounding) ? std::to_string(bits) : ""),
                   restore, [&b, rounding, bits, threads, format = parse_format(name)] {
                     quantize_dequantize(format, rounding, Saturation::sat_none, std::span(b.values),
                                         {.seed = 1, .bits = bits}, threads);
                   }});
  };
  for (const char* name : {"e4m3", "e5m2", "fp16", "bf16", "e2m1", "binary8p4se", "int8"}) {
    quantize(name, Rounding::rne, 0);
  }
  for (Rounding rounding : {Rounding::rna, Rounding::rtz, Rounding::rup, Rounding::odd}) {
    quantize("e4m3", rounding, 0);
  }
  for (const char* name : {"e4m3", "e5m2", "bf16"}) quantize(name, Rounding::sr_a, 32);
  quantize("e4m3", Rounding::sr_b, 16);
  quantize("e4m3", Rounding::sr_c, 16);
  for (const char* name : {"e4m3", "e5m2", "e2m1", "int8"}) {
    all.push_back(
        {fmt::format("{} rne to 8-bit codes", name), nothing, [&b, threads, format = parse_format(name)] {
           encode_array(format, Rounding::rne, Saturation::sat_none, std::span<const float>(b.source),
                        std::span(b.codes8), {}, threads);
         }});
    all.push_back(
        {fmt::format("{} from 8-bit codes", name), nothing, [&b, threads, format = parse_format(name)] {
           decode_array(format, std::span<const uint8_t>(b.codes8), std::span(b.values), threads);
         }});
  }
  for (const char* name : {"fp16", "bf16"}) {
    all.push_back(
        {fmt::format("{} rne to 16-bit codes", name), nothing, [&b, threads, format = parse_format(name)] {
           encode_array(format, Rounding::rne, Saturation::sat_none, std::span<const float>(b.source),
                        std::span(b.codes16), {}, threads);
         }});
    all.push_back(
        {fmt::format("{} from 16-bit codes", name), nothing, [&b, threads, format = parse_format(name)] {
           decode_array(format, std::span<const uint16_t>(b.codes16), std::span(b.values), threads);
         }});
  }
  return all;
}

void measure(Buffers& buffers, const Case& one, int repetitions, int threads) {
  double best = std::numeric_limits<double>::infinity();
  double best_copy = best;
  for (int i = 0; i < repetitions; ++i) {
    best_copy = std::min(best_copy, seconds([&] { copy(buffers, threads); }));
    one.prepare();
    best = std::min(best, seconds(one.body));
  }
  constexpr double kNano = 1e9;
  const double per_element = best / static_cast<double>(kCount) * kNano;
  fmt::print("  {:28} {:7.3f} ns/element {:6.1f} GB/s of floats   memcpy {:6.3f} ns   ratio {:5.2f}\n",
             one.name, per_element, sizeof(float) / per_element,
             best_copy / static_cast<double>(kCount) * kNano, best / best_copy);
}

}  // namespace

int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::atoi(argv[1]) : 10;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  Buffers buffers;
  for (const Data& data : {Data{"normal", normal}, Data{"2^-40 .. 2^40", wide},
                           Data{"mostly subnormal", small}, Data{"random bit patterns", any_bits}}) {
    for (size_t i = 0; i < kCount; ++i) buffers.source[i] = data.value(philox(1, 0, i));
    fmt::print("{}, {} thread(s), best of {}\n", data.name, threads, repetitions);
    for (const Case& one : cases(buffers, threads)) measure(buffers, one, repetitions, threads);
  }
}
