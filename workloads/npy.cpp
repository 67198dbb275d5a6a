#include "workloads/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>

#include "base/file.h"

namespace assay {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they lie in memory");

struct TypeEntry {
  NpyType type;
  std::string_view name;
  size_t size;
};

// In the order of the enumeration.
constexpr std::array<TypeEntry, 13> kTypes = {{{NpyType::i1, "i1", 1},
                                               {NpyType::i2, "i2", 2},
                                               {NpyType::i4, "i4", 4},
                                               {NpyType::i8, "i8", 8},
                                               {NpyType::u1, "u1", 1},
                                               {NpyType::u2, "u2", 2},
                                               {NpyType::u4, "u4", 4},
                                               {NpyType::u8, "u8", 8},
                                               {NpyType::f2, "f2", 2},
                                               {NpyType::f4, "f4", 4},
                                               {NpyType::f8, "f8", 8},
                                               {NpyType::v1, "V1", 1},
                                               {NpyType::v2, "V2", 2}}};

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;    // of the first element in the file
constexpr size_t kMaximumRank = 64;  // NumPy's own

const TypeEntry& entry_of(NpyType type) {
  return kTypes[static_cast<size_t>(type)];
}

// 'descr' of the header: byte order, kind, size in bytes.
NpyType parse_descr(std::string_view descr, const std::string& name) {
  std::vector<std::string_view> known;
  for (const TypeEntry& entry : kTypes) {
    known.push_back(entry.name);
    if (descr.size() != 3 || descr.substr(1) != entry.name) continue;
    // Bytes and raw bytes have no order; NumPy writes '|' for the former and '|' or '<' for the latter.
    const bool orderless = entry.size == 1 || entry.type == NpyType::v2;
    if (descr[0] == '<' || (descr[0] == '|' && orderless)) return entry.type;
  }
  fail("{}: element type '{}'; expected a little-endian one of: {}", name, descr, fmt::join(known, ", "));
}

struct Dictionary {
  std::string_view descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// Reads the header, a Python dictionary such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class DictionaryParser {
 public:
  DictionaryParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Dictionary parse() {
    Dictionary header;
    std::array<bool, 3> seen{};
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr" && !seen[0]) {
        seen[0] = true;
        if (peek() == '[') problem("structured element types are not supported");
        header.descr = string();
      } else if (key == "fortran_order" && !seen[1]) {
        seen[1] = true;
        header.fortran_order = boolean();
      } else if (key == "shape" && !seen[2]) {
        seen[2] = true;
        header.shape = tuple();
      } else {
        problem("expected the keys 'descr', 'fortran_order' and 'shape' once each");
      }
      if (accept(',')) continue;
      expect('}');
      break;
    }
    if (seen != std::array{true, true, true}) {
      problem("expected the keys 'descr', 'fortran_order' and 'shape' once each");
    }
    skip_blanks();
    if (at_ != text_.size()) problem("unexpected text after the dictionary");
    return header;
  }

 private:
  [[noreturn]] void problem(std::string_view what) const {
    fail("{}: not a valid .npy header: {} (character {})", name_, what, at_);
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool accept(char wanted) {
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) problem(fmt::format("expected '{}'", wanted));
  }

  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') problem("expected a string");
    const size_t begin = at_ + 1;
    const size_t end = text_.find(quote, begin);
    if (end == std::string_view::npos) problem("a string without an end");
    at_ = end + 1;
    return text_.substr(begin, end - begin);
  }

  bool boolean() {
    skip_blanks();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    problem("expected True or False");
  }

  int64_t length() {
    skip_blanks();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) problem("expected a length from 0 to 2^63 - 1");
    at_ = static_cast<size_t>(end - text_.data());
    accept('L');  // Python 2 wrote its long integers so
    return value;
  }

  std::vector<int64_t> tuple() {
    std::vector<int64_t> lengths;
    bool comma = true;
    expect('(');
    while (!accept(')')) {
      if (!comma) problem("expected ',' or ')'");
      if (lengths.size() == kMaximumRank) problem(fmt::format("more than {} lengths", kMaximumRank));
      lengths.push_back(length());
      comma = accept(',');
    }
    if (lengths.size() == 1 && !comma) problem("expected a tuple; one of one length ends in ',)'");
    return lengths;
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
};

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

// Takes the part before the elements off `bytes` and returns the text of the header.
std::string_view take_header(std::string_view& bytes, const std::string& name) {
  if (!bytes.starts_with(kMagic)) fail("{}: not a .npy file: it does not start with \\x93NUMPY", name);
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < 2) fail("{}: truncated before the format version", name);
  const int major = static_cast<unsigned char>(bytes[0]);
  const int minor = static_cast<unsigned char>(bytes[1]);
  if (major < 1 || major > 3 || minor != 0) {
    fail("{}: .npy format version {}.{}; expected 1.0, 2.0 or 3.0", name, major, minor);
  }
  bytes.remove_prefix(2);
  const size_t width = major == 1 ? 2 : 4;
  if (bytes.size() < width) fail("{}: truncated in the length of the header", name);
  const uint64_t length = little_endian(bytes.substr(0, width));
  bytes.remove_prefix(width);
  if (bytes.size() < length) {
    fail("{}: truncated: a header of {} bytes, {} are left in the file", name, length, bytes.size());
  }
  const std::string_view header = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return header;
}

// The bytes of an array of that shape.
int64_t byte_count(const NpyArray& array, const std::string& name) {
  return npy_element_count(array, name) * static_cast<int64_t>(npy_type_size(array.type));
}

// Elements whose first index runs fastest, put into the order where the last does.
std::string from_fortran_order(std::string_view data, const std::vector<int64_t>& shape,
                               size_t element_size) {
  const size_t rank = shape.size();
  std::vector<size_t> stride(rank);  // in bytes, in `data`
  size_t size = element_size;
  for (size_t axis = 0; axis < rank; ++axis) {
    stride[axis] = size;
    size *= static_cast<size_t>(shape[axis]);
  }
  std::string ordered;
  ordered.reserve(data.size());
  std::vector<int64_t> index(rank, 0);
  size_t offset = 0;
  while (ordered.size() < data.size()) {
    ordered.append(data.substr(offset, element_size));
    for (size_t axis = rank; axis-- > 0;) {
      offset += stride[axis];
      if (++index[axis] < shape[axis]) break;
      offset -= stride[axis] * static_cast<size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return ordered;
}

}  // namespace

std::string_view npy_type_name(NpyType type) {
  return entry_of(type).name;
}

size_t npy_type_size(NpyType type) {
  return entry_of(type).size;
}

int64_t npy_element_count(const NpyArray& array, const std::string& name) {
  const auto& shape = array.shape;
  if (std::any_of(shape.begin(), shape.end(), [](int64_t length) { return length < 0; })) {
    fail("{}: the shape ({}) has a negative length", name, fmt::join(shape, ", "));
  }
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  int64_t bytes = static_cast<int64_t>(npy_type_size(array.type));
  for (const int64_t length : shape) {
    if (__builtin_mul_overflow(bytes, length, &bytes)) {
      fail("{}: an array of shape ({}) has more than 2^63 - 1 bytes", name, fmt::join(shape, ", "));
    }
  }
  return bytes / static_cast<int64_t>(npy_type_size(array.type));
}

NpyType parse_npy_type(std::string_view name) {
  std::vector<std::string_view> known;
  for (const TypeEntry& entry : kTypes) {
    if (entry.name == name) return entry.type;
    known.push_back(entry.name);
  }
  fail("unknown element type '{}': expected one of {}", name, fmt::join(known, ", "));
}

NpyHeader parse_npy_header(std::string_view bytes, const std::string& name) {
  std::string_view rest = bytes;
  const Dictionary dictionary = DictionaryParser(take_header(rest, name), name).parse();
  NpyHeader header{parse_descr(dictionary.descr, name), dictionary.shape, dictionary.fortran_order,
                   bytes.size() - rest.size(), 0};
  header.element_bytes = byte_count(NpyArray{header.type, header.shape, {}}, name);
  return header;
}

void check_npy_size(const NpyHeader& header, uint64_t found, const std::string& name) {
  const auto expected = static_cast<uint64_t>(header.element_bytes);
  if (found == expected) return;
  fail("{}: an array of shape ({}) and type {} has {} bytes, the file has {}{}", name,
       fmt::join(header.shape, ", "), npy_type_name(header.type), expected, found,
       found < expected ? " (truncated)" : "");
}

NpyArray parse_npy(std::string_view bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  bytes.remove_prefix(header.size);
  check_npy_size(header, bytes.size(), name);
  NpyArray array{header.type, header.shape, {}};
  if (header.fortran_order) {
    array.data = from_fortran_order(bytes, array.shape, npy_type_size(array.type));
  } else {
    array.data = bytes;
  }
  return array;
}

std::string format_npy_header(NpyType type, const std::vector<int64_t>& shape) {
  const char order = npy_type_size(type) == 1 ? '|' : '<';
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}", order,
                                   npy_type_name(type), fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  // Magic, version, length of the header, the header padded with blanks to a line that ends at a multiple
  // of the alignment.
  size_t width = 2;
  const auto padded_length = [&] {
    const size_t before = kMagic.size() + 2 + width;
    const size_t end = (before + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
    return end - before;
  };
  if (padded_length() > std::numeric_limits<uint16_t>::max()) width = 4;
  const size_t length = padded_length();
  header.resize(length - 1, ' ');
  header += '\n';

  std::string bytes(kMagic);
  bytes += width == 2 ? '\x01' : '\x02';
  bytes += '\x00';
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>((length >> (8 * i)) & 0xff);
  return bytes + header;
}

std::string format_npy(const NpyArray& array, const std::string& name) {
  if (array.data.size() != static_cast<size_t>(byte_count(array, name))) {
    fail("{}: {} bytes of elements for the shape ({}) and type {}", name, array.data.size(),
         fmt::join(array.shape, ", "), npy_type_name(array.type));
  }
  return format_npy_header(array.type, array.shape) + array.data;
}

NpyArray read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path), path.string());
}

void write_npy(const std::filesystem::path& path, const NpyArray& array) {
  write_file(path, format_npy(array, path.string()));
}

}  // namespace assay
