// The codes and numbers of a file that is to be converted, and the types of those that are written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/convert_array.h"
#include "workloads/array_file.h"
#include "workloads/convert_file.h"

namespace assay {

// Reads the input of a conversion, unpacked, as codes of a format.
class SourceReader {
 public:
  // Throws Error if the elements are not what FileConversion::from says.
  explicit SourceReader(const FileConversion& request);

  // The same with `from` given as a format, or none.
  SourceReader(const FileConversion& request, const std::optional<Format>& from);

  const Format& format() const { return format_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  uint64_t count() const { return count_; }
  size_t element_bytes() const { return npy_type_size(file_.type()); }

  // The next count codes. A packed input is read in multiples of 8 codes but for the last.
  void read(std::span<std::byte> codes);

  // convert_piece, with the file's name in errors.
  ConversionCounts convert(const ConversionPlan& plan, const ConversionPiece& piece) const;

 private:
  std::string path_;
  ArrayReader file_;
  Format format_;
  std::vector<int64_t> shape_;
  uint64_t count_ = 0;
  bool packed_ = false;
  std::vector<std::byte> bytes_;  // packed codes
};

// The element type of a file of codes: unsigned integers, but numbers for fp16, fp32 and fp64.
NpyType code_type(const Format& format);

// float32 if it holds all numbers of the format, else float64. Throws Error if neither does.
NpyType value_type(const Format& format);

// Throws Error if codes cannot be packed: they have 8 bits or more.
void check_packable(const Format& format);

// The shape of packed codes: the last axis in bytes. Throws Error naming `name` if it is no whole number of them.
std::vector<int64_t> packed_shape(std::vector<int64_t> shape, int width, const std::string& name);

}  // namespace assay
