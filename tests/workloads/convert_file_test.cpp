// Files converted, against the scalar reference (formats/conversion.h, quantize_blocks) bit for bit; and files that
// cannot be.
#include "workloads/convert_file.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <random>

#include "base/file.h"
#include "formats/array_kernels_pack.h"
#include "formats/random_bits.h"
#include "formats/round.h"
#include "tests/error_of.h"
#include "tests/workloads/fuzz.h"

using namespace assay;

namespace {

const ConversionProgress kQuiet = {[](uint64_t) {}, [](uint64_t) {}};

ConversionSummary convert_quietly(const FileConversion& request) {
  return convert_file(request, kQuiet);
}

// Numbers of all magnitudes, ties and neighbours of ties, special values.
template <typename Float>
std::vector<Float> sample(size_t count, int exponents) {
  std::mt19937_64 random(7);
  std::vector<Float> values = {INFINITY,
                               -INFINITY,
                               NAN,
                               -0.0F,
                               0.0F,
                               std::numeric_limits<Float>::max(),
                               std::numeric_limits<Float>::denorm_min()};
  while (values.size() < count) {
    const int exponent = static_cast<int>(random() % static_cast<size_t>(2 * exponents)) - exponents;
    const auto significand = static_cast<Float>(random() % 4096);
    const auto value =
        static_cast<Float>(std::ldexp(significand / 1024, exponent)) * (random() % 2 == 0 ? 1 : -1);
    values.push_back(value);
    if (random() % 4 == 0) values.push_back(std::nextafter(value, static_cast<Float>(0)));
  }
  values.resize(count);
  return values;
}

template <typename T>
void save(const std::filesystem::path& path, NpyType type, std::vector<int64_t> shape,
          const std::vector<T>& values) {
  write_npy(path, make_npy<T>(type, std::move(shape), values));
}

uint64_t element(const NpyArray& array, size_t index) {
  const size_t size = npy_type_size(array.type);
  uint64_t bits = 0;
  std::memcpy(&bits, array.data.data() + index * size, size);
  return bits;
}

uint64_t expected_code(const Format& to, const Real& value, const ArrayConversion& options, uint64_t index) {
  RandomBits bits;
  if (is_stochastic(options.conversion.rounding))
    bits = element_random_bits(options.seed, 0, index, options.random_bits);
  return convert(to, value, options.conversion, bits);
}

// Converts the file and compares every code, every value of --dequantize and the counts.
void check_conversion(const std::filesystem::path& folder, FileConversion request, const Format& from) {
  CAPTURE(request.to);
  CAPTURE(std::string(to_string(request.options.conversion.rounding)));
  CAPTURE(std::string(to_string(request.options.conversion.saturation)));
  const Format to = load_format(request.to);
  const NpyArray input = read_npy(request.input);
  request.output = folder / "codes.npy";
  const ConversionSummary summary = convert_quietly(request);
  const NpyArray codes = read_npy(request.output);
  request.dequantize = true;
  request.output = folder / "values.npy";
  convert_quietly(request);
  const NpyArray values = read_npy(request.output);
  CHECK(codes.shape == input.shape);
  CHECK(values.shape == input.shape);
  const Format value_format = parse_format(values.type == NpyType::f4 ? "fp32" : "fp64");
  ConversionCounts counts;
  const auto count = static_cast<size_t>(npy_element_count(input, "input"));
  REQUIRE(summary.elements == count);
  for (size_t i = 0; i < count; ++i) {
    const Real source = decode(from, element(input, i));
    const uint64_t code = expected_code(to, source, request.options, i);
    const Real result = decode(to, code);
    REQUIRE(element(codes, i) == code);
    REQUIRE(element(values, i) == round_to_code(value_format, result, Rounding::rne, Saturation::sat_none));
    const double before = to_double(source), after = to_double(result);
    if (std::isnan(before)) counts.nan_replaced += std::isnan(after) ? 0 : 1;
    if (!std::isnan(before) && before != after) ++counts.changed;
  }
  CHECK(summary.counts.changed == counts.changed);
  CHECK(summary.counts.nan_replaced == counts.nan_replaced);
}

const std::vector<std::string> kTargets = {"e4m3", "e5m2fnuz", "e2m1",     "bf16",          "fp16",
                                           "int8", "uint4",    "fix16.12", "posit8",        "hif8",
                                           "nf4",  "e8m0",     "lns8f3",   "lns8f3_linear", "e5m10b40",
                                           "tf32", "posit24",  "fp32",     "int32"};

}  // namespace

TEST_CASE("numbers to every kind of format") {
  const TemporaryFolder folder;
  const auto f4 = folder.path() / "f4.npy", f8 = folder.path() / "f8.npy", f2 = folder.path() / "f2.npy";
  save(f4, NpyType::f4, {31, 43}, sample<float>(31 * 43, 30));
  save(f8, NpyType::f8, {1201}, sample<double>(1201, 60));
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  save(f2, NpyType::f2, {256, 256}, halves);
  for (const std::string& to : kTargets) {
    FileConversion request;
    request.to = to;
    request.options.threads = 3;
    for (const auto& [path, from] : {std::pair{f4, "fp32"}, std::pair{f8, "fp64"}, std::pair{f2, "fp16"}}) {
      if (path == f2 && to == "posit24") continue;  // slow, and nothing new
      CAPTURE(std::string(from));
      request.input = path;
      request.options.conversion = {};
      check_conversion(folder.path(), request, parse_format(from));
      request.options.conversion = {Rounding::rup, Saturation::sat_finite};
      check_conversion(folder.path(), request, parse_format(from));
    }
    request.input = f4;
    for (const std::string_view preset : named_conversions()) {
      request.options.conversion = parse_conversion(preset);
      check_conversion(folder.path(), request, parse_format("fp32"));
    }
    for (const int bits : {0, 1, 8, 16, 17, 32}) {
      for (const Rounding rounding : {Rounding::sr_a, Rounding::sr_b, Rounding::sr_c}) {
        request.options.conversion = {rounding, Saturation::sat_finite};
        request.options.random_bits = bits;
        request.options.seed = 99;
        check_conversion(folder.path(), request, parse_format("fp32"));
      }
    }
  }
}

TEST_CASE("wrap is for integers") {
  const TemporaryFolder folder;
  FileConversion request;
  request.input = folder.path() / "in.npy";
  request.options.conversion = {Rounding::rne, Saturation::wrap};
  save(request.input, NpyType::f4, {500}, sample<float>(500, 20));
  request.to = "int8";
  check_conversion(folder.path(), request, parse_format("fp32"));
  request.to = "e4m3";
  CHECK(error_of([&] { check_conversion(folder.path(), request, parse_format("fp32")); }).find("wrap") !=
        std::string::npos);
}

TEST_CASE("all codes of one format to another") {
  const TemporaryFolder folder;
  std::vector<uint16_t> codes(65536);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint16_t>(i);
  save(folder.path() / "in.npy", NpyType::u2, {65536}, codes);
  for (const char* from : {"bf16", "posit16", "e5m10b40", "fix16.12", "lns16f11", "e11m4", "uint16"}) {
    for (const char* to : {"e4m3", "e4m3fnuz", "fp32", "fp64", "posit8", "posit16", "e11m4"}) {
      for (const Saturation saturation : {Saturation::sat_none, Saturation::sat_finite}) {
        CAPTURE(std::string(from));
        FileConversion request;
        request.input = folder.path() / "in.npy";
        request.from = from;
        request.to = to;
        request.options.conversion.saturation = saturation;
        check_conversion(folder.path(), request, parse_format(from));
      }
    }
  }
}

TEST_CASE("pieces of a large array join") {
  const TemporaryFolder folder;
  constexpr size_t kCount = (size_t{1} << 22) + 4321;  // more than convert_file takes at a time
  std::vector<float> values(kCount);
  for (size_t i = 0; i < kCount; ++i) values[i] = static_cast<float>(i % 1000) / 777;
  save(folder.path() / "in.npy", NpyType::f4, {static_cast<int64_t>(kCount)}, values);
  FileConversion request;
  request.input = folder.path() / "in.npy";
  request.output = folder.path() / "out.npy";
  request.to = "e2m1";
  request.options.conversion.rounding = Rounding::sr_a;
  request.options.threads = 2;
  uint64_t total = 0, done = 0;
  convert_file(request, {[&](uint64_t count) { total = count; }, [&](uint64_t count) { done += count; }});
  CHECK(total == kCount);
  CHECK(done == kCount);
  const NpyArray codes = read_npy(request.output);
  const Format to = parse_format("e2m1");
  for (size_t i = 0; i<kCount; i += i + 3000> size_t{1} << 22 && i < (size_t{1} << 22) + 3000 ? 1 : 997) {
    REQUIRE(element(codes, i) == expected_code(to, real_from_double(values[i]), request.options, i));
  }
  // The same, raw and packed: the last piece ends in the middle of a group of eight.
  request.output = folder.path() / "out.bin";
  convert_quietly(request);
  CHECK(read_file(request.output) == codes.data);
  request.packed = true;
  CHECK(error_of([&] { convert_quietly(request); }).find("no whole number of bytes") != std::string::npos);
}

TEST_CASE("packed codes") {
  const TemporaryFolder folder;
  save(folder.path() / "in.npy", NpyType::f4, {5, 24}, sample<float>(120, 4));
  for (const char* name : {"e2m1", "e3m2", "int4", "uint2", "e2m0f"}) {
    CAPTURE(std::string(name));
    FileConversion request;
    request.input = folder.path() / "in.npy";
    request.to = name;
    request.output = folder.path() / "plain.npy";
    convert_quietly(request);
    request.packed = true;
    request.output = folder.path() / "packed.npy";
    convert_quietly(request);
    const NpyArray plain = read_npy(folder.path() / "plain.npy"),
                   packed = read_npy(folder.path() / "packed.npy");
    const int width = parse_format(name).width;
    CHECK(packed.shape == std::vector<int64_t>{5, 3 * width});
    // Code i lies at bits i * width of one long string, the least significant first.
    for (size_t i = 0; i < 120; ++i) {
      for (int bit = 0; bit < width; ++bit) {
        const size_t at = i * static_cast<size_t>(width) + static_cast<size_t>(bit);
        REQUIRE((element(packed, at / 8) >> (at % 8) & 1) == (element(plain, i) >> bit & 1));
      }
    }
    FileConversion back;
    back.input = request.output;
    back.from = name;
    back.from_packed = true;
    back.to = "fp32";
    back.output = folder.path() / "back.npy";
    convert_quietly(back);
    back.input = folder.path() / "plain.npy";
    back.from_packed = false;
    back.output = folder.path() / "back2.npy";
    convert_quietly(back);
    CHECK(read_file(folder.path() / "back.npy") == read_file(folder.path() / "back2.npy"));
  }
}

TEST_CASE("raw elements, Fortran order, scalars and empty arrays") {
  const TemporaryFolder folder;
  const std::vector<float> values = sample<float>(120, 8);
  const auto npy = folder.path() / "in.npy", raw = folder.path() / "in.raw", out = folder.path() / "out.npy";
  save(npy, NpyType::f4, {4, 30}, values);
  const std::string bytes = read_npy(npy).data;
  write_file(raw, bytes);
  FileConversion request;
  request.to = "e5m2";
  request.input = npy;
  request.output = out;
  convert_quietly(request);
  const std::string codes = read_npy(out).data;
  request.input = raw;
  request.raw_type = NpyType::f4;
  request.output = folder.path() / "out.raw";
  convert_quietly(request);
  CHECK(read_file(request.output) == codes);
  write_file(raw, bytes + "xyz");
  CHECK(error_of([&] {
          convert_quietly(request);
        }).find("in.raw: 483 bytes are no whole number of f4 elements") != std::string::npos);
  request.raw_type.reset();

  // The same numbers with the first index running fastest.
  std::string fortran = format_npy({NpyType::f4, {4, 30}, std::string(480, 'x')}, "x");
  const size_t order = fortran.find("False");
  fortran.replace(order, 5, "True ");
  for (size_t row = 0; row < 4; ++row) {
    for (size_t col = 0; col < 30; ++col) {
      fortran.replace(fortran.size() - 480 + 4 * (col * 4 + row), 4, bytes.substr(4 * (row * 30 + col), 4));
    }
  }
  write_file(npy, fortran);
  request.input = npy;
  request.output = out;
  convert_quietly(request);
  CHECK(read_npy(out).data == codes);

  save(npy, NpyType::f4, {}, std::vector<float>{3.0F});
  convert_quietly(request);
  CHECK(read_npy(out).shape.empty());
  CHECK(element(read_npy(out), 0) == 0x42);
  save(npy, NpyType::f4, {0, 7}, std::vector<float>{});
  convert_quietly(request);
  CHECK(read_npy(out).shape == std::vector<int64_t>{0, 7});
  save(npy, NpyType::i1, {3}, std::vector<int8_t>{-128, 0, 127});
  request.to = "fp16";
  convert_quietly(request);
  CHECK(element(read_npy(out), 0) == 0xd800);
}

TEST_CASE("block formats") {
  const TemporaryFolder folder;
  const auto in = folder.path() / "in.npy", out = folder.path() / "out.npy",
             back = folder.path() / "back.npy";
  // Not a multiple of any block along any axis.
  const std::vector<float> values = sample<float>(5 * 37 * 18, 6);
  const auto at = [&](size_t o, size_t k, size_t i) { return (o * 37 + k) * 18 + i; };
  save(in, NpyType::f4, {5, 37, 18}, values);
  for (const char* name : {"mxfp4", "mxfp8_e5m2", "nvfp4", "nvfp4_te", "mx6", "msfp12", "affine_uint4_g8",
                           "minmax_uint4_g8", "absmax_e4m3_fp32_g9"}) {
    CAPTURE(std::string(name));
    const BlockFormat format = parse_block_format(name);
    FileConversion request;
    request.input = in;
    request.output = out;
    request.to = name;
    request.options.conversion.saturation = Saturation::sat_finite;
    // The reference for each axis, by matrices of rows.
    for (const int axis : {0, 1, 2}) {
      CAPTURE(axis);
      const size_t length = axis == 0 ? 5 : axis == 1 ? 37 : 18, lines = values.size() / length;
      std::vector<size_t> order;  // of the elements, lines after one another
      for (size_t a = 0; a < (axis == 0 ? 37 : 5); ++a) {
        for (size_t b = 0; b < (axis == 2 ? 37 : 18); ++b) {
          for (size_t k = 0; k < length; ++k) {
            order.push_back(axis == 0 ? at(k, a, b) : axis == 1 ? at(a, k, b) : at(a, b, k));
          }
        }
      }
      std::vector<float> rows;
      for (const size_t place : order) rows.push_back(values[place]);
      const BlockQuantized expected = quantize_blocks(format, rows, {lines, length}, BlockAxis::row, {});
      const std::vector<double> numbers = dequantize_blocks(expected);
      request.axis = std::to_string(axis - (axis == 1 ? 3 : 0));
      convert_quietly(request);
      const NpyArray codes = read_npy(out), scales = read_npy(folder.path() / "out.scales.npy");
      CHECK(codes.shape == std::vector<int64_t>{5, 37, 18});
      const auto blocks = static_cast<int64_t>(expected.scales.size() / lines);
      CHECK(scales.shape ==
            std::vector<int64_t>{axis == 0 ? blocks : 5, axis == 1 ? blocks : 37, axis == 2 ? blocks : 18});
      for (size_t i = 0; i < order.size(); ++i) REQUIRE(element(codes, order[i]) == expected.codes[i]);

      FileConversion reverse;
      reverse.input = out;
      reverse.output = back;
      reverse.from = name;
      reverse.to = "fp64";
      reverse.axis = request.axis;
      convert_quietly(reverse);
      const NpyArray restored = read_npy(back);
      for (size_t i = 0; i < order.size(); ++i) {
        const double found = std::bit_cast<double>(element(restored, order[i]));
        REQUIRE((found == numbers[i] || (std::isnan(found) && std::isnan(numbers[i]))));
      }
      request.dequantize = true;
      request.output = folder.path() / "values.npy";
      convert_quietly(request);
      const NpyArray direct = read_npy(request.output);
      const Format host = parse_format(direct.type == NpyType::f4 ? "fp32" : "fp64");
      for (size_t i = 0; i < order.size(); ++i) {
        const double found = to_double(decode(host, element(direct, order[i])));
        const bool overflow = direct.type == NpyType::f4 && std::abs(numbers[i]) >= 0x1p128;
        REQUIRE((found == numbers[i] || overflow || (std::isnan(found) && std::isnan(numbers[i]))));
      }
      request.dequantize = false;
      request.output = out;
    }
  }
}

TEST_CASE("block formats that do not fit") {
  const TemporaryFolder folder;
  FileConversion request;
  request.input = folder.path() / "in.npy";
  request.output = folder.path() / "out.npy";
  request.to = "mxfp4";
  save(request.input, NpyType::f8, {4}, std::vector<double>{1, 2, 0.1, 4});
  CHECK(error_of([&] { convert_quietly(request); }).find("1 of 4 are not") != std::string::npos);
  save(request.input, NpyType::f4, {2, 2}, std::vector<float>{1, 2, 3, 4});
  request.axis = "2";
  CHECK(error_of([&] { convert_quietly(request); }) ==
        "--axis 2: expected tile, or -2..1 for an array of 2 axes");
  CHECK(!std::filesystem::exists(request.output));
  request.axis = "tile";
  convert_quietly(request);
  CHECK(read_npy(folder.path() / "out.scales.npy").shape == std::vector<int64_t>{1, 1});
  FileConversion reverse;
  reverse.input = request.output;
  reverse.output = folder.path() / "back.npy";
  reverse.from = "mxfp4";
  reverse.to = "fp32";
  CHECK(error_of([&] {
          convert_quietly(reverse);
        }).find("out.scales.npy: expected u1 elements of shape (2, 1)") != std::string::npos);
  reverse.axis = "tile";
  convert_quietly(reverse);
  std::filesystem::remove(folder.path() / "out.scales.npy");
  CHECK(error_of([&] { convert_quietly(reverse); }).find("out.scales.npy: cannot open") != std::string::npos);
  save(request.output, NpyType::u1, {2, 2}, std::vector<uint8_t>{1, 16, 3, 4});
  CHECK(error_of([&] { convert_quietly(reverse); }).find("out.npy: element 1 is 0x10") != std::string::npos);
}

TEST_CASE("damaged files are converted whole or refused without an output") {
  const TemporaryFolder folder;
  const std::string valid = format_npy(make_npy<float>(NpyType::f4, {3, 4}, sample<float>(12, 4)), "x");
  const std::vector<std::string> tokens = {
      "'<f8'", "'>f4'",       "'|u1'",   "'<c8'",     "True", "(3, 4)", "(", ")", "-1",
      "4L",    "99999999999", "'descr'", "\x93NUMPY", ",",    "{",      "}", "0"};
  for (const char* to : {"e4m3", "mxfp4"}) {
    CAPTURE(std::string(to));
    FileConversion request;
    request.input = folder.path() / "in.npy";
    request.output = folder.path() / "out" / "out.npy";
    request.to = to;
    size_t converted = 0;
    const size_t refused = fuzz(valid, tokens, 1500, [&](const std::string& bytes) {
      write_file(request.input, bytes);
      std::filesystem::remove_all(folder.path() / "out");
      const auto files = [&] {
        const auto out = folder.path() / "out";
        return std::filesystem::exists(out) ? std::distance(std::filesystem::directory_iterator(out),
                                                            std::filesystem::directory_iterator())
                                            : 0;
      };
      try {
        const ConversionSummary summary = convert_quietly(request);
        ++converted;
        const NpyArray output = read_npy(request.output);
        CHECK(static_cast<uint64_t>(npy_element_count(output, "output")) == summary.elements);
        CHECK(files() == static_cast<ptrdiff_t>(summary.outputs.size()));
      } catch (const Error&) {
        CHECK(files() == 0);
        throw;
      }
    });
    CHECK(refused > 500);
    CHECK(converted > 20);
  }
}
