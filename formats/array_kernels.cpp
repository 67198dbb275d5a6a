#include "formats/array_kernels.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "formats/array_kernels_plan.h"
#include "formats/array_kernels_simd.h"
#include "formats/array_kernels_tables.h"
#include "formats/round.h"

namespace assay {
namespace {

// What threads take at a time.
constexpr size_t kBlock = 1 << 16;

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

// The reference for one element.
template <typename Float>
uint64_t code_of(const Task& task, Float value, uint32_t random) {
  const RandomBits bits = is_stochastic(task.rounding) ? RandomBits{task.random.bits, random} : RandomBits{};
  return round_to_code(task.format, real_of(value), task.rounding, task.saturation, bits);
}

// result(i, random bits) for all i in [begin, end).
template <typename Result>
void for_elements(const Task& task, size_t begin, size_t end, const Result& result) {
  if (!is_stochastic(task.rounding)) {
    for (size_t i = begin; i < end; ++i) result(i, 0);
    return;
  }
  constexpr size_t kBatch = 1 << 10;
  std::array<uint32_t, kBatch> random;
  for (size_t i = begin; i < end; i += kBatch) {
    const size_t count = std::min(kBatch, end - i);
    ArrayRandom batch = task.random;
    batch.first_index += i;
    random_bits(batch, count, random.data());
    for (size_t j = 0; j < count; ++j) result(i + j, random[j]);
  }
}

template <typename Float, typename Result>
void round_one_by_one(const Task& task, const Float* values, size_t begin, size_t end, Result* results) {
  for_elements(task, begin, end, [&](size_t i, uint32_t random) {
    const uint64_t code = code_of(task, values[i], random);
    if constexpr (std::is_same_v<Float, Result>) {
      results[i] = nearest_float<Float>(decode(task.format, code));
    } else {
      results[i] = static_cast<Result>(code);
    }
  });
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

template <typename Float, typename Result>
void round_by_chances(const Task& task, const ChanceTable<Float>& table, const Float* values, size_t begin,
                      size_t end, Result* results) {
  for_elements(task, begin, end, [&](size_t i, uint32_t random) {
    const std::optional<uint64_t> decided = table.code(values[i], random);
    const uint64_t code = decided ? *decided : code_of(task, values[i], random);
    if constexpr (std::is_same_v<Float, Result>) {
      results[i] = table.value(code);
    } else {
      results[i] = static_cast<Result>(code);
    }
  });
}

template <typename Float, typename Result>
void round_by_table(const Task& task, const Float* values, size_t count, Result* results, int threads) {
  const bool is_monotone = task.saturation != Saturation::wrap;
  if (is_monotone && !is_stochastic(task.rounding) && task.format.width <= 16) {
    if (const auto table = step_table<Float>(task.format, task.rounding, task.saturation, count)) {
      return for_blocks(count, threads, [&](size_t begin, size_t end) {
        round_by_steps(*table, values, begin, end, results);
      });
    }
  }
  if (is_monotone && is_stochastic(task.rounding) && task.format.width <= 8) {
    const auto table =
        chance_table<Float>(task.format, task.rounding, task.saturation, task.random.bits, count);
    if (table) {
      return for_blocks(count, threads, [&](size_t begin, size_t end) {
        round_by_chances(task, *table, values, begin, end, results);
      });
    }
  }
  for_blocks(count, threads,
             [&](size_t begin, size_t end) { round_one_by_one(task, values, begin, end, results); });
}

template <typename Float, typename Result>
void round_array(const Task& task, const Float* values, size_t count, Result* results, int threads) {
  const auto plan = make_rounding_plan<Float>(task.format, task.rounding, task.saturation, task.random.bits);
  if (!plan) return round_by_table(task, values, count, results, threads);
  for_blocks(count, threads, [&](size_t begin, size_t end) {
    ArrayRandom random = task.random;
    random.first_index += begin;
    round_lanes(*plan, values + begin, end - begin, random, results + begin);
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
