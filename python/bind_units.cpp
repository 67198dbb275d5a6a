// Arithmetic units on arrays of operand codes.
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "arith/evaluate.h"
#include "arith/gemm_golden.h"
#include "arith/unit.h"
#include "python/element_random.h"

namespace assay::python {
namespace {

void evaluate(const Unit& unit, const std::vector<Input<uint64_t>>& operands, const Output<uint64_t>& results,
              const ElementRandom& random, int threads) {
  expect_size("operands", operands.size(), static_cast<size_t>(operand_count(unit)));
  const size_t count = results.size();
  std::vector<const uint64_t*> from;
  for (const Input<uint64_t>& operand : operands) {
    expect_size("operand", operand.size(), count);
    from.push_back(operand.data());
  }
  uint64_t* to = results.data();
  const bool stochastic = is_stochastic(unit.rounding);
  const nb::gil_scoped_release unlocked;
  for_elements(count, threads, [&](size_t element) {
    thread_local std::vector<uint64_t> codes;
    codes.clear();
    for (const uint64_t* operand : from) codes.push_back(operand[element]);
    to[element] = assay::evaluate(unit, codes, stochastic ? random.at(element) : RandomBits{});
  });
}

bool is_scaled(const Unit& unit) {
  return unit.operation == Operation::block_dot;
}

}  // namespace

void bind_units(nb::module_& module) {
  nb::class_<Unit>(module, "Unit", "An arithmetic unit, as the compiled part of the package holds it.")
      .def_prop_ro("name", &unit_name)
      .def_ro("a", &Unit::a)
      .def_ro("b", &Unit::b)
      .def_ro("c", &Unit::c)
      .def_ro("result", &Unit::result)
      .def_prop_ro("accumulates",
                   [](const Unit& unit) {
                     return unit.operation == Operation::mac || unit.operation == Operation::dot ||
                            is_scaled(unit);
                   })
      .def_prop_ro("block_length", [](const Unit& unit) { return is_scaled(unit) ? block_length(unit) : 0; })
      .def_prop_ro("is_stochastic", [](const Unit& unit) { return is_stochastic(unit.rounding); })
      .def_prop_ro("operand_count", &operand_count)
      .def("operand_format", &operand_format, nb::arg("index"));
  module.def("load_unit", &load_unit, nb::arg("name_or_path"));
  module.def("evaluate", &evaluate, nb::arg("unit"), nb::arg("operands"), nb::arg("results").noconvert(),
             nb::arg("random"), nb::arg("threads"));
}

}  // namespace assay::python
