#include "formats/real.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "formats/float_parts.h"
#include "formats/logarithmic.h"
#include "formats/posit.h"

namespace assay {
namespace {

Real decode_floating(const Format& format, uint64_t code) {
  if (has_float_parts(format)) {
    const FloatParts parts = float_parts(format, code);
    if (!parts.special) {
      return {parts.significand != 0 ? RealClass::finite : RealClass::zero, parts.negative,
              parts.significand != 0 ? parts.exponent : 0, parts.significand, false};
    }
  }
  Real value;
  value.negative = format.is_signed && (code >> (format.width - 1) & 1) != 0;
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  const uint64_t fraction = magnitude & code_mask(format.fraction_width);
  const auto exponent_field = static_cast<int>(magnitude >> format.fraction_width);
  const uint64_t largest = max_finite_magnitude(format);
  if (magnitude > largest) {
    const bool is_infinity = format.has_infinity && magnitude == largest + 1;
    value.kind = is_infinity ? RealClass::infinity : RealClass::nan;
    return value;
  }
  if (magnitude == 0 && format.has_subnormals) {
    if (value.negative && format.nan == NanEncoding::negative_zero) value.kind = RealClass::nan;
    return value;
  }
  value.kind = RealClass::finite;
  const bool subnormal = exponent_field == 0 && format.has_subnormals;
  value.significand = subnormal ? fraction : fraction | uint64_t{1} << format.fraction_width;
  value.exponent = (subnormal ? 1 : exponent_field) - format.exponent_bias - format.fraction_width;
  return value;
}

Real decode_integer(const Format& format, uint64_t code) {
  Real value;
  uint64_t magnitude = code & code_mask(magnitude_width(format));
  value.negative = format.is_signed && (code >> (format.width - 1) & 1) != 0;
  if (value.negative && format.kind == FormatKind::twos_complement) {
    magnitude = (uint64_t{1} << (format.width - 1)) - magnitude;
  }
  value.kind = magnitude == 0 ? RealClass::zero : RealClass::finite;
  value.significand = magnitude;
  value.exponent = -format.fraction_width;
  return value;
}

Real decode_logarithmic(const Format& format, uint64_t code) {
  const bool negative = (code >> (format.width - 1) & 1) != 0;
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  Real value;
  if (magnitude == 0) {
    if (negative) value.kind = RealClass::nan;
    return value;
  }
  value = logarithmic_value(format, static_cast<int64_t>(magnitude));
  value.negative = negative;
  return value;
}

// Hexadecimal digits as in C, for exponents that a double does not have.
std::string wide_hex_float(const Real& value) {
  const int top = floor_log2(value.significand);
  uint128 fraction = value.significand << (127 - top) << 1;  // the bits below the leading one, left-aligned
  std::string text = value.negative ? "-0x1" : "0x1";
  if (fraction != 0) text += '.';
  for (; fraction != 0; fraction <<= 4) text += "0123456789abcdef"[static_cast<unsigned>(fraction >> 124)];
  return text + fmt::format("p{:+}", value.exponent + top);
}

int compare_magnitudes(const Real& a, const Real& b) {
  const int top_a = floor_log2(a.significand), top_b = floor_log2(b.significand);
  if (a.exponent + top_a != b.exponent + top_b) return a.exponent + top_a < b.exponent + top_b ? -1 : 1;
  const uint128 aligned_a = a.significand << (127 - top_a), aligned_b = b.significand << (127 - top_b);
  return aligned_a == aligned_b ? 0 : aligned_a < aligned_b ? -1 : 1;
}

int sign_of(const Real& value) {
  if (value.kind == RealClass::zero) return 0;
  return value.negative ? -1 : 1;
}

BitRange bit_range_of_book(const CodeBook& book) {
  BitRange range{std::numeric_limits<int>::max(), std::numeric_limits<int>::min()};
  for (const uint32_t code : book.ascending) {
    const Real value = real_from_double(book.values[code]);
    if (value.kind == RealClass::zero) continue;
    range.least = std::min(range.least, value.exponent);
    range.greatest = std::max(range.greatest, value.exponent + floor_log2(value.significand));
  }
  return range;
}

}  // namespace

Real decode(const Format& format, uint64_t code) {
  switch (format.kind) {
    case FormatKind::floating:
      return decode_floating(format, code);
    case FormatKind::twos_complement:
    case FormatKind::unsigned_integer:
    case FormatKind::sign_magnitude:
      return decode_integer(format, code);
    case FormatKind::posit:
      return decode_posit(format, code);
    case FormatKind::logarithmic:
      return decode_logarithmic(format, code);
    case FormatKind::code_book:
      break;
  }
  return real_from_double(format.book->values[code & code_mask(format.width)]);
}

Real real_from_double(double value) {
  static const Format fp64 = parse_format("fp64");
  return decode_floating(fp64, std::bit_cast<uint64_t>(value));
}

int compare(const Real& a, const Real& b) {
  const int sign_a = sign_of(a), sign_b = sign_of(b);
  if (sign_a != sign_b) return sign_a < sign_b ? -1 : 1;
  return sign_a == 0 ? 0 : sign_a * compare_magnitudes(a, b);
}

BitRange bit_range(const Format& format) {
  switch (format.kind) {
    case FormatKind::floating: {
      const Real largest = decode(format, max_finite_magnitude(format));
      const int least = (format.has_subnormals ? 1 : 0) - format.exponent_bias - format.fraction_width;
      return {least, largest.exponent + floor_log2(largest.significand)};
    }
    case FormatKind::twos_complement:
    case FormatKind::unsigned_integer:
    case FormatKind::sign_magnitude:
      return {-format.fraction_width, format.width - format.fraction_width};
    case FormatKind::posit: {
      const int largest = (format.width - 2) << format.exponent_width;
      return {-largest, largest};
    }
    case FormatKind::logarithmic:
      return {-format.exponent_bias - std::numeric_limits<double>::digits, format.exponent_bias};
    case FormatKind::code_book:
      break;
  }
  return bit_range_of_book(*format.book);
}

int floor_log2(uint128 x) {
  const auto high = static_cast<uint64_t>(x >> 64);
  return high != 0 ? 127 - std::countl_zero(high) : 63 - std::countl_zero(static_cast<uint64_t>(x) | 1);
}

std::string to_hex_float(const Real& value) {
  switch (value.kind) {
    case RealClass::nan:
      return "nan";
    case RealClass::infinity:
      return value.negative ? "-inf" : "inf";
    case RealClass::zero:
      return fmt::format("{:a}", to_double(value));
    case RealClass::finite:
      break;
  }
  const int exponent = value.exponent + floor_log2(value.significand);
  const bool fits_double = value.exponent >= -1074 && exponent <= 1023;
  return fits_double ? fmt::format("{:a}", to_double(value)) : wide_hex_float(value);
}

double to_double(const Real& value) {
  double magnitude = 0.0;
  switch (value.kind) {
    case RealClass::zero:
      break;
    case RealClass::finite:
      magnitude = std::ldexp(static_cast<double>(value.significand), value.exponent);
      break;
    case RealClass::infinity:
      magnitude = std::numeric_limits<double>::infinity();
      break;
    case RealClass::nan:
      return std::numeric_limits<double>::quiet_NaN();
  }
  return value.negative ? -magnitude : magnitude;
}

}  // namespace assay
