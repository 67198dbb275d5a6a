// Matrix products and convolutions under arithmetic units. Arrays have the shapes, dtypes and memory that
// assay/_gemm.py and assay/_convolution.py make sure of.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <span>
#include <string>

#include "arith/convolution.h"
#include "arith/gemm.h"
#include "arith/unit.h"
#include "python/arrays.h"

namespace assay::python {
namespace {

using Matrices = nb::ndarray<nb::ro, nb::ndim<3>, nb::device::cpu>;
using ResultMatrices = nb::ndarray<nb::ndim<3>, nb::device::cpu>;
using Dense = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;
using DenseResult = nb::ndarray<nb::c_contig, nb::device::cpu>;

Element element_of(nb::dlpack::dtype dtype) {
  if (dtype == nb::dtype<float>()) return Element::float32;
  if (dtype == nb::dtype<uint8_t>()) return Element::code8;
  if (dtype == nb::dtype<uint16_t>()) return Element::code16;
  if (dtype == nb::dtype<uint32_t>()) return Element::code32;
  if (dtype == nb::dtype<uint64_t>()) return Element::code64;
  fail("expected an array of float32 or unsigned integers");
}

// (batch, row, column).
template <typename Matrix, typename Array>
Matrix matrix_of(const Array& array) {
  return {array.data(), element_of(array.dtype()), array.stride(1), array.stride(2), array.stride(0)};
}

DenseArray dense(const Dense& array) {
  return {array.data(), element_of(array.dtype())};
}

void multiply(const Unit& unit, const Matrices& a, const Matrices& b, const std::optional<Matrices>& c0,
              const ResultMatrices& c, const std::optional<Matrices>& block_scales_a,
              const std::optional<Matrices>& block_scales_b, std::optional<float> scale,
              const Input<float>& row_scales, const Input<float>& column_scales, const GemmOptions& options) {
  GemmProblem problem;
  problem.batches = static_cast<int64_t>(c.shape(0));
  problem.m = static_cast<int64_t>(c.shape(1));
  problem.n = static_cast<int64_t>(c.shape(2));
  problem.k = static_cast<int64_t>(a.shape(2));
  problem.a = matrix_of<ConstMatrix>(a);
  problem.b = matrix_of<ConstMatrix>(b);
  if (c0) problem.c0 = matrix_of<ConstMatrix>(*c0);
  problem.c = matrix_of<GemmMatrix>(c);
  if (block_scales_a) problem.block_scales_a = matrix_of<ConstMatrix>(*block_scales_a);
  if (block_scales_b) problem.block_scales_b = matrix_of<ConstMatrix>(*block_scales_b);
  problem.scales = {scale, elements(row_scales), elements(column_scales)};
  const nb::gil_scoped_release unlocked;
  assay::gemm(unit, problem, options);
}

void convolve(const Unit& unit, const ConvolutionShape& shape, const Dense& images, const Dense& filters,
              const std::optional<Dense>& bias, const DenseResult& results, const GemmOptions& options) {
  const nb::gil_scoped_release unlocked;
  assay::convolve(unit, shape, dense(images), dense(filters), bias ? dense(*bias) : DenseArray{},
                  results.data(), element_of(results.dtype()), options);
}

void data_gradient(const Unit& unit, const ConvolutionShape& shape, const Dense& gradients,
                   const Dense& filters, const DenseResult& results, const GemmOptions& options) {
  const nb::gil_scoped_release unlocked;
  convolve_data_gradient(unit, shape, dense(gradients), dense(filters), results.data(),
                         element_of(results.dtype()), options);
}

void filter_gradient(const Unit& unit, const ConvolutionShape& shape, const Dense& images,
                     const Dense& gradients, const DenseResult& results, const GemmOptions& options) {
  const nb::gil_scoped_release unlocked;
  convolve_filter_gradient(unit, shape, dense(images), dense(gradients), results.data(),
                           element_of(results.dtype()), options);
}

}  // namespace

void bind_gemm(nb::module_& module) {
  nb::class_<GemmOptions>(module, "GemmOptions", "Threads and random bits of a matrix product.")
      .def(
          "__init__",
          [](GemmOptions* self, int threads, uint64_t seed, uint64_t stream, int random_bits) {
            new (self) GemmOptions{threads, seed, stream, random_bits};
          },
          nb::arg("threads"), nb::arg("seed"), nb::arg("stream"), nb::arg("random_bits"));
  nb::class_<ConvolutionShape>(module, "ConvolutionShape", "The sizes of a convolution.")
      .def(nb::init<>())
      .def_rw("images", &ConvolutionShape::images)
      .def_rw("channels", &ConvolutionShape::channels)
      .def_rw("height", &ConvolutionShape::height)
      .def_rw("width", &ConvolutionShape::width)
      .def_rw("output_channels", &ConvolutionShape::output_channels)
      .def_rw("filter_height", &ConvolutionShape::filter_height)
      .def_rw("filter_width", &ConvolutionShape::filter_width)
      .def_rw("stride_y", &ConvolutionShape::stride_y)
      .def_rw("stride_x", &ConvolutionShape::stride_x)
      .def_rw("padding_y", &ConvolutionShape::padding_y)
      .def_rw("padding_x", &ConvolutionShape::padding_x)
      .def_rw("dilation_y", &ConvolutionShape::dilation_y)
      .def_rw("dilation_x", &ConvolutionShape::dilation_x)
      .def_rw("groups", &ConvolutionShape::groups)
      .def("check", &check_convolution)
      .def_prop_ro("output_height", &ConvolutionShape::output_height)
      .def_prop_ro("output_width", &ConvolutionShape::output_width);
  // Signatures are written out because arrays of any dtype would have no full type in the stub.
#define ANY_ARRAY "numpy.typing.NDArray[typing.Any]"
  module.def(
      "gemm", &multiply, nb::arg("unit"), nb::arg("a"), nb::arg("b"), nb::arg("c0").none(), nb::arg("c"),
      nb::arg("block_scales_a").none(), nb::arg("block_scales_b").none(), nb::arg("scale").none(),
      nb::arg("row_scales"), nb::arg("column_scales"), nb::arg("options"),
      nb::sig("def gemm(unit: Unit, a: " ANY_ARRAY ", b: " ANY_ARRAY ", c0: " ANY_ARRAY
              " | None, c: " ANY_ARRAY ", block_scales_a: " ANY_ARRAY " | None, block_scales_b: " ANY_ARRAY
              " | None, scale: float | None, row_scales: " ANY_ARRAY ", column_scales: " ANY_ARRAY
              ", options: GemmOptions) -> None"));
  module.def(
      "gemm_kernel",
      [](const Unit& unit, int64_t k, const GemmOptions& options) {
        return gemm_kernel_name(unit, k, options);
      },
      nb::arg("unit"), nb::arg("k"), nb::arg("options"));
  module.def(
      "convolve", &convolve, nb::arg("unit"), nb::arg("shape"), nb::arg("images"), nb::arg("filters"),
      nb::arg("bias").none(), nb::arg("results"), nb::arg("options"),
      nb::sig("def convolve(unit: Unit, shape: ConvolutionShape, images: " ANY_ARRAY ", filters: " ANY_ARRAY
              ", bias: " ANY_ARRAY " | None, results: " ANY_ARRAY ", options: GemmOptions) -> None"));
  module.def("convolve_data_gradient", &data_gradient, nb::arg("unit"), nb::arg("shape"),
             nb::arg("gradients"), nb::arg("filters"), nb::arg("results"), nb::arg("options"),
             nb::sig("def convolve_data_gradient(unit: Unit, shape: ConvolutionShape, gradients: " ANY_ARRAY
                     ", filters: " ANY_ARRAY ", results: " ANY_ARRAY ", options: GemmOptions) -> None"));
  module.def("convolve_filter_gradient", &filter_gradient, nb::arg("unit"), nb::arg("shape"),
             nb::arg("images"), nb::arg("gradients"), nb::arg("results"), nb::arg("options"),
             nb::sig("def convolve_filter_gradient(unit: Unit, shape: ConvolutionShape, images: " ANY_ARRAY
                     ", gradients: " ANY_ARRAY ", results: " ANY_ARRAY ", options: GemmOptions) -> None"));
#undef ANY_ARRAY
}

}  // namespace assay::python
