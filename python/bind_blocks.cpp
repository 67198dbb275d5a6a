// Arrays in block formats.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <tuple>

#include "formats/block_kernels.h"
#include "formats/conversion.h"
#include "python/element_random.h"

namespace assay::python {
namespace {

using Extents = std::vector<size_t>;

// `axis` is that of the blocks, or none for tiles of the last two axes.
BlockView view_of(const Extents& extents, std::optional<size_t> axis) {
  if (axis) return blocks_along(extents, *axis);
  size_t matrices = 1;
  for (size_t i = 0; i + 2 < extents.size(); ++i) matrices *= extents[i];
  return {{extents.end()[-2], extents.end()[-1], matrices}, BlockAxis::tile};
}

template <typename Array>
Extents extents_of(const Array& array) {
  Extents extents;
  for (size_t i = 0; i < array.ndim(); ++i) extents.push_back(array.shape(i));
  return extents;
}

// The extents of an array with one entry a block.
Extents block_extents(const BlockFormat& format, const Extents& extents, std::optional<size_t> axis) {
  const BlockView view = view_of(extents, axis);
  const MatrixShape grid = block_grid(format, view.shape, view.axis);
  Extents blocks = extents;
  if (axis) {
    blocks[*axis] = view.axis == BlockAxis::row ? grid.cols : grid.rows;
  } else {
    blocks.end()[-2] = grid.rows;
    blocks.end()[-1] = grid.cols;
  }
  return blocks;
}

// Codes of that many bits in the narrowest unsigned dtype.
nb::ndarray<nb::numpy> narrow_codes(const std::vector<uint32_t>& codes, int width) {
  if (width <= 8) return nb::ndarray<nb::numpy>(array_of<uint8_t>(codes));
  if (width <= 16) return nb::ndarray<nb::numpy>(array_of<uint16_t>(codes));
  return nb::ndarray<nb::numpy>(array_of<uint32_t>(codes));
}

BlockRounding block_rounding(const Conversion& conversion, const ElementRandom& random) {
  return {conversion.rounding, conversion.saturation, random.drawn.seed, random.drawn.stream,
          random.drawn.bits};
}

// Codes, scales, sub-block exponents, zero points, minimums and the scale of the tensor, all on one axis.
template <typename T>
using Line = nb::ndarray<nb::numpy, T, nb::ndim<1>>;
using Parts = std::tuple<nb::ndarray<nb::numpy>, nb::ndarray<nb::numpy>, Line<uint8_t>, Line<int32_t>,
                         Line<float>, float>;

// Whether quantize_blocks_to can write all there is to write, straight into arrays of numpy.
bool has_narrow_codes(const BlockFormat& format) {
  return format.element.width <= 8 && format.scale.width <= 8 && format.sub_block_size == 0 &&
         !has_offset(format.scale_policy);
}

Parts quantize_narrow(const BlockFormat& format, const Input<float>& values, const BlockView& view,
                      const BlockRounding& rounding, int threads) {
  const MatrixShape grid = block_grid(format, view.shape, view.axis);
  auto codes = new_array<uint8_t>(values.size());
  auto scales = new_array<uint8_t>(view.shape.matrices * grid.rows * grid.cols);
  const BlockCodes to{{codes.data(), codes.size()}, {scales.data(), scales.size()}};
  const std::span<const float> from = elements(values);
  float tensor_scale = 1;
  {
    const nb::gil_scoped_release unlocked;
    tensor_scale = quantize_blocks_to(to, format, from, view.shape, view.axis, rounding, threads);
  }
  return {nb::ndarray<nb::numpy>(codes), nb::ndarray<nb::numpy>(scales),
          new_array<uint8_t>(0),         new_array<int32_t>(0),
          new_array<float>(0),           tensor_scale};
}

Parts quantize(const BlockFormat& format, const Input<float>& values, std::optional<size_t> axis,
               const Conversion& conversion, const ElementRandom& random, int threads) {
  const BlockView view = view_of(extents_of(values), axis);
  const BlockRounding rounding = block_rounding(conversion, random);
  if (has_narrow_codes(format)) return quantize_narrow(format, values, view, rounding, threads);
  const std::span<const float> from = elements(values);
  BlockQuantized result;
  {
    const nb::gil_scoped_release unlocked;
    result = quantize_block_array(format, from, view.shape, view.axis, rounding, threads);
  }
  return {narrow_codes(result.codes, format.element.width),
          narrow_codes(result.scales, format.scale.width),
          array_of<uint8_t>(result.sub_exponents),
          array_of<int32_t>(result.zero_points),
          array_of<float>(result.minimums),
          result.tensor_scale};
}

void round_in_place(const BlockFormat& format, const Output<float>& array, std::optional<size_t> axis,
                    const Conversion& conversion, const ElementRandom& random, int threads) {
  const BlockView view = view_of(extents_of(array), axis);
  const std::span<float> values = elements(array);
  const nb::gil_scoped_release unlocked;
  quantize_dequantize_blocks(format, values, view.shape, view.axis, block_rounding(conversion, random),
                             threads);
}

template <typename T>
void fill(const char* what, std::vector<T>& to, const Input<T>& from) {
  expect_size(what, from.size(), to.size());
  std::copy_n(from.data(), from.size(), to.begin());
}

// Codes index a table of values.
void check_codes(const Format& element, const Input<uint32_t>& codes) {
  for (const uint32_t code : elements(codes)) {
    if (code > code_mask(element.width)) {
      fail("codes: {:#x} has more than the {} bits of {}", code, element.width, element.name);
    }
  }
}

Line<double> dequantize(const BlockFormat& format, const Extents& extents, std::optional<size_t> axis,
                        const Input<uint32_t>& codes, const Input<uint32_t>& scales,
                        const Input<uint8_t>& sub_exponents, const Input<int32_t>& zero_points,
                        const Input<float>& minimums, float tensor_scale) {
  const BlockView view = view_of(extents, axis);
  const size_t count = view.shape.matrices * view.shape.rows * view.shape.cols;
  BlockQuantized array = prepare_blocks(format, count, view.shape, view.axis, {});
  fill("codes", array.codes, codes);
  check_codes(format.element, codes);
  fill("scales", array.scales, scales);
  fill("sub_exponents", array.sub_exponents, sub_exponents);
  fill("zero_points", array.zero_points, zero_points);
  fill("minimums", array.minimums, minimums);
  array.tensor_scale = tensor_scale;
  std::vector<double> values;
  {
    const nb::gil_scoped_release unlocked;
    values = dequantize_blocks(array);
  }
  return array_of<double>(values);
}

size_t bits_in_memory(const BlockFormat& format, const Extents& extents, std::optional<size_t> axis) {
  const BlockView view = view_of(extents, axis);
  return storage_bits(format, view.shape, view.axis);
}

BlockFormat block_format_of(std::string name, const Format& element, const Format& scale, int block_size,
                            std::string_view scale_policy, std::string_view zero_block,
                            std::string_view non_finite, std::string_view tensor_scale, int sub_block_size,
                            int sub_exponent_width) {
  BlockFormat format;
  format.name = std::move(name);
  format.element = element;
  format.scale = scale;
  format.block_size = block_size;
  format.scale_policy = parse_scale_policy(scale_policy);
  format.zero_block = parse_zero_block(zero_block);
  format.non_finite = parse_non_finite(non_finite);
  format.tensor_scale = parse_tensor_scale(tensor_scale);
  format.sub_block_size = sub_block_size;
  format.sub_exponent_width = sub_exponent_width;
  check_block_format(format);
  return format;
}

constexpr const char* kBlockFormatDoc = R"(A block format: numbers that share a scale.

Parameters
----------
name : str
    ``mxfp8_e4m3``, ``mxfp4``, ``mxint8``, ``nvfp4``, ``nvfp4_two_level``, ``msfp12``, ``mx6``,
    ``bfp8_g32``, ``absmax_e4m3_fp32_g128``, ``affine_uint8``, ``minmax_uint4_g128``, ...; MX and block
    floating-point names take a scale policy at the end, ``mxfp4_rceil``. Names are listed in
    formats/block_format.h.

Raises
------
ValueError
    If the name stands for no block format.

Notes
-----
Sources: OCP Microscaling Formats v1.0; NVIDIA's NVFP4; MSFP (NeurIPS 2020); shared microexponents (arXiv
2302.08007); Q-BERT (arXiv 1909.05840).)";

constexpr const char* kCustomDoc = R"(A block format of your own.

Parameters
----------
name : str
    What it is called.
element, scale : Format
    Formats of the numbers (at most 16 bits) and of the scale of a block (at most 32 bits).
block_size : int
    Numbers of a block along the axis; 0 for all of them.
scale_policy : str
    floor, ceil, even, rceil, rceil_exact (powers of two), absmax, absmax_torchao,
    absmax_transformer_engine, zero_point or minimum: how the scale follows from the numbers.
zero_block : str
    least, unit_amax or least_float_amax: the power-of-two scale of a block of zeros.
non_finite : str
    nan_scale or elements: what an infinity or NaN does to its block.
tensor_scale : str
    none or float32: a second level of scaling.
sub_block_size, sub_exponent_width : int
    Sub-blocks with exponents of their own; 0 for none.

Raises
------
ValueError
    If the fields do not fit together.)";

}  // namespace

void bind_blocks(nb::module_& module) {
  nb::class_<BlockFormat>(module, "BlockFormat", kBlockFormatDoc)
      .def(
          "__init__",
          [](BlockFormat* self, std::string_view name) { new (self) BlockFormat(parse_block_format(name)); },
          nb::arg("name"))
      .def_static("custom", &block_format_of, nb::arg("name"), nb::kw_only(), nb::arg("element"),
                  nb::arg("scale"), nb::arg("block_size") = 32, nb::arg("scale_policy") = "floor",
                  nb::arg("zero_block") = "least", nb::arg("non_finite") = "nan_scale",
                  nb::arg("tensor_scale") = "none", nb::arg("sub_block_size") = 0,
                  nb::arg("sub_exponent_width") = 0, kCustomDoc)
      .def_ro("name", &BlockFormat::name, "The canonical name.")
      .def_ro("element", &BlockFormat::element, "The format of the numbers.")
      .def_ro("scale", &BlockFormat::scale, "The format of the scale of a block.")
      .def_ro("block_size", &BlockFormat::block_size, "Numbers of a block along the axis; 0: all of them.")
      .def_prop_ro(
          "scale_policy", [](const BlockFormat& format) { return to_string(format.scale_policy); },
          "How the scale follows from the numbers of a block.")
      .def_prop_ro(
          "zero_block", [](const BlockFormat& format) { return to_string(format.zero_block); },
          "The power-of-two scale of a block of zeros.")
      .def_prop_ro(
          "non_finite", [](const BlockFormat& format) { return to_string(format.non_finite); },
          "What an infinity or NaN does to its block.")
      .def_prop_ro(
          "tensor_scale", [](const BlockFormat& format) { return to_string(format.tensor_scale); },
          "The second level of scaling.")
      .def_ro("sub_block_size", &BlockFormat::sub_block_size, "Numbers of a sub-block; 0 without sub-blocks.")
      .def_ro("sub_exponent_width", &BlockFormat::sub_exponent_width, "Bits of a sub-block's exponent.")
      .def("__repr__", [](const BlockFormat& f) { return fmt::format("assay.BlockFormat('{}')", f.name); });
  module.def("quantize_blocks", &quantize, nb::arg("format"), nb::arg("values").noconvert(),
             nb::arg("axis").none(), nb::arg("conversion"), nb::arg("random"), nb::arg("threads"),
             nb::sig("def quantize_blocks(format: BlockFormat, values: numpy.typing.NDArray[numpy.float32], "
                     "axis: int | None, conversion: Conversion, random: ElementRandom, threads: int) -> "
                     "tuple[numpy.typing.NDArray[numpy.unsignedinteger], "
                     "numpy.typing.NDArray[numpy.unsignedinteger], numpy.typing.NDArray[numpy.uint8], "
                     "numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.float32], float]"));
  module.def("dequantize_blocks", &dequantize, nb::arg("format"), nb::arg("extents"), nb::arg("axis").none(),
             nb::arg("codes").noconvert(), nb::arg("scales").noconvert(),
             nb::arg("sub_exponents").noconvert(), nb::arg("zero_points").noconvert(),
             nb::arg("minimums").noconvert(), nb::arg("tensor_scale"));
  module.def("round_blocks_in_place", &round_in_place, nb::arg("format"), nb::arg("values").noconvert(),
             nb::arg("axis").none(), nb::arg("conversion"), nb::arg("random"), nb::arg("threads"));
  module.def("storage_bits", &bits_in_memory, nb::arg("format"), nb::arg("extents"), nb::arg("axis").none());
  module.def("block_extents", &block_extents, nb::arg("format"), nb::arg("extents"), nb::arg("axis").none());
}

}  // namespace assay::python
