#include "arith/gemm_pack.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/real.h"

namespace assay {
namespace {

constexpr int32_t kMagnitude = 0x7fffffff;
constexpr int32_t kFloatInfinity = 0x7f800000;
constexpr int32_t kOne = 0x3f800000;

// A matrix as read_matrix's function holds it.
template <typename Float>
struct Strip {
  int64_t lane_stride = 0;
  int64_t depth_stride = 0;
  std::shared_ptr<const CodeReader<Float>> reader;
};

template <typename Float, typename Source, typename Convert>
void read_strided(const Strip<Float>& strip, const Source* from, size_t lanes, size_t depth, size_t stride,
                  Float* out, const Convert& convert) {
  if (strip.lane_stride == 1) {
    for (size_t k = 0; k < depth; ++k, from += strip.depth_stride, out += stride) {
      for (size_t i = 0; i < lanes; ++i) out[i] = convert(from[i]);
    }
    return;
  }
  for (size_t i = 0; i < lanes; ++i, from += strip.lane_stride) {
    const Source* element = from;
    for (size_t k = 0; k < depth; ++k, element += strip.depth_stride) out[k * stride + i] = convert(*element);
  }
}

template <typename Float, typename Code>
ReadStrip<Float> read_codes(const Code* data, const Strip<Float>& strip) {
  return [=](int64_t first, size_t lanes, int64_t first_k, size_t depth, size_t stride, Float* out) {
    const Code* from = data + first * strip.lane_stride + first_k * strip.depth_stride;
    const CodeReader<Float>& reader = *strip.reader;
    if (reader.is_truncated_float()) {
      const int missing = reader.missing_bits();
      return read_strided(strip, from, lanes, depth, stride, out, [=](Code code) {
        return static_cast<Float>(std::bit_cast<float>(static_cast<uint32_t>(code) << missing));
      });
    }
    if (const Float* table = reader.table()) {
      const uint64_t mask = reader.mask();
      read_strided(strip, from, lanes, depth, stride, out, [=](Code code) { return table[code & mask]; });
    } else {
      read_strided(strip, from, lanes, depth, stride, out, [&](Code code) { return reader(code); });
    }
  };
}

template <typename Float>
ReadStrip<Float> read_floats(const float* data, const Strip<Float>& strip) {
  return [=](int64_t first, size_t lanes, int64_t first_k, size_t depth, size_t stride, Float* out) {
    const float* from = data + first * strip.lane_stride + first_k * strip.depth_stride;
    read_strided(strip, from, lanes, depth, stride, out,
                 [](float value) { return static_cast<Float>(value); });
  };
}

// The kernels for a step of a panel, from values[k * width + lane].

void pack_floats(const float* values, size_t count, uint32_t* out) {
  // NaNs become the one without payload, which survives integer arithmetic on its bits.
  constexpr uint32_t kQuietNan = 0x7fc00000;
  for (size_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<uint32_t>(values[i]);
    out[i] = (bits & kMagnitude) > kFloatInfinity ? kQuietNan : bits;
  }
}

template <bool kIsB>
void pack_affine(const GemmPlan& plan, const float* values, size_t width, size_t depth,
                 uint32_t* __restrict out, PanelNotes& notes) {
  uint32_t* __restrict special_lanes = notes.lanes;
  const int32_t least = plan.constants.least_normal;
  const int32_t infinity = plan.constants.infinity;
  int32_t greatest = notes.greatest_magnitude;
  for (size_t k = 0; k < depth; ++k, values += width, out += 2 * width) {
    for (size_t i = 0; i < width; ++i) {
      const auto bits = std::bit_cast<int32_t>(values[i]);
      const int32_t magnitude = bits & kMagnitude;
      const bool special = magnitude >= infinity;
      const bool counts = magnitude >= least && !special;
      special_lanes[i] |= special ? 1U : 0U;
      greatest = std::max(greatest, counts ? magnitude : 0);
      const int32_t without_product = least - 1 - (magnitude - kOne);
      const auto less_one = static_cast<int32_t>(static_cast<uint32_t>(bits) - static_cast<uint32_t>(kOne));
      const int32_t first = kIsB ? less_one : bits;
      const int32_t second = kIsB ? (counts ? without_product : std::numeric_limits<int32_t>::max())
                                  : (counts ? magnitude : std::numeric_limits<int32_t>::min());
      out[i] = static_cast<uint32_t>(first);
      out[width + i] = static_cast<uint32_t>(second);
    }
  }
  notes.greatest_magnitude = greatest;
}

void pack_window(const GemmPlan& plan, int least_exponent, const float* values, size_t width, size_t depth,
                 uint32_t* out, PanelNotes& notes) {
  for (size_t k = 0; k < depth; ++k, values += width, out += 2 * width) {
    for (size_t i = 0; i < width; ++i) {
      const auto bits = std::bit_cast<int32_t>(values[i]);
      const int32_t magnitude = bits & kMagnitude;
      const int32_t own_exponent = (magnitude >> 23) - 127;
      const bool taken = own_exponent >= plan.least_taken && own_exponent <= plan.greatest_taken;
      const bool special = magnitude != 0 && !taken;
      notes.lanes[i] |= special ? 1U : 0U;
      const int32_t exponent = std::max(own_exponent, least_exponent);
      out[i] = special ? 0U : static_cast<uint32_t>(bits);
      out[width + i] = static_cast<uint32_t>(magnitude == 0 || special ? kNoExponent : exponent);
    }
  }
}

// The integer that a fixed-point value is a multiple of 2^-fraction_width by.
int32_t to_integer(float value, float scale) {
  return static_cast<int32_t>(value * scale);
}

void pack_pairs(float scale, const float* values, size_t width, size_t depth, uint32_t* out) {
  for (size_t k = 0; k < depth; k += 2, values += 2 * width, out += width) {
    for (size_t i = 0; i < width; ++i) {
      const auto low = static_cast<uint32_t>(to_integer(values[i], scale)) & 0xffff;
      const auto high = static_cast<uint32_t>(to_integer(values[width + i], scale));
      out[i] = low | high << 16;
    }
  }
}

void pack_bytes(float scale, uint32_t offset, const float* values, size_t width, size_t depth,
                uint32_t* out) {
  for (size_t k = 0; k < depth; k += 4, values += 4 * width, out += width) {
    for (size_t i = 0; i < width; ++i) {
      uint32_t word = 0;
      for (size_t j = 0; j < 4; ++j) {
        const auto integer = static_cast<uint32_t>(to_integer(values[j * width + i], scale)) + offset;
        word |= (integer & 0xff) << (8 * j);
      }
      out[i] = word;
    }
  }
}

void add_columns(float scale, const float* values, size_t width, size_t depth, uint32_t* sums) {
  for (size_t k = 0; k < depth; ++k) {
    for (size_t i = 0; i < width; ++i)
      sums[i] += static_cast<uint32_t>(to_integer(values[k * width + i], scale));
  }
}

}  // namespace

template <typename Float>
CodeReader<Float>::CodeReader(const Format& format) : format_(format), mask_(code_mask(format.width)) {
  const bool like_float = format.kind == FormatKind::floating && format.is_signed && format.has_infinity &&
                          format.has_subnormals && format.nan == NanEncoding::ieee;
  if (like_float && format.exponent_width == 8 && format.exponent_bias == 127 &&
      format.fraction_width <= 23) {
    missing_bits_ = 23 - format.fraction_width;
  }
  if (format.width > 16 || missing_bits_ >= 0) return;
  table_.resize(size_t{1} << format.width);
  std::vector<uint16_t> codes(table_.size());
  std::iota(codes.begin(), codes.end(), uint16_t{0});
  decode_array(format, std::span<const uint16_t>(codes), std::span(table_));
}

template <typename Float>
Float CodeReader<Float>::operator()(uint64_t code) const {
  return table_.empty() ? nearest_float<Float>(decode(format_, code & mask_)) : table_[code & mask_];
}

template <typename Float>
void CodeReader<Float>::read(std::span<const uint32_t> codes, std::span<Float> values) const {
  if (is_truncated_float()) {
    std::ranges::transform(codes, values.begin(), [missing = missing_bits_](uint32_t code) {
      return static_cast<Float>(std::bit_cast<float>(code << missing));
    });
  } else {
    std::ranges::transform(codes, values.begin(), [this](uint32_t code) { return (*this)(code); });
  }
}

template <typename Float>
ReadStrip<Float> read_matrix(const ConstMatrix& matrix, int64_t offset, int64_t lane_stride,
                             int64_t depth_stride, std::shared_ptr<const CodeReader<Float>> reader) {
  const Strip<Float> strip{lane_stride, depth_stride, std::move(reader)};
  switch (matrix.element) {
    case Element::float32:
      return read_floats(static_cast<const float*>(matrix.data) + offset, strip);
    case Element::code8:
      return read_codes(static_cast<const uint8_t*>(matrix.data) + offset, strip);
    case Element::code16:
      return read_codes(static_cast<const uint16_t*>(matrix.data) + offset, strip);
    case Element::code32:
      return read_codes(static_cast<const uint32_t*>(matrix.data) + offset, strip);
    case Element::code64:
      break;
  }
  return read_codes(static_cast<const uint64_t*>(matrix.data) + offset, strip);
}

void pack_panel(PackRule rule, const GemmPlan& plan, const ReadStrip<float>& read, int64_t first,
                size_t lanes, size_t width, int64_t first_k, size_t depth, size_t padded, uint32_t* out,
                PanelNotes& notes) {
  thread_local std::vector<float> values;
  values.resize(padded * width);
  if (lanes < width || depth < padded) std::ranges::fill(values, 0.0F);
  read(first, lanes, first_k, depth, width, values.data());
  switch (rule) {
    case PackRule::floats:
      return pack_floats(values.data(), padded * width, out);
    case PackRule::affine_a:
      return pack_affine<false>(plan, values.data(), width, padded, out, notes);
    case PackRule::affine_b:
      return pack_affine<true>(plan, values.data(), width, padded, out, notes);
    case PackRule::window_a:
      return pack_window(plan, plan.least_exponent_a, values.data(), width, padded, out, notes);
    case PackRule::window_b:
      return pack_window(plan, plan.least_exponent_b, values.data(), width, padded, out, notes);
    case PackRule::pairs_a:
      return pack_pairs(plan.scale_a, values.data(), width, padded, out);
    case PackRule::pairs_b:
      return pack_pairs(plan.scale_b, values.data(), width, padded, out);
    case PackRule::bytes_a:
      return pack_bytes(plan.scale_a, static_cast<uint32_t>(plan.byte_offset), values.data(), width, padded,
                        out);
    case PackRule::bytes_b:
      add_columns(plan.scale_b, values.data(), width, padded, notes.lanes);
      return pack_bytes(plan.scale_b, 0, values.data(), width, padded, out);
  }
}

template class CodeReader<float>;
template class CodeReader<double>;
template ReadStrip<float> read_matrix(const ConstMatrix&, int64_t, int64_t, int64_t,
                                      std::shared_ptr<const CodeReader<float>>);
template ReadStrip<double> read_matrix(const ConstMatrix&, int64_t, int64_t, int64_t,
                                       std::shared_ptr<const CodeReader<double>>);

}  // namespace assay
