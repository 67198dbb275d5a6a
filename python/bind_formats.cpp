// Formats and the facts that follow from them.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <filesystem>
#include <optional>

#include "formats/format.h"
#include "formats/real.h"
#include "formats/round.h"
#include "python/arrays.h"

namespace assay::python {
namespace {

constexpr int kTableWidth = 16;  // bits of the widest format whose codes are worth listing

double value_of(const Format& format, uint64_t code) {
  return to_double(decode(format, code));
}

Format format_from_toml(const std::filesystem::path& path) {
  if (path.extension() != ".toml") fail("{}: expected the path of a file ending in .toml", path.string());
  return load_format(path.string());
}

double least_finite(const Format& format) {
  const bool starts_at_code_0 = !format.is_signed && format.kind != FormatKind::code_book;
  return value_of(format, starts_at_code_0 ? 0 : largest_finite_code(format, true));
}

double least_positive(const Format& format) {
  if (format.kind == FormatKind::code_book) {
    for (const uint32_t code : format.book->ascending) {
      if (format.book->values[code] > 0) return format.book->values[code];
    }
    return 0;
  }
  return value_of(format, decode(format, 0).kind == RealClass::zero ? 1 : 0);
}

// The least normal number: the first with a fraction of zero whose exponent field is not that of subnormals.
std::optional<double> least_normal(const Format& format) {
  if (format.kind != FormatKind::floating) return std::nullopt;
  const uint64_t code = format.has_subnormals ? uint64_t{1} << format.fraction_width : 0;
  if (code > max_finite_magnitude(format)) return std::nullopt;
  return value_of(format, code);
}

std::optional<double> least_subnormal(const Format& format) {
  const bool has_any =
      format.kind == FormatKind::floating && format.has_subnormals && format.fraction_width > 0;
  if (!has_any) return std::nullopt;
  return value_of(format, 1);
}

size_t code_count(const Format& format) {
  if (format.width > kTableWidth) {
    fail("{}: expected a format of at most {} bits, found {}: too many codes for a table", format.name,
         kTableWidth, format.width);
  }
  return size_t{1} << format.width;
}

template <typename T>
nb::object all_codes(size_t count) {
  auto codes = new_array<T>(count);
  for (size_t code = 0; code < count; ++code) codes.data()[code] = static_cast<T>(code);
  return codes.cast();
}

nb::object codes_of(const Format& format) {
  const size_t count = code_count(format);
  return format.width <= 8 ? all_codes<uint8_t>(count) : all_codes<uint16_t>(count);
}

nb::ndarray<nb::numpy, double, nb::ndim<1>> values_of(const Format& format) {
  auto values = new_array<double>(code_count(format));
  for (size_t code = 0; code < values.size(); ++code) values.data()[code] = value_of(format, code);
  return values;
}

constexpr const char* kFormatDoc = R"(A number format: how many bits a code has and what they mean.

Parameters
----------
name : str
    ``fp32``, ``bf16``, ``e4m3``, ``e2m1``, any ``eXmY`` with bias and suffix, ``int8``, ``fix8.6``,
    ``posit16``, ``binary8p3se`` (IEEE P3109), ``nf4``, ... or a spelling of ml_dtypes. Names are listed in
    formats/format.h.

Raises
------
ValueError
    If the name stands for no format; the message says which part of it is wrong.

Notes
-----
Formats are immutable. Two are equal if they are in everything but their name. Functions of this package take
a format or its name.

Examples
--------
>>> assay.Format("e4m3").max
448.0)";

}  // namespace

void bind_formats(nb::module_& module) {
  nb::class_<Format>(module, "Format", kFormatDoc)
      .def(
          "__init__", [](Format* self, std::string_view name) { new (self) Format(parse_format(name)); },
          nb::arg("name"))
      .def_static("from_toml", &format_from_toml, nb::arg("path"),
                  nb::sig("def from_toml(path: str | os.PathLike[str]) -> Format"),
                  R"(A format of your own, described by a TOML file.

Parameters
----------
path : str or os.PathLike
    A file ending in ``.toml``. Its keys are the fields of a format (formats/format.h), or ``name`` and
    ``values``, the value of every code in order.

Raises
------
ValueError
    If the file cannot be read, a key is wrong, the fields contradict each other or two codes have one value.
    The message names file, line and key.)")
      .def_ro("name", &Format::name, "The canonical name.")
      .def_prop_ro(
          "kind", [](const Format& format) { return to_string(format.kind); },
          "floating, twos_complement, unsigned_integer, sign_magnitude, posit, logarithmic or code_book.")
      .def_ro("width", &Format::width, "Bits of a code.")
      .def_ro("is_signed", &Format::is_signed, "Whether there are negative numbers.")
      .def_ro("exponent_width", &Format::exponent_width,
              "Bits of the exponent field; 0 for integers. Posits: of the exponent after the regime.")
      .def_ro(
          "fraction_width", &Format::fraction_width,
          "Bits of the fraction field. Fixed point: bits after the point, negative if the point lies beyond.")
      .def_ro("exponent_bias", &Format::exponent_bias, "Subtracted from the exponent field.")
      .def_ro("has_infinity", &Format::has_infinity, "Whether a code is infinity.")
      .def_ro("has_subnormals", &Format::has_subnormals,
              "Whether exponent field 0 is without the leading one. If not, a float has no zero (E8M0).")
      .def_prop_ro(
          "nan", [](const Format& format) { return to_string(format.nan); },
          "Which codes are NaN: none, ieee, all_ones, negative_zero or listed.")
      .def_prop_ro(
          "has_nan", [](const Format& format) { return format.nan != NanEncoding::none; },
          "Whether a code is NaN.")
      .def_prop_ro("has_negative_zero", &has_negative_zero, "Whether a code is minus zero.")
      .def_prop_ro(
          "max", [](const Format& f) { return value_of(f, largest_finite_code(f, false)); },
          "The greatest finite value.")
      .def_prop_ro("min", &least_finite,
                   "The least finite value: the most negative one, or the least of an unsigned format.")
      .def_prop_ro("min_positive", &least_positive, "The least value above zero.")
      .def_prop_ro("min_normal", &least_normal,
                   "The least positive normal value of a floating-point format; None without one.")
      .def_prop_ro("min_subnormal", &least_subnormal,
                   "The least positive subnormal value of a floating-point format; None without one.")
      .def("codes", &codes_of, nb::sig("def codes(self) -> numpy.typing.NDArray[numpy.unsignedinteger]"),
           R"(All codes in order.

Returns
-------
numpy.ndarray
    0, 1, ..., 2**width - 1, of dtype uint8, or uint16 for more than 8 bits.

Raises
------
ValueError
    If the format has more than 16 bits.)")
      .def("values", &values_of, nb::sig("def values(self) -> numpy.typing.NDArray[numpy.float64]"),
           R"(The value of every code.

Returns
-------
numpy.ndarray
    2**width numbers of dtype float64; entry i is the value of code i.

Raises
------
ValueError
    If the format has more than 16 bits.)")
      .def(
          "__eq__", [](const Format& a, const Format& b) { return a == b; }, nb::is_operator(),
          nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const Format& f) {
             return nb::hash(nb::make_tuple(static_cast<int>(f.kind), f.width, f.exponent_width,
                                            f.exponent_bias, static_cast<int>(f.nan)));
           })
      .def("__repr__", [](const Format& f) { return fmt::format("assay.Format('{}')", f.name); });
}

}  // namespace assay::python
