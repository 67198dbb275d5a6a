// Which fields of a Format go together.
#include <algorithm>

#include "base/error.h"
#include "formats/format.h"

namespace assay {
namespace {

void expect_in_range(const Format& format, std::string_view field, int value, int least, int most) {
  if (value < least || value > most) {
    fail("format '{}': {} {} is not in {}..{}", format.name, field, value, least, most);
  }
}

void expect_nan_among(const Format& format, std::initializer_list<NanEncoding> possible) {
  if (std::find(possible.begin(), possible.end(), format.nan) == possible.end()) {
    fail("format '{}': nan = {} is not possible for kind {}", format.name, to_string(format.nan),
         to_string(format.kind));
  }
}

void expect_field_widths(const Format& format) {
  const int sum = (format.is_signed ? 1 : 0) + format.exponent_width + format.fraction_width;
  if (format.width != sum) {
    fail("format '{}': width {} is not the sum {} of sign, exponent and fraction", format.name, format.width,
         sum);
  }
}

void expect_no_fields(const Format& format, bool exponent_fields) {
  if (format.has_infinity) fail("format '{}': kind {} has no infinity", format.name, to_string(format.kind));
  if (!format.has_subnormals) {
    fail("format '{}': has_subnormals is for kind floating", format.name);
  }
  if (!exponent_fields && (format.exponent_width != 0 || format.exponent_bias != 0)) {
    fail("format '{}': kind {} has no exponent", format.name, to_string(format.kind));
  }
}

void check_floating(const Format& format) {
  expect_in_range(format, "exponent_width", format.exponent_width, 1, 16);
  expect_in_range(format, "fraction_width", format.fraction_width, 0, 52);
  expect_in_range(format, "exponent_bias", format.exponent_bias, -65536, 65536);
  expect_field_widths(format);
  expect_in_range(format, "width", format.width, 2, 64);
  expect_nan_among(format,
                   {NanEncoding::none, NanEncoding::ieee, NanEncoding::all_ones, NanEncoding::negative_zero});
  if (format.nan == NanEncoding::ieee && format.fraction_width == 0) {
    fail("format '{}': nan = ieee needs a fraction: infinity and NaN would overlap", format.name);
  }
  if (format.nan == NanEncoding::negative_zero && (!format.is_signed || !format.has_subnormals)) {
    fail("format '{}': nan = negative_zero needs the code of a minus zero, which {}", format.name,
         format.is_signed ? "overlaps with a number (has_subnormals = false)" : "an unsigned format lacks");
  }
  const uint64_t all_ones = code_mask(magnitude_width(format));
  if (max_finite_magnitude(format) == 0 || max_finite_magnitude(format) > all_ones) {
    fail("format '{}': no code is left for a number other than zero", format.name);
  }
}

void check_integer(const Format& format) {
  expect_in_range(format, "width", format.width, 2, 63);
  expect_in_range(format, "fraction_width", format.fraction_width, -64, 64);
  expect_nan_among(format, {NanEncoding::none});
  expect_no_fields(format, false);
  if (format.is_signed == (format.kind == FormatKind::unsigned_integer)) {
    fail("format '{}': is_signed = {} contradicts kind {}", format.name, format.is_signed,
         to_string(format.kind));
  }
}

void check_posit(const Format& format) {
  expect_in_range(format, "width", format.width, 3, 32);
  expect_in_range(format, "exponent_width", format.exponent_width, 0, 4);
  expect_nan_among(format, {NanEncoding::negative_zero});
  expect_no_fields(format, true);
  if (!format.is_signed || format.fraction_width != 0 || format.exponent_bias != 0) {
    fail("format '{}': a posit is signed and has no fraction_width and no exponent_bias", format.name);
  }
}

void check_logarithmic(const Format& format) {
  expect_in_range(format, "exponent_width", format.exponent_width, 1, 10);
  expect_in_range(format, "fraction_width", format.fraction_width, 0, 20);
  expect_in_range(format, "exponent_bias", format.exponent_bias, -512, 960);
  expect_field_widths(format);
  expect_in_range(format, "width", format.width, 3, 32);
  expect_nan_among(format, {NanEncoding::negative_zero});
  expect_no_fields(format, true);
  if (!format.is_signed) fail("format '{}': a logarithmic format is signed", format.name);
}

}  // namespace

void check_format(const Format& format) {
  if (format.name.empty()) fail("format without a name");
  if (format.is_symmetric && format.kind != FormatKind::twos_complement) {
    fail("format '{}': is_symmetric is for kind twos_complement", format.name);
  }
  if (format.rounding_domain == RoundingDomain::logarithmic && format.kind != FormatKind::logarithmic) {
    fail("format '{}': rounding_domain = logarithmic is for kind logarithmic", format.name);
  }
  if ((format.book != nullptr) != (format.kind == FormatKind::code_book)) {
    fail("format '{}': a table of values goes with kind code_book", format.name);
  }
  switch (format.kind) {
    case FormatKind::floating:
      return check_floating(format);
    case FormatKind::twos_complement:
    case FormatKind::unsigned_integer:
    case FormatKind::sign_magnitude:
      return check_integer(format);
    case FormatKind::posit:
      return check_posit(format);
    case FormatKind::logarithmic:
      return check_logarithmic(format);
    case FormatKind::code_book:
      break;  // checked when it was made
  }
}

}  // namespace assay
