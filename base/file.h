// Whole-file reading and atomic writing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace assay {

// The bytes of a file. Throws Error naming the path if it cannot be read.
std::string read_file(const std::filesystem::path& path);

// Replaces the file at `path` by `bytes`, or leaves it untouched: the bytes go to a temporary file in the
// same folder, which is then renamed. Missing parent folders are made. Throws Error naming the path.
void write_file(const std::filesystem::path& path, std::string_view bytes);

// Creates an empty, uniquely named folder below the system's folder for temporary files and removes it
// with everything in it at the end of its life.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace assay
