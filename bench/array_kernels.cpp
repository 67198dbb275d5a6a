// Speed of the array kernels against memcpy, on data that would show branches and slow paths. A case converts 16 Mi
// float32; its peer is a memcpy of 16 Mi floats from one buffer to another (64 MiB read, 64 MiB written) in the same run.
// Both are taken in turn; of a case the best of several repetitions counts, of memcpy the best of the run so far. The
// table has the ratios of their times: on one thread of the processor's time, otherwise of the clock's.
//
//   bench_array_kernels [repetitions [threads ...]] [--only TEXT] [--json]
//
// Threads are 1 and 2 unless given. With --only just the cases with TEXT in their name are measured. With --json one
// object a case is printed instead of the table: name, data, threads, nanoseconds an element, nanoseconds an element of
// memcpy.
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
#include <string>
#include <string_view>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "formats/array_kernels.h"
#include "formats/real.h"

using namespace assay;

namespace {

constexpr size_t kCount = size_t{1} << 24;

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

using Words = std::array<uint32_t, 4>;

float normal(const Words& words) {
  const float radius = std::sqrt(-2 * std::log(uniform_float(words[0]) + 0x1p-25f));
  return radius * std::cos(6.2831853f * uniform_float(words[1]));
}
float wide(const Words& words) {
  const float magnitude = std::exp2(80 * uniform_float(words[0]) - 40);
  return (words[1] & 1) != 0 ? -magnitude : magnitude;
}
float any_bits(const Words& words) {
  return std::bit_cast<float>(words[0]);
}

// What lies below the format's least normal number and about its least number; a quarter are subnormals of float.
float subnormal(const Words& words, float least_normal) {
  return normal(words) * ((words[2] & 3) == 0 ? 0x1p-140f : least_normal / 4);
}

float least_normal(const Format& format) {
  const bool is_floating = format.kind == FormatKind::floating && format.has_subnormals;
  const uint64_t code = is_floating ? uint64_t{1} << format.fraction_width : 1;
  return static_cast<float>(std::max(std::fabs(to_double(decode(format, code))), 0x1p-126));
}

constexpr std::array kDataNames = {"normal(0,1)", "2^-40..2^40", "subnormal", "random bits"};

void fill(std::vector<float>& source, size_t kind, const Format& format) {
  const float least = least_normal(format);
  parallel_for(kCount >> 16, hardware_threads(), [&](size_t block) {
    for (size_t i = block << 16; i < (block + 1) << 16; ++i) {
      const Words words = philox(1, 0, i);
      source[i] = kind == 0   ? normal(words)
                  : kind == 1 ? wide(words)
                  : kind == 2 ? subnormal(words, least)
                              : any_bits(words);
    }
  });
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

enum class Task { quantize, encode, decode };

struct Case {
  std::string_view format;
  Rounding rounding = Rounding::rne;
  Task task = Task::quantize;
  int bits = 16;
  Saturation saturation = Saturation::sat_none;

  std::string name() const {
    const std::string random = is_stochastic(rounding) ? std::to_string(bits) : "";
    const std::string wrap = saturation == Saturation::wrap ? " wrap" : "";
    const auto what = std::array{"in place", "to codes", "from codes"}.at(static_cast<size_t>(task));
    return fmt::format("{} {}{}{} {}", format, to_string(rounding), random, wrap, what);
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* name : {"e4m3", "e5m2", "fp16", "bf16", "binary8p4se", "e2m1", "int8"})
    all.push_back({name});
  for (const char* name : {"e4m3", "e5m2", "fp16", "bf16", "binary8p4se"}) {
    for (Rounding rounding : {Rounding::sr_a, Rounding::sr_b, Rounding::sr_c})
      all.push_back({name, rounding});
  }
  all.push_back({"e4m3", Rounding::sr_a, Task::quantize, 32});
  for (const char* name : {"e4m3", "e5m2", "binary8p4se", "int8", "fp16", "bf16"}) {
    all.push_back({name, Rounding::rne, Task::encode});
  }
  for (const char* name : {"e4m3", "fp16"}) all.push_back({name, Rounding::rne, Task::decode});
  for (Rounding rounding : {Rounding::rna, Rounding::rtz, Rounding::rup, Rounding::odd}) {
    all.push_back({"e4m3", rounding});
  }
  all.push_back({"int8", Rounding::rne, Task::encode, 16, Saturation::wrap});
  all.push_back({"e8m0", Rounding::rup, Task::encode});
  for (const char* name : {"posit8", "posit16", "hif8", "nf4", "lns8f3"}) {
    all.push_back({name, Rounding::rne, Task::encode});
  }
  for (const char* name : {"posit8", "hif8", "nf4"}) all.push_back({name, Rounding::sr_a, Task::encode});
  return all;
}

template <typename Code>
void convert(const Case& one, const Format& format, Buffers& buffers, std::vector<Code> Buffers::*codes,
             int threads) {
  const ArrayRandom random = {.seed = 1, .bits = one.bits};
  if (one.task == Task::quantize) {
    quantize_dequantize(format, one.rounding, one.saturation, std::span(buffers.values), random, threads);
  } else if (one.task == Task::encode) {
    encode_array(format, one.rounding, one.saturation, std::span<const float>(buffers.source),
                 std::span(buffers.*codes), random, threads);
  } else {
    decode_array(format, std::span<const Code>(buffers.*codes), std::span(buffers.values), threads);
  }
}

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Nanoseconds an element; best_copy is brought up to date.
double measure(Buffers& buffers, const Case& one, const Format& format, int repetitions, int threads,
               double& best_copy) {
  constexpr double kNano = 1e9 / static_cast<double>(kCount);
  const auto convert_all = [&] {
    if (format.width <= 8) {
      convert(one, format, buffers, &Buffers::codes8, threads);
    } else {
      convert(one, format, buffers, &Buffers::codes16, threads);
    }
  };
  double best = kInfinite;
  for (int i = 0; i < repetitions; ++i) {
    best_copy = std::min(best_copy, kNano * seconds(threads, [&] { copy(buffers, threads); }));
    // The copy restored the values. Codes are those that the encoding of a case before left.
    best = std::min(best, kNano * seconds(threads, convert_all));
  }
  return best;
}

void print_json(const Case& one, std::string_view data, int threads, double best, double best_copy) {
  fmt::print(R"({{"name": "{}", "data": "{}", "threads": {}, "nanoseconds": {:.4f}, "memcpy": {:.4f}}})"
             "\n",
             one.name(), data, threads, best, best_copy);
}

}  // namespace

int main(int argc, char** argv) {
  int repetitions = 10;
  std::vector<int> threads;
  bool json = false;
  std::string only;
  for (int i = 1, numbers = 0; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") {
      json = true;
    } else if (std::string_view(argv[i]) == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else if (numbers++ == 0) {
      repetitions = std::max(1, std::atoi(argv[i]));
    } else {
      threads.push_back(std::max(1, std::atoi(argv[i])));
    }
  }
  if (threads.empty()) threads = {1, 2};

  Buffers buffers;
  if (!json) {
    fmt::print("time / time of memcpy, {} Mi float32, best of {}\n{:30}", kCount >> 20, repetitions, "");
    for (int count : threads) fmt::print(" | {:<51}", fmt::format("{} thread(s)", count));
    fmt::print("\n{:30}", "");
    for (size_t i = 0; i < threads.size(); ++i) {
      fmt::print(" |");
      for (const char* name : kDataNames) fmt::print(" {:>12}", name);
    }
    fmt::print("\n");
  }
  std::vector<double> best_copy(threads.size(), kInfinite);
  for (const Case& one : cases()) {
    if (one.name().find(only) == std::string::npos) continue;
    const Format format = parse_format(one.format);
    std::vector<double> ratios(threads.size() * kDataNames.size());
    for (size_t kind = 0; kind < kDataNames.size(); ++kind) {
      fill(buffers.source, kind, format);
      for (size_t i = 0; i < threads.size(); ++i) {
        const double best = measure(buffers, one, format, repetitions, threads[i], best_copy[i]);
        ratios[i * kDataNames.size() + kind] = best / best_copy[i];
        if (json) print_json(one, kDataNames.at(kind), threads[i], best, best_copy[i]);
      }
    }
    if (json) continue;
    fmt::print("{:30}", one.name());
    for (size_t i = 0; i < ratios.size(); ++i) {
      fmt::print("{} {:12.2f}", i % kDataNames.size() == 0 ? " |" : "", ratios[i]);
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  if (json) return 0;
  for (size_t i = 0; i < threads.size(); ++i) {
    fmt::print("memcpy with {} thread(s): {:.1f} GB/s read and as much written\n", threads[i],
               sizeof(float) / best_copy[i]);
  }
}
