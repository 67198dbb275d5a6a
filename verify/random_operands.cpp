#include "verify/random_operands.h"

#include <algorithm>
#include <array>
#include <limits>

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

// What the value's exponent is above its exponent field. Of fixed point, which has none, the largest exponent.
int exponent_above_field(const Format& format) {
  return is_float(format) ? -format.exponent_bias : magnitude_width(format) - 1 - format.fraction_width;
}

}  // namespace

RandomOperands::RandomOperands(const Unit& unit, uint64_t seed) : seed_(seed) {
  for (int i = 0; i < operand_count(unit); ++i) {
    const Format& format = operand_format(unit, i);
    const uint64_t exponent_mask =
        is_float(format) ? code_mask(magnitude_width(format)) & ~code_mask(format.fraction_width) : 0;
    operands_.push_back({format, code_mask(format.width), exponent_mask});
    words_each_ += format.width > 32 ? 2 : 1;
  }
  const size_t last = operands_.size() - 1;
  first_scale_ = last;
  if (!is_multiply_add(unit.operation) && !facts_of(unit.operation).has_terms) return;
  const auto terms = static_cast<size_t>(unit.terms);
  first_scale_ = 2 * terms;
  const size_t blocks = (last - first_scale_) / 2;
  const size_t block = block_size(unit);
  for (size_t i = 0; i < terms; ++i) {
    products_.push_back({2 * i, 2 * i + 1});
    if (blocks == 0) continue;
    products_.back().push_back(first_scale_ + i / block);
    products_.back().push_back(first_scale_ + i / block + blocks);
  }
  aligns_ = is_float(operands_[last].format) && operands_[last].format.fraction_width > 0 &&
            std::all_of(operands_.begin(), operands_.end(), [](const Operand& operand) {
              return is_float(operand.format) || is_integer(operand.format);
            });
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
  if (products_.size() > 1 && kind % 4 == 1) gather(word, count, columns);
  if (kind % 8 != 0) scale_near_one(count, columns);
  if (aligns_ && kind % 4 != 0) align(word, count, columns);
}

// Gives the factors of all products about the same exponents: all but two bits of the exponent field.
void RandomOperands::gather(const uint32_t* words, size_t count, uint64_t** columns) const {
  for (size_t j = 0; j < first_scale_; ++j) {
    const uint64_t common = operands_[j].exponent_mask & ~(uint64_t{3} << operands_[j].format.fraction_width);
    const uint64_t factor = j % 2 == 0 ? 0x9e3779b97f4a7c15 : 0xc2b2ae3d27d4eb4f;
    for (size_t i = 0; i < count; ++i) {
      columns[j][i] = (columns[j][i] & ~common) | (words[i] * factor >> 8 & common);
    }
  }
}

// Moves the exponents of scales to those from -16 to 15.
void RandomOperands::scale_near_one(size_t count, uint64_t** columns) const {
  for (size_t j = first_scale_; j + 1 < operands_.size(); ++j) {
    const Format& format = operands_[j].format;
    const auto top = static_cast<int64_t>(max_finite_magnitude(format) >> format.fraction_width);
    for (size_t i = 0; i < count; ++i) {
      const int64_t step = static_cast<int64_t>(columns[j][i] >> format.fraction_width & 31) - 16;
      const int64_t field = std::clamp<int64_t>(format.exponent_bias + step, 0, top);
      columns[j][i] = (columns[j][i] & ~operands_[j].exponent_mask) | static_cast<uint64_t>(field)
                                                                          << format.fraction_width;
    }
  }
}

// Gives c the exponent of the greatest product, moved by a random distance. Products of subnormal operands are taken for
// normal.
void RandomOperands::align(const uint32_t* words, size_t count, uint64_t** columns) const {
  std::array<int32_t, kBlock> greatest;
  greatest.fill(std::numeric_limits<int32_t>::min());
  for (const std::vector<size_t>& product : products_) {
    std::array<int32_t, kBlock> exponent{};
    for (const size_t j : product) {
      const Format& format = operands_[j].format;
      const uint64_t *codes = columns[j], exponent_mask = operands_[j].exponent_mask;
      const int above = exponent_above_field(format), fraction = format.fraction_width;
      for (size_t i = 0; i < count; ++i) {
        exponent[i] += static_cast<int32_t>((codes[i] & exponent_mask) >> std::max(fraction, 0)) + above;
      }
    }
    for (size_t i = 0; i < count; ++i) greatest[i] = std::max(greatest[i], exponent[i]);
  }
  const auto& [c, mask, exponent_mask] = operands_.back();
  const auto top = static_cast<int32_t>(max_finite_magnitude(c) >> c.fraction_width);
  const int32_t most = 2 * c.fraction_width + 6;
  const uint64_t kept = mask & ~exponent_mask;
  uint64_t* codes = columns[operands_.size() - 1];
  for (size_t i = 0; i < count; ++i) {
    const auto distance = static_cast<int32_t>(words[i] * static_cast<uint64_t>(2 * most + 1) >> 32) - most;
    const int32_t field = std::clamp(greatest[i] + c.exponent_bias + distance, 0, top);
    codes[i] = (codes[i] & kept) | static_cast<uint64_t>(field) << c.fraction_width;
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
