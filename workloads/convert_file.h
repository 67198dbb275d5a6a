// A file of numbers or codes (.npy or raw) to another format: what `assay convert` does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/block.h"
#include "formats/convert_array.h"
#include "workloads/npy.h"

namespace assay {

struct FileConversion {
  std::filesystem::path input;
  std::filesystem::path output;     // .npy, or raw elements under any other ending
  std::optional<NpyType> raw_type;  // the input has no header and elements of this type
  std::string from;                 // format of the input's codes; empty: its elements are numbers
  std::string to;                   // format by name (block formats too) or TOML file
  ArrayConversion options;
  bool dequantize = false;   // write what the codes stand for, as float32 or float64
  bool packed = false;       // codes of fewer than 8 bits without gaps, see formats/array_kernels_pack.h
  bool from_packed = false;  // the input's codes lie so
  std::string axis;  // of block formats: an index, from the end if negative, or `tile`; empty: the last
};

struct ConversionSummary {
  uint64_t elements = 0;
  std::string from;
  std::string to;
  ConversionCounts counts;
  std::string element_type;  // of the output, as .npy spells it
  std::vector<std::filesystem::path> outputs;
};

// Called with the number of elements in all and then with how many more are done.
struct ConversionProgress {
  std::function<void(uint64_t)> begin;
  std::function<void(uint64_t)> advance;
};

// Converts in pieces of some million elements; block formats, arrays in Fortran order and pipes as a whole. The
// elements of the output are
//   numbers  float16, float32, float64 if `to` is fp16, fp32 or fp64
//   codes    else: unsigned integers of 8, 16, 32 or 64 bits; packed: bytes, and the last axis is as long as they are
//   values   with `dequantize`: float32 if it holds all numbers of `to`, else float64
// Inputs are numbers if they are f2, f4, f8, or signed integers (intN); else `from` names the format of their codes:
// unsigned integers, raw bytes (V1, V2) or, for two's complement, signed integers of the same width.
// A block format writes its codes to OUT.npy and, beside it, OUT.scales.npy and what else there is of
// OUT.sub_exponents.npy, OUT.zero_points.npy, OUT.minimums.npy, OUT.tensor_scale.npy; `from` reads them again. Scales
// have the shape of the array but along the axis, where they are as many as blocks; sub-exponents have those of a
// block along one more axis at the end. Scales in fp32 are numbers, others codes. Its input must be float32 numbers,
// exactly. Where the axis is neither the first nor the last, the random bits are those of the elements as they lie when
// the axis is moved to the end.
// Throws Error naming file and what was expected, and then leaves no output behind.
ConversionSummary convert_file(const FileConversion& request, const ConversionProgress& progress);

}  // namespace assay
