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
  words_each_ = words;
  aligns_ = floats && (unit.operation == Operation::mac || unit.operation == Operation::fma);
}

void RandomOperands::fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands,
                          size_t at) const {
  std::vector<uint32_t> words(kBlock * words_each_);
  std::vector<uint64_t*> columns(operands_.size());
  for (size_t done = 0; done < count;) {
    const uint64_t block = (first + done) / kBlock, skip = (first + done) % kBlock;
    const size_t length = std::min<size_t>(count - done, kBlock - skip);
    ArrayRandom random;
    random.seed = seed_;
    random.stream = kWordStream;
    random.first_index = block * words.size();
    random.bits = 32;
    random_bits(random, words.size(), words.data());
    for (size_t j = 0; j < columns.size(); ++j) columns[j] = operands[j].data() + at + done;
    fill_block(block, words.data(), skip, length, columns.data());
    done += length;
  }
}

void RandomOperands::fill_block(uint64_t block, const uint32_t* words, size_t skip, size_t count,
                                uint64_t** columns) const {
  const uint32_t* word = words + skip;
  for (size_t j = 0; j < operands_.size(); ++j, word += kBlock) {
    const uint64_t mask = operands_[j].mask;
    std::transform(word, word + count, columns[j], [mask](uint32_t low) { return low & mask; });
    if (operands_[j].format.width <= 32) continue;
    word += kBlock;
    for (size_t i = 0; i < count; ++i) columns[j][i] |= (uint64_t{word[i]} << 32) & mask;
  }
  const uint32_t kind = philox(seed_, kKindStream, block)[0];
  if (kind % 16 == 0) {
    for (size_t j = 0; j < operands_.size(); ++j) pattern(j, word, count, columns[j]);
  }
  if (aligns_ && kind % 4 != 0) align(word, count, columns);
}

// Gives c the exponent of the product, moved by a random distance. Products of subnormal operands are taken for normal.
void RandomOperands::align(const uint32_t* words, size_t count, uint64_t** columns) const {
  const Format &a = operands_[0].format, &b = operands_[1].format, &c = operands_[2].format;
  const auto top = static_cast<int64_t>(max_finite_magnitude(c) >> c.fraction_width);
  const int64_t bias = c.exponent_bias - a.exponent_bias - b.exponent_bias;
  const int64_t most = 2 * c.fraction_width + 6;
  const uint64_t kept =
      c.is_signed ? uint64_t{1} << (c.width - 1) | code_mask(c.fraction_width) : code_mask(c.fraction_width);
  const uint64_t a_mask = code_mask(magnitude_width(a)), b_mask = code_mask(magnitude_width(b));
  const int a_fraction = a.fraction_width, b_fraction = b.fraction_width, c_fraction = c.fraction_width;
  const uint64_t *a_codes = columns[0], *b_codes = columns[1];
  uint64_t* c_codes = columns[2];
  for (size_t i = 0; i < count; ++i) {
    const auto field_a = static_cast<int64_t>((a_codes[i] & a_mask) >> a_fraction);
    const auto field_b = static_cast<int64_t>((b_codes[i] & b_mask) >> b_fraction);
    const auto distance = static_cast<int64_t>(words[i] * static_cast<uint64_t>(2 * most + 1) >> 32) - most;
    const int64_t field = std::clamp<int64_t>(field_a + field_b + bias + distance, 0, top);
    c_codes[i] = (c_codes[i] & kept) | static_cast<uint64_t>(field) << c_fraction;
  }
}

// Sets a run of the low bits to ones or zeros, which makes carries long and products short.
void RandomOperands::pattern(size_t operand, const uint32_t* words, size_t count, uint64_t* codes) const {
  const Format& format = operands_[operand].format;
  const int places = is_float(format) ? std::max(format.fraction_width, 1) : format.width;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t random = words[i] * 0x9e3779b1U + static_cast<uint32_t>(operand);
    const uint64_t run =
        code_mask(static_cast<int>(uint64_t{random} * static_cast<uint64_t>(places + 1) >> 32));
    codes[i] = (random & 1) != 0 ? codes[i] | run : codes[i] & ~run;
  }
}

}  // namespace assay
