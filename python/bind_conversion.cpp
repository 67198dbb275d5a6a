// How numbers become codes, as arguments of the functions on arrays.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "formats/conversion.h"
#include "python/element_random.h"

namespace assay::python {
namespace {

void check_words(int bits, const Input<uint32_t>& words) {
  for (const uint32_t word : elements(words)) {
    if (bits < 32 && word >> bits != 0) fail("random_bits: {:#x} has more than {} bits", word, bits);
  }
}

void make_random(ElementRandom* self, int bits, uint64_t seed, uint64_t stream, uint64_t first_index,
                 std::optional<Input<uint32_t>> words) {
  if (words) check_words(bits, *words);
  new (self) ElementRandom{{seed, stream, first_index, bits}, std::move(words)};
}

nb::ndarray<nb::numpy, uint32_t, nb::ndim<1>> random_words(size_t count, const ElementRandom& random) {
  auto words = new_array<uint32_t>(count);
  uint32_t* data = words.data();
  const nb::gil_scoped_release unlocked;
  for (size_t i = 0; i < count; ++i) data[i] = random.at(i).value;
  return words;
}

}  // namespace

void bind_conversion(nb::module_& module) {
  nb::class_<Conversion>(module, "Conversion",
                         "Rounding, saturation, and what becomes of NaN and infinities.")
      .def(
          "__init__",
          [](Conversion* self, std::string_view rounding, std::string_view saturation) {
            new (self) Conversion{parse_rounding(rounding), parse_saturation(saturation)};
          },
          nb::arg("rounding"), nb::arg("saturation"))
      .def_static("named", &parse_conversion, nb::arg("name"))
      .def_prop_ro("is_stochastic",
                   [](const Conversion& conversion) { return is_stochastic(conversion.rounding); });
  nb::class_<ElementRandom>(module, "ElementRandom", "The random bits of stochastic roundings.")
      .def("__init__", &make_random, nb::arg("bits"), nb::arg("seed"), nb::arg("stream"),
           nb::arg("first_index"), nb::arg("words").none());
  module.def("named_conversions", &named_conversions);
  module.def("random_words", &random_words, nb::arg("count"), nb::arg("random"));
}

}  // namespace assay::python
