#include "formats/convert_array.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/random_bits.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr int kMostKernelBits = 16;
constexpr size_t kBlock = size_t{1} << 16;  // elements a thread takes at a time

// The format of a host type.
template <typename Float>
const Format& host_format() {
  static const Format format = parse_format(sizeof(Float) == 4 ? "fp32" : "fp64");
  return format;
}

// A bound on the significant bits of a format's numbers.
int significant_bits(const Format& format) {
  switch (format.kind) {
    case FormatKind::floating:
      return format.fraction_width + 1;
    case FormatKind::posit:
      return format.width - 2;
    case FormatKind::logarithmic:
    case FormatKind::code_book:
      return std::numeric_limits<double>::digits;
    default:
      return magnitude_width(format);
  }
}

bool lies_within(const BitRange& range, int precision, const Real& value) {
  if (value.kind != RealClass::finite) return true;
  uint128 significand = value.significand;
  int exponent = value.exponent;
  for (; significand % 2 == 0; significand /= 2) ++exponent;
  const int top = floor_log2(significand);
  return top < precision && exponent >= range.least && exponent + top <= range.greatest;
}

bool keeps_infinity(const Conversion& conversion) {
  if (conversion.infinity == InfinityPolicy::keep) return true;
  return conversion.saturation == Saturation::sat_none || conversion.saturation == Saturation::sat_none_v40 ||
         conversion.saturation == Saturation::sat_propagate;
}

// Whether all values of `from` are values of Float, with a kernel that reads them.
template <typename Float>
bool reads_by(const Format& from) {
  const bool is_host = from == host_format<float>() || from == host_format<double>();
  return (is_host || from.width <= kMostKernelBits) && holds_all_numbers(host_format<Float>(), from);
}

template <typename Float>
bool widens_to(const ConversionPlan& plan) {
  return plan.to == host_format<Float>() &&
         (!plan.from.has_infinity || keeps_infinity(plan.options.conversion));
}

template <typename Float>
bool goes_by(const ConversionPlan& plan) {
  if (!reads_by<Float>(plan.from)) return false;
  return widens_to<Float>(plan) ||
         (plan.to.width <= kMostKernelBits && holds_all_numbers(host_format<Float>(), plan.to));
}

// Calls body(begin, end) for blocks that cover [0, count).
template <typename Body>
void for_blocks(size_t count, int threads, const Body& body) {
  parallel_for((count + kBlock - 1) / kBlock, threads,
               [&](size_t block) { body(block * kBlock, std::min((block + 1) * kBlock, count)); });
}

uint64_t load(const std::byte* bytes, size_t size) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, size);
  return value;
}

template <typename T>
std::span<T> span_of(std::span<std::byte> bytes) {
  return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
}
template <typename T>
std::span<const T> span_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

// Room for `count` elements without setting them.
template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t count) : data_(std::make_unique_for_overwrite<T[]>(count)), count_(count) {}
  std::span<T> span() { return {data_.get(), count_}; }

 private:
  std::unique_ptr<T[]> data_;
  size_t count_;
};

void check_codes(const ConversionPlan& plan, const ConversionPiece& piece) {
  const int width = plan.from.width;
  if (static_cast<int>(8 * piece.source_bytes) <= width) return;
  for_blocks(piece.count(), plan.options.threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const uint64_t code = load(piece.sources.data() + i * piece.source_bytes, piece.source_bytes);
      if (code >> width == 0) continue;
      fail("element {} is {:#x}, which is no code of {} ({} bits)", piece.first_index + i, code,
           plan.from.name, width);
    }
  });
}

bool same_value(const Real& a, const Real& b) {
  if (a.kind == RealClass::infinity || b.kind == RealClass::infinity) {
    return a.kind == b.kind && a.negative == b.negative;
  }
  return b.kind != RealClass::nan && compare(a, b) == 0;
}

ConversionCounts convert_one_by_one(const ConversionPlan& plan, const ConversionPiece& piece) {
  const ArrayConversion& options = plan.options;
  const bool stochastic = is_stochastic(options.conversion.rounding);
  const size_t result_bytes = code_bytes(plan.to);
  std::atomic<uint64_t> changed = 0, nan_replaced = 0;
  for_blocks(piece.count(), options.threads, [&](size_t begin, size_t end) {
    ConversionCounts counts;
    for (size_t i = begin; i < end; ++i) {
      const Real source =
          decode(plan.from, load(piece.sources.data() + i * piece.source_bytes, piece.source_bytes));
      RandomBits random;
      if (stochastic)
        random = element_random_bits(options.seed, 0, piece.first_index + i, options.random_bits);
      const uint64_t code = convert(plan.to, source, options.conversion, random);
      const Real result = decode(plan.to, code);
      if (source.kind == RealClass::nan) {
        counts.nan_replaced += result.kind != RealClass::nan ? 1 : 0;
      } else {
        counts.changed += same_value(source, result) ? 0 : 1;
      }
      if (!piece.codes.empty()) std::memcpy(piece.codes.data() + i * result_bytes, &code, result_bytes);
      if (piece.values.empty()) continue;
      if (piece.value_bytes == sizeof(float)) span_of<float>(piece.values)[i] = nearest_float<float>(result);
      if (piece.value_bytes == sizeof(double))
        span_of<double>(piece.values)[i] = nearest_float<double>(result);
    }
    changed += counts.changed;
    nan_replaced += counts.nan_replaced;
  });
  return {changed, nan_replaced};
}

// Float to Float with NaN as the kernels have it.
template <typename Source, typename Float>
void widen(std::span<const Source> sources, std::span<Float> numbers, int threads) {
  const Float nan = std::bit_cast<Float>(FloatLayout<Float>::kQuietNan);
  for_blocks(sources.size(), threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      numbers[i] = sources[i] == sources[i] ? static_cast<Float>(sources[i]) : nan;
    }
  });
}

template <typename Float>
void read_numbers(const ConversionPlan& plan, const ConversionPiece& piece, std::span<Float> numbers) {
  const int threads = plan.options.threads;
  if (plan.from == host_format<float>()) {
    widen(span_of<float>(piece.sources), numbers, threads);
  } else if (plan.from == host_format<double>()) {
    if constexpr (sizeof(Float) == sizeof(double)) widen(span_of<double>(piece.sources), numbers, threads);
  } else if (piece.source_bytes == 1) {
    decode_array(plan.from, span_of<uint8_t>(piece.sources), numbers, threads);
  } else {
    decode_array(plan.from, span_of<uint16_t>(piece.sources), numbers, threads);
  }
}

template <typename Float, typename Code>
void patch_codes(const ConversionPlan& plan, std::span<const Float> numbers, std::span<Code> codes) {
  constexpr Float kInfinity = std::numeric_limits<Float>::infinity();
  for_blocks(numbers.size(), plan.options.threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if (numbers[i] != numbers[i]) codes[i] = static_cast<Code>(plan.nan_code);
      if (numbers[i] == kInfinity) codes[i] = static_cast<Code>(plan.infinity_codes[0]);
      if (numbers[i] == -kInfinity) codes[i] = static_cast<Code>(plan.infinity_codes[1]);
    }
  });
}

template <typename Float>
ConversionCounts count_changes(std::span<const Float> sources, std::span<const Float> results, int threads) {
  std::atomic<uint64_t> changed = 0, nan_replaced = 0;
  for_blocks(sources.size(), threads, [&](size_t begin, size_t end) {
    uint32_t differing = 0, nans = 0, replaced = 0;
    for (size_t i = begin; i < end; ++i) {
      differing += sources[i] != results[i] ? 1 : 0;
      nans += sources[i] != sources[i] ? 1 : 0;
      replaced += sources[i] != sources[i] && results[i] == results[i] ? 1 : 0;
    }
    changed += differing - nans;
    nan_replaced += replaced;
  });
  return {changed, nan_replaced};
}

template <typename Float>
void write_values(std::span<const Float> numbers, const ConversionPiece& piece, int threads) {
  if (piece.values.empty()) return;
  if (piece.value_bytes == sizeof(Float)) {
    std::memcpy(piece.values.data(), numbers.data(), numbers.size_bytes());
    return;
  }
  using Other = std::conditional_t<sizeof(Float) == sizeof(float), double, float>;
  const std::span<Other> values = span_of<Other>(piece.values);
  for_blocks(numbers.size(), threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) values[i] = static_cast<Other>(numbers[i]);
  });
}

template <typename Float, typename Code>
ConversionCounts round_numbers(const ConversionPlan& plan, const ConversionPiece& piece,
                               std::span<const Float> numbers) {
  const ArrayConversion& options = plan.options;
  std::optional<Buffer<Code>> own;
  if (piece.codes.empty()) own.emplace(numbers.size());
  const std::span<Code> codes = own ? own->span() : span_of<Code>(piece.codes);
  const ArrayRandom random{options.seed, 0, piece.first_index, options.random_bits};
  encode_array(plan.to, options.conversion.rounding, options.conversion.saturation, numbers, codes, random,
               options.threads);
  if (plan.patches) patch_codes(plan, numbers, codes);
  Buffer<Float> rounded(numbers.size());
  decode_array(plan.to, std::span<const Code>(codes), rounded.span(), options.threads);
  write_values<Float>(rounded.span(), piece, options.threads);
  return count_changes<Float>(numbers, rounded.span(), options.threads);
}

template <typename Float>
ConversionCounts convert_by(const ConversionPlan& plan, const ConversionPiece& piece) {
  Buffer<Float> numbers(piece.count());
  read_numbers<Float>(plan, piece, numbers.span());
  if (plan.widens) {
    if (!piece.codes.empty()) std::memcpy(piece.codes.data(), numbers.span().data(), piece.codes.size());
    write_values<Float>(numbers.span(), piece, plan.options.threads);
    return {};
  }
  return code_bytes(plan.to) == 1 ? round_numbers<Float, uint8_t>(plan, piece, numbers.span())
                                  : round_numbers<Float, uint16_t>(plan, piece, numbers.span());
}

// Whether the elements are as wide as the kernels read them.
bool has_kernel_width(const ConversionPlan& plan, const ConversionPiece& piece) {
  if (plan.from == host_format<float>()) return piece.source_bytes == sizeof(float);
  if (plan.from == host_format<double>()) return piece.source_bytes == sizeof(double);
  return piece.source_bytes <= 2;
}

void add_patches(ConversionPlan& plan) {
  const Conversion& conversion = plan.options.conversion;
  const auto differs = [&](const Real& value, uint64_t& code) {
    code = convert(plan.to, value, conversion);
    return code != round_to_code(plan.to, value, conversion.rounding, conversion.saturation);
  };
  const Real nan{RealClass::nan, false, 0, 0, false};
  plan.patches = differs(nan, plan.nan_code);
  for (const bool negative : {false, true}) {
    const Real infinity{RealClass::infinity, negative, 0, 0, false};
    if (differs(infinity, plan.infinity_codes[negative ? 1 : 0])) plan.patches = true;
  }
}

}  // namespace

bool holds_all_numbers(const Format& wide, const Format& narrow) {
  const BitRange range = bit_range(wide);
  const int precision = wide.fraction_width + 1;
  if (narrow.width <= kMostKernelBits) {
    for (uint64_t code = 0; code <= code_mask(narrow.width); ++code) {
      if (!lies_within(range, precision, decode(narrow, code))) return false;
    }
    return true;
  }
  const BitRange needed = bit_range(narrow);
  return significant_bits(narrow) <= precision && needed.least >= range.least &&
         needed.greatest <= range.greatest;
}

size_t code_bytes(const Format& format) {
  return format.width <= 8 ? 1 : format.width <= 16 ? 2 : format.width <= 32 ? 4 : 8;
}

ConversionPlan plan_conversion(const Format& from, const Format& to, const ArrayConversion& options) {
  const bool wraps = to.kind == FormatKind::twos_complement || to.kind == FormatKind::unsigned_integer;
  if (options.conversion.saturation == Saturation::wrap && !wraps) {
    fail("saturation wrap: expected a format in two's complement or unsigned, found {}", to.name);
  }
  if (options.random_bits < 0 || options.random_bits > 32) {
    fail("stochastic rounding takes 0..32 random bits, found {}", options.random_bits);
  }
  ConversionPlan plan{from, to, options};
  if (options.conversion.nan == NanPolicy::error) return plan;
  using Path = ConversionPlan::Path;
  plan.path = goes_by<float>(plan)    ? Path::by_float
              : goes_by<double>(plan) ? Path::by_double
                                      : Path::one_by_one;
  plan.widens = plan.path == Path::by_float ? widens_to<float>(plan) : widens_to<double>(plan);
  if (plan.path != Path::one_by_one && !plan.widens) add_patches(plan);
  return plan;
}

ConversionCounts convert_piece(const ConversionPlan& plan, const ConversionPiece& piece) {
  check_codes(plan, piece);
  if (plan.path == ConversionPlan::Path::one_by_one || !has_kernel_width(plan, piece)) {
    return convert_one_by_one(plan, piece);
  }
  return plan.path == ConversionPlan::Path::by_float ? convert_by<float>(plan, piece)
                                                     : convert_by<double>(plan, piece);
}

}  // namespace assay
