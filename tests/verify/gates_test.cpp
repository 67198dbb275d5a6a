// Gate netlists of users, combinational and clocked: right ones pass, faults are found, and what cannot be simulated is
// told by its place.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "tests/error_of.h"
#include "verify/bench_wrapper.h"
#include "verify/design_netlist.h"
#include "verify/devices.h"
#include "verify/elaboration.h"
#include "verify/fingerprint.h"
#include "verify/test_bench.h"
#include "verify/verification.h"

using namespace assay;
using Json = nlohmann::ordered_json;

namespace {

const std::filesystem::path kExamples = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples/verify";

Verification run(const TestBench& bench, bool with_netlist = false) {
  VerificationOptions options;
  options.cache = ASSAY_CACHE_DIR;
  options.threads = 2;
  options.with_netlist = with_netlist;
  return verify(bench, options);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A test bench in a folder of its own.
struct Example {
  TemporaryFolder folder;

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(folder.path() / name, text);
    return folder.path() / name;
  }
  Verification verify_toml(const std::string& toml) const {
    return run(read_test_bench(write("t.toml", toml)));
  }
  std::string error(const std::string& toml) const {
    return error_of([&] { (void)verify_toml(toml); });
  }
};

std::string replaced(std::string text, const std::string& find, const std::string& by) {
  const size_t at = text.find(find);
  CAPTURE(find);
  REQUIRE(at != std::string::npos);
  return text.replace(at, find.size(), by);
}

// Whether a check of the bench finds something wrong.
bool is_found(const TestBench& bench) {
  try {
    const Verification verification = run(bench);
    const CheckResult& check = verification.checks.front();
    if (verification.passed()) return false;
    CHECK((check.mismatches > 0 || check.stream));
    if (check.mismatches > 0) CHECK(contains(verification.directed_test, "expected"));
    return true;
  } catch (const Error& error) {
    return contains(error.what(), "hangs") || contains(error.what(), "outputs match at latency");
  }
}

// Cells by another of the same pins. (XOR for OR would be no fault where both inputs are never 1.)
const std::map<std::string, std::string> kOther = {
    {"AND2X1", "OR2X1"},    {"AND2X2", "NAND2X1"},  {"OR2X1", "AND2X1"},    {"OR2X2", "AND2X2"},
    {"NAND2X1", "NOR2X1"},  {"NOR2X1", "XNOR2X1"},  {"XOR2X1", "XNOR2X1"},  {"XNOR2X1", "NAND2X1"},
    {"INVX1", "BUFX2"},     {"AOI21X1", "OAI21X1"}, {"OAI21X1", "AOI21X1"}, {"AOI22X1", "OAI22X1"},
    {"OAI22X1", "AOI22X1"}, {"NAND3X1", "NOR3X1"},  {"NOR3X1", "NAND3X1"},  {"DFFPOSX1", "DFFNEGX1"}};

// The example's netlist with a fault at every step-th cell: another cell in its place, or its output inverted.
void seed_faults(const std::string& name, size_t step) {
  TestBench bench = read_test_bench(kExamples / (name + ".toml"));
  const Json right = Json::parse(read_file(netlist_json(bench, ASSAY_CACHE_DIR)));
  const TemporaryFolder folder;
  bench.netlist = folder.path() / "faulty.json";
  size_t at = 0, seeded = 0;
  for (const auto& item : right["modules"][bench.sources.top]["cells"].items()) {
    if (at++ % step != 0) continue;
    const std::string& cell_name = item.key();
    const std::string type = item.value()["type"];
    CAPTURE(cell_name);
    CAPTURE(type);
    for (const bool swap : {true, false}) {
      Json document = right;
      Json& cells = document["modules"][bench.sources.top]["cells"];
      if (swap) {
        if (!kOther.contains(type)) continue;
        cells[cell_name]["type"] = kOther.at(type);
      } else {
        Json& pins = cells[cell_name]["connections"];
        const char* output = pins.contains("Q") ? "Q" : "Y";
        const Json net = pins[output];
        pins[output] = Json::array({1'000'000});
        cells["fault"] = {{"type", "INVX1"}, {"connections", {{"A", {1'000'000}}, {"Y", net}}}};
      }
      write_file(bench.netlist, document.dump());
      CAPTURE(swap);
      CHECK(is_found(bench));
      ++seeded;
    }
  }
  CHECK(seeded >= 40);
}

}  // namespace

TEST_CASE("the worked examples in gates pass on all operands") {
  for (const char* name : {"mul8_gates", "fp8_mul_gates"}) {
    CAPTURE(name);
    const Verification verification = run(read_test_bench(kExamples / (std::string(name) + ".toml")));
    REQUIRE(verification.checks.size() == 1);
    CHECK(verification.passed());
    CHECK(verification.checks[0].exhaustive);
    CHECK(verification.checks[0].vectors == 65536);
    CHECK(!verification.simulators_differ);
  }
}

TEST_CASE("the gates written as Verilog do under Verilator what they do bit-sliced, and have waveforms") {
  for (const char* name : {"mul8_gates", "fp8_mul_gates"}) {
    CAPTURE(name);
    TestBench bench = read_test_bench(kExamples / (std::string(name) + ".toml"));
    const BenchWrapper wrapper = wrap(bench, design_ports(bench, ASSAY_CACHE_DIR));
    const Golden golden(bench.specification);
    const Device device = rtl_device(bench, wrapper, ASSAY_CACHE_DIR);
    CHECK(check(golden, {device}, {bench.stimulus, bench.stream, 2}).devices.front().passed());

    const Example example;
    bench.netlist = example.write(
        "faulty.v", replaced(read_file(kExamples / (std::string(name) + ".v")), "  NOR2X1 ", "  NAND2X1 "));
    const Verification wrong = run(bench);
    REQUIRE(wrong.checks.front().smallest);
    const Device faulty = rtl_device(bench, wrapper, ASSAY_CACHE_DIR);
    Mismatch again = *wrong.checks.front().smallest;
    CHECK(fails_after(golden, faulty.make(), wrong.checks.front().context, again, bench.stream));
    CHECK(again == *wrong.checks.front().smallest);
    write_failure_waveform(bench, wrong, ASSAY_CACHE_DIR, example.folder.path() / "case.fst");
    CHECK(std::filesystem::file_size(example.folder.path() / "case.fst") > 100);
  }
}

TEST_CASE("faults in a multiplier's gates are found") {
  seed_faults("mul8_gates", 16);
}

TEST_CASE("faults in the gates and registers of a pipeline with a handshake are found") {
  seed_faults("fp8_mul_gates", 13);
}

// Everything a netlist writer may do: buses both ways, escaped names, hierarchy, positional pins, assigns, constants,
// supplies, unconnected outputs.
constexpr const char* kStrange = R"(
module \top$mod (ck, \d[0] , \d[1] , b, y, \q.r , nc);
  input ck; input \d[0] , \d[1] ; input [0:1] b; output [3:0] y; output \q.r ; output nc;
  wire [1:0] n; wire \esc/net[3] ; wire gnd; supply1 vdd; wire unused;
  assign gnd = 1'b0;
  assign y[3] = gnd;
  assign y[2] = vdd;
  INVX1 \u/1 (.A(\d[0] ), .Y(\esc/net[3] ));
  INVX1 u2 (\esc/net[3] , n[0]);
  sub u3 (.i({\d[1] , n[0]}), .o(y[1:0]));
  HAX1 u4 (.A(b[0]), .B(b[1]), .YC(), .YS(\q.r ));
  DFFPOSX1 u5 (.D(b[0]), .CLK(ck), .Q(nc));
endmodule
module sub (i, o); input [1:0] i; output [1:0] o;
  BUFX2 b0 (.A(i[0]), .Y(o[0])); BUFX2 b1 (.A(i[1]), .Y(o[1]));
endmodule
)";
constexpr const char* kStrangeBench = R"(unit = "convert-uint2-uint2"
[design]
netlist = "t.v"
top = "top$mod"
[inputs]
"d[0]" = "a[0]"
"d[1]" = "a[1]"
b = "a"
[outputs]
result = "(y[1:0] & {~y[3], y[2]}) ^ {2{\\q.r ^ a1(y[0], y[1])}}"
[timing]
clock = "ck"
latency = 0
)";

TEST_CASE("names, buses, assigns, constants and unconnected pins of a netlist as tools write them") {
  const Example example;
  example.write("t.v", kStrange);
  // b reaches the netlist with bit 0 on the right, as everywhere in SystemVerilog.
  const std::string toml = replaced(kStrangeBench, "a1(y[0], y[1])", "(^y[1:0])");
  const Verification verification = example.verify_toml(toml);
  CHECK(verification.passed());
  CHECK(verification.checks[0].vectors == 4);
  // A function of the user's own in the expression.
  example.write("f.sv",
                "function automatic logic a1(input logic x, input logic y);\n  a1 = x ^ y;\nendfunction\n");
  CHECK(example.verify_toml(replaced(kStrangeBench, "netlist", "sources = [\"f.sv\"]\nnetlist")).passed());
  // The directed test of a failure takes the same names.
  const Verification wrong = example.verify_toml(replaced(toml, "^ {2{", "^ {2{~"));
  CHECK(!wrong.passed());
  const std::filesystem::path test = example.write("case.sv", wrong.directed_test);
  ModelSources sources;
  sources.files = {test,
                   example.write("stub.sv",
                                 "module \\top$mod (input ck, input \\d[0] , input \\d[1] , input [0:1] b, "
                                 "output [3:0] y, output \\q.r , output nc);\nendmodule\n")};
  sources.top = "top$mod_case";
  CHECK_NOTHROW(run_verilator(sources, {"--lint-only", "--timing"}, example.folder.path()));
}

TEST_CASE("what is wrong with a netlist is told with its place") {
  const Example example;
  const std::string toml = replaced(kStrangeBench, "a1(y[0], y[1])", "(^y[1:0])");
  struct Case {
    const char *find, *replace, *message;
  };
  for (const Case& c :
       {Case{"INVX1 u2", "INVX9 u2", "t.v: cell u_design.u2 has the type INVX9, which is neither"},
        {".CLK(ck)", ".CK(ck)", "cell u_design.u5 (DFFPOSX1) has no one-bit pin CK"},
        {"assign gnd = 1'b0", "assign gnd = b[0] & b[1]", "is Yosys' $and; expected a netlist mapped"},
        {"wire gnd;", "reg gnd; always @(posedge ck) gnd <= b[0];", "$dff"},
        {"(\\esc/net[3] , n[0])", "(n[0], n[0])", "combinational loop through cell u_design.u2"},
        {"(.A(\\d[0] ), ", "(", "t.v: an input of u_design.u/1 is not connected"},
        {"DFFPOSX1", "LATCH", "cell u_design.u5 (LATCH) is a latch"},
        {".CLK(ck)", ".CLK(n[0])", "timing.clock: registers are clocked by input a, not by the clock"},
        {".A(b[0])", ".A(nowhere)", "net u_design.nowhere, used by u_design.u4, has no driver"},
        {".Y(\\esc/net[3] )", ".Y(ck)", "has several drivers"},
        {"output nc", "inout nc", "port nc of module top$mod: expected an input or output"},
        {"endmodule", "", "design.netlist"}}) {
    std::string text = replaced(kStrange, c.find, c.replace);
    if (contains(c.replace, "always")) text = replaced(text, "assign gnd = 1'b0;", "");
    example.write("t.v", text);
    const std::string error = example.error(toml);
    CAPTURE(c.replace);
    CAPTURE(error);
    CHECK(contains(error, "t.toml: "));
    CHECK(contains(error, c.message));
  }
  example.write("t.v", kStrange);
  for (const Case& c :
       {Case{"top = \"top$mod\"", "top = \"topmod\"", "design.top: "},
        {"top = \"top$mod\"", "top = \"topmod\"", "has no module topmod; it has sub, top$mod"},
        {"b = \"a\"", "c = \"a\"", "inputs: input b of module top$mod (2 bits) is given nothing"},
        {"b = \"a\"", "b = \"a[0]\"", "inputs.b: "},
        {"\"ck\"", "\"ck2\"", "timing.clock: module top$mod has no port ck2"},
        {"uint2-uint2", "uint2-uint4", "outputs.result: "},
        {"[timing]\nclock = \"ck\"\nlatency = 0\n", "", "inputs: input ck"},
        {"t.v", "u.v", "design.netlist: "},
        {"top = ", "parameters = { A = 1 }\ntop = ", "design.parameters: "},
        {"netlist", "liberty = \"none.lib\"\nnetlist", "none.lib"}}) {
    const std::string error = example.error(replaced(toml, c.find, c.replace));
    CAPTURE(c.replace);
    CAPTURE(error);
    CHECK(contains(error, c.message));
  }
  const std::string unclocked = replaced(replaced(toml, "[timing]\nclock = \"ck\"\nlatency = 0\n", ""),
                                         "b = \"a\"", "b = \"a\"\nck = 0");
  CHECK(contains(example.error(unclocked),
                 "the design has registers (u_design.u5); expected [timing] with a clock"));
}

TEST_CASE("broken Yosys JSON is refused with its name, never a crash") {
  const Example example;
  TestBench bench = read_test_bench(kExamples / "fp8_mul_gates.toml");
  const std::string json = read_file(netlist_json(bench, ASSAY_CACHE_DIR));
  bench.netlist = example.folder.path() / "x.json";
  const std::vector<ModulePort> ports =
      design_ports(read_test_bench(kExamples / "fp8_mul_gates.toml"), ASSAY_CACHE_DIR);
  const BenchWrapper wrapper = wrap(bench, ports);
  const Liberty liberty = read_liberty(library_of(bench));
  const auto attempt = [&](const std::string& text) {
    write_file(bench.netlist, text);
    return error_of([&] {
      (void)design_ports(bench, ASSAY_CACHE_DIR);
      (void)bench_netlist(bench, wrapper, liberty, ASSAY_CACHE_DIR);
    });
  };
  CHECK(attempt(json) == "no error");
  for (size_t length = 0; length + 3 < json.size(); length += 1 + json.size() / 300) {
    CHECK(contains(attempt(json.substr(0, length)), "x.json: not a netlist in Yosys JSON"));
  }
  // Values of other kinds in other places: read, or refused by an Error.
  const Json document = Json::parse(json);
  const std::vector<std::string> places = {"/modules",
                                           "/modules/fp8_mul",
                                           "/modules/fp8_mul/ports",
                                           "/modules/fp8_mul/ports/a_i",
                                           "/modules/fp8_mul/ports/a_i/bits",
                                           "/modules/fp8_mul/ports/a_i/bits/0",
                                           "/modules/fp8_mul/ports/a_i/direction",
                                           "/modules/fp8_mul/cells",
                                           "/modules/fp8_mul/netnames",
                                           "/modules/fp8_mul/attributes",
                                           "/modules/fp8_mul/netnames/a_i/bits"};
  for (const std::string& place : places) {
    for (const Json& value : {Json(), Json(7), Json(-1), Json("text"), Json::array(), Json::object(),
                              Json::array({1, "q"}), Json::array({Json::array()})}) {
      Json other = document;
      other[Json::json_pointer(place)] = value;
      CAPTURE(place);
      CHECK_NOTHROW((void)attempt(other.dump()));
    }
  }
  Json recursive = document;
  recursive["modules"]["fp8_mul"]["cells"]["again"] = {{"type", "fp8_mul"}, {"connections", Json::object()}};
  CHECK(contains(attempt(recursive.dump()), "contains itself"));
}

TEST_CASE("a netlist's wrong latency is told") {
  const Example example;
  example.write("mul.sv",
                "module mul (input logic clk_i, input logic signed [3:0] a_i, input logic signed [3:0] b_i,\n"
                "            output logic signed [7:0] p_o);\n"
                "  always_ff @(posedge clk_i) p_o <= 8'(a_i) * 8'(b_i);\nendmodule\n");
  const std::string library = default_liberty().string();
  run_yosys_commands("test",
                     "read_verilog -sv mul.sv\nsynth -flatten -top mul\ndfflibmap -liberty " + library +
                         "\nabc -liberty " + library + "\nopt_clean\nwrite_json mul.json\n",
                     example.folder.path());
  const std::string toml =
      "unit = \"mul-int4-int4-int8\"\n[design]\nnetlist = \"mul.json\"\ntop = \"mul\"\n[inputs]\na_i = \"a\"\n"
      "b_i = \"b\"\n[outputs]\nresult = \"p_o\"\n[timing]\nclock = \"clk_i\"\nlatency = 1\n";
  const Verification right = example.verify_toml(toml);
  CHECK(right.passed());
  CHECK(right.checks[0].vectors == 256);
  CHECK(contains(example.error(replaced(toml, "latency = 1", "latency = 3")),
                 "timing.latency: outputs match at latency 1, not 3"));
  run_yosys_commands("test", "read_verilog -sv mul.sv\nsynth -flatten -top mul\nwrite_json mul.json\n",
                     example.folder.path());
  CHECK(contains(example.error(toml),
                 "expected a netlist mapped to osu018_stdcells (dfflibmap, abc -liberty)"));
}

namespace {

// One stage with a handshake; `edge` and `reset` are of the registers, `fault` changes one line.
std::string stage(const std::string& sensitivity, const std::string& reset, const std::string& find = "",
                  const std::string& by = "") {
  std::string text =
      "module stage (input logic clk_i, input logic rst_i, input logic v_i, output logic r_o,\n"
      "              input logic [5:0] a_i, output logic v_o, input logic r_i, output logic [5:0] y_o);\n"
      "  logic valid_q;\n  logic [5:0] data_q;\n  logic [4:0] count_q;\n"
      "  always_ff @(" +
      sensitivity +
      ") begin\n"
      "    if (" +
      reset +
      ") begin\n      valid_q <= 1'b0;\n      count_q <= 5'd0;\n"
      "    end else begin\n"
      "      if (r_o) valid_q <= v_i;\n"
      "      if (v_i & r_o) count_q <= count_q + 5'd1;\n"
      "    end\n"
      "  end\n"
      "  always_ff @(" +
      sensitivity.substr(0, sensitivity.find(" or ")) +
      ") if (r_o) data_q <= a_i;\n"
      "  assign r_o = ~valid_q | r_i;\n"
      "  assign v_o = valid_q;\n"
      "  assign y_o = data_q;\n"
      "endmodule\n";
  return find.empty() ? text : replaced(text, find, by);
}

std::string stage_bench(const std::string& timing) {
  return "unit = \"convert-uint6-uint6\"\n[design]\nsources = [\"stage.sv\"]\ntop = \"stage\"\n"
         "[inputs]\na_i = \"a\"\n[outputs]\nresult = \"y_o\"\n[timing]\nclock = \"clk_i\"\nreset = \"rst_i\"\n"
         "in_valid = \"v_i\"\nin_ready = \"r_o\"\nout_valid = \"v_o\"\nout_ready = \"r_i\"\ntimeout = 300\n" +
         timing;
}

// What RTL and its gates say to the same vectors.
struct Both {
  StreamOutcome rtl, gates;
  bool rtl_right = false, gates_right = false;
};

Both run_both(const Example& example, const std::string& toml, size_t count, uint64_t seed) {
  const TestBench bench = read_test_bench(example.write("t.toml", toml));
  const BenchWrapper wrapper = wrap(bench, module_ports(bench.sources));
  const Liberty liberty = read_liberty(default_liberty());
  VectorBatch vectors;
  vectors.operands.resize(1);
  vectors.modes.assign(count, 0);
  for (size_t i = 0; i < count; ++i) vectors.operands[0].push_back((i * 37 + i / 64) & 63);
  StreamOptions stream = bench.stream;
  stream.seed = seed;
  const auto send = [&](const Device& device, bool& right) {
    ResultBatch results;
    const StreamOutcome outcome = device.make()(vectors, results, stream);
    results.codes.resize(outcome.problem == StreamProblem::none ? count : outcome.at);
    right = std::equal(results.codes.begin(), results.codes.end(), vectors.operands[0].begin());
    return outcome;
  };
  Both both;
  both.rtl = send(rtl_device(bench, wrapper, ASSAY_CACHE_DIR), both.rtl_right);
  both.gates = send(netlist_device(bench.specification, wrapper.ports,
                                   bench_netlist(bench, wrapper, liberty, ASSAY_CACHE_DIR), liberty),
                    both.gates_right);
  return both;
}

}  // namespace

TEST_CASE("clocked RTL is mapped and its gates follow the same protocols: edges, resets, handshakes") {
  struct Case {
    const char *sensitivity, *reset, *timing;
  };
  for (const Case& c : {Case{"posedge clk_i", "rst_i", "reset_active = \"high\"\n"},
                        {"posedge clk_i or posedge rst_i", "rst_i", "reset_active = \"high\"\n"},
                        {"posedge clk_i or negedge rst_i", "!rst_i", ""},
                        {"negedge clk_i", "!rst_i", "edge = \"falling\"\nstalls = 0.6\n"},
                        {"negedge clk_i or negedge rst_i", "!rst_i", "edge = \"falling\"\n"}}) {
    CAPTURE(c.sensitivity);
    const Example example;
    example.write("stage.sv", stage(c.sensitivity, c.reset));
    for (const size_t count : {1, 33, 16384}) {
      const Both both = run_both(example, stage_bench(c.timing), count, 1);
      CHECK(both.rtl.problem == StreamProblem::none);
      CHECK(both.gates.problem == StreamProblem::none);
      CHECK(both.gates.at == count);
      CHECK(both.rtl_right);
      CHECK(both.gates_right);
    }
  }
}

TEST_CASE("what RTL does wrong in a stream its gates do wrong, too") {
  struct Case {
    const char *find, *by;
    StreamProblem problem;
  };
  for (const Case& c :
       {Case{"v_o = valid_q", "v_o = valid_q & (count_q != 5'd7)", StreamProblem::hang},
        {"r_o = ~valid_q | r_i", "r_o = 1'b1", StreamProblem::result_unstable},
        {"v_o = valid_q", "v_o = valid_q | (count_q == 5'd3)", StreamProblem::result_too_many},
        {"y_o = data_q", "y_o = data_q ^ {6{r_i}}", StreamProblem::result_unstable},
        {"data_q <= a_i", "data_q <= a_i ^ {5'd0, count_q == 5'd20}", StreamProblem::none}}) {
    CAPTURE(c.by);
    const Example example;
    example.write("stage.sv", stage("posedge clk_i or negedge rst_i", "!rst_i", c.find, c.by));
    // Stalls differ: of wrong handshakes only the kind of problem is the same for sure.
    const Both both = run_both(example, stage_bench("stalls = 0.4\n"), 2048, 1);
    CHECK(both.rtl.problem == c.problem);
    CHECK(both.gates.problem == c.problem);
    if (c.problem == StreamProblem::none) {
      CHECK(!both.rtl_right);
      CHECK(!both.gates_right);
    }
  }
}

TEST_CASE("a fault that shows only after many vectors is found in the gates' long streams") {
  const Example example;
  std::string text = stage("posedge clk_i or negedge rst_i", "!rst_i", "data_q <= a_i",
                           "data_q <= a_i ^ {5'd0, count_q == 9'd300}");
  for (const char* from : {"logic [4:0] count_q", "count_q <= 5'd0", "count_q + 5'd1"}) {
    std::string to = from;
    std::replace(to.begin(), to.end(), '5', '9');
    std::replace(to.begin(), to.end(), '4', '8');
    text = replaced(text, from, to);
  }
  example.write("stage.sv", text);
  const Both in_short = run_both(example, stage_bench(""), 4096, 1);
  CHECK(!in_short.rtl_right);
  CHECK(in_short.gates_right);
  CHECK(!run_both(example, stage_bench(""), 4096, 1024).gates_right);
}

TEST_CASE("gates of a pipeline with modes, flags and stalls agree with the golden model") {
  TestBench bench = read_test_bench(kExamples / "half_fpu.toml");
  bench.stimulus.random_vectors = 2'000;
  std::vector<Mode> some;
  for (const size_t mode : {1, 8, 12, 19}) some.push_back(bench.specification.modes[mode]);
  bench.specification.modes = some;
  const Verification verification = run(bench, true);
  REQUIRE(verification.checks.size() == 3);
  CHECK(verification.passed());
  CHECK(verification.checks[2].vectors == verification.checks[0].vectors);
}

TEST_CASE("what a netlist's check has done is of that netlist only") {
  TestBench bench = read_test_bench(kExamples / "mul8_gates.toml");
  const std::string right = fingerprint(bench, false);
  CHECK(fingerprint(read_test_bench(kExamples / "mul8_gates.toml"), false) == right);
  const Example example;
  bench.netlist = example.write("other.v", replaced(read_file(bench.netlist), "  NOR2X1 ", "  NAND2X1 "));
  CHECK(fingerprint(bench, false) != right);
  bench = read_test_bench(kExamples / "mul8_gates.toml");
  std::swap(bench.inputs["a_i"], bench.inputs["b_i"]);
  CHECK(fingerprint(bench, false) != right);
}

TEST_CASE("lanes of a clocked netlist are told apart") {
  const Example example;
  example.write(
      "two.sv",
      "module two (input logic clk_i, input logic [7:0] x_i, input logic [7:0] y_i,\n"
      "            output logic [15:0] p_o);\n"
      "  always_ff @(posedge clk_i) p_o <= {8'(x_i[7:4]) * 8'(y_i[7:4]), 8'(x_i[3:0]) * 8'(y_i[3:0])};\n"
      "endmodule\n");
  std::string toml =
      "unit = \"mul-uint4-uint4-uint8\"\nlanes = 2\n[design]\nsources = [\"two.sv\"]\ntop = \"two\"\n"
      "[inputs]\nx_i = \"a\"\ny_i = \"b\"\n[outputs]\nresult = \"p_o\"\n[timing]\nclock = \"clk_i\"\n"
      "latency = 1\n";
  CHECK(run(read_test_bench(example.write("t.toml", toml)), true).passed());
  const Verification wrong =
      run(read_test_bench(example.write("t.toml", replaced(toml, "\"b\"", "\"{b[3:0], b[7:4]}\""))), true);
  REQUIRE(wrong.checks.size() == 3);
  CHECK(wrong.checks[0].mismatches > 0);
  CHECK(wrong.checks[2].mismatches == wrong.checks[0].mismatches);
}
