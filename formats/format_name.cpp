// Names of formats: the grammar of parse_format.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/error.h"
#include "formats/code_book.h"
#include "formats/format.h"

namespace assay {
namespace {

enum class Specials { ieee, fn, f, fnuz };

constexpr std::array<std::pair<std::string_view, Specials>, 4> kSpecials = {
    {{"ieee", Specials::ieee}, {"fnuz", Specials::fnuz}, {"fn", Specials::fn}, {"f", Specials::f}}};

Format make_float(std::string name, int exponent_width, int fraction_width, int exponent_bias,
                  Specials specials) {
  Format format;
  format.name = std::move(name);
  format.width = 1 + exponent_width + fraction_width;
  format.exponent_width = exponent_width;
  format.fraction_width = fraction_width;
  format.exponent_bias = exponent_bias;
  switch (specials) {
    case Specials::ieee:
      format.has_infinity = true;
      format.nan = NanEncoding::ieee;
      break;
    case Specials::fn:
      format.nan = NanEncoding::all_ones;
      break;
    case Specials::f:
      format.nan = NanEncoding::none;
      break;
    case Specials::fnuz:
      format.nan = NanEncoding::negative_zero;
      break;
  }
  return format;
}

Format make_e8m0() {
  Format format = make_float("e8m0", 8, 0, 127, Specials::fn);
  format.width = 8;
  format.is_signed = false;
  format.has_subnormals = false;
  return format;
}

// P3109 v4.0: code 0 is the only zero, NaN stands in the place of -0 or is the last code, infinities come
// before NaN or at the end of either sign.
Format make_p3109(std::string name, int width, int precision, bool is_signed, bool extended) {
  Format format;
  format.name = std::move(name);
  format.width = width;
  format.is_signed = is_signed;
  format.fraction_width = precision - 1;
  format.exponent_width = is_signed ? width - precision : width - precision + 1;
  format.exponent_bias = 1 << (format.exponent_width - 1);
  format.has_infinity = extended;
  format.nan = is_signed ? NanEncoding::negative_zero : NanEncoding::all_ones;
  return format;
}

Format make_posit(std::string name, int width, int exponent_width) {
  Format format;
  format.name = std::move(name);
  format.kind = FormatKind::posit;
  format.width = width;
  format.exponent_width = exponent_width;
  format.nan = NanEncoding::negative_zero;
  return format;
}

Format make_logarithmic(std::string name, int width, int fraction_width, RoundingDomain domain) {
  Format format;
  format.name = std::move(name);
  format.kind = FormatKind::logarithmic;
  format.width = width;
  format.fraction_width = fraction_width;
  format.exponent_width = width - 1 - fraction_width;
  format.exponent_bias = 1 << (format.exponent_width - 1);
  format.nan = NanEncoding::negative_zero;
  format.rounding_domain = domain;
  return format;
}

// The formats with a name of their own. The first entry with given fields is their canonical name.
const std::vector<Format>& named() {
  static const std::vector<Format> formats = {
      make_float("fp64", 11, 52, 1023, Specials::ieee),
      make_float("fp32", 8, 23, 127, Specials::ieee),
      make_float("tf32", 8, 10, 127, Specials::ieee),
      make_float("bf16", 8, 7, 127, Specials::ieee),
      make_float("fp16", 5, 10, 15, Specials::ieee),
      make_float("e5m2", 5, 2, 15, Specials::ieee),
      make_float("e4m3", 4, 3, 7, Specials::fn),
      make_float("e3m2", 3, 2, 3, Specials::f),
      make_float("e2m3", 2, 3, 1, Specials::f),
      make_float("e2m1", 2, 1, 1, Specials::f),
      make_float("e3m0", 3, 0, 1, Specials::f),
      make_float("e4m2", 4, 2, 1, Specials::f),
      make_e8m0(),
      hif8_format(),
      nf4_format(),
      fp4_radix4_format(),
  };
  return formats;
}

// Spellings of ml_dtypes and others, and the canonical names they stand for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kAliases = {{
    {"float64", "fp64"},
    {"float32", "fp32"},
    {"float16", "fp16"},
    {"bfloat16", "bf16"},
    {"float8_e4m3fn", "e4m3"},
    {"float8_e5m2", "e5m2"},
    {"float8_e4m3", "e4m3ieee"},
    {"float8_e3m4", "e3m4ieee"},
    {"float8_e4m3fnuz", "e4m3fnuz"},
    {"float8_e5m2fnuz", "e5m2fnuz"},
    {"float8_e4m3b11fnuz", "e4m3b11fnuz"},
    {"float8_e8m0fnu", "e8m0"},
    {"float6_e3m2fn", "e3m2"},
    {"float6_e2m3fn", "e2m3"},
    {"float4_e2m1fn", "e2m1"},
    {"e3m2fn", "e3m2"},
    {"e2m3fn", "e2m3"},
    {"e2m1fn", "e2m1"},
    {"hifloat8", "hif8"},
    {"float4_nf4", "nf4"},
    {"mxint8_element", "fix8.6"},
}};

// Takes a decimal number off the front of `text`.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

int take_in_range(std::string_view name, std::string_view& rest, std::string_view what, int least, int most) {
  const std::optional<int> number = take_number(rest);
  if (!number) fail("format '{}': expected the {}, a number", name, what);
  if (*number < least || *number > most)
    fail("format '{}': {} {} is not in {}..{}", name, what, *number, least, most);
  return *number;
}

void expect_end(std::string_view name, std::string_view rest) {
  if (!rest.empty()) fail("format '{}': unexpected '{}' at the end", name, rest);
}

constexpr int kMostIntegerBits = 32, kMostFixedBits = 63, kMostFixedFraction = 64;

std::string integer_name(const Format& format) {
  const bool fixed = format.fraction_width != 0 || format.width > kMostIntegerBits;
  const std::string_view prefix = format.kind == FormatKind::sign_magnitude     ? "sm"
                                  : format.kind == FormatKind::unsigned_integer ? "u"
                                  : format.is_symmetric                         ? "sym"
                                                                                : "";
  const std::string_view minus = format.fraction_width < 0 ? "m" : "";
  return fixed ? fmt::format("{}fix{}.{}{}", prefix, format.width, minus, std::abs(format.fraction_width))
               : fmt::format("{}int{}", prefix, format.width);
}

// intN and its relatives, and fixW.F and its.
std::optional<Format> parse_integer(std::string_view name) {
  std::string_view rest = name;
  Format format;
  format.kind = FormatKind::twos_complement;
  bool fixed = false;
  if (take(rest, "smint")) {
    format.kind = FormatKind::sign_magnitude;
  } else if (take(rest, "symint") || take(rest, "symfix")) {
    fixed = name[3] == 'f';
    format.is_symmetric = true;
  } else if (take(rest, "uint") || take(rest, "ufix")) {
    fixed = name[1] == 'f';
    format.kind = FormatKind::unsigned_integer;
    format.is_signed = false;
  } else if (take(rest, "int") || take(rest, "fix")) {
    fixed = name[0] == 'f';
  } else {
    return std::nullopt;
  }
  format.width = take_in_range(name, rest, "width", 2, fixed ? kMostFixedBits : kMostIntegerBits);
  if (fixed) {
    if (!take(rest, "."))
      fail("format '{}': expected '.' and the number of fraction bits, as in fix8.6", name);
    const bool minus = take(rest, "m");
    const int fraction_width = take_in_range(name, rest, "number of fraction bits", 0, kMostFixedFraction);
    format.fraction_width = minus ? -fraction_width : fraction_width;
  }
  expect_end(name, rest);
  format.name = integer_name(format);
  return format;
}

std::optional<Format> parse_p3109(std::string_view name) {
  std::string_view rest = name;
  if (!take(rest, "binary")) return std::nullopt;
  const int width = take_in_range(name, rest, "width", 3, 16);
  if (!take(rest, "p")) fail("format '{}': expected 'p' and the precision, as in binary8p4se", name);
  const int precision = take_in_range(name, rest, "precision", 1, width);
  const bool is_signed = take(rest, "s");
  if (!is_signed && !take(rest, "u")) fail("format '{}': expected s (signed) or u (unsigned)", name);
  const bool extended = take(rest, "e");
  if (!extended && !take(rest, "f"))
    fail("format '{}': expected e (extended) or f (finite) at the end", name);
  expect_end(name, rest);
  if (is_signed && precision == width) {
    fail("format '{}': a signed format of {} bits has at most precision {}", name, width, width - 1);
  }
  const char sign = is_signed ? 's' : 'u', domain = extended ? 'e' : 'f';
  return make_p3109(fmt::format("binary{}p{}{}{}", width, precision, sign, domain), width, precision,
                    is_signed, extended);
}

std::optional<Format> parse_posit(std::string_view name) {
  constexpr int kStandardExponentWidth = 2;
  std::string_view rest = name;
  if (!take(rest, "posit")) return std::nullopt;
  const int width = take_in_range(name, rest, "width", 3, 32);
  int exponent_width = kStandardExponentWidth;
  if (take(rest, "es")) exponent_width = take_in_range(name, rest, "exponent width", 0, 4);
  expect_end(name, rest);
  std::string canonical = fmt::format("posit{}", width);
  if (exponent_width != kStandardExponentWidth) canonical += fmt::format("es{}", exponent_width);
  return make_posit(std::move(canonical), width, exponent_width);
}

std::optional<Format> parse_logarithmic(std::string_view name) {
  constexpr int kMostIntegerLogarithmBits = 10;  // so that the values are normal doubles
  std::string_view rest = name;
  if (!take(rest, "lns")) return std::nullopt;
  const int width = take_in_range(name, rest, "width", 3, 31);
  if (!take(rest, "f")) fail("format '{}': expected 'f' and the number of fraction bits, as in lns8f3", name);
  const int least = std::max(width - 1 - kMostIntegerLogarithmBits, 0), most = std::min(width - 2, 20);
  const int fraction_width = take_in_range(name, rest, "number of fraction bits", least, most);
  const bool linear = take(rest, "_linear");
  expect_end(name, rest);
  return make_logarithmic(fmt::format("lns{}f{}{}", width, fraction_width, linear ? "_linear" : ""), width,
                          fraction_width, linear ? RoundingDomain::linear : RoundingDomain::logarithmic);
}

std::string canonical_float_name(const Format& format, Specials specials, int default_bias) {
  for (const Format& known : named()) {
    if (known == format) return known.name;
  }
  std::string name = fmt::format("e{}m{}", format.exponent_width, format.fraction_width);
  if (format.exponent_bias != default_bias) name += fmt::format("b{}", format.exponent_bias);
  for (const auto& [suffix, value] : kSpecials) {
    if (value == specials) name += suffix;
  }
  return name;
}

std::optional<Format> parse_custom_float(std::string_view name) {
  std::string_view rest = name;
  if (!take(rest, "e")) return std::nullopt;
  const std::optional<int> exponent_width = take_number(rest);
  if (!exponent_width || !take(rest, "m")) return std::nullopt;
  const std::optional<int> fraction_width = take_number(rest);
  if (!fraction_width) return std::nullopt;
  if (*exponent_width < 1 || *exponent_width > 11) {
    fail("format '{}': exponent width {} is not in 1..11", name, *exponent_width);
  }
  if (*fraction_width > 52) fail("format '{}': fraction width {} is not in 0..52", name, *fraction_width);

  std::optional<int> bias;
  if (take(rest, "b")) {
    bias = take_number(rest);
    if (!bias || *bias > 4096) fail("format '{}': expected an exponent bias of 0..4096 after 'b'", name);
  }
  Specials specials = Specials::ieee;
  bool known = rest.empty();
  for (const auto& [suffix, value] : kSpecials) {
    if (rest == suffix) {
      specials = value;
      known = true;
    }
  }
  if (!known) fail("format '{}': unknown suffix '{}', expected one of ieee, fn, f, fnuz", name, rest);
  if (specials == Specials::ieee && *fraction_width == 0) {
    fail("format '{}': a format with infinity and NaN needs a fraction; expected suffix fn, f or fnuz", name);
  }
  if (*exponent_width + *fraction_width < 2) {
    fail("format '{}': expected at least two bits of exponent and fraction", name);
  }
  const int half = (1 << (*exponent_width - 1)) - 1;
  const int default_bias = specials == Specials::fnuz ? half + 1 : half;
  Format format = make_float({}, *exponent_width, *fraction_width, bias.value_or(default_bias), specials);
  format.name = canonical_float_name(format, specials, default_bias);
  return format;
}

}  // namespace

Format parse_format(std::string_view name) {
  for (const auto& [alias, canonical] : kAliases) {
    if (name == alias) return parse_format(canonical);
  }
  for (const Format& format : named()) {
    if (name == format.name) return format;
  }
  for (const auto parse : {parse_integer, parse_p3109, parse_posit, parse_logarithmic, parse_custom_float}) {
    if (const std::optional<Format> format = parse(name)) return *format;
  }
  fail(
      "unknown format '{}': expected a name such as fp32, bf16, e4m3, e5m2fnuz, int8, uint4, binary8p4se, "
      "posit16, fix8.6, lns8f3, hif8 or nf4",
      name);
}

std::vector<std::string> named_formats() {
  std::vector<std::string> names;
  for (const Format& format : named()) names.push_back(format.name);
  for (const char* name : {"e4m3ieee", "e3m4ieee", "e4m3fnuz", "e5m2fnuz",    "e4m3b11fnuz", "int4",
                           "int8",     "int16",    "int32",    "uint4",       "uint8",       "smint4",
                           "smint8",   "symint8",  "fix8.6",   "binary8p3se", "binary8p4se", "binary4p2sf",
                           "posit8",   "posit16",  "posit32",  "lns8f3"}) {
    names.emplace_back(name);
  }
  return names;
}

}  // namespace assay
