// Arrays in NumPy's .npy files, format versions 1.0, 2.0 and 3.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"

namespace assay {

// Little-endian elements, named as in the file without the byte order. f2 has no C++ type here: its codes
// are read as uint16_t, as are those of v2, and those of v1 as uint8_t. v1 and v2 are what NumPy writes for
// the one- and two-byte types of ml_dtypes (float8_e4m3fn, bfloat16).
enum class NpyType { i1, i2, i4, i8, u1, u2, u4, u8, f2, f4, f8, v1, v2 };

struct NpyArray {
  NpyType type = NpyType::f4;
  std::vector<int64_t> shape;  // empty: a scalar
  std::string data;            // the elements, little endian, the last index running fastest
};

// The part of a .npy file before the elements.
struct NpyHeader {
  NpyType type = NpyType::f4;
  std::vector<int64_t> shape;
  bool fortran_order = false;
  size_t size = 0;            // bytes of it
  int64_t element_bytes = 0;  // what has to follow
};

std::string_view npy_type_name(NpyType type);
// Throws Error listing what is known.
NpyType parse_npy_type(std::string_view name);
size_t npy_type_size(NpyType type);  // bytes

// The number of elements, 1 for a scalar. Throws Error naming `name` if a length is negative or the bytes
// of the array exceed int64_t.
int64_t npy_element_count(const NpyArray& array, const std::string& name);

// The header at the beginning of `bytes`, of which there may be more. Throws Error as parse_npy does, but for the
// bytes of the elements.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& name);

// The bytes of a header, version 1.0 unless it is too long for it.
std::string format_npy_header(NpyType type, const std::vector<int64_t>& shape);

// Throws Error naming `name` if `found` bytes follow the header instead of those that the shape needs.
void check_npy_size(const NpyHeader& header, uint64_t found, const std::string& name);

// The array in the bytes of a .npy file. Arrays in Fortran order are transposed into C order. Throws Error
// naming `name` and the problem: a bad magic string, version or header, an element type not listed above (as
// big endian), a shape of more than 64 lengths or whose bytes exceed int64_t, fewer or more bytes than the
// shape needs.
NpyArray parse_npy(std::string_view bytes, const std::string& name);

// The bytes of a .npy file, version 1.0 unless the header is too long for it.
std::string format_npy(const NpyArray& array, const std::string& name);

NpyArray read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const NpyArray& array);

// True if elements of `type` are read and written as T.
template <typename T>
bool npy_holds(NpyType type) {
  static_assert(std::is_arithmetic_v<T>);
  if (npy_type_size(type) != sizeof(T)) return false;
  const char kind = npy_type_name(type)[0];
  if (std::is_floating_point_v<T>) return kind == 'f';
  if (std::is_signed_v<T>) return kind == 'i';
  return kind == 'u' || kind == 'V' || type == NpyType::f2;
}

// The elements as T. Throws Error naming `name` if they are of another type; nothing is converted.
template <typename T>
std::vector<T> npy_values(const NpyArray& array, const std::string& name) {
  if (!npy_holds<T>(array.type)) {
    fail("{}: elements of type {} where others were expected", name, npy_type_name(array.type));
  }
  std::vector<T> values(array.data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), array.data.data(), values.size() * sizeof(T));
  return values;
}

// An array of these elements, in C order.
template <typename T>
NpyArray make_npy(NpyType type, std::vector<int64_t> shape, std::span<const T> values) {
  NpyArray array{type, std::move(shape), {}};
  if (!npy_holds<T>(type))
    fail("npy: elements of type {} cannot be made of these values", npy_type_name(type));
  if (npy_element_count(array, "npy") != static_cast<int64_t>(values.size())) {
    fail("npy: {} values for the shape ({})", values.size(), fmt::join(array.shape, ", "));
  }
  array.data.assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return array;
}

}  // namespace assay
