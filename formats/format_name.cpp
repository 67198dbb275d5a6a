// Names of formats: the grammar of parse_format.
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.h"
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
  };
  return formats;
}

// Spellings of ml_dtypes and others, and the canonical names they stand for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kAliases = {{
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

std::optional<Format> parse_integer(std::string_view name) {
  std::string_view rest = name;
  Format format;
  if (take(rest, "smint")) {
    format.kind = FormatKind::sign_magnitude;
  } else if (take(rest, "uint")) {
    format.kind = FormatKind::unsigned_integer;
    format.is_signed = false;
  } else if (take(rest, "int")) {
    format.kind = FormatKind::twos_complement;
  } else {
    return std::nullopt;
  }
  const std::optional<int> width = take_number(rest);
  if (!width || !rest.empty()) fail("format '{}': expected a width in bits after the kind, as in int8", name);
  if (*width < 2 || *width > 32) fail("format '{}': width {} is not in 2..32", name, *width);
  format.width = *width;
  format.name = name;
  return format;
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
  if (const std::optional<Format> format = parse_integer(name)) return *format;
  if (const std::optional<Format> format = parse_custom_float(name)) return *format;
  fail("unknown format '{}': expected a name such as fp32, bf16, e4m3, e5m2fnuz, int8, uint4 or smint4",
       name);
}

std::vector<std::string> named_formats() {
  std::vector<std::string> names;
  for (const Format& format : named()) names.push_back(format.name);
  for (const char* name : {"e4m3ieee", "e3m4ieee", "e4m3fnuz", "e5m2fnuz", "e4m3b11fnuz", "int4", "int8",
                           "int16", "int32", "uint4", "uint8", "smint4", "smint8"}) {
    names.emplace_back(name);
  }
  return names;
}

}  // namespace assay
