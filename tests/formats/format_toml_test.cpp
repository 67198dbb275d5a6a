// Formats from TOML files, and names that are no formats.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "formats/format.h"
#include "formats/round.h"

using namespace assay;

namespace {

class TomlFile {
 public:
  explicit TomlFile(const std::string& text) : path_((folder_.path() / "format.toml").string()) {
    write_file(path_, text);
  }
  Format load() const { return load_format(path_); }
  std::string error() const {
    try {
      (void)load();
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

Format loaded(const std::string& text) {
  return TomlFile(text).load();
}

bool mentions(const std::string& text, const std::string& part) {
  const std::string error = TomlFile(text).error();
  if (error.find(part) != std::string::npos) return true;
  MESSAGE("'" << error << "' lacks '" << part << "'");
  return false;
}

}  // namespace

TEST_CASE("a file can spell out every kind of format") {
  CHECK(loaded("name = 'mine'\nkind = 'floating'\nexponent_width = 4\nfraction_width = 3\nexponent_bias = 7\n"
               "nan = 'all_ones'") == parse_format("e4m3"));
  CHECK(
      loaded("name = 'mine'\nkind = 'floating'\nexponent_width = 5\nfraction_width = 2\nexponent_bias = 15\n"
             "nan = 'ieee'\nhas_infinity = true\nwidth = 8") == parse_format("e5m2"));
  CHECK(loaded("name = 'mine'\nkind = 'floating'\nis_signed = false\nexponent_width = 8\nfraction_width = 0\n"
               "exponent_bias = 127\nnan = 'all_ones'\nhas_subnormals = false") == parse_format("e8m0"));
  CHECK(loaded("name = 'mine'\nkind = 'floating'\nexponent_width = 4\nfraction_width = 3\nexponent_bias = 8\n"
               "nan = 'negative_zero'\nhas_infinity = true") == parse_format("binary8p4se"));
  CHECK(
      loaded("name = 'mine'\nkind = 'twos_complement'\nwidth = 8\nfraction_width = 6\nis_symmetric = true") ==
      parse_format("symfix8.6"));
  CHECK(loaded("name = 'mine'\nkind = 'unsigned_integer'\nwidth = 4") == parse_format("uint4"));
  CHECK(loaded("name = 'mine'\nkind = 'sign_magnitude'\nwidth = 4") == parse_format("smint4"));
  CHECK(loaded("name = 'mine'\nkind = 'posit'\nwidth = 8\nexponent_width = 2") == parse_format("posit8"));
  CHECK(
      loaded(
          "name = 'mine'\nkind = 'logarithmic'\nexponent_width = 4\nfraction_width = 3\nexponent_bias = 8") ==
      parse_format("lns8f3"));
  CHECK(loaded("name = 'e4m3'\nkind = 'floating'\nexponent_width = 4\nfraction_width = 3\nexponent_bias = 7\n"
               "nan = 'all_ones'")
            .name == "e4m3");
  CHECK(load_format("bf16") == parse_format("bf16"));
}

TEST_CASE("a code book from a file") {
  const Format format = loaded("name = 'mine'\nvalues = [0, 1, 3, inf, -0.5, -1, -4, nan]\nbeyond = 5");
  CHECK(format.kind == FormatKind::code_book);
  CHECK(format.width == 3);
  CHECK(format.is_signed);
  CHECK(format.has_infinity);
  CHECK(canonical_nan(format) == 7);
  CHECK(max_finite_magnitude(format) == 2);
  CHECK(encode(format, 2.0) == 2);  // a tie, away from the odd code
  CHECK(encode(format, 3.9) == 2);
  CHECK(encode(format, 4.0) == 2);  // the middle of 3 and 5; 3 has an even code
  CHECK(encode(format, 4.1) == 3);
  CHECK(encode(format, -4.1) == 6);
  CHECK(encode(format, -100.0) == 6);  // no negative infinity
  CHECK(encode(format, -0.2) == 0);
  CHECK(encode(format, -0.3) == 4);
  CHECK(encode(format, -0.3, Rounding::rtz) == 0);
  CHECK(encode(format, std::nan("")) == 7);
  const Format no_zero = loaded("name = 'mine'\nvalues = [-1, 1]");
  CHECK(encode(no_zero, 0.1) == 1);
  CHECK(encode(no_zero, -0.1) == 0);
  CHECK(encode(no_zero, 0.1, Rounding::rup) == 1);
  CHECK(encode(no_zero, 0.1, Rounding::rdn) == 0);
  const Format positive = loaded("name = 'mine'\nvalues = [1.0, 2.0, 4.0, nan]");
  CHECK(encode(positive, 0.1) == 0);
  CHECK(encode(positive, -3.0) == 3);
  CHECK(encode(positive, -3.0, Rounding::rne, Saturation::sat_finite) == 0);
  CHECK_FALSE(positive == no_zero);
}

TEST_CASE("errors of format files name file, line and key") {
  const std::string floating = "name = 'mine'\nkind = 'floating'\n";
  CHECK(mentions("kind = 'floating'", "name"));
  CHECK(mentions("name = 'mine'", "kind"));
  CHECK(mentions("name = 'mine'\nkind = 'decimal'", "format.toml:2: kind: unknown kind 'decimal'"));
  CHECK(mentions(floating + "exponent_width = 4\nfraction_with = 3", "format.toml:4: fraction_with"));
  CHECK(mentions(floating + "fraction_width = 3", "exponent_width 0 is not in 1..16"));
  CHECK(mentions(floating + "exponent_width = 17", "exponent_width 17 is not in 1..16"));
  CHECK(mentions(floating + "exponent_width = 4\nfraction_width = 53", "fraction_width 53 is not in 0..52"));
  CHECK(mentions(floating + "exponent_width = 4\nfraction_width = 3\nwidth = 9",
                 "format.toml:5: width: format 'mine': width 9 is not the sum 8"));
  CHECK(mentions(floating + "exponent_width = 99999999999", "out of range"));
  CHECK(mentions(floating + "exponent_width = 'four'", "exponent_width: expected an integer"));
  CHECK(mentions(floating + "exponent_width = 4\nnan = 'ieee'", "would overlap"));
  CHECK(mentions(floating + "exponent_width = 4\nnan = 'negative_zero'\nhas_subnormals = false", "overlaps"));
  CHECK(mentions(floating + "exponent_width = 4\nnan = 'negative_zero'\nis_signed = false", "unsigned"));
  CHECK(mentions(floating + "exponent_width = 4\nnan = 'listed'", "not possible"));
  CHECK(mentions(floating + "exponent_width = 1\nnan = 'all_ones'", "no code is left"));
  CHECK(mentions(floating + "exponent_width = 4\nis_symmetric = true", "is_symmetric"));
  CHECK(mentions(floating + "exponent_width = 4\nrounding_domain = 'logarithmic'", "rounding_domain"));
  CHECK(mentions(floating + "values = [1, 2]", "goes with kind code_book"));
  CHECK(mentions("name = 'mine'\nkind = 'twos_complement'\nwidth = 64", "width 64 is not in 2..63"));
  CHECK(mentions("name = 'mine'\nkind = 'twos_complement'\nwidth = 8\nhas_infinity = true", "no infinity"));
  CHECK(mentions("name = 'mine'\nkind = 'unsigned_integer'\nwidth = 8\nis_signed = true", "contradicts"));
  CHECK(mentions("name = 'mine'\nkind = 'posit'\nwidth = 2", "width 2 is not in 3..32"));
  CHECK(mentions("name = 'mine'\nkind = 'logarithmic'\nexponent_width = 11", "not in 1..10"));
  CHECK(mentions("name = 'mine'\nkind = 'code_book'", "values"));
  CHECK(mentions("name = 'mine'\nvalues = [1, 2, 3]", "found 3"));
  CHECK(mentions("name = 'mine'\nvalues = [1, 2, 1.0, 3]", "codes 0 and 2 overlap"));
  CHECK(mentions("name = 'mine'\nvalues = [1, 'two']", "array of numbers"));
  CHECK(mentions("name = 'mine'\nvalues = 3", "array of numbers"));
  CHECK(mentions("name = 'mine'\nvalues = [nan, inf]", "two finite values"));
  CHECK(mentions("name = 'mine'\nvalues = [1, 2]\nbeyond = 1.5", "beyond"));
  CHECK(mentions("name = 'mine'\nvalues = [1, 2]\nwidth = 1", "format.toml:3: width"));
  CHECK(mentions("name = 'int8'\nvalues = [1, 2]", "name of another format"));
  CHECK(mentions("name = ", "format.toml:1"));
  CHECK_THROWS_AS((void)load_format("missing/format.toml"), Error);
}

TEST_CASE("random files make a format that works or an Error, nothing else") {
  const std::vector<std::string> lines = {"kind = 'floating'",
                                          "kind = 'posit'",
                                          "kind = 'logarithmic'",
                                          "kind = 'twos_complement'",
                                          "kind = 'code_book'",
                                          "width = 8",
                                          "width = -1",
                                          "width = 1000000",
                                          "exponent_width = 4",
                                          "exponent_width = 16",
                                          "fraction_width = 3",
                                          "fraction_width = -70",
                                          "exponent_bias = 7",
                                          "exponent_bias = -100000",
                                          "has_infinity = true",
                                          "has_subnormals = false",
                                          "is_symmetric = true",
                                          "is_signed = false",
                                          "nan = 'all_ones'",
                                          "nan = 'ieee'",
                                          "nan = 'negative_zero'",
                                          "rounding_domain = 'linear'",
                                          "values = []",
                                          "values = [1, 2, nan, -0.0]",
                                          "beyond = 1e308",
                                          "beyond = -1",
                                          "= = [",
                                          "[table]",
                                          "values = [[1], 2]"};
  const std::string starts[] = {"",
                                "kind = 'floating'\nexponent_width = 5\n",
                                "kind = 'posit'\nwidth = 9\n",
                                "kind = 'logarithmic'\nexponent_width = 3\n",
                                "kind = 'twos_complement'\nwidth = 5\n",
                                "values = [0.5, -4]\n"};
  int formats = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    std::string text = "name = 'mine'\n" + starts[i % 6];
    for (uint64_t j = 0; j < i / 6 % 4; ++j) text += lines[philox64(3, j, i) % lines.size()] + "\n";
    try {
      const Format format = loaded(text);
      check_format(format);
      ++formats;
      for (const double x : {0.0, -1.5, 1e300, 1e-300, std::nan("")}) {
        for (const Rounding rounding : {Rounding::rne, Rounding::rup}) {
          const uint64_t code = encode(format, x, rounding);
          CHECK(code <= code_mask(format.width));
          (void)to_hex_float(decode(format, code));
        }
      }
    } catch (const Error&) {
    }
  }
  CHECK(formats > 500);
}

TEST_CASE("names of no format, and names that are canonical") {
  for (const char* name :
       {"binary",       "binary8",     "binary8p",     "binary8p4",   "binary8p4s",  "binary8p4xe",
        "binary8p4sx",  "binary2p1se", "binary17p1se", "binary8p0se", "binary8p8se", "binary8p9ue",
        "binary8p4see", "Binary8p4se", "posit",        "posit2",      "posit33",     "posit8es",
        "posit8es5",    "posit8es1x",  "fix8",         "fix8.",       "fix64.0",     "fix1.0",
        "fix8.65",      "fix8.m65",    "fix8.-2",      "fix8.6x",     "ufix.3",      "symfix8",
        "symint1",      "symint33",    "lns",          "lns8",        "lns8f",       "lns2f0",
        "lns32f20",     "lns8f7",      "lns20f3",      "lns8f3_",     "lns8f3_log",  "hif9",
        "nf",           "nf4x",        "fp4_radix"}) {
    CAPTURE(std::string(name));
    CHECK_THROWS_AS((void)parse_format(name), Error);
  }
  for (const char* name :
       {"binary3p1sf", "binary16p16ue", "posit3", "posit32es4", "fix63.64", "fix2.m64", "ufix8.3",
        "symfix8.6", "symint32", "lns3f1", "lns31f20_linear", "hif8", "nf4", "fp4_radix4"}) {
    CAPTURE(std::string(name));
    CHECK(parse_format(name).name == name);
    check_format(parse_format(name));
  }
  CHECK(parse_format("posit8es2").name == "posit8");
  CHECK(parse_format("hifloat8").name == "hif8");
  for (const std::string& name : named_formats()) check_format(parse_format(name));
}

TEST_CASE("hexadecimal values beyond the range of double") {
  CHECK(to_hex_float(decode(parse_format("binary16p1ue"), 0xfffd)) == "0x1p+32765");
  CHECK(to_hex_float(decode(parse_format("binary16p2sf"), 1)) == "0x1p-8192");
  CHECK(to_hex_float(decode(parse_format("binary16p2sf"), 0xffff)) == "-0x1.8p+8191");
}
