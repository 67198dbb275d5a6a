// The compiled part of the Python package. What users call is in assay/, which checks arguments; the functions
// here take them as they are.
#include "base/error.h"
#include "python/arrays.h"

NB_MODULE(_core, module) {
  namespace nb = nanobind;
  module.doc() = "The compiled part of the package. Private: use the names of `assay`.";
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const assay::Error& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    }
  });
  module.attr("version") = ASSAY_VERSION;
  assay::python::bind_formats(module);
  assay::python::bind_conversion(module);
  assay::python::bind_arrays(module);
  assay::python::bind_blocks(module);
  assay::python::bind_units(module);
  assay::python::bind_gemm(module);
}
