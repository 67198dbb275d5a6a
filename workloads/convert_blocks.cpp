#include "workloads/convert_blocks.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "base/error.h"
#include "formats/array_kernels_pack.h"
#include "formats/block_kernels.h"
#include "workloads/array_file.h"
#include "workloads/convert_source.h"

namespace assay {
namespace {

// How an array of any shape is a matrix whose rows, columns or tiles the blocks lie in. A middle axis is moved to the
// end first: the array is `outer` x `length` x `inner`.
struct Layout {
  std::vector<int64_t> shape;
  size_t along = 0;  // the axis of the blocks; not for tiles
  BlockAxis axis = BlockAxis::row;
  MatrixShape matrix;
  bool moved = false;
  size_t outer = 1, length = 1, inner = 1;
};

size_t product(std::span<const int64_t> lengths) {
  size_t result = 1;
  for (const int64_t length : lengths) result *= static_cast<size_t>(length);
  return result;
}

size_t parse_axis(const std::string& word, size_t rank) {
  int axis = word.empty() ? -1 : 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), axis);
  const auto most = static_cast<int>(rank);
  const bool valid = word.empty() || (error == std::errc{} && end == word.data() + word.size());
  if (!valid || axis < -most || axis >= most) {
    fail("--axis {}: expected tile, or {}..{} for an array of {} axes", word, -most, most - 1, rank);
  }
  return static_cast<size_t>(axis < 0 ? axis + most : axis);
}

Layout layout_of(const FileConversion& request, std::vector<int64_t> shape, const std::string& path) {
  if (shape.empty()) fail("{}: blocks expect an array of at least one axis, found a scalar", path);
  Layout layout;
  layout.shape = std::move(shape);
  if (request.axis == "tile") {
    if (layout.shape.size() != 2)
      fail("{}: --axis tile: expected 2 axes, found {}", path, layout.shape.size());
    layout.axis = BlockAxis::tile;
    layout.matrix = {static_cast<size_t>(layout.shape[0]), static_cast<size_t>(layout.shape[1])};
    return layout;
  }
  layout.along = parse_axis(request.axis, layout.shape.size());
  const std::span<const int64_t> all = layout.shape;
  layout.outer = product(all.first(layout.along));
  layout.length = static_cast<size_t>(all[layout.along]);
  layout.inner = product(all.subspan(layout.along + 1));
  const bool column = layout.along == 0 && layout.shape.size() > 1;
  layout.axis = column ? BlockAxis::column : BlockAxis::row;
  layout.moved = !column && layout.along + 1 < layout.shape.size();
  layout.matrix = column ? MatrixShape{layout.length, layout.inner}
                         : MatrixShape{layout.outer * layout.inner, layout.length};
  return layout;
}

// outer x length x inner to outer x inner x length, or the other way round.
template <typename T>
std::vector<T> transposed(const std::vector<T>& values, size_t outer, size_t length, size_t inner,
                          bool back) {
  std::vector<T> result(values.size());
  for (size_t o = 0; o < outer; ++o) {
    for (size_t i = 0; i < inner; ++i) {
      for (size_t k = 0; k < length; ++k) {
        const size_t moved = (o * inner + i) * length + k, original = (o * length + k) * inner + i;
        back ? result[original] = values[moved] : result[moved] = values[original];
      }
    }
  }
  return result;
}

// From the order of the file to that of the matrix. `length` is that of the axis: numbers or blocks.
template <typename T>
std::vector<T> into_matrix(std::vector<T> values, const Layout& layout, size_t length) {
  return layout.moved ? transposed(values, layout.outer, length, layout.inner, false) : std::move(values);
}
template <typename T>
std::vector<T> out_of_matrix(std::vector<T> values, const Layout& layout, size_t length) {
  return layout.moved ? transposed(values, layout.outer, length, layout.inner, true) : std::move(values);
}

// The shape of what there is one of for each block.
std::vector<int64_t> block_shape(const BlockFormat& format, const Layout& layout) {
  const MatrixShape grid = block_grid(format, layout.matrix, layout.axis);
  if (layout.axis == BlockAxis::tile)
    return {static_cast<int64_t>(grid.rows), static_cast<int64_t>(grid.cols)};
  std::vector<int64_t> shape = layout.shape;
  shape[layout.along] = static_cast<int64_t>(layout.axis == BlockAxis::column ? grid.rows : grid.cols);
  return shape;
}

// OUT.npy -> OUT.scales.npy.
std::filesystem::path beside(const std::filesystem::path& path, const std::string& what) {
  std::filesystem::path result = path;
  return result.replace_extension("." + what + ".npy");
}

// A matrix of numbers as codes of `number`, little endian.
template <typename T>
std::vector<T> read_as(const FileConversion& request, SourceReader& reader, const Format& number) {
  FileConversion exact = request;
  exact.options.conversion = {};
  const ConversionPlan plan = plan_conversion(reader.format(), number, exact.options);
  std::vector<std::byte> sources(reader.count() * reader.element_bytes());
  reader.read(sources);
  std::vector<T> values(reader.count());
  const ConversionCounts counts = reader.convert(
      plan, {sources, reader.element_bytes(), std::as_writable_bytes(std::span(values)), {}, sizeof(T), 0});
  if (counts.changed > 0) {
    fail("{}: blocks are made of float32 numbers, {} of {} are not; round them with --to fp32 first",
         request.input.string(), counts.changed, reader.count());
  }
  return values;
}

// Vectors of a BlockQuantized as little-endian elements of `bytes` bytes each.
template <typename T>
std::vector<std::byte> as_elements(const std::vector<T>& values, size_t bytes) {
  std::vector<std::byte> result(values.size() * bytes);
  for (size_t i = 0; i < values.size(); ++i) std::memcpy(result.data() + i * bytes, &values[i], bytes);
  return result;
}

// Files that appear together or not at all, as far as the system can do that.
class Outputs {
 public:
  void add(const std::filesystem::path& path, NpyType type, const std::vector<int64_t>& shape,
           std::span<const std::byte> bytes) {
    writers_.push_back(std::make_unique<ArrayWriter>(path, type, shape));
    writers_.back()->write(bytes);
  }

  std::vector<std::filesystem::path> commit() {
    std::vector<std::filesystem::path> paths;
    for (const auto& writer : writers_) {
      writer->commit();
      paths.push_back(writer->path());
    }
    return paths;
  }

 private:
  std::vector<std::unique_ptr<ArrayWriter>> writers_;
};

// The type of a scale format's codes.
NpyType scale_type(const BlockFormat& format) {
  return code_type(format.scale);
}

void add_codes(Outputs& outputs, const FileConversion& request, const BlockQuantized& matrix,
               const Layout& layout) {
  const Format& element = matrix.format.element;
  const size_t bytes = code_bytes(element);
  const auto codes = out_of_matrix(matrix.codes, layout, layout.length);
  const std::vector<std::byte> elements = as_elements(codes, bytes);
  if (!request.packed) {
    return outputs.add(request.output, bytes == 1 ? NpyType::u1 : NpyType::u2, layout.shape, elements);
  }
  std::vector<uint8_t> packed(packed_size(codes.size(), element.width));
  pack_codes({reinterpret_cast<const uint8_t*>(elements.data()), elements.size()}, element.width, packed,
             request.options.threads);
  outputs.add(request.output, NpyType::u1, packed_shape(layout.shape, element.width, request.output.string()),
              std::as_bytes(std::span(packed)));
}

// Everything but the codes.
void add_companions(Outputs& outputs, const FileConversion& request, const BlockQuantized& matrix,
                    const Layout& layout) {
  const BlockFormat& format = matrix.format;
  std::vector<int64_t> shape = block_shape(format, layout);
  const size_t along = layout.axis == BlockAxis::tile ? 0 : static_cast<size_t>(shape[layout.along]);
  const auto add = [&](const char* what, NpyType type, const auto& values) {
    outputs.add(beside(request.output, what), type, shape,
                as_elements(out_of_matrix(values, layout, along), npy_type_size(type)));
  };
  add("scales", scale_type(format), matrix.scales);
  if (!matrix.zero_points.empty()) add("zero_points", NpyType::i4, matrix.zero_points);
  if (!matrix.minimums.empty()) add("minimums", NpyType::f4, matrix.minimums);
  if (format.tensor_scale == TensorScale::float32) {
    outputs.add(beside(request.output, "tensor_scale"), NpyType::f4, {},
                as_elements(std::vector<float>{matrix.tensor_scale}, sizeof(float)));
  }
  if (format.sub_block_size == 0) return;
  const size_t parts = static_cast<size_t>(format.block_size / format.sub_block_size);
  std::vector<uint8_t> exponents = matrix.sub_exponents;
  if (layout.moved) {
    exponents.clear();
    std::vector<size_t> blocks(matrix.scales.size());
    for (size_t i = 0; i < blocks.size(); ++i) blocks[i] = i;
    for (const size_t block : out_of_matrix(blocks, layout, along)) {
      const auto first = matrix.sub_exponents.begin() + static_cast<ptrdiff_t>(block * parts);
      exponents.insert(exponents.end(), first, first + static_cast<ptrdiff_t>(parts));
    }
  }
  shape.push_back(static_cast<int64_t>(parts));
  outputs.add(beside(request.output, "sub_exponents"), NpyType::u1, shape, as_elements(exponents, 1));
}

// Whether float32 has the precision for element * scale; its range is wide enough unless a scale is rounded up at its
// end.
bool float_has_precision(const BlockFormat& format) {
  if (has_offset(format.scale_policy) || format.tensor_scale != TensorScale::none) return false;
  const auto precision = [](const Format& number) {
    return number.kind == FormatKind::floating ? number.fraction_width + 1 : number.width;
  };
  const bool tables =
      format.element.kind == FormatKind::code_book || format.scale.kind != FormatKind::floating;
  return !tables && precision(format.element) + precision(format.scale) - 1 <= 24;
}

ConversionCounts count_changes(std::span<const float> sources, std::span<const double> results) {
  ConversionCounts counts;
  for (size_t i = 0; i < sources.size(); ++i) {
    const double source = sources[i];
    if (source != source) {
      counts.nan_replaced += results[i] == results[i] ? 1 : 0;
    } else {
      counts.changed += source != results[i] ? 1 : 0;
    }
  }
  return counts;
}

// Numbers as `to` in `type`, written to OUT.
ConversionCounts add_numbers(Outputs& outputs, const FileConversion& request, const Format& to, NpyType type,
                             bool values, std::span<const double> numbers, const std::vector<int64_t>& shape,
                             const ArrayConversion& options) {
  const ConversionPlan plan = plan_conversion(parse_format("fp64"), to, options);
  const size_t bytes = npy_type_size(type);
  std::vector<std::byte> results(numbers.size() * bytes);
  ConversionPiece piece{std::as_bytes(numbers), sizeof(double), results, {}, bytes, 0};
  if (values) std::swap(piece.codes, piece.values);
  const ConversionCounts counts = convert_piece(plan, piece);
  outputs.add(request.output, type, shape, results);
  return counts;
}

// A companion of `count` elements of that type and shape.
std::vector<uint64_t> read_companion(const FileConversion& request, const std::string& what, NpyType type,
                                     const std::vector<int64_t>& shape) {
  const std::filesystem::path path = beside(request.input, what);
  ArrayReader reader(path);
  if (reader.type() != type || reader.shape() != shape) {
    fail("{}: expected {} elements of shape ({}), found {} of ({})", path.string(), npy_type_name(type),
         fmt::join(shape, ", "), npy_type_name(reader.type()), fmt::join(reader.shape(), ", "));
  }
  const size_t bytes = npy_type_size(type);
  std::vector<std::byte> data(reader.count() * bytes);
  reader.read(data);
  std::vector<uint64_t> values(reader.count());
  for (size_t i = 0; i < values.size(); ++i) std::memcpy(&values[i], data.data() + i * bytes, bytes);
  return values;
}

void expect_codes(const std::filesystem::path& path, std::span<const uint64_t> codes, int width) {
  const auto wrong = std::ranges::find_if(codes, [&](uint64_t code) { return code > code_mask(width); });
  if (wrong != codes.end()) {
    fail("{}: element {} is {:#x}, expected {} bits", path.string(), wrong - codes.begin(), *wrong, width);
  }
}

template <typename T>
std::vector<T> narrowed(std::span<const uint64_t> words) {
  std::vector<T> result(words.size());
  for (size_t i = 0; i < words.size(); ++i) std::memcpy(&result[i], &words[i], sizeof(T));
  return result;
}

void read_companions(const FileConversion& request, const Layout& layout, BlockQuantized& matrix) {
  const BlockFormat& format = matrix.format;
  std::vector<int64_t> shape = block_shape(format, layout);
  const size_t along = layout.axis == BlockAxis::tile ? 0 : static_cast<size_t>(shape[layout.along]);
  const auto read = [&](const char* what, NpyType type) {
    return into_matrix(read_companion(request, what, type, shape), layout, along);
  };
  const std::vector<uint64_t> scales = read("scales", scale_type(format));
  expect_codes(beside(request.input, "scales"), scales, format.scale.width);
  matrix.scales = narrowed<uint32_t>(scales);
  if (!matrix.zero_points.empty()) matrix.zero_points = narrowed<int32_t>(read("zero_points", NpyType::i4));
  if (!matrix.minimums.empty()) matrix.minimums = narrowed<float>(read("minimums", NpyType::f4));
  if (format.tensor_scale == TensorScale::float32) {
    matrix.tensor_scale = narrowed<float>(read_companion(request, "tensor_scale", NpyType::f4, {})).front();
  }
  if (format.sub_block_size == 0) return;
  const size_t parts = static_cast<size_t>(format.block_size / format.sub_block_size);
  shape.push_back(static_cast<int64_t>(parts));
  const std::vector<uint64_t> exponents = read_companion(request, "sub_exponents", NpyType::u1, shape);
  expect_codes(beside(request.input, "sub_exponents"), exponents, format.sub_exponent_width);
  std::vector<size_t> blocks(matrix.scales.size());
  for (size_t i = 0; i < blocks.size(); ++i) blocks[i] = i;
  blocks = into_matrix(blocks, layout, along);
  for (size_t i = 0; i < matrix.sub_exponents.size(); ++i) {
    matrix.sub_exponents[i] = static_cast<uint8_t>(exponents[blocks[i / parts] * parts + i % parts]);
  }
}

}  // namespace

ConversionSummary convert_to_blocks(const FileConversion& request, const ConversionProgress& progress) {
  const BlockFormat format = parse_block_format(request.to);
  if (request.packed && request.dequantize) fail("--packed packs codes, --dequantize writes none");
  if (request.packed) check_packable(format.element);
  const Conversion& conversion = request.options.conversion;
  if (conversion.nan != NanPolicy::by_kind || conversion.infinity != InfinityPolicy::by_saturation) {
    fail("--conversion: a block format says itself what becomes of NaN and infinities");
  }
  SourceReader reader(request);
  const Layout layout = layout_of(request, reader.shape(), request.input.string());
  progress.begin(reader.count());
  const std::vector<float> values =
      into_matrix(read_as<float>(request, reader, parse_format("fp32")), layout, layout.length);
  const BlockRounding rounding{conversion.rounding, conversion.saturation, request.options.seed, 0,
                               request.options.random_bits};
  const BlockQuantized matrix =
      quantize_block_array(format, values, layout.matrix, layout.axis, rounding, request.options.threads);
  const std::vector<double> results = dequantize_blocks(matrix);

  ConversionSummary summary{
      reader.count(), reader.format().name, format.name, count_changes(values, results), "", {}};
  Outputs outputs;
  if (request.dequantize) {
    const bool narrow = float_has_precision(format);
    const NpyType type = narrow ? NpyType::f4 : NpyType::f8;
    summary.element_type = npy_type_name(type);
    add_numbers(outputs, request, parse_format(narrow ? "fp32" : "fp64"), type, false,
                out_of_matrix(results, layout, layout.length), layout.shape, {});
  } else {
    if (!is_npy_path(request.output)) {
      fail("{}: the codes of a block format are written to a .npy, with its scales beside it",
           request.output.string());
    }
    summary.element_type = code_bytes(format.element) == 1 ? "u1" : "u2";
    add_codes(outputs, request, matrix, layout);
    add_companions(outputs, request, matrix, layout);
  }
  summary.outputs = outputs.commit();
  progress.advance(reader.count());
  return summary;
}

ConversionSummary convert_from_blocks(const FileConversion& request, const ConversionProgress& progress) {
  const BlockFormat format = parse_block_format(request.from);
  const Format to = load_format(request.to);
  if (!is_npy_path(request.input) || request.raw_type) {
    fail("{}: --from {}: expected a .npy of codes, with its scales beside it", request.input.string(),
         request.from);
  }
  SourceReader reader(request, format.element);
  const Layout layout = layout_of(request, reader.shape(), request.input.string());
  BlockQuantized matrix = prepare_blocks(format, reader.count(), layout.matrix, layout.axis, {});
  progress.begin(reader.count());

  const size_t bytes = reader.element_bytes();
  std::vector<std::byte> data(reader.count() * bytes);
  reader.read(data);
  std::vector<uint64_t> codes(reader.count());
  for (size_t i = 0; i < codes.size(); ++i) std::memcpy(&codes[i], data.data() + i * bytes, bytes);
  expect_codes(request.input, codes, format.element.width);
  matrix.codes = into_matrix(narrowed<uint32_t>(codes), layout, layout.length);
  read_companions(request, layout, matrix);
  const std::vector<double> numbers = out_of_matrix(dequantize_blocks(matrix), layout, layout.length);

  ConversionSummary summary{reader.count(), format.name, to.name, {}, "", {}};
  if (request.packed) fail("--packed: expected --from and --to without blocks, or a block format in --to");
  const NpyType type = request.dequantize ? value_type(to) : code_type(to);
  summary.element_type = npy_type_name(type);
  Outputs outputs;
  summary.counts =
      add_numbers(outputs, request, to, type, request.dequantize, numbers, layout.shape, request.options);
  summary.outputs = outputs.commit();
  progress.advance(reader.count());
  return summary;
}

}  // namespace assay
