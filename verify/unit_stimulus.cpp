#include "verify/unit_stimulus.h"

#include <algorithm>
#include <array>
#include <utility>

#include "arith/evaluate.h"
#include "arith/real_arithmetic.h"
#include "base/error.h"
#include "base/random.h"
#include "formats/real.h"
#include "verify/constructed_operands.h"
#include "verify/with_thousands.h"

namespace assay {
namespace {

constexpr uint64_t kAccumulatorsPerPair = 16;
constexpr uint64_t kMostBoundaryVectors = 2'000'000;
constexpr uint64_t kDirectedVectors = 1 << 18, kDirectedDots = 1 << 20;

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

// A power of two, half of them subnormal and others often near one.
uint64_t power_of_two_code(const Format& format, uint64_t random) {
  if (format.kind != FormatKind::floating) return boundary_like_code(format, random);
  const uint64_t sign = random & sign_mask(format);
  const uint64_t top = max_finite_magnitude(format) >> format.fraction_width;
  const uint64_t one = std::clamp<uint64_t>(static_cast<uint64_t>(format.exponent_bias), 1, top);
  switch (random >> 62) {
    case 0:
      return sign | (1 + (random >> 40) % top) << format.fraction_width;
    case 1:
      return sign | std::clamp<uint64_t>(one - 1 + (random >> 40) % 3, 1, top) << format.fraction_width;
    default:
      return sign | uint64_t{1} << (random >> 40) % static_cast<uint64_t>(std::max(format.fraction_width, 1));
  }
}

// The sum of the products of a dot product, times their scales, to at least 126 bits.
Real sum_of_products(const Unit& unit, const uint64_t* operands) {
  const auto terms = static_cast<size_t>(unit.terms);
  const size_t blocks =
      (static_cast<size_t>(operand_count(unit)) - 1 - 2 * terms) / 2;  // with two scales each
  const size_t block = block_size(unit);
  Real sum;
  for (size_t i = 0; i < terms; ++i) {
    Real product = multiply(decode(unit.a, operands[2 * i]), decode(unit.b, operands[2 * i + 1]));
    if (blocks != 0) {
      const uint64_t* scale = operands + 2 * terms + i / block;
      product = multiply(product, multiply(decode(unit.c, scale[0]), decode(unit.c, scale[blocks])));
    }
    sum = add(sum, product, Rounding::rne);
    sum.sticky = false;
    if (sum.significand >> 127 != 0) {  // a carry, for which the next addition has no room
      sum.significand >>= 1;
      ++sum.exponent;
    }
  }
  return sum;
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

UnitStimulus::UnitStimulus(Unit unit, StimulusOptions options, int random_bits)
    : unit_(std::move(unit)),
      product_unit_(unit_),
      options_(options),
      operand_count_(assay::operand_count(unit_)),
      random_bits_(random_bits),
      has_constructed_(has_constructed_operands(unit_)),
      is_dot_(facts_of(unit_.operation).has_terms),
      random_operands_(unit_, options.seed) {
  has_accumulator_ = is_multiply_add(unit_.operation);
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
  boundary_ = is_dot_ ? 0 : 1;
  for (int i = 0; i < operand_count_; ++i) {
    boundary_codes_.push_back(boundary_codes(operand_format(unit_, i)));
    boundary_ = std::min(boundary_ * boundary_codes_.back().size(), kMostBoundaryVectors);
  }
  if (has_accumulator_ && unit_.a.width + unit_.b.width <= 16) {
    pairs_ = kAccumulatorsPerPair << (unit_.a.width + unit_.b.width);
  }
  const uint64_t all = options_.random_vectors;
  directed_ = std::min(all / 2, (is_dot_ ? kDirectedDots : kDirectedVectors) + all / 256);
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
  const uint64_t product = evaluate(product_unit_, pair);
  const Real value = decode(format, product);
  if (!has_constructed_ && (random >> 33 & 1) != 0 && value.kind == RealClass::finite &&
      has_constructed_accumulator(format)) {
    return constructed_accumulator(format, value, random);
  }
  return accumulator_near(format, product, kind, random);
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

// An operand of a dot product.
uint64_t UnitStimulus::dot_code(const Format& format, DotKind kind, uint64_t center, uint64_t random) const {
  const uint64_t code = random & code_mask(format.width);
  if (kind == DotKind::any_code)
    return random >> 60 == 0 ? boundary_like_code(format, random * 0x9e3779b97f4a7c15) : code;
  if (kind == DotKind::mostly_zero && random >> 62 != 0) return code & zero_sign_mask(format);
  if (format.kind != FormatKind::floating)
    return kind == DotKind::boundary || kind == DotKind::power ? boundary_like_code(format, random) : code;
  const uint64_t top = max_finite_magnitude(format), sign = code & sign_mask(format);
  const uint64_t field = (center % (top + 1)) >> format.fraction_width;
  switch (kind) {
    case DotKind::about: {
      const uint64_t exponent = field + (random >> 40) % 4;
      return sign | std::min(top, exponent << format.fraction_width | (code & fraction_mask(format)));
    }
    case DotKind::ladder: {
      const uint64_t exponent = field + (random >> 40) % 2;
      return sign | std::min(top, exponent << format.fraction_width | (code & fraction_mask(format)));
    }
    case DotKind::power:
      return random >> 63 != 0 ? code & zero_sign_mask(format)
                               : power_of_two_code(format, random * 0x9e3779b97f4a7c15);
    case DotKind::extreme: {
      const uint64_t step = (random >> 40) % 4, size = center % 4;
      const uint64_t power = top >> format.fraction_width << format.fraction_width;
      const uint64_t large = (center & 4) != 0 ? power : top - std::min(step, top);
      const uint64_t small = random >> 63 != 0 ? 1 : step;
      return ((center & 8) != 0 ? sign : 0) | (size == 0 ? small : size < 3 ? large : 0);
    }
    case DotKind::crowded: {
      const uint64_t without =
          (random >> 40) % 2 * (patterned_fraction(format, uint64_t{2} << 61 | random >> 3));
      const uint64_t magnitude = field << format.fraction_width | (fraction_mask(format) & ~without);
      return (center >> 31 != 0 ? sign_mask(format) : 0) | std::min(top, magnitude);
    }
    default:
      break;
  }
  const uint64_t magnitude = (kind == DotKind::boundary ? boundary_like_code(format, random) : code) &
                             code_mask(magnitude_width(format));
  return sign | (magnitude > top ? (random >> 20) % (top + 1) : magnitude);
}

// Exponents of a and b, as dot_code takes them, whose products are from a little above the result's least normal number
// to below its least subnormal one.
void UnitStimulus::center_products_at_least_normal(std::array<uint64_t, 2>& centers, uint32_t random) const {
  const Format &a = unit_.a, &b = unit_.b, &result = unit_.result;
  if (a.kind != FormatKind::floating || b.kind != FormatKind::floating ||
      result.kind != FormatKind::floating) {
    return;
  }
  const int below = static_cast<int>((random >> 8) % static_cast<uint32_t>(result.fraction_width + 8));
  const auto top_a = static_cast<int>(max_finite_magnitude(a) >> a.fraction_width),
             top_b = static_cast<int>(max_finite_magnitude(b) >> b.fraction_width);
  const int fields = a.exponent_bias + b.exponent_bias + 1 - result.exponent_bias - below;  // of a plus of b
  const int low = std::max(0, fields - top_b), high = std::min(top_a, fields);
  const int field_a = low >= high
                          ? std::clamp(fields, 0, top_a)
                          : low + static_cast<int>((random >> 20) % static_cast<uint32_t>(high - low + 1));
  centers[0] = static_cast<uint64_t>(field_a) << a.fraction_width;
  centers[1] = static_cast<uint64_t>(std::clamp(fields - field_a, 0, top_b)) << b.fraction_width;
}

void UnitStimulus::dot_vector(uint64_t index, uint64_t* operands) const {
  const std::array<uint32_t, 4> words = philox(options_.seed, 2, index);
  using enum DotKind;
  constexpr std::array<DotKind, 24> kinds = {any,      any,      about,   about,    about,       about,
                                             boundary, boundary, extreme, extreme,  mostly_zero, mostly_zero,
                                             extreme,  crowded,  crowded, any_code, power,       power,
                                             power,    zero,     ladder,  ladder,   ladder,      ladder};
  const DotKind kind = kinds[words[3] % kinds.size()];
  dot_factors(index, kind, words, operands);
  if (kind == zero) make_products_zero(words, operands);
  dot_scales(index, kind, operands);
  if (words[2] % 4 == 0) {  // in pairs: a b - a b, but for the last bit of some
    for (int i = 0; i + 3 < 2 * unit_.terms; i += 4) {
      operands[i + 2] = operands[i] ^ (words[2] >> 8 & 1);
      operands[i + 3] = operands[i + 1] ^ sign_mask(unit_.b);
    }
  }
  if ((words[2] >> 24 & 7) == 0) make_one_special(words, operands);
  operands[operand_count_ - 1] = dot_accumulator(kind, words, operands);
}

void UnitStimulus::dot_factors(uint64_t index, DotKind kind, const std::array<uint32_t, 4>& words,
                               uint64_t* operands) const {
  std::array<uint64_t, 2> centers = {words[0], words[1]};
  if (kind == DotKind::about && words[2] >> 30 == 0) center_products_at_least_normal(centers, words[3]);
  const uint64_t choice = kind == DotKind::extreme ? philox64(options_.seed, 1, index) : 0;
  for (int i = 0; i < unit_.terms; ++i) {
    // All a's have about one exponent, and all b's, or both factors are large or small, in the same way.
    if (kind == DotKind::ladder) centers = ladder_step(words, i);
    if (kind == DotKind::extreme) centers.fill((choice >> 2 * i % 60) % 4 + (choice >> 60 & 12));
    const std::array<uint32_t, 4> random = philox(options_.seed, 3 + static_cast<uint64_t>(i), index);
    *operands++ = dot_code(unit_.a, kind, centers[0], uint64_t{random[1]} << 32 | random[0]);
    *operands++ = dot_code(unit_.b, kind, centers[1], uint64_t{random[3]} << 32 | random[2]);
  }
}

// Exponents of a and b, as dot_code takes them, of the i-th product of a ladder.
std::array<uint64_t, 2> UnitStimulus::ladder_step(const std::array<uint32_t, 4>& words, int i) const {
  const auto at = [&](const Format& format, uint32_t word) {
    const auto top = static_cast<int>(max_finite_magnitude(format) >> format.fraction_width);
    const int step = static_cast<int>(word >> 28) % 7 - 3;
    const int field = static_cast<int>(word % static_cast<uint32_t>(top + 1)) + i * step;
    return static_cast<uint64_t>(std::clamp(field, 0, top)) << format.fraction_width;
  };
  return {at(unit_.a, words[0]), at(unit_.b, words[1])};
}

// All of one sign, or all but one.
void UnitStimulus::make_products_zero(const std::array<uint32_t, 4>& words, uint64_t* operands) const {
  const int other = words[0] % 2 == 0 ? -1 : static_cast<int>(words[1] % static_cast<uint32_t>(unit_.terms));
  for (int i = 0; i < unit_.terms; ++i) {
    uint64_t &a = *operands++, &b = *operands++;
    const uint64_t sign_a = zero_sign_mask(unit_.a), sign_b = zero_sign_mask(unit_.b);
    if (((words[0] ^ a ^ b) >> 1 & 1) != 0) {
      a &= sign_a;
    } else {
      b &= sign_b;
    }
    const bool negative = (words[0] >> 2 & 1) != (i == other ? 1 : 0);
    if (negative != (((a & sign_a) != 0) != ((b & sign_b) != 0))) a ^= sign_a;
  }
}

// Around one, or all least or all greatest.
void UnitStimulus::dot_scales(uint64_t index, DotKind kind, uint64_t* operands) const {
  const uint64_t one = static_cast<uint64_t>(unit_.c.exponent_bias) << unit_.c.fraction_width;
  if (operand_count_ - 1 == 2 * unit_.terms) return;
  const uint64_t end = philox64(options_.seed, 1, index) >> 52 & 15;
  for (int i = 2 * unit_.terms; i < operand_count_ - 1; ++i) {
    const uint64_t random = philox64(options_.seed, 3 + static_cast<uint64_t>(i), index);
    if (end < 2) {
      operands[i] = end == 0 ? random >> 40 & 3 : max_finite_magnitude(unit_.c) - (random >> 40 & 3);
      continue;
    }
    const DotKind near_one = random >> 63 != 0 ? DotKind::about : DotKind::any;
    operands[i] = dot_code(unit_.c, kind == DotKind::any_code ? kind : near_one, one, random);
  }
}

// One factor or scale, maybe with a factor that nearly is.
void UnitStimulus::make_one_special(const std::array<uint32_t, 4>& words, uint64_t* operands) const {
  const int special = static_cast<int>((words[2] >> 27) + (words[3] >> 16)) % (operand_count_ - 1);
  const std::vector<uint64_t>& boundaries = boundary_codes_[static_cast<size_t>(special)];
  operands[special] = boundaries[(words[3] >> 8) % boundaries.size()];
  if (special >= 2 * unit_.terms || words[2] >> 31 == 0) return;
  const int other = special ^ 1;
  operands[other] =
      one_bit_beside(operand_format(unit_, other), operands[other] * 0x9e3779b97f4a7c15 + words[0]);
}

uint64_t UnitStimulus::dot_accumulator(DotKind kind, const std::array<uint32_t, 4>& words,
                                       uint64_t* operands) const {
  const int last = operand_count_ - 1;
  const Format& format = operand_format(unit_, last);
  const uint64_t random = uint64_t{words[1]} << 32 | words[0];
  const uint32_t choice = words[2] >> 16 & 7;
  if (kind == DotKind::zero && choice > 1) return random & zero_sign_mask(format);
  switch (kind == DotKind::extreme && choice > 1 ? 3 : choice) {
    case 0:
      return dot_code(format, kind == DotKind::any_code ? kind : DotKind::any, 0, random);
    case 1:
      return dot_code(format, kind == DotKind::any_code ? kind : DotKind::boundary, 0, random);
    case 2:
      return random & zero_sign_mask(format);
    case 3:
    case 4: {
      const Real sum = sum_of_products(unit_, operands);
      return sum.kind == RealClass::finite && has_constructed_accumulator(format)
                 ? constructed_accumulator(format, sum, random)
                 : random & code_mask(format.width);
    }
    default:
      break;
  }
  if (kind == DotKind::ladder && format.kind == FormatKind::floating) {
    const uint64_t first = evaluate(product_unit_, {operands, 2});
    const auto below =
        static_cast<int64_t>((random >> 32) % static_cast<uint64_t>(format.fraction_width + 4));
    return moved(format, first, -below, random & sign_mask(format),
                 philox64(options_.seed, 2, random) & fraction_mask(format));
  }
  operands[last] = 0;
  const uint64_t sum = evaluate(unit_, {operands, static_cast<size_t>(operand_count_)});
  if (kind == DotKind::power && format.kind == FormatKind::floating) {
    return moved(format, sum, static_cast<int64_t>((random >> 32) % 4) - 2, random & sign_mask(format), 0);
  }
  if (kind != DotKind::crowded || format.kind != FormatKind::floating) {
    return accumulator_near(format, sum, 2 + static_cast<int>(words[2] >> 20) % 3, random);
  }
  const uint64_t ones = fraction_mask(format) & ~(fraction_mask(format) >> (random >> 36) % 8);
  return moved(format, sum, -static_cast<int64_t>((random >> 32) % 4), sum & sign_mask(format),
               ones | (random & fraction_mask(format)));
}

void UnitStimulus::directed_vector(uint64_t index, uint64_t* operands) const {
  if (is_dot_) return dot_vector(index, operands);
  const std::array<uint32_t, 4> words = philox(options_.seed, 2, index);
  if (has_constructed_ && words[2] % 2 == 0) {
    const int more_bits = (words[2] >> 1) % 2 == 0 ? random_bits_ : 0;
    return constructed_operands(unit_, more_bits, uint64_t{words[1]} << 32 | words[0], operands);
  }
  const auto kind = static_cast<int>(words[3] % 8);
  const int boundary = kind == 2 ? static_cast<int>(words[2] >> 8) % operand_count_ : operand_count_;
  for (int i = 0; i < operand_count_; ++i) {
    const Format& format = operand_format(unit_, i);
    const uint64_t random = philox64(options_.seed, 3 + static_cast<uint64_t>(i), index);
    const std::vector<uint64_t>& boundaries = boundary_codes_[static_cast<size_t>(i)];
    operands[i] = kind == 0       ? random & code_mask(format.width)
                  : kind == 1     ? power_of_two_code(format, random)
                  : kind > 2      ? boundary_like_code(format, random)
                  : i == boundary ? boundaries[random % boundaries.size()]
                                  : one_bit_beside(format, random);
  }
  if (has_accumulator_ && (kind == 1 || kind >= 3)) {
    if (kind == 1 && words[2] >> 30 == 0) {
      operands[2] &= zero_sign_mask(operand_format(unit_, 2));
      return;
    }
    const int accumulator_kind = kind < 5 ? 2 : (kind < 6 ? 3 : 4);
    const uint64_t random = uint64_t{words[1]} << 32 | words[0];
    operands[2] = directed_accumulator(operands[0], operands[1], accumulator_kind, random);
  }
}

}  // namespace assay
