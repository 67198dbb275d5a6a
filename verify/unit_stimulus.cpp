#include "verify/unit_stimulus.h"

#include <algorithm>
#include <array>
#include <utility>

#include "arith/evaluate.h"
#include "base/error.h"
#include "base/random.h"
#include "formats/real.h"
#include "verify/constructed_operands.h"
#include "verify/with_thousands.h"

namespace assay {
namespace {

constexpr uint64_t kAccumulatorsPerPair = 16;
constexpr uint64_t kMostBoundaryVectors = 2'000'000;
constexpr uint64_t kDirectedVectors = 1 << 18;

// The bit that a minus zero has, 0 where there is none.
uint64_t zero_sign_mask(const Format& format) {
  return has_negative_zero(format) ? sign_mask(format) : 0;
}

uint64_t fraction_mask(const Format& format) {
  return code_mask(format.fraction_width);
}

// A fraction with few ones, few zeros, or anything: what makes carries long and products short.
uint64_t patterned_fraction(const Format& format, uint64_t random) {
  const uint64_t mask = fraction_mask(format);
  if (mask == 0) return 0;
  const auto bit = [&](uint64_t r) {
    return uint64_t{1} << (r % static_cast<uint64_t>(format.fraction_width));
  };
  switch (random >> 61) {
    case 0:
      return 0;
    case 1:
      return mask;
    case 2:
      return bit(random);
    case 3:
      return mask ^ bit(random);
    case 4:
      return bit(random) | bit(random >> 8);
    case 5:
      return mask & ~(bit(random) - 1);
    default:
      return random & mask;
  }
}

// A number of bits, each as often, then bits of which `random` decides.
uint64_t any_length(int most_bits, uint64_t random) {
  const uint64_t top = uint64_t{1} << (random >> 40) % static_cast<uint64_t>(most_bits);
  return top | (random & (top - 1));
}

uint64_t boundary_like_number(const Format& format, uint64_t random) {
  const uint64_t mask = code_mask(format.width);
  const uint64_t bit = uint64_t{1} << (random >> 40) % static_cast<uint64_t>(format.width);
  switch (random >> 61) {
    case 0:
    case 1:
      return bit;
    case 2:
      return mask ^ bit;
    case 3:
      return (code_mask(format.width - 1) + (random & 3) - 1) & mask;
    case 4:
    case 5: {  // any number of leading zeros or ones: the regimes of posits
      const uint64_t number = any_length(format.width, random);
      return (random >> 32 & 1) != 0 ? mask ^ number : number;
    }
    default:
      return random & mask;
  }
}

// Zero, the largest number, infinity, or the last code, but for one bit.
uint64_t one_bit_beside(const Format& format, uint64_t random) {
  const uint64_t all = code_mask(magnitude_width(format)), top = max_finite_magnitude(format);
  const std::array<uint64_t, 4> boundaries = {0, top, std::min(top + 1, all), all};
  const uint64_t bit = uint64_t{1} << (random >> 40) % static_cast<uint64_t>(magnitude_width(format));
  return (random & sign_mask(format)) | (boundaries[random >> 32 & 3] ^ bit);
}

uint64_t boundary_like_code(const Format& format, uint64_t random) {
  if (format.kind != FormatKind::floating) return boundary_like_number(format, random);
  const uint64_t code = random & code_mask(format.width);
  const uint64_t sign = code & sign_mask(format);
  const uint64_t top = max_finite_magnitude(format), all = code_mask(magnitude_width(format));
  switch (random >> 60) {
    case 0:
      return sign | (random >> 40 & 3);
    case 1:
    case 2:
      return sign | std::min(top - 2 + (random >> 40 & 7), all);
    case 3:  // near the least normal number
      return sign | ((uint64_t{1} << format.fraction_width) - 2 + (random >> 40 & 3));
    case 4:  // subnormal, any number of leading zeros
      return sign | any_length(std::max(format.fraction_width, 1), random);
    case 5:
    case 6:
      return one_bit_beside(format, random);
    default: {
      const uint64_t exponent = code & all & ~fraction_mask(format);
      return sign | exponent | patterned_fraction(format, random * 0x9e3779b97f4a7c15);
    }
  }
}

// `reference` with its exponent field moved by `distance` (kept among the finite ones) and the given
// fraction.
uint64_t moved(const Format& format, uint64_t reference, int64_t distance, uint64_t sign, uint64_t fraction) {
  const auto field =
      static_cast<int64_t>((reference & code_mask(magnitude_width(format))) >> format.fraction_width);
  const auto top = static_cast<int64_t>(max_finite_magnitude(format) >> format.fraction_width);
  const int64_t exponent = std::clamp<int64_t>(field + distance, 0, top);
  return sign | static_cast<uint64_t>(exponent) << format.fraction_width | fraction;
}

}  // namespace

std::vector<uint64_t> boundary_codes(const Format& format) {
  std::vector<uint64_t> codes;
  const uint64_t mask = code_mask(format.width);
  if (format.kind == FormatKind::floating) {
    const uint64_t normal = uint64_t{1} << format.fraction_width, top = max_finite_magnitude(format);
    const uint64_t one = (static_cast<uint64_t>(format.exponent_bias) << format.fraction_width) & mask;
    const uint64_t all = code_mask(magnitude_width(format));
    for (const uint64_t magnitude : {uint64_t{0}, uint64_t{1}, uint64_t{2}, normal - 1, normal, normal + 1,
                                     one / 2, one - 1, one, one + 1, one + normal / 2, one + normal - 1,
                                     one + normal, top - normal, top - 1, top, top + 1, top + 2, all}) {
      if (magnitude > all) continue;
      codes.push_back(magnitude);
      codes.push_back(magnitude | sign_mask(format));
    }
    if (format.nan != NanEncoding::none) codes.push_back(canonical_nan(format));
  } else {
    for (const uint64_t code :
         {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{3}, mask, mask - 1, mask >> 1, (mask >> 1) - 1,
          (mask >> 1) + 1, (mask >> 1) + 2, 0x5555555555555555 & mask, 0xaaaaaaaaaaaaaaaa & mask}) {
      codes.push_back(code);
    }
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

UnitStimulus::UnitStimulus(Unit unit, StimulusOptions options)
    : unit_(std::move(unit)),
      product_unit_(unit_),
      options_(options),
      operand_count_(assay::operand_count(unit_)),
      has_constructed_(has_constructed_operands(unit_)),
      random_operands_(unit_, options.seed) {
  has_accumulator_ = unit_.operation == Operation::mac || unit_.operation == Operation::fma;
  product_unit_.operation = Operation::mul;
  product_unit_.rounding = Rounding::rne;
  if (has_accumulator_) product_unit_.result = operand_format(unit_, 2);
  product_unit_.saturation = default_saturation(product_unit_.result);

  int bits = 0;
  for (int i = 0; i < operand_count_; ++i) bits += operand_format(unit_, i).width;
  if (bits <= options_.exhaustive_bits) {
    exhaustive_ = uint64_t{1} << bits;
    return;
  }
  const bool is_dot = facts_of(unit_.operation).has_terms;
  boundary_ = is_dot ? 0 : 1;
  for (int i = 0; i < operand_count_; ++i) {
    boundary_codes_.push_back(boundary_codes(operand_format(unit_, i)));
    boundary_ = std::min(boundary_ * boundary_codes_.back().size(), kMostBoundaryVectors);
  }
  if (has_accumulator_ && unit_.a.width + unit_.b.width <= 16) {
    pairs_ = kAccumulatorsPerPair << (unit_.a.width + unit_.b.width);
  }
  const uint64_t all = options_.random_vectors;
  directed_ = is_dot ? all : std::min(all / 2, kDirectedVectors + all / 256);
  random_ = all - directed_;
}

std::string UnitStimulus::description() const {
  if (exhaustive()) return fmt::format("exhaustive: all {}", with_thousands(exhaustive_));
  std::string text;
  if (pairs_ != 0)
    text = fmt::format("all {} pairs x {}, ", with_thousands(pairs_ / kAccumulatorsPerPair),
                       kAccumulatorsPerPair);
  if (boundary_ != 0) text += fmt::format("{} boundary, ", with_thousands(boundary_));
  text += fmt::format("{} directed", with_thousands(directed_));
  return random_ == 0 ? text : text + fmt::format(", {} random", with_thousands(random_));
}

void UnitStimulus::fill(uint64_t first, size_t count, std::vector<std::vector<uint64_t>>& operands) const {
  operands.resize(std::max(operands.size(), operand_count()));
  for (auto& column : operands) column.resize(count);
  const uint64_t from = first_random();
  const size_t before = first >= from ? 0 : static_cast<size_t>(std::min<uint64_t>(count, from - first));
  if (before < count) random_operands_.fill(first + before - from, count - before, operands, before);
  std::vector<uint64_t> one(static_cast<size_t>(operand_count_));
  for (size_t i = 0; i < before; ++i) {
    vector(first + i, one.data());
    for (size_t j = 0; j < one.size(); ++j) operands[j][i] = one[j];
  }
}

void UnitStimulus::vector(uint64_t index, uint64_t* operands) const {
  if (index < exhaustive_) return exhaustive_vector(index, operands);
  index -= exhaustive_;
  if (index < boundary_) return boundary_vector(index, operands);
  index -= boundary_;
  if (index < pairs_) return pair_vector(index, operands);
  index -= pairs_;
  if (index < directed_) return directed_vector(index, operands);
  std::vector<std::vector<uint64_t>> columns(operand_count(), std::vector<uint64_t>(1));
  random_operands_.fill(index - directed_, 1, columns, 0);
  for (size_t j = 0; j < columns.size(); ++j) operands[j] = columns[j][0];
}

void UnitStimulus::exhaustive_vector(uint64_t index, uint64_t* operands) const {
  for (int i = 0; i < operand_count_; ++i) {
    const int width = operand_format(unit_, i).width;
    operands[i] = index & code_mask(width);
    index >>= width;
  }
}

void UnitStimulus::boundary_vector(uint64_t index, uint64_t* operands) const {
  for (int i = 0; i < operand_count_; ++i) {
    const std::vector<uint64_t>& codes = boundary_codes_[static_cast<size_t>(i)];
    operands[i] = codes[index % codes.size()];
    index /= codes.size();
  }
}

void UnitStimulus::pair_vector(uint64_t index, uint64_t* operands) const {
  const uint64_t pair = index / kAccumulatorsPerPair;
  operands[0] = pair & code_mask(unit_.a.width);
  operands[1] = pair >> unit_.a.width;
  const auto kind = static_cast<int>(index % kAccumulatorsPerPair);
  operands[2] = directed_accumulator(operands[0], operands[1], kind % 5, philox64(options_.seed, 1, index));
}

// kind 0: uniform, 1: boundary-like, 2: aligned with the product, 3: cancelling it, 4: a tie or next to one.
uint64_t UnitStimulus::directed_accumulator(uint64_t a, uint64_t b, int kind, uint64_t random) const {
  const Format& format = operand_format(unit_, 2);
  if (kind == 0) return random & code_mask(format.width);
  if (kind == 1) return boundary_like_code(format, random);
  const std::array<uint64_t, 2> pair = {a, b};
  return accumulator_near(format, evaluate(product_unit_, pair), kind, random);
}

// The kinds from 2 on.
uint64_t UnitStimulus::accumulator_near(const Format& format, uint64_t product, int kind,
                                        uint64_t random) const {
  if (format.kind != FormatKind::floating) {
    return ((kind == 2 ? product : -product) + (random & 7) - 3 +
            (kind == 4 ? uint64_t{1} << (format.width - 1) : 0)) &
           code_mask(format.width);
  }
  if ((product & code_mask(magnitude_width(format))) > max_finite_magnitude(format))
    return boundary_like_code(format, random);
  const uint64_t sign = random >> 32 & 1 ? sign_mask(format) : 0;
  const int64_t precision = format.fraction_width + 1;
  if (kind == 2) {
    const int64_t distance = static_cast<int64_t>(random >> 40) % (4 * precision + 9) - 2 * precision - 4;
    return moved(format, product, distance, sign, patterned_fraction(format, random * 0x9e3779b97f4a7c15));
  }
  if (kind == 3) return ((product ^ sign_mask(format)) + (random & 3) - 1) & code_mask(format.width);
  const int64_t distance = precision + static_cast<int64_t>(random >> 40) % 4 - 2;
  return moved(format, product, distance, sign, random & fraction_mask(format));
}

// An operand of a dot product. kind 0: any number; 1: its exponent within three of `center`; 2: a boundary code;
// 3: mostly zero; 4: any code. Only the last has infinities and NaN, of which a sum must have few.
uint64_t UnitStimulus::dot_code(const Format& format, int kind, uint64_t center, uint64_t random) const {
  const uint64_t code = random & code_mask(format.width);
  if (kind == 4) return random >> 60 == 0 ? boundary_like_code(format, random * 0x9e3779b97f4a7c15) : code;
  if (kind == 3 && random >> 62 != 0) return code & zero_sign_mask(format);
  if (format.kind != FormatKind::floating) return kind == 2 ? boundary_like_code(format, random) : code;
  const uint64_t top = max_finite_magnitude(format), sign = code & sign_mask(format);
  if (kind == 1) {
    const uint64_t field = (center % (top + 1)) >> format.fraction_width;
    const uint64_t exponent = field + (random >> 40) % 4;
    return sign | std::min(top, exponent << format.fraction_width | (code & fraction_mask(format)));
  }
  const uint64_t magnitude =
      (kind == 2 ? boundary_like_code(format, random) : code) & code_mask(magnitude_width(format));
  return sign | (magnitude > top ? (random >> 20) % (top + 1) : magnitude);
}

void UnitStimulus::dot_vector(uint64_t index, uint64_t* operands) const {
  const std::array<uint32_t, 4> words = philox(options_.seed, 2, index);
  const int kind =
      words[3] % 8 < 4 ? static_cast<int>(words[3] % 4) + 1 : static_cast<int>(words[3] >> 3) % 4;
  const int last = operand_count_ - 1;
  for (int i = 0; i < last; ++i) {
    const Format& format = operand_format(unit_, i);
    const uint64_t random = philox64(options_.seed, 3 + static_cast<uint64_t>(i), index);
    // All a's have about one exponent, and all b's; scales lie around that of one.
    const bool scale = i >= 2 * unit_.terms;
    const uint64_t one = static_cast<uint64_t>(format.exponent_bias) << format.fraction_width;
    operands[i] = dot_code(format, scale && kind != 4 ? static_cast<int>(random >> 63) : kind,
                           scale ? one : words[static_cast<size_t>(i % 2)], random);
  }
  if (words[2] % 4 == 0) {  // in pairs: a b - a b, but for the last bit of some
    for (int i = 0; i + 3 < 2 * unit_.terms; i += 4) {
      operands[i + 2] = operands[i] ^ (words[2] >> 8 & 1);
      operands[i + 3] = operands[i + 1] ^ sign_mask(unit_.b);
    }
  }
  if ((words[2] >> 24 & 7) == 0) {  // one factor or scale that is special, maybe with one that nearly is
    const int special = static_cast<int>((words[2] >> 27) + (words[3] >> 16)) % last;
    const std::vector<uint64_t>& boundaries = boundary_codes_[static_cast<size_t>(special)];
    operands[special] = boundaries[(words[3] >> 8) % boundaries.size()];
    if (special < 2 * unit_.terms && words[2] >> 31 != 0) {
      const int other = special ^ 1;
      operands[other] =
          one_bit_beside(operand_format(unit_, other), operands[other] * 0x9e3779b97f4a7c15 + words[0]);
    }
  }
  const Format& format = operand_format(unit_, last);
  const uint64_t random = uint64_t{words[1]} << 32 | words[0];
  switch (words[2] >> 16 & 7) {
    case 0:
      operands[last] = kind == 4 ? random & code_mask(format.width) : dot_code(format, 0, 0, random);
      return;
    case 1:
      operands[last] = dot_code(format, kind == 4 ? 4 : 2, 0, random);
      return;
    case 2:
      operands[last] = random & zero_sign_mask(format);
      return;
    default:
      operands[last] = 0;
      const std::span<const uint64_t> given(operands, static_cast<size_t>(operand_count_));
      operands[last] =
          accumulator_near(format, evaluate(unit_, given), 2 + static_cast<int>(words[2] >> 20) % 3, random);
  }
}

void UnitStimulus::directed_vector(uint64_t index, uint64_t* operands) const {
  if (facts_of(unit_.operation).has_terms) return dot_vector(index, operands);
  const std::array<uint32_t, 4> words = philox(options_.seed, 2, index);
  if (has_constructed_ && words[2] % 2 == 0) {
    return constructed_operands(unit_, uint64_t{words[1]} << 32 | words[0], operands);
  }
  const auto kind = static_cast<int>(words[3] % 8);
  const int boundary = kind == 2 ? static_cast<int>(words[2] >> 8) % operand_count_ : operand_count_;
  for (int i = 0; i < operand_count_; ++i) {
    const Format& format = operand_format(unit_, i);
    const uint64_t random = philox64(options_.seed, 3 + static_cast<uint64_t>(i), index);
    const std::vector<uint64_t>& boundaries = boundary_codes_[static_cast<size_t>(i)];
    operands[i] = kind < 2        ? random & code_mask(format.width)
                  : kind > 2      ? boundary_like_code(format, random)
                  : i == boundary ? boundaries[random % boundaries.size()]
                                  : one_bit_beside(format, random);
  }
  if (has_accumulator_ && kind >= 3) {
    const int accumulator_kind = kind < 5 ? 2 : (kind < 6 ? 3 : 4);
    const uint64_t random = uint64_t{words[1]} << 32 | words[0];
    operands[2] = directed_accumulator(operands[0], operands[1], accumulator_kind, random);
  }
}

}  // namespace assay
