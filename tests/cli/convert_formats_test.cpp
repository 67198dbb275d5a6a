// `assay formats` and `assay convert` as their users meet them.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "base/process.h"

using namespace assay;

namespace {

ProcessResult run_assay(const std::string& arguments, const std::string& locale = "C.UTF-8") {
  return run_process({"sh", "-c", "LC_ALL=" + locale + " " ASSAY_PROGRAM " " + arguments});
}

nlohmann::json json_of(const std::string& arguments) {
  return nlohmann::json::parse(run_assay(arguments + " --json").output);
}

void check_refused(const std::string& arguments, const std::string& expected) {
  CAPTURE(arguments);
  const ProcessResult result = run_assay(arguments);
  CAPTURE(result.output);
  CHECK(result.exit_status == 2);
  CHECK(result.output.find(expected) != std::string::npos);
}

bool is_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A version 1.0 .npy by hand.
std::string npy(const std::string& descr, const std::string& shape, const std::string& data) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + data;
}

// 1.0, -2.5, 1000.0, NaN as float32.
const std::string kFloats("\x00\x00\x80\x3f\x00\x00\x20\xc0\x00\x00\x7a\x44\x00\x00\xc0\x7f", 16);

std::string elements_of(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return bytes.substr(128);
}

}  // namespace

TEST_CASE("formats describes every kind") {
  const std::string text = run_assay("formats e4m3").output;
  for (const char* part : {"s eeee mmm", "0x1.cp+8", "= 448", "0x7f", "2 NaN codes", "17.81 binades",
                           "2^-6 .. 2^7", "8 each", "12.5 %", "subnormal", "█", "┼"}) {
    CAPTURE(std::string(part));
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(is_ascii(run_assay("formats e4m3", "C").output));
  for (const char* name : {"int8", "fix8.6", "posit16", "lns8f3", "nf4", "hif8", "fp64", "mxfp4", "nvfp4",
                           "msfp12", "mx6", "affine_uint8", "minmax_uint4_g128", "absmax_nf4_fp32_g64"}) {
    CAPTURE(std::string(name));
    const ProcessResult result = run_assay(std::string("formats ") + name);
    CHECK(result.exit_status == 0);
    CHECK(result.output.find(std::string(name) + ": ") == 0);
    CHECK(json_of(std::string("formats ") + name).at("name") == name);
  }
  const auto e4m3 = json_of("formats e4m3");
  CHECK(e4m3.at("largest_finite") == 448);
  CHECK(e4m3.at("nan_codes") == 2);
  CHECK(e4m3.at("binades").size() == 18);
  CHECK(e4m3.at("binades").back().at("positive_values") == 7);
  CHECK(json_of("formats mxfp4").at("bits_per_element") == 4.25);
  const std::string list = run_assay("formats").output;
  CHECK(list.find("\nnvfp4 ") != std::string::npos);
  CHECK(list.find("\nposit16 ") != std::string::npos);
  check_refused("formats mxfp9", "unknown block format 'mxfp9'");
  check_refused("formats mxfp4 --table", "a block format has no codes of its own");
}

TEST_CASE("formats describes a format of the user") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "mine.toml";
  write_file(file, "name = 'mine'\nvalues = [0.0, 0.25, 1.0, 3.0]\n");
  const std::string text = run_assay("formats " + file.string()).output;
  CHECK(text.find("mine: 2 bits, code_book") == 0);
  CHECK(text.find("0.25") != std::string::npos);
}

TEST_CASE("formats --table of many codes") {
  const std::string table = run_assay("formats bf16 --table").output;
  CHECK(std::ranges::count(table, '\n') == 65537);
  const auto json = json_of("formats bf16 --table");
  CHECK(json.size() == 65536);
  CHECK(json.at(0x3f80).at("code") == "0x3f80");
  CHECK(json.at(0x3f80).at("value") == "0x1p+0");
  CHECK(json.at(0xffff).at("value") == "nan");
}

TEST_CASE("formats --diff") {
  const std::string text = run_assay("formats --diff e4m3 e4m3fnuz").output;
  CAPTURE(text);
  CHECK(text.find("codes that mean different things: 255 of 256") != std::string::npos);
  CHECK(text.find("... and 235 more") != std::string::npos);
  const auto json = json_of("formats --diff e4m3 e4m3fnuz");
  CHECK(json.at("values").at("only_in_a").size() == 14);
  CHECK(json.at("codes").size() == 255);
  CHECK(json.at("conversions").at(0).at("to_nan") == 14);
  CHECK(run_assay("formats --diff fp32 fp64").output.find("only the parameters") != std::string::npos);
  CHECK(run_assay("formats --diff e4m3 float8_e4m3fn").output.find("the same parameters") !=
        std::string::npos);
  check_refused("formats --diff e4m3", "--diff");
  check_refused("formats e4m3 --diff e4m3 e5m2", "excludes");
  check_refused("formats --diff e4m3 mxfp4", "expected two formats of single numbers");
}

TEST_CASE("convert: codes, values, packed, raw") {
  const TemporaryFolder folder;
  const std::string in = (folder.path() / "in.npy").string(), out = (folder.path() / "out.npy").string();
  write_file(in, npy("<f4", "(4,)", kFloats));
  CHECK(run_assay("convert --to e4m3 " + in + " " + out).exit_status == 0);
  CHECK(elements_of(out) == "\x38\xc2\x7f\x7f");
  CHECK(run_assay("convert --to e4m3 --conversion ocp_sat " + in + " " + out).exit_status == 0);
  CHECK(elements_of(out) == "\x38\xc2\x7e\x7f");
  const auto summary = json_of("convert --to e2m1 --conversion ml_dtypes " + in + " " + out);
  CHECK(summary.at("elements") == 4);
  CHECK(summary.at("changed") == 2);
  CHECK(summary.at("nan_replaced") == 1);
  CHECK(summary.at("element_type") == "u1");
  CHECK(elements_of(out) == std::string("\x02\x0c\x07\x08"));  // 2.5 is a tie: to 2, the even code
  run_assay("convert --to e2m1 --packed --conversion ml_dtypes " + in + " " + out);
  CHECK(elements_of(out) == "\xc2\x87");
  run_assay("convert --to e2m1 --dequantize --conversion ml_dtypes " + in + " " + out);
  CHECK(elements_of(out) ==
        std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\xc0\x40\x00\x00\x00\x80", 16));
  const std::string raw = (folder.path() / "in.bin").string(), raw_out = (folder.path() / "out.bin").string();
  write_file(raw, kFloats);
  CHECK(run_assay("convert --to e4m3 --raw f4 --threads 2 " + raw + " " + raw_out).exit_status == 0);
  CHECK(read_file(raw_out) == "\x38\xc2\x7f\x7f");
  CHECK(run_assay("convert --to mxfp4 " + in + " " + out).exit_status == 0);
  CHECK(elements_of(folder.path() / "out.scales.npy") == "\xff");  // NaN in the block
}

TEST_CASE("convert refuses, names the file and leaves nothing") {
  const TemporaryFolder folder;
  const std::string good = (folder.path() / "good.npy").string(), bad = (folder.path() / "bad.npy").string();
  const std::string out = (folder.path() / "none.npy").string();
  write_file(good, npy("<f4", "(4,)", kFloats));
  const auto with = [&](const std::string& bytes) {
    write_file(bad, bytes);
    return " " + bad + " " + out;
  };
  check_refused("convert --to e4m3" + with(npy("<f4", "(4,)", kFloats.substr(1))),
                "bad.npy: an array of shape (4)");
  check_refused("convert --to e4m3" + with(npy(">f4", "(4,)", kFloats)), "bad.npy: element type '>f4'");
  check_refused("convert --to e4m3" + with(npy("<c8", "(2,)", kFloats)), "bad.npy: element type '<c8'");
  check_refused("convert --to e4m3" + with(npy("<u4", "(4,)", kFloats)),
                "give the format of the codes with --from");
  check_refused("convert --from e2m1 --to fp32" + with(npy("|u1", "(2,)", "\x01\x10")),
                "bad.npy: element 1 is 0x10, which is no code of e2m1");
  check_refused("convert --from fp16 --to fp32" + with(npy("|u1", "(2,)", "\x01\x10")), "at least 16 bits");
  check_refused("convert --to e4m3 --raw f8" + with("12345"), "5 bytes are no whole number of f8 elements");
  check_refused("convert --to e4m3 --raw f3" + with("12345"), "--raw");
  const std::string files = " " + good + " " + out;
  check_refused("convert --to e4m3 --random-bits 8" + files, "--random-bits: expected a stochastic rounding");
  check_refused("convert --to e4m3 --rounding sr_a --random-bits 33" + files, "--random-bits");
  check_refused("convert --to e4m3 --conversion onnx --saturation sat_finite" + files, "excludes");
  check_refused("convert --to e4m3 --conversion cuda" + files, "unknown conversion 'cuda'");
  check_refused("convert --to e4m3 --packed" + files, "fewer than 8 bits");
  check_refused("convert --to e3m2 --packed --dequantize" + files, "--packed");
  check_refused("convert --to e4m3 --saturation wrap" + files, "two's complement");
  check_refused("convert --to e4m3 --axis 0" + files, "--axis: expected a block format");
  check_refused("convert --to mxfp4 --axis 1" + files, "--axis 1: expected tile, or -1..0");
  check_refused("convert --to e4m3x" + files, "unknown suffix 'x'");
  check_refused("convert --to int64" + files, "int64");
  check_refused("convert --to e4m3 " + good + " " + folder.path().string(),
                "expected a file, found a folder");
  check_refused("convert --to e4m3 " + good + "x " + out, "good.npyx: cannot open");
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++count;
  CHECK(count == 2);
}
