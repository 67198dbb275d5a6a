// float32 to the main formats, scalar and through the array kernels, against float32_steps.h: every place where
// the code changes, and with ASSAY_LONG in the environment all 2^32 inputs. Since round_to_code is also called
// on both sides of every step, and rounds monotonically by its other tests, the steps prove it for all floats.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <hwy/targets.h>

#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "float32_steps.h"
#include "formats/array_kernels.h"
#include "formats/round.h"

using namespace assay;

namespace {

constexpr Rounding kRoundings[] = {Rounding::rne,  Rounding::rna,  Rounding::rtz,  Rounding::rup,
                                   Rounding::rdn,  Rounding::odd,  Rounding::rntz, Rounding::rnup,
                                   Rounding::rndn, Rounding::rnodd};

// One conversion and what the standards say of it.
struct Conversion32 {
  const StandardFormat* standard;
  Format format;
  Rounding rounding;
  Saturation saturation;
  std::vector<Step> steps;

  std::string describe() const {
    return format.name + " " + std::string(to_string(rounding)) + " " + std::string(to_string(saturation));
  }
};

Conversion32 make_conversion(const StandardFormat& standard, Rounding rounding, Saturation saturation) {
  return {&standard, parse_format(standard.name), rounding, saturation,
          float32_steps(standard, rounding, saturation)};
}

bool same_steps(const std::vector<Step>& a, const std::vector<Step>& b) {
  return std::ranges::equal(
      a, b, [](const Step& x, const Step& y) { return x.first == y.first && x.code == y.code; });
}

// Counts wrong results from any thread and keeps the first few.
class Mismatches {
 public:
  void add(const Conversion32& conversion, const char* path, uint32_t input, uint32_t expected,
           uint32_t found) {
    if (count_++ >= 3) return;
    const std::lock_guard lock(mutex_);
    text_ += fmt::format("\n  {} {}: float {:#010x} -> {:#x}, expected {:#x}", conversion.describe(), path,
                         input, found, expected);
  }
  void check() const {
    INFO("wrong results: ", count_.load(), text_);
    CHECK(count_ == 0);
  }

 private:
  std::atomic<uint64_t> count_{0};
  std::mutex mutex_;
  std::string text_;
};

// Whether all elements are `expected`: the first is, and every other one equals the one before it.
template <typename T>
bool all_equal(const T* values, size_t count, T expected) {
  return values[0] == expected && std::memcmp(values, values + 1, (count - 1) * sizeof(T)) == 0;
}

// The results for consecutive inputs `first`, `first` + 1, ..., step by step. `Result` is a code, or the bits of
// the dequantized float.
template <typename Result>
void check_run(const Conversion32& conversion, const char* path, uint32_t first,
               std::span<const Result> results, Mismatches& mismatches) {
  size_t step = step_of(conversion.steps, first);
  for (size_t begin = 0; begin < results.size(); ++step) {
    const bool is_last = step + 1 == conversion.steps.size();
    const uint64_t next = is_last ? uint64_t{1} << 32 : conversion.steps[step + 1].first;
    const size_t end = std::min<uint64_t>(results.size(), next - first);
    const uint32_t code = conversion.steps[step].code;
    const auto expected =
        static_cast<Result>(sizeof(Result) == 4 ? float_bits_of_code(*conversion.standard, code) : code);
    if (!all_equal(results.data() + begin, end - begin, expected)) {
      for (size_t i = begin; i < end; ++i) {
        if (results[i] == expected) continue;
        mismatches.add(conversion, path, first + static_cast<uint32_t>(i), expected, results[i]);
      }
    }
    begin = end;
  }
}

// Buffers of one thread; together they fit into its part of the cache.
struct Chunk {
  static constexpr size_t kSize = size_t{1} << 15;
  std::vector<float> values = std::vector<float>(kSize);
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kSize);
  std::vector<uint16_t> words = std::vector<uint16_t>(kSize);
  std::vector<uint32_t> bits = std::vector<uint32_t>(kSize);

  void fill(uint32_t first) {
    for (size_t i = 0; i < kSize; ++i) bits[i] = first + static_cast<uint32_t>(i);
    std::memcpy(values.data(), bits.data(), kSize * sizeof(float));
  }
};

// Both paths through the kernels for the inputs from `first` on, in the narrowest code type.
void check_chunk(const Conversion32& conversion, uint32_t first, Chunk& chunk, Mismatches& mismatches) {
  const auto& [standard, format, rounding, saturation, steps] = conversion;
  chunk.fill(first);
  const std::span<const float> values(chunk.values);
  if (format.width <= 8) {
    encode_array(format, rounding, saturation, values, std::span(chunk.bytes));
    check_run(conversion, "encode_array", first, std::span<const uint8_t>(chunk.bytes), mismatches);
  } else {
    encode_array(format, rounding, saturation, values, std::span(chunk.words));
    check_run(conversion, "encode_array", first, std::span<const uint16_t>(chunk.words), mismatches);
  }
  quantize_dequantize(format, rounding, saturation, std::span(chunk.values));
  std::memcpy(chunk.bits.data(), chunk.values.data(), Chunk::kSize * sizeof(float));
  check_run(conversion, "quantize_dequantize", first, std::span<const uint32_t>(chunk.bits), mismatches);
}

// The bit patterns from two before each step to two after it. Of the thousands of steps of a 16-bit format every
// `stride`-th, and the last ones of each sign, where saturation matters.
std::vector<uint32_t> patterns_at_steps(const std::vector<Step>& steps, size_t stride) {
  std::vector<uint32_t> patterns;
  const size_t first_negative = step_of(steps, 0x80000000);
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool near_end = i + 16 > steps.size() || (i < first_negative && i + 16 > first_negative);
    if (i % stride != 0 && !near_end) continue;
    for (uint32_t k = 0; k < 5; ++k) patterns.push_back(steps[i].first + k - 2);
  }
  return patterns;
}

template <typename Code>
void check_codes(const Conversion32& conversion, const std::vector<uint32_t>& patterns,
                 const std::vector<float>& values, Mismatches& mismatches) {
  std::vector<Code> codes(values.size());
  encode_array(conversion.format, conversion.rounding, conversion.saturation, std::span<const float>(values),
               std::span(codes));
  for (size_t i = 0; i < patterns.size(); ++i) {
    const uint32_t expected = conversion.steps[step_of(conversion.steps, patterns[i])].code;
    if (codes[i] != expected) mismatches.add(conversion, "encode_array", patterns[i], expected, codes[i]);
  }
}

void check_kernels_at_steps(const Conversion32& conversion, const std::vector<uint32_t>& patterns,
                            Mismatches& mismatches) {
  std::vector<float> values(patterns.size());
  std::memcpy(values.data(), patterns.data(), patterns.size() * sizeof(float));
  if (conversion.format.width <= 8) check_codes<uint8_t>(conversion, patterns, values, mismatches);
  check_codes<uint16_t>(conversion, patterns, values, mismatches);
  quantize_dequantize(conversion.format, conversion.rounding, conversion.saturation, std::span(values));
  for (size_t i = 0; i < patterns.size(); ++i) {
    const uint32_t code = conversion.steps[step_of(conversion.steps, patterns[i])].code;
    const uint32_t expected = float_bits_of_code(*conversion.standard, code);
    const auto found = std::bit_cast<uint32_t>(values[i]);
    if (found != expected) mismatches.add(conversion, "quantize_dequantize", patterns[i], expected, found);
  }
}

void check_scalar_at_steps(const Conversion32& conversion, const std::vector<uint32_t>& patterns,
                           Mismatches& mismatches) {
  for (const uint32_t pattern : patterns) {
    const uint32_t expected = conversion.steps[step_of(conversion.steps, pattern)].code;
    const uint64_t found =
        encode(conversion.format, std::bit_cast<float>(pattern), conversion.rounding, conversion.saturation);
    if (found != expected) {
      mismatches.add(conversion, "round_to_code", pattern, expected, static_cast<uint32_t>(found));
    }
  }
}

// Runs body for each instruction set of the machine the kernels are compiled for.
template <typename Body>
void on_every_target(const Body& body) {
  for (int64_t left = hwy::SupportedTargets() & (HWY_SCALAR | HWY_AVX2 | HWY_AVX3); left != 0;
       left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & -left);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

std::vector<Conversion32> conversions_of(std::span<const Saturation> saturations) {
  std::vector<Conversion32> conversions;
  for (const StandardFormat& standard : standard_formats()) {
    for (const Rounding rounding : kRoundings) {
      for (const Saturation saturation : saturations)
        conversions.push_back(make_conversion(standard, rounding, saturation));
    }
  }
  return conversions;
}

constexpr uint64_t kInputs = uint64_t{1} << 32;

void sweep(const Conversion32& conversion, Progress& progress) {
  constexpr uint64_t kTask = uint64_t{1} << 22;
  Mismatches mismatches;
  progress.label(conversion.describe());
  parallel_for(kInputs / kTask, hardware_threads(), [&](size_t task) {
    Chunk chunk;
    for (uint64_t first = task * kTask; first < (task + 1) * kTask; first += Chunk::kSize)
      check_chunk(conversion, static_cast<uint32_t>(first), chunk, mismatches);
    progress.advance(kTask);
  });
  mismatches.check();
}

}  // namespace

TEST_CASE("float32 steps are those of the standards' examples") {
  // OCP OFP8 1.0: E4M3 overflows above 464, which ties to the even 448; E5M2 from 61440 on. MX 1.0: E2M1 ties.
  const auto code = [](const char* name, float x, Rounding rounding, Saturation saturation) {
    const auto standard = std::ranges::find(standard_formats(), std::string(name), &StandardFormat::name);
    const auto steps = float32_steps(*standard, rounding, saturation);
    return steps[step_of(steps, std::bit_cast<uint32_t>(x))].code;
  };
  CHECK(code("e4m3", 464, Rounding::rne, Saturation::sat_none) == 0x7e);
  CHECK(code("e4m3", 464.001F, Rounding::rne, Saturation::sat_none) == 0x7f);
  CHECK(code("e4m3", -464.001F, Rounding::rne, Saturation::sat_finite) == 0xfe);
  CHECK(code("e5m2", 61440, Rounding::rne, Saturation::sat_none) == 0x7c);
  CHECK(code("e5m2", 61440, Rounding::rtz, Saturation::sat_none) == 0x7b);
  CHECK(code("e2m1", -2.5F, Rounding::rne, Saturation::sat_none) == 0xc);
  CHECK(code("e2m1", -0.1F, Rounding::rne, Saturation::sat_none) == 0x8);
  CHECK(code("binary8p4se", -0.0F, Rounding::rne, Saturation::sat_none) == 0);
  CHECK(code("binary8p3ue", -1, Rounding::rne, Saturation::sat_none) == 0xff);
  CHECK(code("binary8p3ue", 0x5p29F, Rounding::rne, Saturation::sat_none) == 0xfd);
  CHECK(code("int8", -127.5F, Rounding::rne, Saturation::sat_none) == 0x80);
  CHECK(code("fp16", 65520, Rounding::rne, Saturation::sat_none) == 0x7c00);
  CHECK(code("bf16", 0x1p-134F, Rounding::rne, Saturation::sat_none) == 0);
}

TEST_CASE("float32 at every step: scalar and array conversion in all roundings and saturations") {
  constexpr Saturation kSaturations[] = {Saturation::sat_none, Saturation::sat_none_v40,
                                         Saturation::sat_finite, Saturation::sat_propagate};
  const std::vector<Conversion32> conversions = conversions_of(kSaturations);
  std::vector<std::vector<uint32_t>> patterns;
  for (const Conversion32& conversion : conversions) {
    const bool thin = conversion.format.width > 8 && conversion.saturation != Saturation::sat_none;
    patterns.push_back(patterns_at_steps(conversion.steps, thin ? 61 : 1));
  }
  Mismatches mismatches;
  parallel_for(conversions.size(), hardware_threads(),
               [&](size_t i) { check_scalar_at_steps(conversions[i], patterns[i], mismatches); });
  on_every_target([&] {
    parallel_for(conversions.size(), hardware_threads(),
                 [&](size_t i) { check_kernels_at_steps(conversions[i], patterns[i], mismatches); });
  });
  mismatches.check();
}

TEST_CASE("float32 in runs of consecutive bit patterns: array conversion") {
  constexpr Saturation kSaturations[] = {Saturation::sat_none, Saturation::sat_finite};
  const std::vector<Conversion32> conversions = conversions_of(kSaturations);
  Mismatches mismatches;
  parallel_for(conversions.size(), hardware_threads(), [&](size_t i) {
    Chunk chunk;
    for (uint64_t k = 0; k < 24; ++k) {
      const auto first = static_cast<uint32_t>(philox64(7, i, k) & ~uint64_t{Chunk::kSize - 1});
      check_chunk(conversions[i], first, chunk, mismatches);
    }
  });
  mismatches.check();
}

TEST_CASE("all 2^32 float32 inputs: array conversion" * doctest::test_suite("long") *
          doctest::skip(std::getenv("ASSAY_LONG") == nullptr)) {
  std::vector<Conversion32> conversions;
  for (const StandardFormat& standard : standard_formats()) {
    for (const Rounding rounding : kRoundings) {
      conversions.push_back(make_conversion(standard, rounding, Saturation::sat_none));
      Conversion32 saturating = make_conversion(standard, rounding, Saturation::sat_finite);
      if (!same_steps(conversions.back().steps, saturating.steps))
        conversions.push_back(std::move(saturating));
    }
  }
  Progress progress("float32", conversions.size() * kInputs);
  for (const StandardFormat& standard : standard_formats()) {
    std::string swept;
    for (const Conversion32& conversion : conversions) {
      if (conversion.standard != &standard) continue;
      sweep(conversion, progress);
      swept += fmt::format(" {}{}", to_string(conversion.rounding),
                           conversion.saturation == Saturation::sat_finite ? "+sat_finite" : "");
    }
    MESSAGE(fmt::format("{}: encode_array and quantize_dequantize of 2^32 inputs each in{}", standard.name,
                        swept));
  }
}
