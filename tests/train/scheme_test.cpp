#include "train/scheme.h"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "tests/error_of.h"

using namespace assay;

namespace {

const std::filesystem::path kSchemes = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/schemes";

constexpr std::string_view kGood = R"(name = "test"
[fwd]
unit = "mac-e4m3-e4m3-fp32"
a = { kind = "absmax", format = "e4m3" }
b = { kind = "absmax", format = "e4m3" }
output = "bf16"
[dgrad]
unit = "mac-e5m2-e4m3-fp32"
a = { kind = "absmax", format = "e5m2", rounding = "sr_b", random_bits = 8, power_of_two_scale = true }
b = { kind = "absmax", format = "e4m3" }
output = "bf16"
[wgrad]
unit = "mac-e4m3-e5m2-fp32"
a = { kind = "absmax", format = "e4m3" }
b = { kind = "absmax", format = "e5m2" }
output = "fp32"
[optimizer]
master_weight = "bf16"
rounding = "sr_a"
)";

// kGood with the first occurrence of `from` replaced.
std::string changed(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string message(std::string_view text) {
  return error_of([&] { parse_scheme(text, "s.toml"); });
}

void check_message(std::string_view from, std::string_view to, std::string_view start,
                   std::string_view part = "") {
  const std::string found = message(changed(from, to));
  CAPTURE(found);
  CHECK(found.substr(0, start.size()) == start);
  CHECK(found.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a scheme is read as it is written") {
  const Scheme scheme = parse_scheme(kGood, "s.toml");
  CHECK(scheme.name == "test");
  CHECK(scheme.description.empty());
  CHECK(unit_name(scheme.fwd.unit) == "mac-e4m3-e4m3-fp32");
  CHECK(unit_name(scheme.wgrad.unit) == "mac-e4m3-e5m2-fp32");
  CHECK(scheme.fwd.output.name == "bf16");
  CHECK(!scheme.dgrad.swap);
  CHECK(scheme.dgrad.a.kind == QuantizerKind::absmax);
  CHECK(scheme.dgrad.a.format.name == "e5m2");
  CHECK(scheme.dgrad.a.rounding == Rounding::sr_b);
  CHECK(scheme.dgrad.a.random_bits == 8);
  CHECK(scheme.dgrad.a.power_of_two_scale);
  CHECK(!scheme.dgrad.b.power_of_two_scale);
  CHECK(scheme.optimizer.master_weight.name == "bf16");
  CHECK(scheme.optimizer.rounding == Rounding::sr_a);
}

TEST_CASE("every scheme of the examples loads, has a name of its own and says where it comes from") {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kSchemes)) {
    CAPTURE(entry.path().string());
    const Scheme scheme = load_scheme(entry.path());
    CHECK(names.count(scheme.name) == 0);
    CHECK(!scheme.description.empty());
    CHECK(read_file(entry.path()).starts_with("# Source: "));
    names.insert(scheme.name);
  }
  for (const char* name : {"FP32", "BF16", "FP8", "INT8", "LUQ-4", "PAM-BF16"}) CHECK(names.count(name) == 1);
}

TEST_CASE("luq4 swaps the operands of dgrad") {
  const Scheme scheme = load_scheme(kSchemes / "luq4.toml");
  CHECK(scheme.dgrad.swap);
  CHECK(scheme.dgrad.a.kind == QuantizerKind::luq);
  CHECK(scheme.dgrad.b.kind == QuantizerKind::sawb);
  CHECK(scheme.dgrad.unit.product == ProductRule::mfbprop);
  CHECK(scheme.dgrad.unit.a.name == "smint4");
  CHECK(!scheme.wgrad.swap);
  PhaseScheme unswapped = scheme.dgrad;
  unswapped.swap = false;
  CHECK_THROWS_AS(check_phase(unswapped), Error);
}

TEST_CASE("a unit may be a table or a file beside the scheme") {
  const std::string table = changed("unit = \"mac-e4m3-e4m3-fp32\"",
                                    "unit = { op = \"mac\", a = \"e4m3\", b = \"e4m3\", acc = \"fp32\" }");
  CHECK(unit_name(parse_scheme(table, "s.toml").fwd.unit) == "mac-e4m3-e4m3-fp32");

  const TemporaryFolder folder;
  write_file(folder.path() / "unit.toml", "op = \"mac\"\na = \"e4m3\"\nb = \"e4m3\"\nacc = \"fp16\"\n");
  write_file(folder.path() / "scheme.toml", changed("\"mac-e4m3-e4m3-fp32\"", "\"unit.toml\""));
  CHECK(unit_name(load_scheme(folder.path() / "scheme.toml").fwd.unit) == "mac-e4m3-e4m3-fp16");
}

TEST_CASE("errors name file, line and key, and what was expected") {
  check_message("\"test\"", "3", "s.toml:1: name: expected a string, found an integer");
  check_message("name = \"test\"", "", "s.toml:1: name: missing");
  check_message("output = \"bf16\"", "outptu = \"bf16\"", "s.toml:6: fwd.outptu: unknown key", "output");
  check_message("output = \"bf16\"", "output = \"bf17\"", "s.toml:6: fwd.output: unknown format 'bf17'");
  check_message("output = \"bf16\"\n", "", "s.toml:2: fwd.output: missing");
  check_message("mac-e4m3-e4m3-fp32", "mac-e4m3-fp32", "s.toml:3: fwd.unit: unit 'mac-e4m3-fp32'");
  check_message("mac-e4m3-e4m3-fp32", "add-e4m3-e4m3-fp32", "s.toml:2: fwd: unit: expected a mac or dot");
  check_message("mac-e4m3-e4m3-fp32", "absent.toml", "s.toml:3: fwd.unit: ", "absent.toml");
  check_message("unit = \"mac-e4m3-e4m3-fp32\"", "unit = 3", "s.toml:3: fwd.unit: expected");
  check_message("{ kind = \"absmax\", format = \"e4m3\" }", "\"e4m3\"",
                "s.toml:4: fwd.a: expected a table, found a string");
  check_message("\"absmax\"", "\"absmin\"", "s.toml:4: fwd.a.kind: unknown kind of quantizer 'absmin'",
                "luq");
  check_message("{ kind = \"absmax\", ", "{ ", "s.toml:4: fwd.a.kind: missing");
  check_message("format = \"e4m3\" }", "format = \"e4m3\", saturation = \"wrap\" }",
                "s.toml:4: fwd.a.saturation: unknown key", "power_of_two_scale");
  check_message("format = \"e4m3\" }", "format = \"e4m3\", random_bits = 3 }",
                "s.toml:4: fwd.a.random_bits: ", "stochastic");
  check_message("random_bits = 8", "random_bits = 33",
                "s.toml:9: dgrad.a.random_bits: expected an integer in 1..32, found 33");
  check_message("random_bits = 8", "random_bits = 8.0",
                "s.toml:9: dgrad.a.random_bits: expected an integer in 1..32, found a floating-point number");
  check_message("= true", "= 1",
                "s.toml:9: dgrad.a.power_of_two_scale: expected true or false, found an integer");
  check_message("\"sr_b\"", "\"sr_d\"", "s.toml:9: dgrad.a.rounding: unknown rounding 'sr_d'", "sr_c");
  check_message("[optimizer]", "[optimiser]", "s.toml:17: optimiser: unknown key", "optimizer");
  check_message("[optimizer]\nmaster_weight = \"bf16\"\nrounding = \"sr_a\"\n", "",
                "s.toml:1: optimizer: missing");
  check_message("master_weight = \"bf16\"", "master_weight = \"bf16", "s.toml:18: ");
}

TEST_CASE("a quantizer must have its operand's format") {
  check_message("format = \"e4m3\" }", "format = \"e5m2\" }",
                "s.toml:2: fwd: a: expected format e4m3 of operand a of unit mac-e4m3-e4m3-fp32, found e5m2");
  check_message("[dgrad]", "[dgrad]\nswap = true", "s.toml:7: dgrad: a: expected format e4m3 of operand b");
  const std::string both = changed("\"mac-e5m2-e4m3-fp32\"", "\"mac-e4m3-e5m2-fp32\"\nswap = true");
  CHECK(parse_scheme(both, "s.toml").dgrad.swap);
  check_message("{ kind = \"absmax\", format = \"e4m3\" }", "{ kind = \"luq\", format = \"e4m3\" }",
                "s.toml:4: fwd.a: quantizer luq: expected the format e3m0, found e4m3");
}

TEST_CASE("mutated scheme files are read or refused, never anything else") {
  std::vector<std::string> texts = {std::string(kGood)};
  for (const auto& entry : std::filesystem::directory_iterator(kSchemes))
    texts.push_back(read_file(entry.path()));
  const std::vector<std::string> scraps = {"\"",
                                           "[",
                                           "]",
                                           "{",
                                           "}",
                                           "=",
                                           "\n",
                                           ".",
                                           "true",
                                           "-1",
                                           "99999999999999999999",
                                           "nan",
                                           "1e999",
                                           "\\u0000",
                                           "kind",
                                           "swap",
                                           "[[fwd]]",
                                           "e3m0",
                                           "#",
                                           "int8",
                                           "\xff",
                                           "'''",
                                           "1979-05-27",
                                           "fwd.a = 1",
                                           "mac-int4-int4-int32-wrap"};
  std::mt19937 generator(31);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = texts[generator() % texts.size()];
    for (auto edits = 1 + generator() % 3; edits > 0; --edits) {
      const size_t at = generator() % (text.size() + 1);
      const size_t count = generator() % 12;
      switch (generator() % 5) {
        case 0:
          text.erase(at, count);
          break;
        case 1:
          text.insert(at, scraps[generator() % scraps.size()]);
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(generator() % 256);
          break;
        case 3:
          text.insert(at, text.substr(generator() % (text.size() + 1), generator() % 80));
          break;
        default:
          text.resize(at);
      }
    }
    try {
      const Scheme scheme = parse_scheme(text, "s.toml", "/nonexistent");
      check_phase(scheme.fwd);
      check_quantizer(scheme.dgrad.a);
      ++accepted;
    } catch (const Error& error) {
      if (!std::string_view(error.what()).starts_with("s.toml:")) FAIL(error.what());
      ++refused;
    }
  }
  CHECK(accepted > 100);
  CHECK(refused > 1000);
}
