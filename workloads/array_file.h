// Arrays in files, piece by piece: .npy files, and files of elements alone ("raw", little endian, one dimension).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "workloads/npy.h"

namespace assay {

class ArrayReader {
 public:
  // Opens a .npy file, or one of raw elements if their type is given, and checks its size. Throws Error naming
  // the path as read_npy does, and if a raw file is no whole number of elements. Arrays in Fortran order and what
  // is no ordinary file (a pipe) are read as a whole.
  explicit ArrayReader(const std::filesystem::path& path, std::optional<NpyType> raw_type = std::nullopt);

  NpyType type() const { return header_.type; }
  const std::vector<int64_t>& shape() const { return header_.shape; }
  uint64_t count() const;  // elements

  // The next bytes of elements, as many as there is room for. Precondition: so many are left.
  void read(std::span<std::byte> bytes);

 private:
  std::string path_;
  NpyHeader header_;
  std::ifstream file_;
  std::string memory_;  // all elements, if the file is not read in pieces
  bool in_memory_ = false;
  size_t at_ = 0;
};

// Writes to a temporary file in the same folder, which commit() renames; without it nothing is left behind. Missing
// parent folders are made. Throws Error naming the path.
class ArrayWriter {
 public:
  // With a header if the path ends in .npy.
  ArrayWriter(std::filesystem::path path, NpyType type, const std::vector<int64_t>& shape);
  ~ArrayWriter();
  ArrayWriter(const ArrayWriter&) = delete;
  ArrayWriter& operator=(const ArrayWriter&) = delete;

  void write(std::span<const std::byte> bytes);
  void commit();
  const std::filesystem::path& path() const { return path_; }

 private:
  [[noreturn]] void problem(const std::string& reason);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::ofstream file_;
};

bool is_npy_path(const std::filesystem::path& path);

}  // namespace assay
