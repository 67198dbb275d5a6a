#include "workloads/convert_source.h"

#include "base/error.h"
#include "formats/array_kernels_pack.h"

namespace assay {
namespace {

constexpr int64_t kByte = 8;

int type_bits(NpyType type) {
  return static_cast<int>(8 * npy_type_size(type));
}

// The format whose numbers the elements are, without --from.
Format number_format(NpyType type, const std::string& path) {
  switch (type) {
    case NpyType::f2:
      return parse_format("fp16");
    case NpyType::f4:
      return parse_format("fp32");
    case NpyType::f8:
      return parse_format("fp64");
    case NpyType::i1:
    case NpyType::i2:
    case NpyType::i4:
      return parse_format(fmt::format("int{}", type_bits(type)));
    default:
      fail("{}: elements of type {}: give the format of the codes with --from", path, npy_type_name(type));
  }
}

bool is_host_float(const Format& format, NpyType type) {
  return (type == NpyType::f2 && format == parse_format("fp16")) ||
         (type == NpyType::f4 && format == parse_format("fp32")) ||
         (type == NpyType::f8 && format == parse_format("fp64"));
}

// The format of codes in elements of that type.
Format code_format(const FileConversion& request, const Format& format, NpyType type,
                   const std::string& path) {
  if (request.from_packed) {
    check_packable(format);
    if (type != NpyType::u1)
      fail("{}: packed codes: expected bytes (u1), found {}", path, npy_type_name(type));
    return format;
  }
  const char kind = npy_type_name(type)[0];
  const bool codes = kind == 'u' || kind == 'V';
  const bool integers =
      kind == 'i' && format.kind == FormatKind::twos_complement && format.width == type_bits(type);
  if (integers || is_host_float(format, type) || (codes && type_bits(type) >= format.width)) return format;
  fail("{}: --from {}: expected unsigned integers of at least {} bits, found {}", path, format.name,
       format.width, npy_type_name(type));
}

// length * factor of an axis; the lengths beside it may be 0, so that it can be of any size.
int64_t multiplied(int64_t length, int64_t factor, const std::string& path) {
  int64_t result = 0;
  if (__builtin_mul_overflow(length, factor, &result))
    fail("{}: an axis of {} is too long to be packed", path, length);
  return result;
}

// The shape of the codes that packed bytes of this shape hold.
std::vector<int64_t> unpacked_shape(std::vector<int64_t> shape, int width, const std::string& path) {
  if (shape.empty()) shape = {1};
  const int64_t bits = multiplied(shape.back(), kByte, path);
  if (bits % width != 0) {
    fail("{}: {} bytes along the last axis are no whole number of codes of {} bits", path, shape.back(),
         width);
  }
  shape.back() = bits / width;
  return shape;
}

uint64_t product(const std::vector<int64_t>& shape) {
  uint64_t count = 1;
  for (const int64_t length : shape) count *= static_cast<uint64_t>(length);
  return count;
}

}  // namespace

SourceReader::SourceReader(const FileConversion& request)
    : SourceReader(request, request.from.empty() ? std::optional<Format>() : load_format(request.from)) {}

SourceReader::SourceReader(const FileConversion& request, const std::optional<Format>& from)
    : path_(request.input.string()),
      file_(request.input, request.raw_type),
      format_(from ? code_format(request, *from, file_.type(), path_) : number_format(file_.type(), path_)),
      shape_(request.from_packed ? unpacked_shape(file_.shape(), format_.width, path_) : file_.shape()),
      count_(request.from_packed ? product(shape_) : file_.count()),
      packed_(request.from_packed) {}

void SourceReader::read(std::span<std::byte> codes) {
  if (!packed_) return file_.read(codes);
  bytes_.resize(packed_size(codes.size(), format_.width));
  file_.read(bytes_);
  unpack_codes({reinterpret_cast<const uint8_t*>(bytes_.data()), bytes_.size()}, format_.width,
               {reinterpret_cast<uint8_t*>(codes.data()), codes.size()});
}

ConversionCounts SourceReader::convert(const ConversionPlan& plan, const ConversionPiece& piece) const {
  try {
    return convert_piece(plan, piece);
  } catch (const Error& error) {
    fail("{}: {}", path_, error.what());
  }
}

NpyType code_type(const Format& format) {
  for (const NpyType type : {NpyType::f2, NpyType::f4, NpyType::f8}) {
    if (is_host_float(format, type)) return type;
  }
  switch (code_bytes(format)) {
    case 1:
      return NpyType::u1;
    case 2:
      return NpyType::u2;
    case 4:
      return NpyType::u4;
    default:
      return NpyType::u8;
  }
}

NpyType value_type(const Format& format) {
  if (holds_all_numbers(parse_format("fp32"), format)) return NpyType::f4;
  if (holds_all_numbers(parse_format("fp64"), format)) return NpyType::f8;
  fail("--dequantize: float64 does not hold all numbers of {}", format.name);
}

void check_packable(const Format& format) {
  if (format.width >= kByte) {
    fail("packed codes: expected a format of fewer than 8 bits, found {} of {}", format.name, format.width);
  }
}

std::vector<int64_t> packed_shape(std::vector<int64_t> shape, int width, const std::string& name) {
  if (shape.empty()) shape = {1};
  const int64_t bits = multiplied(shape.back(), width, name);
  if (bits % kByte != 0) {
    fail("{}: {} codes of {} bits along the last axis are no whole number of bytes", name, shape.back(),
         width);
  }
  shape.back() = bits / kByte;
  return shape;
}

}  // namespace assay
