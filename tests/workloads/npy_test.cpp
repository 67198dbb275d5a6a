#include "workloads/npy.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/file.h"
#include "fuzz.h"

using namespace assay;

namespace {

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// A file as NumPy lays it out: magic, version, length, and the header padded to `length` bytes.
std::string file_of(int version, std::string header, const std::string& data, size_t length = 118) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  header.resize(std::max(length, header.size() + 1) - 1, ' ');
  header += '\n';
  for (size_t i = 0; i < (version == 1 ? 2U : 4U); ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

std::string header_of(const std::string& descr, const std::string& shape,
                      const char* fortran_order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran_order + ", 'shape': " + shape + ", }";
}

std::string refusal(const std::string& bytes) {
  return error_of([&] { parse_npy(bytes, "x.npy"); });
}

std::string refusal_of_header(const std::string& header) {
  return refusal(file_of(1, header, ""));
}

}  // namespace

// The bytes of the elements and the headers were written by NumPy 2.4 and ml_dtypes 0.6.
TEST_CASE("files written by NumPy are read") {
  const std::vector<float> matrix = {1, 2, 3, -4, 0.5F, 0};
  const NpyArray f4 = parse_npy(
      file_of(1, header_of("<f4", "(2, 3)"), from_hex("0000803f0000004000004040000080c00000003f00000000")),
      "x");
  CHECK(f4.type == NpyType::f4);
  CHECK(f4.shape == std::vector<int64_t>{2, 3});
  CHECK(npy_values<float>(f4, "x") == matrix);

  const NpyArray v2 =
      parse_npy(file_of(2, header_of("<i8", "(2,)"), from_hex("0100000000000000feffffffffffffff"), 116), "x");
  CHECK(npy_values<int64_t>(v2, "x") == std::vector<int64_t>{1, -2});

  const NpyArray v3 = parse_npy(file_of(3, header_of("<f8", "(1,)"), from_hex("000000000000f83f"), 116), "x");
  CHECK(npy_values<double>(v3, "x") == std::vector<double>{1.5});

  const NpyArray f2 = parse_npy(file_of(1, header_of("<f2", "(2,)"), from_hex("003c00b8")), "x");
  CHECK(f2.type == NpyType::f2);
  CHECK(npy_values<uint16_t>(f2, "x") == std::vector<uint16_t>{0x3c00, 0xb800});

  const NpyArray scalar = parse_npy(file_of(1, header_of("|u1", "()"), from_hex("07")), "x");
  CHECK(scalar.shape.empty());
  CHECK(npy_values<uint8_t>(scalar, "x") == std::vector<uint8_t>{7});

  const NpyArray empty = parse_npy(file_of(1, header_of("<u4", "(0, 3)"), ""), "x");
  CHECK(empty.shape == std::vector<int64_t>{0, 3});
  CHECK(npy_values<uint32_t>(empty, "x").empty());

  const NpyArray bfloat16 = parse_npy(file_of(1, header_of("<V2", "(2,)"), from_hex("803f0040")), "x");
  CHECK(npy_values<uint16_t>(bfloat16, "x") == std::vector<uint16_t>{0x3f80, 0x4000});
  const NpyArray float8 = parse_npy(file_of(1, header_of("<V1", "(2,)"), from_hex("3840")), "x");
  CHECK(npy_values<uint8_t>(float8, "x") == std::vector<uint8_t>{0x38, 0x40});
}

TEST_CASE("Fortran order is transposed") {
  const NpyArray f4 = parse_npy(file_of(1, header_of("<f4", "(2, 3)", "True"),
                                        from_hex("0000803f000080c0000000400000003f0000404000000000")),
                                "x");
  CHECK(f4.shape == std::vector<int64_t>{2, 3});
  CHECK(npy_values<float>(f4, "x") == std::vector<float>{1, 2, 3, -4, 0.5F, 0});

  const NpyArray cube = parse_npy(file_of(1, header_of("|u1", "(2, 3, 4)", "True"),
                                          from_hex("000c04100814010d05110915020e06120a16030f07130b17")),
                                  "x");
  std::vector<uint8_t> counting(24);
  for (size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<uint8_t>(i);
  CHECK(npy_values<uint8_t>(cube, "x") == counting);
  CHECK(parse_npy(file_of(1, header_of("<f4", "(0, 3)", "True"), ""), "x").data.empty());
}

TEST_CASE("a file is written as NumPy writes it") {
  const std::vector<float> values = {1, 2, 3, -4, 0.5F, 0};
  const NpyArray array = make_npy<float>(NpyType::f4, {2, 3}, values);
  CHECK(format_npy(array, "x") ==
        file_of(1, header_of("<f4", "(2, 3)"), from_hex("0000803f0000004000004040000080c00000003f00000000")));
  const std::vector<uint8_t> bytes = {1, 2};
  CHECK(format_npy(make_npy<uint8_t>(NpyType::u1, {2}, bytes), "x") ==
        file_of(1, header_of("|u1", "(2,)"), from_hex("0102")));
  CHECK(format_npy(make_npy<uint8_t>(NpyType::u1, {}, std::span(bytes).first(1)), "x") ==
        file_of(1, header_of("|u1", "()"), from_hex("01")));
}

TEST_CASE_TEMPLATE("arrays survive a round trip through a file", T, int8_t, int16_t, int32_t, int64_t,
                   uint8_t, uint16_t, uint32_t, uint64_t, float, double) {
  const std::vector<T> values = {std::numeric_limits<T>::lowest(),
                                 std::numeric_limits<T>::max(),
                                 std::numeric_limits<T>::min(),
                                 T{0},
                                 T{1},
                                 T{100}};
  TemporaryFolder folder;
  const auto path = folder.path() / "made" / "a.npy";
  size_t holding = 0;
  for (int index = 0; index <= static_cast<int>(NpyType::v2); ++index) {
    const auto type = static_cast<NpyType>(index);
    if (!npy_holds<T>(type)) {
      CHECK_THROWS_AS(make_npy<T>(type, {2, 1, 3}, values), Error);
      continue;
    }
    ++holding;
    write_npy(path, make_npy<T>(type, {2, 1, 3}, values));
    const NpyArray read = read_npy(path);
    CHECK(read.type == type);
    CHECK(read.shape == std::vector<int64_t>{2, 1, 3});
    CHECK(npy_values<T>(read, "a.npy") == values);
  }
  CHECK(holding == (std::is_same_v<T, uint16_t> ? 3U : std::is_same_v<T, uint8_t> ? 2U : 1U));
}

TEST_CASE("elements are not silently converted") {
  const std::vector<float> values = {1};
  const NpyArray array = make_npy<float>(NpyType::f4, {1}, values);
  CHECK(error_of([&] { npy_values<double>(array, "x.npy"); }).find("x.npy: elements of type f4") == 0);
  CHECK_THROWS_AS(npy_values<uint32_t>(array, "x.npy"), Error);
}

TEST_CASE("bad files are refused with their name and problem") {
  CHECK(refusal("") == "x.npy: not a .npy file: it does not start with \\x93NUMPY");
  CHECK(refusal("PK\x03\x04") == "x.npy: not a .npy file: it does not start with \\x93NUMPY");
  CHECK(refusal("\x93NUMPY\x01") == "x.npy: truncated before the format version");
  CHECK(refusal(file_of(4, "{}", "")) == "x.npy: .npy format version 4.0; expected 1.0, 2.0 or 3.0");
  CHECK(refusal(from_hex("934e554d50590100ffff")) ==
        "x.npy: truncated: a header of 65535 bytes, 0 are left in the file");
  CHECK(refusal(from_hex("934e554d50590200ffffffff")) ==
        "x.npy: truncated: a header of 4294967295 bytes, 0 are left in the file");
  CHECK(refusal(file_of(1, header_of("<f4", "(2, 3)"), std::string(23, '\0'))) ==
        "x.npy: an array of shape (2, 3) and type f4 has 24 bytes, the file has 23 (truncated)");
  CHECK(refusal(file_of(1, header_of("<f4", "(2, 3)"), std::string(25, '\0'))) ==
        "x.npy: an array of shape (2, 3) and type f4 has 24 bytes, the file has 25");
  CHECK(refusal(file_of(1, header_of(">f4", "(1,)"), "aaaa"))
            .find("x.npy: element type '>f4'; expected a little-endian") == 0);
  for (const char* descr : {"<c8", "|b1", "<f1", "<U4", "", "<", "|f4", "<f16", "|O"}) {
    CAPTURE(descr);
    CHECK(refusal(file_of(1, header_of(descr, "(1,)"), "aaaa")).find("x.npy: element type") == 0);
  }
}

TEST_CASE("shapes beyond what can be counted are refused, however little data there is") {
  for (const char* shape :
       {"(4611686018427387904,)", "(4294967296, 4294967296)", "(3037000500, 3037000500)"}) {
    CAPTURE(shape);
    CHECK(refusal_of_header(header_of("<f4", shape)).find("has more than 2^63 - 1 bytes") !=
          std::string::npos);
  }
  CHECK(refusal_of_header(header_of("<f4", "(9223372036854775808,)")).find("expected a length") !=
        std::string::npos);
  CHECK(refusal_of_header(header_of("<f4", "(2305843009213693951,)")).find("(truncated)") !=
        std::string::npos);
  CHECK(parse_npy(file_of(1, header_of("<f4", "(4294967296, 0, 4294967296)"), ""), "x").data.empty());
  std::string long_shape = "(";
  for (int i = 0; i < 65; ++i) long_shape += "1, ";
  CHECK(refusal_of_header(header_of("<f4", long_shape + ")")).find("more than 64 lengths") !=
        std::string::npos);
}

TEST_CASE("headers that are not the expected dictionary are refused") {
  const std::string invalid = "x.npy: not a valid .npy header: ";
  for (const char* header :
       {"", "[]", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"}) {
    CAPTURE(header);
    CHECK(refusal_of_header(header).find(invalid) == 0);
  }
}

TEST_CASE("headers in other spellings are read") {
  for (const char* header : {"{\"shape\":(1,),\"fortran_order\":False,\"descr\":\"<f4\"}",
                             "{ 'shape' : ( 1L , ) , 'descr' : '<f4' , 'fortran_order' : False , } "}) {
    CAPTURE(header);
    CHECK(parse_npy(file_of(1, header, "aaaa"), "x").shape == std::vector<int64_t>{1});
  }
}

TEST_CASE("arrays that contradict themselves are not written") {
  TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  CHECK_THROWS_AS(write_npy(path, NpyArray{NpyType::f4, {2}, std::string(7, '\0')}), Error);
  CHECK_THROWS_AS(write_npy(path, NpyArray{NpyType::f4, {-1}, ""}), Error);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("damaged .npy files are read or refused") {
  const std::vector<std::string> tokens = {
      "9223372036854775807", "0", "-1", ",", "(", ")", "'", "{", "}", "True", "L"};
  for (const int version : {1, 2, 3}) {
    for (const char* order : {"False", "True"}) {
      const std::string valid = file_of(version, header_of("<i2", "(2, 3)", order), "abcdefghijkl", 70);
      CHECK(fuzz(valid, tokens, 5000, [](const std::string& bytes) {
              const NpyArray array = parse_npy(bytes, "x.npy");
              CHECK(parse_npy(format_npy(array, "x.npy"), "x.npy").data == array.data);
            }) > 0);
    }
  }
}
