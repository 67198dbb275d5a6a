#include "arith/gemm_output.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "formats/array_kernels.h"
#include "formats/array_kernels_plan.h"
#include "formats/round.h"

namespace assay {
namespace {

template <typename Code>
void scatter(const std::vector<Code>& codes, int64_t stride, void* to) {
  auto* element = static_cast<Code*>(to);
  for (const Code code : codes) {
    *element = code;
    element += stride;
  }
}

template <typename Float>
Float without_payload(Float value) {
  return value != value ? std::numeric_limits<Float>::quiet_NaN() : value;
}

// Codes of values of the format.
template <typename Code, typename Float>
std::vector<Code> codes_of(const Format& format, std::span<const Float> values) {
  std::vector<Code> codes(values.size());
  // Every saturation but wrap yields the same for values of the format; wrap knows no infinities.
  if constexpr (sizeof(Code) <= 2) {
    encode_array(format, Rounding::rne, Saturation::sat_none, values, std::span(codes));
  } else {
    static const Format float32 = parse_format("fp32");
    const bool is_float32 = format == float32;
    const bool complement =
        format.kind == FormatKind::twos_complement || format.kind == FormatKind::unsigned_integer;
    const Float scale = std::ldexp(Float{1}, format.fraction_width);
    for (size_t i = 0; i < values.size(); ++i) {
      if (is_float32) {
        codes[i] = std::bit_cast<uint32_t>(without_payload(static_cast<float>(values[i])));
      } else if (complement) {
        codes[i] = static_cast<Code>(static_cast<uint64_t>(static_cast<int64_t>(values[i] * scale)) &
                                     code_mask(format.width));
      } else {
        codes[i] =
            static_cast<Code>(round_to_code(format, real_of(values[i]), Rounding::rne, Saturation::sat_none));
      }
    }
  }
  return codes;
}

}  // namespace

template <typename Float>
GemmOutput<Float>::GemmOutput(const Format& format, const GemmProblem& problem, int64_t batch,
                              std::shared_ptr<const CodeReader<Float>> reader)
    : format_(format), c_(problem.c), scales_(problem.scales), offset_(batch * problem.c.batch_stride) {
  if (problem.c0) {
    const ConstMatrix& c0 = *problem.c0;
    read_ =
        read_matrix<Float>(c0, batch * c0.batch_stride, c0.column_stride, c0.row_stride, std::move(reader));
  }
}

template <typename Float>
void GemmOutput<Float>::load(int64_t row, int64_t column, size_t count, Float* values) const {
  if (!read_) {
    std::fill_n(values, count, Float{0});
    return;
  }
  read_(column, count, row, 1, count, values);
  std::transform(values, values + count, values, without_payload<Float>);
}

template <typename Float>
void GemmOutput<Float>::store_floats(int64_t row, int64_t column, size_t count, const Float* values) const {
  auto* element = static_cast<float*>(c_.data) + offset_ + row * c_.row_stride + column * c_.column_stride;
  const auto at = static_cast<size_t>(column);
  for (size_t i = 0; i < count; ++i, element += c_.column_stride) {
    float value = static_cast<float>(values[i]);
    if (scales_.tensor) value *= *scales_.tensor;
    if (!scales_.rows.empty()) value *= scales_.rows[static_cast<size_t>(row)];
    if (!scales_.columns.empty()) value *= scales_.columns[at + i];
    *element = without_payload(value);
  }
}

template <typename Float>
void GemmOutput<Float>::store(int64_t row, int64_t column, size_t count, const Float* values) const {
  const std::span<const Float> span(values, count);
  const int64_t at = offset_ + row * c_.row_stride + column * c_.column_stride;
  switch (c_.element) {
    case Element::float32:
      return store_floats(row, column, count, values);
    case Element::code8:
      return scatter(codes_of<uint8_t>(format_, span), c_.column_stride, static_cast<uint8_t*>(c_.data) + at);
    case Element::code16:
      return scatter(codes_of<uint16_t>(format_, span), c_.column_stride,
                     static_cast<uint16_t*>(c_.data) + at);
    case Element::code32:
      return scatter(codes_of<uint32_t>(format_, span), c_.column_stride,
                     static_cast<uint32_t*>(c_.data) + at);
    case Element::code64:
      return scatter(codes_of<uint64_t>(format_, span), c_.column_stride,
                     static_cast<uint64_t*>(c_.data) + at);
  }
}

template <typename Float>
bool GemmOutput<Float>::store_words(int64_t row, int64_t column, size_t count, const uint32_t* words) const {
  static const Format float32 = parse_format("fp32");
  const bool is_integer32 =
      is_integer(format_) && format_.width == 32 && format_.kind != FormatKind::sign_magnitude;
  const bool scaled = scales_.tensor || !scales_.rows.empty() || !scales_.columns.empty();
  const bool codes = c_.element == Element::code32 && (is_integer32 || format_ == float32);
  const bool floats = c_.element == Element::float32 && !is_integer(format_) && !scaled;
  if (c_.column_stride != 1 || !(codes || floats)) return false;
  auto* to = static_cast<unsigned char*>(c_.data) +
             sizeof(uint32_t) * static_cast<size_t>(offset_ + row * c_.row_stride + column);
  if (is_integer32) {
    std::memcpy(to, words, count * sizeof(uint32_t));
    return true;
  }
  constexpr uint32_t kQuietNan = 0x7fc00000, kInfinity = 0x7f800000;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t word = (words[i] & ~(1U << 31)) > kInfinity ? kQuietNan : words[i];
    std::memcpy(to + i * sizeof(word), &word, sizeof(word));
  }
  return true;
}

template class GemmOutput<float>;
template class GemmOutput<double>;

}  // namespace assay
