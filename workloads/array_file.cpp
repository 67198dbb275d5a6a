#include "workloads/array_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace assay {
namespace {

// More than any header of a shape of at most 64 lengths has.
constexpr uint64_t kLongestHeader = 1 << 20;

NpyHeader raw_header(NpyType type, uint64_t bytes, const std::string& name) {
  const uint64_t size = npy_type_size(type);
  if (bytes % size != 0) {
    fail("{}: {} bytes are no whole number of {} elements of {} bytes", name, bytes, npy_type_name(type),
         size);
  }
  return {type, {static_cast<int64_t>(bytes / size)}, false, 0, static_cast<int64_t>(bytes)};
}

std::string reason() {
  return std::strerror(errno);
}

}  // namespace

ArrayReader::ArrayReader(const std::filesystem::path& path, std::optional<NpyType> raw_type)
    : path_(path.string()) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    memory_ = read_file(path);
    in_memory_ = true;
  }
  const uint64_t size = in_memory_ ? memory_.size() : std::filesystem::file_size(path, error);
  if (!in_memory_) {
    file_.open(path, std::ios::binary);
    if (error || !file_) fail("{}: cannot open: {}", path_, error ? error.message() : reason());
  }
  if (raw_type) {
    header_ = raw_header(*raw_type, size, path_);
    return;
  }
  std::string beginning = memory_.substr(0, kLongestHeader);
  if (!in_memory_) {
    beginning.resize(std::min(size, kLongestHeader));
    if (!file_.read(beginning.data(), static_cast<std::streamsize>(beginning.size()))) {
      fail("{}: cannot read: {}", path_, reason());
    }
  }
  header_ = parse_npy_header(beginning, path_);
  check_npy_size(header_, size - header_.size, path_);
  if (header_.fortran_order) {
    memory_ = parse_npy(in_memory_ ? memory_ : read_file(path), path_).data;
    in_memory_ = true;
  } else if (in_memory_) {
    at_ = header_.size;
  } else {
    file_.seekg(static_cast<std::streamoff>(header_.size));
  }
}

uint64_t ArrayReader::count() const {
  return static_cast<uint64_t>(header_.element_bytes) / npy_type_size(header_.type);
}

void ArrayReader::read(std::span<std::byte> bytes) {
  if (bytes.empty()) return;
  if (in_memory_) {
    std::memcpy(bytes.data(), memory_.data() + at_, bytes.size());
    at_ += bytes.size();
  } else if (!file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
    fail("{}: cannot read: it became shorter, or {}", path_, reason());
  }
}

ArrayWriter::ArrayWriter(std::filesystem::path path, NpyType type, const std::vector<int64_t>& shape)
    : path_(std::move(path)), temporary_(path_.string() + ".tmp." + std::to_string(::getpid())) {
  std::error_code error;
  if (std::filesystem::is_directory(path_, error))
    fail("{}: expected a file, found a folder", path_.string());
  if (path_.has_parent_path()) {
    std::filesystem::create_directories(path_.parent_path(), error);
    if (error) fail("{}: cannot create the folder: {}", path_.parent_path().string(), error.message());
  }
  file_.open(temporary_, std::ios::binary | std::ios::trunc);
  if (!file_) problem(reason());
  if (!is_npy_path(path_)) return;
  const std::string header = format_npy_header(type, shape);
  write(std::as_bytes(std::span(header)));
}

ArrayWriter::~ArrayWriter() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void ArrayWriter::problem(const std::string& reason_text) {
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
  fail("{}: cannot write: {}", path_.string(), reason_text);
}

void ArrayWriter::write(std::span<const std::byte> bytes) {
  if (!file_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
    problem(reason());
  }
}

void ArrayWriter::commit() {
  file_.close();
  if (!file_) problem(reason());
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) problem(error.message());
  temporary_.clear();
}

bool is_npy_path(const std::filesystem::path& path) {
  return path.extension() == ".npy";
}

}  // namespace assay
