#include <doctest/doctest.h>

#include <array>
#include <string>

#include "arith/evaluate.h"
#include "arith/unit.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/toml_table.h"

using namespace assay;

TEST_CASE("canonical names parse back") {
  for (const char* name : {"mac-e4m3-e4m3-fp32",
                           "mac-bf16-bf16-fp32-pam",
                           "mac-smint4-e3m0-fp16-mfbprop",
                           "mac-smint4-e3m0-fp32-via_e4m2",
                           "mul-int8-int8-int16",
                           "add-fp16-fp16-fp16-rtz",
                           "fma-fp16-bf16-fp32-fp16-odd-sat_finite",
                           "dot8-e4m3-e4m3-fp32-fused",
                           "convert-fp32-e4m3-sr_b-sat_finite",
                           "mac-int8-int8-int32-sat_finite",
                           "mac-e4m3fnuz-e5m2fnuz-fp32",
                           "faa-e4m3-e5m2-fp16-fp32",
                           "sqrt-fp16-bf16-rup",
                           "scaled_add-e4m3-e4m3-e8m0-bf16",
                           "compare-e4m3-e5m2-uint2",
                           "exp2-fp32-fp32-pam",
                           "dot32-e4m3-e4m3-e8m13ieee-rtz-window13",
                           "dot8-e4m3fnuz-e4m3fnuz-fp32-window24_floor",
                           "dot128-e4m3-e4m3-fp32-rtz-window13-group32-partial_e8m13ieee",
                           "block_dot32-e2m1-e2m1-e8m0-fp32-fused",
                           "dot8-fp16-fp16-fp32-tree",
                           "mac-e4m3-e4m3-fp32-pam",
                           "mul-bf16-bf16-bf16-lmul",
                           "mac-fp32-fp32-fp32-epfml",
                           "div-bf16-bf16-bf16-pam_zero_mean",
                           "sqrt-fp16-fp16-pam",
                           "mac-fp16-fp16-fp32-mbm"}) {
    CHECK(unit_name(parse_unit(name)) == name);
  }
  CHECK(unit_name(parse_unit("mac-float8_e4m3fn-e4m3fn-float32-rne-sat_none")) == "mac-e4m3-e4m3-fp32");
  CHECK(unit_name(parse_unit("mac-int8-int8-int32-wrap")) == "mac-int8-int8-int32");
}

TEST_CASE("names that make no sense are refused") {
  for (const char* name : {"",
                           "mac",
                           "mac-e4m3",
                           "mac-e4m3-e4m3",
                           "mac-e4m3-e4m3-fp33",
                           "mad-e4m3-e4m3-fp32",
                           "dot-e4m3-e4m3-fp32",
                           "dot0-e4m3-e4m3-fp32",
                           "mac-e4m3-e4m3-fp32-fast",
                           "mac-bf16-bf16-fp32-epfml",
                           "mac-e4m3-e3m0-fp32-mfbprop",
                           "mac-e4m3-e4m3-fp32-wrap",
                           "mac-bf16-fp16-fp32-pam",
                           "mac-int8-int8-int32-pam",
                           "add-fp32-fp32-fp32-pam",
                           "mac8-e4m3-e4m3-fp32",
                           "mac-e4m3-e4m3-fp32-fused",
                           "exp2-fp32-fp32",
                           "dot8-e4m3-e4m3-fp32-window",
                           "dot8-e4m3-e4m3-fp32-window0",
                           "dot8-e4m3-e4m3-fp32-group8",
                           "compare-fp16-fp16-fp16",
                           "mac-e4m3-e4m3-fp32-tree",
                           "add-fp16-fp16",
                           "dot9999-e4m3-e4m3-fp32",
                           "mac--e4m3-fp32"}) {
    CAPTURE(std::string(name));
    CHECK_THROWS_AS((void)parse_unit(name), Error);
  }
}

TEST_CASE("units from TOML") {
  const auto from = [](const char* text) {
    const toml::table table = toml::parse(text);
    return unit_from_toml({table, "test.toml", ""});
  };
  CHECK(unit_name(from("op = 'mac'\na = 'e4m3'\nb = 'e5m2'\nacc = 'fp32'\nrounding = 'rtz'")) ==
        "mac-e4m3-e5m2-fp32-rtz");
  CHECK(unit_name(from("op = 'mac'\na = 'bf16'\nb = 'bf16'\nacc = 'fp32'\nproduct = 'pam'")) ==
        "mac-bf16-bf16-fp32-pam");
  CHECK(unit_name(
            from("op = 'dot'\nterms = 4\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'\naccumulation = 'fused'")) ==
        "dot4-e4m3-e4m3-fp32-fused");
  for (const char* text : {"", "op = 'mac'", "op = 'mac'\na = 'e4m3'\nb = 'e4m3'\nacc = 3",
                           "op = 'mac'\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'\nx = 1",
                           "op = 'dot'\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'",
                           "op = 'mac'\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'\naccumulation = 'x'"}) {
    CAPTURE(std::string(text));
    CHECK_THROWS_AS((void)from(text), Error);
  }
}

TEST_CASE("a unit with a table of significands") {
  // One fraction bit, exact: 1.0 1.0 = 1.0, 1.0 1.1 = 1.1, 1.1 1.1 = 10.01, cut to 10.0.
  const TemporaryFolder folder;
  write_file(folder.path() / "exact_1.bin", std::string("\0\1\1\x80", 4));
  const std::string good = "op = 'mac'\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'\nproduct = 'table'\n";
  write_file(folder.path() / "unit.toml", good + "table = 'exact_1.bin'\n");
  const Unit unit = load_unit((folder.path() / "unit.toml").string());
  CHECK(unit_name(unit).starts_with("mac-e4m3-e4m3-fp32-table_"));
  CHECK(evaluate(unit, std::array<uint64_t, 3>{0x3c, 0x3c, 0}) == 0x40000000);  // 1.5 1.5 gives 2
  CHECK(evaluate(unit, std::array<uint64_t, 3>{0x3c, 0x40, 0}) == 0x40400000);
  write_file(folder.path() / "bad.bin", "abc");
  for (const char* keys : {"", "table = 'bad.bin'\n", "table = 'none.bin'\n", "table = 3\n"}) {
    write_file(folder.path() / "unit.toml", good + keys);
    CHECK_THROWS_AS((void)load_unit((folder.path() / "unit.toml").string()), Error);
  }
}

TEST_CASE("errors of unit files name the file and the line") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "unit.toml";
  write_file(path, "op = 'mac'\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'\nrownding = 'rne'\n");
  try {
    (void)load_unit(path.string());
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("unit.toml:5: rownding: ") != std::string::npos);
  }
  CHECK_THROWS_AS((void)load_unit((folder.path() / "none.toml").string()), Error);
  // Broken files: a unit or an Error, nothing else.
  const std::string good = "op = 'mac'\na = 'e4m3'\nb = 'e4m3'\nacc = 'fp32'\nrounding = 'rne'\n";
  for (uint64_t i = 0; i < 400; ++i) {
    std::string text = good;
    const auto r = philox64(1, 2, i);
    text[r % text.size()] = static_cast<char>(r >> 32);
    if (i % 3 == 0) text.resize(r >> 16 & 31);
    write_file(path, text);
    try {
      (void)load_unit(path.string());
    } catch (const Error&) {
    }
  }
}
