// Test benches of users' designs: what is wrong with them is told, and right ones pass.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "tests/error_of.h"
#include "verify/bench_wrapper.h"
#include "verify/devices.h"
#include "verify/fingerprint.h"
#include "verify/proof.h"
#include "verify/test_bench.h"
#include "verify/verification.h"

using namespace assay;

namespace {

// A multiplier of int4 with a register, in a folder of its own.
class Example {
 public:
  explicit Example(const std::string& body = "  always_ff @(posedge clk_i) p_o <= 8'(a_i) * 8'(b_i);\n") {
    write_file(folder_.path() / "mul.sv",
               "module mul (input logic clk_i, input logic signed [3:0] a_i, input logic signed [3:0] b_i,\n"
               "            output logic signed [7:0] p_o);\n" +
                   body + "endmodule\n");
  }

  std::filesystem::path write(const std::string& toml) const {
    write_file(folder_.path() / "bench.toml", toml);
    return folder_.path() / "bench.toml";
  }
  std::filesystem::path folder() const { return folder_.path(); }

  // The text of a right test bench, one line replaced.
  static std::string text(const std::string& find = "", const std::string& replace = "") {
    std::string toml =
        "unit = \"mul-int4-int4-int8\"\n"
        "[design]\nsources = [\"mul.sv\"]\ntop = \"mul\"\n"
        "[inputs]\na_i = \"a\"\nb_i = \"b\"\n"
        "[outputs]\nresult = \"p_o\"\n"
        "[timing]\nclock = \"clk_i\"\nlatency = 1\n";
    if (!find.empty()) {
      const size_t at = toml.find(find);
      REQUIRE(at != std::string::npos);
      toml.replace(at, find.size(), replace);
    }
    return toml;
  }

 private:
  TemporaryFolder folder_;
};

Verification verify_file(const std::filesystem::path& file) {
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.threads = 2;
  return verify(read_test_bench(file), options);
}

std::string error_in(const Example& example, const std::string& toml) {
  const std::filesystem::path file = example.write(toml);
  return error_of([&] { (void)verify_file(file); });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a right design passes, exhaustively") {
  const Example example;
  const Verification verification = verify_file(example.write(Example::text()));
  CHECK(verification.passed());
  CHECK(verification.checks[0].vectors == 256);
  CHECK(verification.checks[0].exhaustive);
}

TEST_CASE("what is wrong with a test bench is told with its key") {
  const Example example;
  struct Case {
    std::string find, replace, key, message;
  };
  for (const Case& c :
       {Case{"b_i = \"b\"", "y_i = \"b\"", "inputs", "b_i of module mul (4 bits) is given nothing"},
        {"b_i = \"b\"", "b_i = \"b\"\ny_i = \"b\"", "inputs.y_i", "module mul has no port y_i"},
        {"a_i = \"a\"", "a_i = \"{a, b}\"", "inputs.a_i", "8 bits"},
        {"a_i = \"a\"", "a_i = \"x\"", "inputs.a_i", "x"},
        {"mul-int4-int4-int8", "mul-int8-int4-int8", "inputs.a_i",
         "operand a is int8 of 8 bits, the port has 4"},
        {"mul-int4-int4-int8", "mul-int4-int4-int16", "outputs.result", "int16 of 16 bits, port p_o has 8"},
        {"latency = 1", "latency = 3", "timing.latency", "outputs match at latency 1, not 3"},
        {"latency = 1", "", "latency", "expected"},
        {"clock = \"clk_i\"", "clock = \"ck\"", "timing.clock", "has no port ck"},
        {"top = \"mul\"", "top = \"mult\"", "mult", "%Error"},
        {"mul.sv", "none.sv", "design.sources", "none.sv: no such file"},
        {"unit = \"mul-int4", "unit = \"mulx-int4", "unit", "mulx"},
        {"[timing]", "[timing]\nspeed = 3", "timing.speed", "expected"},
        {"latency = 1", "latency = 1\nin_ready = \"p_o\"", "timing", "in_valid and out_valid"}}) {
    const std::string error = error_in(example, Example::text(c.find, c.replace));
    CAPTURE(c.replace);
    CAPTURE(error);
    CHECK(contains(error, c.key));
    CHECK(contains(error, c.message));
  }
}

TEST_CASE("RTL that does not compile is told by its first error") {
  const Example example("  assign p_o = ;\n");
  const std::string error = error_in(example, Example::text());
  CHECK(contains(error, "mul.sv:3"));
  CHECK(contains(error, "syntax error"));
}

TEST_CASE("every prefix of a test bench is refused or read, never a crash") {
  const Example example;
  const std::string text = Example::text();
  for (size_t length = 0; length < text.size(); ++length) {
    const std::filesystem::path file = example.write(text.substr(0, length));
    try {
      (void)read_test_bench(file);
    } catch (const Error& error) {
      CHECK(contains(error.what(), "bench.toml"));
    }
  }
}

TEST_CASE("a design that hangs is an error") {
  const TemporaryFolder folder;
  write_file(
      folder.path() / "stuck.sv",
      "module stuck (input logic clk_i, input logic rst_ni, input logic v_i, output logic r_o,\n"
      "              input logic [3:0] a_i, output logic v_o, input logic r_i, output logic [3:0] y_o);\n"
      "  logic [3:0] count_q;\n"
      "  always_ff @(posedge clk_i or negedge rst_ni) begin\n"
      "    if (!rst_ni) count_q <= 4'd0;\n"
      "    else if (v_i & r_o) count_q <= count_q + 4'd1;\n"
      "  end\n"
      "  assign r_o = r_i & (count_q != 4'd9);\n  assign v_o = v_i & (count_q != 4'd9);\n  assign y_o = a_i;\nendmodule\n");
  write_file(folder.path() / "stuck.toml",
             "unit = \"convert-int4-int4\"\n[design]\nsources = [\"stuck.sv\"]\ntop = \"stuck\"\n"
             "[inputs]\na_i = \"a\"\n[outputs]\nresult = \"y_o\"\n"
             "[timing]\nclock = \"clk_i\"\nreset = \"rst_ni\"\nin_valid = \"v_i\"\nin_ready = \"r_o\"\n"
             "out_valid = \"v_o\"\nout_ready = \"r_i\"\ntimeout = 500\n");
  const std::string error = error_of([&] { (void)verify_file(folder.path() / "stuck.toml"); });
  CAPTURE(error);
  CHECK(contains(error, "hangs"));
  CHECK(contains(error, "after 9 results"));
}

TEST_CASE("shards merge to the result of one run, and an interrupted run goes on") {
  const TemporaryFolder folder;
  const CatalogEntry entry =
      find_in_catalog(parse_unit("mac-e4m3-e4m3-bf16"), std::filesystem::path(ASSAY_SOURCE_DIR) / "rtl")
          .value();
  TestBench bench = catalog_test_bench(entry, std::filesystem::path(ASSAY_SOURCE_DIR) / "rtl");
  bench.specification.contract.saturation = Saturation::sat_finite;  // which the design does not do
  bench.stimulus = {1, 300'000, 24};
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.threads = 2;
  const Verification whole = verify(bench, options);
  CHECK(!whole.passed());
  options.shards = 3;
  for (uint64_t shard = 0; shard < 3; ++shard) {
    options.shard = shard;
    options.state = folder.path() / std::to_string(shard);
    (void)verify(bench, options);
  }
  VerificationOptions merging;
  merging.cache = ASSAY_CACHE_DIR;
  merging.merge = {folder.path() / "2", folder.path() / "0", folder.path() / "1"};
  const Verification merged = verify(bench, merging);
  REQUIRE(merged.checks.size() == whole.checks.size());
  for (size_t d = 0; d < whole.checks.size(); ++d) {
    CHECK(merged.checks[d].vectors == whole.checks[d].vectors);
    CHECK(merged.checks[d].mismatches == whole.checks[d].mismatches);
    CHECK(merged.checks[d].smallest == whole.checks[d].smallest);
    CHECK(merged.checks[d].kept == whole.checks[d].kept);
  }
  CHECK(describe(merged.diagnosis) == describe(whole.diagnosis));
  CHECK(contains(describe(whole.diagnosis), "overflow gives infinity"));
  CHECK(coverage_table(merged.coverage, false) == coverage_table(whole.coverage, false));

  merging.merge = {folder.path() / "0", folder.path() / "1"};
  CHECK(contains(error_of([&] { (void)verify(bench, merging); }), "shard"));
  bench.stimulus.seed = 2;
  merging.merge = {folder.path() / "0", folder.path() / "1", folder.path() / "2"};
  CHECK(contains(error_of([&] { (void)verify(bench, merging); }), "another design, contract or stimulus"));
  write_file(folder.path() / "0", "{\"fingerprint\": 3");
  CHECK(contains(error_of([&] { (void)verify(bench, merging); }), "expected the state of a check"));
}

TEST_CASE(
    "RTL is checked as elaborated, with all vectors, and by Verilator with a share of the random ones") {
  const TemporaryFolder folder;
  const std::filesystem::path rtl = std::filesystem::path(ASSAY_SOURCE_DIR) / "rtl";
  TestBench bench = catalog_test_bench(find_in_catalog(parse_unit("mac-e4m3-e4m3-bf16"), rtl).value(), rtl);
  bench.stimulus = {1, 2'000'000, 8};
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.threads = 2;
  options.with_netlist = true;
  options.elaborate = true;
  options.state = folder.path() / "state";
  const Verification both = verify(bench, options);
  REQUIRE(both.checks.size() == 4);
  CHECK(both.passed());
  CHECK(contains(both.checks[2].device, "elaborated"));
  CHECK(both.checks[2].vectors == both.checks[3].vectors);
  const auto random = static_cast<double>(both.checks[2].vectors - both.checks[1].vectors);
  CHECK(random > 1'500'000);
  const double of_verilator = static_cast<double>(both.checks[0].vectors - both.checks[1].vectors) / random;
  CHECK(of_verilator > 0.005);
  CHECK(of_verilator < 0.05);
  options.elaborate = false;
  CHECK(contains(error_of([&] { (void)verify(bench, options); }), "another design, contract or stimulus"));
}

TEST_CASE("RTL as elaborated shows the RTL's fault, and clocked RTL and netlists are refused") {
  const TemporaryFolder folder;
  const std::string ports =
      "input logic signed [3:0] a_i, input logic signed [3:0] b_i,\n  output logic signed [7:0] p_o";
  const std::string toml =
      "unit = \"mul-int4-int4-int8\"\n[design]\nsources = [\"mul.sv\"]\ntop = \"mul\"\n"
      "[inputs]\na_i = \"a\"\nb_i = \"b\"\n[outputs]\nresult = \"p_o\"\n";
  write_file(folder.path() / "mul.sv",
             "module mul (" + ports +
                 ");\n  assign p_o = 8'(a_i) * 8'(b_i) ^ 8'(a_i == 5 && b_i == 3);\nendmodule\n");
  write_file(folder.path() / "bench.toml", toml);
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.elaborate = true;
  const Verification wrong = verify(read_test_bench(folder.path() / "bench.toml"), options);
  REQUIRE(wrong.checks.size() == 3);
  for (const CheckResult& check : wrong.checks) CHECK(check.mismatches == 1);
  write_file(folder.path() / "mul.sv",
             "module mul (input logic clk_i, " + ports +
                 ");\n  always_ff @(posedge clk_i) p_o <= 8'(a_i) * 8'(b_i);\nendmodule\n");
  write_file(folder.path() / "bench.toml", toml + "[timing]\nclock = \"clk_i\"\nlatency = 1\n");
  CHECK(contains(error_of([&] { (void)verify(read_test_bench(folder.path() / "bench.toml"), options); }),
                 "combinational"));
  const std::filesystem::path gates =
      std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/verify/mul8_gates.toml";
  CHECK(contains(error_of([&] { (void)verify(read_test_bench(gates), options); }),
                 "a netlist is gates already"));
}

TEST_CASE("a state belongs to one design, contract, timing and stimulus") {
  const TemporaryFolder folder;
  write_file(folder.path() / "mul.sv",
             "`include \"mul.svh\"\n"
             "module mul #(parameter int Spare = 4) (input logic clk_i, input logic [1:0] op_i,\n"
             "  input logic signed [3:0] a_i, input logic signed [3:0] b_i, output logic signed [7:0] p_o);\n"
             "  always_ff @(posedge clk_i) p_o <= `PRODUCT;\n"
             "`ifdef SPARE\n  logic spare;\n`endif\nendmodule\n");
  const std::string product = "`define PRODUCT 8'(a_i) * 8'(b_i)\n";
  write_file(folder.path() / "mul.svh", product);
  const std::string toml =
      "[design]\nsources = [\"mul.sv\"]\ntop = \"mul\"\nparameters = { Spare = 4 }\n"
      "[inputs]\na_i = \"a\"\nb_i = \"b\"\n[outputs]\nresult = \"p_o\"\n"
      "[timing]\nclock = \"clk_i\"\nlatency = 1\n"
      "[[mode]]\nunit = \"mul-int4-int4-int8\"\npins = { op_i = 0 }\n";
  const auto of = [&](const std::string& find, const std::string& replace) {
    std::string text = toml;
    if (!find.empty()) text.replace(text.find(find), find.size(), replace);
    write_file(folder.path() / "mul.toml", text);
    TestBench bench = read_test_bench(folder.path() / "mul.toml");
    bench.sources.include_folders = {folder.path()};
    return fingerprint(bench, false);
  };
  std::set<std::string> different = {of("", "")};
  CHECK(of("", "") == *different.begin());
  CHECK(of("[inputs]", "[contract]\nprofile = \"canonical\"\n[inputs]") == *different.begin());
  size_t changes = 0;
  for (const auto& [find, replace] : std::vector<std::pair<std::string, std::string>>{
           {"top =", "defines = { SPARE = \"\" }\ntop ="},
           {"Spare = 4", "Spare = 5"},
           {"latency = 1", "latency = 2"},
           {"latency = 1", "latency = 1\nedge = \"falling\""},
           {"latency = 1", "latency = 1\nreset_cycles = 5"},
           {"op_i = 0", "op_i = 1"},
           {"int8\"", "int8-sat_finite\""},
           {"[inputs]", "[contract]\nulp = 1\n[inputs]"},
           {"[inputs]", "[stimulus]\nseed = 2\n[inputs]"},
           {"[inputs]", "[stimulus]\nexhaustive_bits = 2\n[inputs]"},
           {"b_i = \"b\"", "b_i = \"~b\""},
           {"\"p_o\"", "\"~p_o\""}}) {
    CAPTURE(replace);
    CHECK(different.insert(of(find, replace)).second);
    ++changes;
  }
  write_file(folder.path() / "mul.svh", product + "// a comment\n");
  CHECK(of("", "") == of("", ""));
  write_file(folder.path() / "mul.svh", "`define PRODUCT 8'(b_i) * 8'(a_i)\n");
  CHECK(different.insert(of("", "")).second);
  CHECK(changes == 12);
}

TEST_CASE("contracts: flushed subnormals, any NaN, either zero, tolerance") {
  const Format fp16 = parse_format("fp16");
  Contract contract;
  CHECK(accepts(contract, fp16, 0x7e00, 0x7e00));
  CHECK(!accepts(contract, fp16, 0x7e00, 0x7e01));
  contract.nan = NanResults::any;
  CHECK(accepts(contract, fp16, 0x7e00, 0xfe01));
  CHECK(!accepts(contract, fp16, 0x7e00, 0x7c00));
  contract.nan = NanResults::code;
  contract.nan_code = ~uint64_t{0};
  CHECK(accepts(contract, fp16, 0x7e00, 0x7fff));
  CHECK(!accepts(contract, fp16, 0x7e00, 0x7e00));
  CHECK(!accepts(contract, fp16, 0x0000, 0x8000));
  contract.ignore_zero_sign = true;
  CHECK(accepts(contract, fp16, 0x0000, 0x8000));
  CHECK(!accepts(contract, fp16, 0x3c00, 0x3c01));
  contract.ulp = 1;
  CHECK(accepts(contract, fp16, 0x3c00, 0x3c01));
  CHECK(accepts(contract, fp16, 0x8001, 0x0000));
  CHECK(!accepts(contract, fp16, 0x3c00, 0x3c02));
  CHECK(!accepts(contract, fp16, 0x7bff, 0x7c00));  // infinity is not one code away from a number

  Contract flush;
  flush.flush_operands = true;
  flush.flush_results = FlushResults::after_rounding;
  const Golden golden(specification_of(parse_unit("mul-fp16-fp16-fp16"), flush));
  CHECK(golden.evaluate(0, std::vector<uint64_t>{0x0001, 0x7bff}).code == 0x0000);
  CHECK(golden.evaluate(0, std::vector<uint64_t>{0x8001, 0x7bff}).code == 0x8000);
  CHECK(golden.evaluate(0, std::vector<uint64_t>{0x0400, 0xb800}).code == 0x8000);  // 2^-14 * -0.5
  // 2^-14 (1 - 2^-11): rounds to the least normal number, but is tiny before rounding.
  const std::vector<uint64_t> tiny = {0x07ff, 0x3800};
  CHECK(golden.evaluate(0, tiny).code == 0x0400);
  flush.flush_results = FlushResults::before_rounding;
  CHECK(Golden(specification_of(parse_unit("mul-fp16-fp16-fp16"), flush)).evaluate(0, tiny).code == 0);
}

TEST_CASE("the worked example passes, and its directed test compiles and fails") {
  const std::filesystem::path source = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/verify";
  TestBench bench = read_test_bench(source / "half_fpu.toml");
  CHECK(bench.specification.modes.size() == 20);
  bench.stimulus.random_vectors = 5'000;
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.threads = 2;
  const Verification right = verify(bench, options);
  CHECK(right.passed());
  CHECK(right.directed_test.empty());

  bench.specification.contract.nan = NanResults::code;  // which the design does not give
  bench.specification.contract.nan_code = 0x7fff;
  const Verification wrong = verify(bench, options);
  CHECK(!wrong.passed());
  CHECK(contains(describe(wrong.diagnosis), "NaN results have another code than the contract wants"));
  const TemporaryFolder folder;
  write_file(folder.path() / "case.sv", wrong.directed_test);
  ModelSources sources;
  sources.files = {source / "half_fpu.sv", folder.path() / "case.sv"};
  sources.top = "half_fpu_case";
  CHECK_NOTHROW(run_verilator(sources, {"--lint-only", "--timing"}, folder.path()));
  write_failure_waveform(bench, wrong, ASSAY_CACHE_DIR, folder.path() / "case.fst");
  CHECK(std::filesystem::file_size(folder.path() / "case.fst") > 100);
}
