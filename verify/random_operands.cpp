#include "verify/random_operands.h"

#include <algorithm>

#include "base/random.h"
#include "formats/array_kernels.h"
#include "formats/array_kernels_simd.h"

namespace assay {
namespace {

constexpr uint64_t kBlock = 64;
constexpr uint64_t kKindStream = 201, kWordStream = 202;

bool is_float(const Format& format) {
  return format.kind == FormatKind::floating;
}

}  // namespace

RandomOperands::RandomOperands(const Unit& unit, uint64_t seed) : seed_(seed) {
  size_t words = 1;
  bool floats = true;
  for (int i = 0; i < operand_count(unit); ++i) {
    const Format& format = operand_format(unit, i);
    operands_.push_back({format, code_mask(format.width)});
    words += format.width > 32 ? 2 : 1;
    floats = floats && is_float(format) && format.fraction_width > 0;
  }
  words_each_ = (words + 3) / 4 * 4;
  aligns_ = floats && (unit.operation == Operation::mac || unit.operation == Operation::fma);
}

void RandomOperands::fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands,
                          size_t at) const {
  std::vector<uint32_t> words(kBlock * words_each_);
  for (size_t done = 0; done < count;) {
    const uint64_t index = first + done;
    const size_t length = std::min<size_t>(count - done, kBlock - index % kBlock);
    ArrayRandom random;
    random.seed = seed_;
    random.stream = kWordStream;
    random.first_index = index * words_each_;
    random.bits = 32;
    random_bits(random, length * words_each_, words.data());
    fill_block(index / kBlock, words.data(), length, operands, at + done);
    done += length;
  }
}

void RandomOperands::fill_block(uint64_t block, const uint32_t* words, size_t count,
                                std::vector<std::vector<uint64_t>>& operands, size_t at) const {
  size_t word = 0;
  for (size_t j = 0; j < operands_.size(); ++j) {
    uint64_t* to = operands[j].data() + at;
    const uint64_t mask = operands_[j].mask;
    if (operands_[j].format.width <= 32) {
      for (size_t i = 0; i < count; ++i) to[i] = words[i * words_each_ + word] & mask;
      ++word;
    } else {
      for (size_t i = 0; i < count; ++i) {
        const uint32_t* pair = words + i * words_each_ + word;
        to[i] = (uint64_t{pair[1]} << 32 | pair[0]) & mask;
      }
      word += 2;
    }
  }
  const uint32_t kind = philox(seed_, kKindStream, block)[0];
  if (kind % 16 == 0) {
    for (size_t j = 0; j < operands_.size(); ++j) pattern(j, words, count, operands[j], at);
  }
  if (aligns_ && kind % 4 != 0) align(words, count, operands, at);
}

// Gives c the exponent of the product, moved by a random distance. Products of subnormal operands are taken for normal.
void RandomOperands::align(const uint32_t* words, size_t count, std::vector<std::vector<uint64_t>>& operands,
                           size_t at) const {
  const Format &a = operands_[0].format, &b = operands_[1].format, &c = operands_[2].format;
  const auto top = static_cast<int64_t>(max_finite_magnitude(c) >> c.fraction_width);
  const int64_t bias = c.exponent_bias - a.exponent_bias - b.exponent_bias;
  const int64_t most = 2 * c.fraction_width + 6;
  const uint64_t kept =
      c.is_signed ? uint64_t{1} << (c.width - 1) | code_mask(c.fraction_width) : code_mask(c.fraction_width);
  const uint64_t a_mask = code_mask(magnitude_width(a)), b_mask = code_mask(magnitude_width(b));
  for (size_t i = 0; i < count; ++i) {
    const auto field_a = static_cast<int64_t>((operands[0][at + i] & a_mask) >> a.fraction_width);
    const auto field_b = static_cast<int64_t>((operands[1][at + i] & b_mask) >> b.fraction_width);
    const uint64_t random = words[i * words_each_ + words_each_ - 1];
    const auto distance = static_cast<int64_t>(random * static_cast<uint64_t>(2 * most + 1) >> 32) - most;
    const int64_t field = std::clamp<int64_t>(field_a + field_b + bias + distance, 0, top);
    operands[2][at + i] = (operands[2][at + i] & kept) | static_cast<uint64_t>(field) << c.fraction_width;
  }
}

// Sets a run of the low bits to ones or zeros, which makes carries long and products short.
void RandomOperands::pattern(size_t operand, const uint32_t* words, size_t count,
                             std::vector<uint64_t>& codes, size_t at) const {
  const Format& format = operands_[operand].format;
  const int places = is_float(format) ? std::max(format.fraction_width, 1) : format.width;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t random =
        words[i * words_each_ + words_each_ - 1] * 0x9e3779b1U + static_cast<uint32_t>(operand);
    const uint64_t run =
        code_mask(static_cast<int>(uint64_t{random} * static_cast<uint64_t>(places + 1) >> 32));
    const uint64_t code = codes[at + i];
    codes[at + i] = (random & 1) != 0 ? code | run : code & ~run;
  }
}

}  // namespace assay
