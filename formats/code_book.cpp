#include "formats/code_book.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "formats/format.h"

namespace assay {
namespace {

constexpr size_t kMostValues = 65536;

void expect_no_overlap(const std::string& name, const std::vector<double>& values) {
  std::unordered_map<uint64_t, size_t> code_of;
  for (size_t code = 0; code < values.size(); ++code) {
    if (std::isnan(values[code])) continue;
    const auto [earlier, is_new] = code_of.emplace(std::bit_cast<uint64_t>(values[code]), code);
    if (!is_new) {
      fail("format '{}': codes {} and {} overlap: both stand for {}", name, earlier->second, code,
           values[code]);
    }
  }
}

std::vector<uint32_t> ascending_codes(const std::vector<double>& values) {
  std::vector<uint32_t> codes;
  const bool has_plus_zero = std::any_of(values.begin(), values.end(),
                                         [](double value) { return value == 0 && !std::signbit(value); });
  for (uint32_t code = 0; code < values.size(); ++code) {
    const double value = values[code];
    const bool spare_zero = value == 0 && std::signbit(value) && has_plus_zero;
    if (std::isfinite(value) && !spare_zero) codes.push_back(code);
  }
  std::sort(codes.begin(), codes.end(), [&](uint32_t a, uint32_t b) { return values[a] < values[b]; });
  return codes;
}

// HiFloat8's fields after the sign: the width of the prefix, of the exponent and of the fraction.
struct Hif8Fields {
  int prefix_width, exponent_width, fraction_width;
};

Hif8Fields hif8_fields(uint32_t magnitude) {
  switch (magnitude >> 5) {
    case 3:
      return {2, 4, 1};
    case 2:
      return {2, 3, 2};
    case 1:
      return {2, 2, 3};
    default:
      return (magnitude >> 4) != 0 ? Hif8Fields{3, 1, 3} : Hif8Fields{4, 0, 3};
  }
}

double hif8_magnitude(uint32_t magnitude) {
  constexpr uint32_t kInfinity = 0x6f, kLeastNormal = 8;
  if (magnitude == 0) return 0;
  if (magnitude == kInfinity) return std::numeric_limits<double>::infinity();
  if (magnitude < kLeastNormal) return std::ldexp(1.0, static_cast<int>(magnitude) - 23);
  const Hif8Fields fields = hif8_fields(magnitude);
  int exponent = 0;
  if (fields.exponent_width > 0) {
    // Sign and magnitude, of which the leading one is not stored.
    const uint32_t field = (magnitude >> fields.fraction_width) & ((1U << fields.exponent_width) - 1);
    const uint32_t leading_one = 1U << (fields.exponent_width - 1);
    const auto absolute = static_cast<int>((field & (leading_one - 1)) | leading_one);
    exponent = (field & leading_one) != 0 ? -absolute : absolute;
  }
  const uint32_t hidden_one = 1U << fields.fraction_width;
  const uint32_t significand = hidden_one | (magnitude & (hidden_one - 1));
  return std::ldexp(significand, exponent - fields.fraction_width);
}

}  // namespace

Format make_code_book_format(std::string name, std::vector<double> values, double beyond) {
  if (values.size() < 2 || values.size() > kMostValues || !std::has_single_bit(values.size())) {
    fail("format '{}': expected 2, 4, 8, ... or {} values, found {}", name, kMostValues, values.size());
  }
  expect_no_overlap(name, values);
  auto book = std::make_shared<CodeBook>();
  book->ascending = ascending_codes(values);
  if (book->ascending.size() < 2) fail("format '{}': expected at least two finite values", name);
  const auto value_at = [&](size_t rank) { return values[book->ascending[rank]]; };
  const size_t last = book->ascending.size() - 1;
  book->above = beyond != 0 ? beyond : 2 * value_at(last) - value_at(last - 1);
  book->below = beyond != 0 ? -beyond : 2 * value_at(0) - value_at(1);
  if (!std::isfinite(book->above) || !std::isfinite(book->below) || book->above <= value_at(last) ||
      book->below >= value_at(0)) {
    fail("format '{}': beyond = {} must be greater than every value, and -beyond less", name, book->above);
  }

  Format format;
  format.name = std::move(name);
  format.kind = FormatKind::code_book;
  format.width = std::countr_zero(values.size());
  format.is_signed = value_at(0) < 0;
  for (const double value : values) {
    format.has_infinity = format.has_infinity || std::isinf(value);
    if (std::isnan(value)) format.nan = NanEncoding::listed;
  }
  book->values = std::move(values);
  format.book = std::move(book);
  return format;
}

Format hif8_format() {
  std::vector<double> values;
  for (uint32_t code = 0; code < 256; ++code) {
    const double magnitude = hif8_magnitude(code & 0x7f);
    values.push_back(code < 128 ? magnitude : -magnitude);
  }
  values[0x80] = std::numeric_limits<double>::quiet_NaN();
  return make_code_book_format("hif8", std::move(values), 0x1.8p15);  // infinity's code read as a number
}

Format nf4_format() {
  return make_code_book_format(
      "nf4", {-1.0F, -0.6961928009986877F, -0.5250730514526367F, -0.39491748809814453F, -0.28444138169288635F,
              -0.18477343022823334F, -0.09105003625154495F, 0.0F, 0.07958029955625534F, 0.16093020141124725F,
              0.24611230194568634F, 0.33791524171829224F, 0.44070982933044434F, 0.5626170039176941F,
              0.7229568362236023F, 1.0F});
}

Format fp4_radix4_format() {
  std::vector<double> values = {0};
  for (int m = 1; m < 8; ++m) values.push_back(std::ldexp(1.0, 2 * (m - 1)));
  for (int m = 0; m < 8; ++m) values.push_back(-values[static_cast<size_t>(m)]);
  return make_code_book_format("fp4_radix4", std::move(values), 0x1p14);
}

}  // namespace assay
