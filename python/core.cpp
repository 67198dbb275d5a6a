// The compiled part of the Python package: loops over one-dimensional arrays of codes. Shapes, broadcasting
// and dtypes are the business of assay/__init__.py.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <vector>

#include "arith/evaluate.h"
#include "arith/unit.h"
#include "base/error.h"
#include "formats/format.h"
#include "formats/real.h"
#include "formats/round.h"

namespace nb = nanobind;

namespace {

using namespace assay;

template <typename T>
using Input = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <typename T>
using Output = nb::ndarray<nb::numpy, T, nb::ndim<1>>;

// A numpy array of `count` elements, filled by fill(i) without the interpreter's lock.
template <typename T, typename Fill>
Output<T> make_array(size_t count, Fill fill) {
  auto data = std::make_unique<T[]>(count);
  {
    const nb::gil_scoped_release unlocked;
    for (size_t i = 0; i < count; ++i) data[i] = fill(i);
  }
  T* raw = data.get();
  const nb::capsule owner(raw, [](void* pointer) noexcept { delete[] static_cast<T*>(pointer); });
  data.release();
  return Output<T>(raw, {count}, owner);
}

// The words of a stochastic rounding: `count` bits each, one an element; none at all otherwise.
struct RandomWords {
  int count;
  Input<uint32_t> words;

  RandomBits at(size_t i) const { return words.size() == 0 ? RandomBits{} : RandomBits{count, words(i)}; }
};

RandomWords random_words(bool stochastic, int count, const Input<uint32_t>& words, size_t elements) {
  if (!stochastic) return {0, words};
  if (count < 1 || count > 32) fail("random_bits: expected 1..32 bits, found {}", count);
  if (words.size() != elements) fail("random_bits: expected {} words, found {}", elements, words.size());
  for (size_t i = 0; i < elements; ++i) {
    if (words(i) >> (count - 1) > 1) fail("random_bits: {:#x} has more than {} bits", words(i), count);
  }
  return {count, words};
}

void check_codes(const Format& format, const Input<uint64_t>& codes) {
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes(i) > code_mask(format.width)) {
      fail("code {:#x} has more than the {} bits of {}", codes(i), format.width, format.name);
    }
  }
}

Output<double> decode_array(const Format& format, const Input<uint64_t>& codes) {
  check_codes(format, codes);
  return make_array<double>(codes.size(), [&](size_t i) { return to_double(decode(format, codes(i))); });
}

Output<uint64_t> encode_array(const Format& format, const Input<double>& values, std::string_view rounding,
                              std::string_view saturation, int random_count, const Input<uint32_t>& random) {
  const Rounding mode = parse_rounding(rounding);
  const Saturation policy = parse_saturation(saturation);
  if (policy == Saturation::wrap && default_saturation(format) != Saturation::wrap) {
    fail("saturation wrap expects a two's complement or unsigned integer format, found {}", format.name);
  }
  const RandomWords bits = random_words(is_stochastic(mode), random_count, random, values.size());
  return make_array<uint64_t>(values.size(),
                              [&](size_t i) { return encode(format, values(i), mode, policy, bits.at(i)); });
}

Output<uint64_t> evaluate_arrays(const Unit& unit, const std::vector<Input<uint64_t>>& operands,
                                 int random_count, const Input<uint32_t>& random) {
  const auto expected = static_cast<size_t>(operand_count(unit));
  if (operands.size() != expected) {
    fail("unit {}: expected {} operands, found {}", unit_name(unit), expected, operands.size());
  }
  const size_t count = operands[0].size();
  for (size_t i = 0; i < expected; ++i) {
    if (operands[i].size() != count) fail("operands differ in length");
    check_codes(operand_format(unit, static_cast<int>(i)), operands[i]);
  }
  const RandomWords bits = random_words(is_stochastic(unit.rounding), random_count, random, count);
  std::vector<uint64_t> codes(expected);
  return make_array<uint64_t>(count, [&](size_t element) {
    for (size_t i = 0; i < expected; ++i) codes[i] = operands[i](element);
    return evaluate(unit, codes, bits.at(element));
  });
}

double largest_value(const Format& format) {
  return to_double(decode(format, largest_finite_code(format, false)));
}

void bind_format(nb::module_& module) {
  nb::class_<Format>(
      module, "Format",
      "A number format. Format(name) accepts fp32, bf16, fp16, e4m3, e5m2, int8, uint4, smint4,\n"
      "any eXmY with suffixes, and the ml_dtypes spellings; ValueError says what is wrong with a\n"
      "name. Two formats are equal if they are in everything but the name.")
      .def(
          "__init__", [](Format* self, std::string_view name) { new (self) Format(parse_format(name)); },
          nb::arg("name"))
      .def_ro("name", &Format::name, "The canonical name.")
      .def_prop_ro(
          "kind", [](const Format& format) { return to_string(format.kind); },
          "floating, twos_complement, unsigned_integer, sign_magnitude, posit, logarithmic or code_book.")
      .def_ro("width", &Format::width, "Bits of a code.")
      .def_ro("is_signed", &Format::is_signed)
      .def_ro("exponent_width", &Format::exponent_width, "Bits of the exponent field; 0 for integers.")
      .def_ro("fraction_width", &Format::fraction_width, "Bits of the fraction field; 0 for integers.")
      .def_ro("exponent_bias", &Format::exponent_bias)
      .def_ro("has_infinity", &Format::has_infinity)
      .def_ro("has_subnormals", &Format::has_subnormals)
      .def_prop_ro(
          "nan", [](const Format& format) { return to_string(format.nan); },
          "Which codes are NaN: none, ieee, all_ones, negative_zero or listed.")
      .def_prop_ro("max", largest_value, "The largest finite value.")
      .def(
          "__eq__", [](const Format& a, const Format& b) { return a == b; }, nb::is_operator())
      .def("__hash__",
           [](const Format& f) {
             return nb::hash(nb::make_tuple(static_cast<int>(f.kind), f.width, f.exponent_width,
                                            f.exponent_bias, static_cast<int>(f.nan)));
           })
      .def("__repr__", [](const Format& f) { return fmt::format("assay.Format('{}')", f.name); });
}

}  // namespace

NB_MODULE(_core, module) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    }
  });
  bind_format(module);
  nb::class_<Unit>(module, "Unit", "An arithmetic unit, as the compiled part of the package holds it.")
      .def_prop_ro("name", unit_name)
      .def_ro("result", &Unit::result)
      .def_prop_ro("operand_count", operand_count);
  module.def("load_unit", &load_unit);
  module.def("decode", &decode_array);
  module.def("encode", &encode_array);
  module.def("evaluate", &evaluate_arrays);
}
