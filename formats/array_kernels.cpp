#include "formats/array_kernels.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "formats/array_kernels_plan.h"
#include "formats/array_kernels_simd.h"
#include "formats/array_kernels_steps.h"
#include "formats/round.h"

namespace assay {
namespace {

// What threads take at a time, and what is rounded with one batch of random words (which stay in the nearest cache).
constexpr size_t kBlock = 1 << 16;
constexpr size_t kBatch = 1 << 10;

// Calls body(begin, end) for blocks that cover [0, count).
template <typename Body>
void for_blocks(size_t count, int threads, const Body& body) {
  const size_t blocks = (count + kBlock - 1) / kBlock;
  parallel_for(blocks, threads, [&](size_t block) {
    const size_t begin = block * kBlock;
    body(begin, std::min(begin + kBlock, count));
  });
}

void check_bits(Rounding rounding, int random_bits) {
  if (is_stochastic(rounding) && (random_bits < 0 || random_bits > 32)) {
    fail("stochastic rounding of an array takes 0 to 32 random bits, not {}", random_bits);
  }
}

void check_lengths(const Format& format, size_t values, size_t codes, size_t code_width) {
  if (values != codes) fail("{} values and {} codes: the arrays must have the same length", values, codes);
  if (static_cast<size_t>(format.width) > code_width) {
    fail("{}: codes of {} bits do not fit elements of {}", format.name, format.width, code_width);
  }
}

// One conversion to do: everything but the data.
struct Task {
  const Format& format;
  Rounding rounding;
  Saturation saturation;
  ArrayRandom random;
};

template <typename Float>
uint64_t code_of(const Task& task, Float value, uint32_t word) {
  RandomBits random;
  if (task.random.bits > 0) random = {task.random.bits, word >> (32 - task.random.bits)};
  return round_to_code(task.format, real_of(value), task.rounding, task.saturation, random);
}

// The reference for values[begin .. end).
template <typename Float, typename Result>
void round_one_by_one(const Task& task, const Float* values, size_t begin, size_t end, Result* results) {
  for (size_t i = begin; i < end; ++i) {
    const uint64_t index = task.random.first_index + i;
    const uint32_t word =
        is_stochastic(task.rounding) ? philox(task.random.seed, task.random.stream, index / 4)[index % 4] : 0;
    const uint64_t code = code_of(task, values[i], word);
    if constexpr (std::is_same_v<Float, Result>) {
      results[i] = nearest_float<Float>(decode(task.format, code));
    } else {
      results[i] = static_cast<Result>(code);
    }
  }
}

template <typename Float, typename Result>
void round_stochastic(const RoundingPlan<Float>& plan, const ArrayRandom& random, const Float* values,
                      size_t begin, size_t end, Result* results) {
  alignas(64) std::array<uint32_t, kBatch + 4 * kPhiloxGroups> words;
  for (size_t i = begin; i < end;) {
    const uint64_t index = random.first_index + i;
    const size_t skip = index % 4;
    const size_t count = std::min(kBatch - skip, end - i);
    philox_words(random.seed, random.stream, index / 4, (skip + count + 3) / 4, words.data());
    round_lanes(plan, values + i, words.data() + skip, count, results + i);
    i += count;
  }
}

template <typename Float, typename Result>
void round_by_steps(const StepTable<Float>& table, const Float* values, size_t begin, size_t end,
                    Result* results) {
  for (size_t i = begin; i < end; ++i) {
    const size_t step = table.find(values[i]);
    if constexpr (std::is_same_v<Float, Result>) {
      results[i] = table.value(step);
    } else {
      results[i] = static_cast<Result>(table.code(step));
    }
  }
}

// Whether building a table of steps takes less time than it saves.
bool worth_a_table(const Task& task, size_t count) {
  constexpr size_t kElementsPerCode = 32;
  if (is_stochastic(task.rounding) || task.saturation == Saturation::wrap || task.format.width > 16)
    return false;
  return count >> task.format.width >= kElementsPerCode;
}

template <typename Float, typename Result>
void round_array(const Task& task, const Float* values, size_t count, Result* results, int threads) {
  const auto plan = make_rounding_plan<Float>(task.format, task.rounding, task.saturation, task.random.bits);
  std::optional<StepTable<Float>> table;
  if (!plan && worth_a_table(task, count)) table.emplace(task.format, task.rounding, task.saturation);
  for_blocks(count, threads, [&](size_t begin, size_t end) {
    if (table) {
      round_by_steps(*table, values, begin, end, results);
    } else if (!plan) {
      round_one_by_one(task, values, begin, end, results);
    } else if (is_stochastic(task.rounding)) {
      round_stochastic(*plan, task.random, values, begin, end, results);
    } else {
      round_lanes(*plan, values + begin, nullptr, end - begin, results + begin);
    }
  });
}

template <typename Float>
void quantize_dequantize_any(const Format& format, Rounding rounding, Saturation saturation,
                             std::span<Float> values, const ArrayRandom& random, int threads) {
  check_bits(rounding, random.bits);
  if (format.width > 32) fail("{}: formats of more than 32 bits are not supported for arrays", format.name);
  round_array(Task{format, rounding, saturation, random}, values.data(), values.size(), values.data(),
              threads);
}

template <typename Float, typename Code>
void encode_any(const Format& format, Rounding rounding, Saturation saturation, std::span<const Float> values,
                std::span<Code> codes, const ArrayRandom& random, int threads) {
  check_bits(rounding, random.bits);
  check_lengths(format, values.size(), codes.size(), 8 * sizeof(Code));
  round_array(Task{format, rounding, saturation, random}, values.data(), values.size(), codes.data(),
              threads);
}

template <typename Float, typename Code>
void decode_any(const Format& format, std::span<const Code> codes, std::span<Float> values, int threads) {
  check_lengths(format, values.size(), codes.size(), 8 * sizeof(Code));
  if (const auto plan = make_decoding_plan<Float>(format)) {
    for_blocks(codes.size(), threads, [&](size_t begin, size_t end) {
      decode_lanes(*plan, codes.data() + begin, end - begin, values.data() + begin);
    });
    return;
  }
  const size_t code_count = size_t{1} << format.width;
  if (codes.size() < code_count) {
    std::ranges::transform(codes, values.begin(),
                           [&](Code code) { return nearest_float<Float>(decode(format, code)); });
    return;
  }
  std::vector<Float> table(code_count);
  for (size_t code = 0; code < code_count; ++code) table[code] = nearest_float<Float>(decode(format, code));
  for_blocks(codes.size(), threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) values[i] = table[codes[i] & (code_count - 1)];
  });
}

}  // namespace

void quantize_dequantize(const Format& format, Rounding rounding, Saturation saturation,
                         std::span<float> values, const ArrayRandom& random, int threads) {
  quantize_dequantize_any(format, rounding, saturation, values, random, threads);
}
void quantize_dequantize(const Format& format, Rounding rounding, Saturation saturation,
                         std::span<double> values, const ArrayRandom& random, int threads) {
  quantize_dequantize_any(format, rounding, saturation, values, random, threads);
}

void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const float> values, std::span<uint8_t> codes, const ArrayRandom& random,
                  int threads) {
  encode_any(format, rounding, saturation, values, codes, random, threads);
}
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const float> values, std::span<uint16_t> codes, const ArrayRandom& random,
                  int threads) {
  encode_any(format, rounding, saturation, values, codes, random, threads);
}
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const double> values, std::span<uint8_t> codes, const ArrayRandom& random,
                  int threads) {
  encode_any(format, rounding, saturation, values, codes, random, threads);
}
void encode_array(const Format& format, Rounding rounding, Saturation saturation,
                  std::span<const double> values, std::span<uint16_t> codes, const ArrayRandom& random,
                  int threads) {
  encode_any(format, rounding, saturation, values, codes, random, threads);
}

void decode_array(const Format& format, std::span<const uint8_t> codes, std::span<float> values,
                  int threads) {
  decode_any(format, codes, values, threads);
}
void decode_array(const Format& format, std::span<const uint16_t> codes, std::span<float> values,
                  int threads) {
  decode_any(format, codes, values, threads);
}
void decode_array(const Format& format, std::span<const uint8_t> codes, std::span<double> values,
                  int threads) {
  decode_any(format, codes, values, threads);
}
void decode_array(const Format& format, std::span<const uint16_t> codes, std::span<double> values,
                  int threads) {
  decode_any(format, codes, values, threads);
}

}  // namespace assay
