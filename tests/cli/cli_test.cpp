// The program as its users meet it: output, exit status, and what bad input leads to.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "base/process.h"

using namespace assay;

namespace {

const std::filesystem::path kSource = ASSAY_SOURCE_DIR;

ProcessResult run(const std::string& command) {
  return run_process({"sh", "-c", "export ASSAY_CACHE='" ASSAY_CACHE_DIR "'; " + command});
}

ProcessResult run_assay(const std::string& arguments) {
  return run(ASSAY_PROGRAM " " + arguments);
}

// The answer to unusable input: status 2, one line that starts with the program's name and says `expected`.
void check_refused(const std::string& arguments, const std::string& expected) {
  CAPTURE(arguments);
  const ProcessResult result = run_assay(arguments);
  CAPTURE(result.output);
  CHECK(result.exit_status == 2);
  CHECK(result.output.find(expected) != std::string::npos);
}

// An experiment file in `folder`, beside copies of what it refers to, with one text replaced.
std::filesystem::path experiment_with(const std::filesystem::path& folder, const std::string& find,
                                      const std::string& replace) {
  std::filesystem::copy(
      kSource / "examples/schemes", folder / "schemes",
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  if (!std::filesystem::exists(folder / "captures"))
    std::filesystem::create_directory_symlink(kSource / "examples/captures", folder / "captures");
  std::string text = read_file(kSource / "examples/resnet18.toml");
  const size_t at = text.find(find);
  REQUIRE(at != std::string::npos);
  text.replace(at, find.size(), replace);
  write_file(folder / "experiment.toml", text);
  return folder / "experiment.toml";
}

}  // namespace

TEST_CASE("every verb has help with an example") {
  for (const char* verb :
       {"formats", "convert", "eval", "vectors", "verify", "characterize", "simulate", "run"}) {
    CAPTURE(std::string(verb));
    const ProcessResult result = run_assay(std::string(verb) + " --help");
    CHECK(result.exit_status == 0);
    CHECK(result.output.find("Example:\n  ") != std::string::npos);
    CHECK(result.output.find("--json") != std::string::npos);
  }
}

TEST_CASE("formats") {
  const std::string table = run_assay("formats e4m3 --table").output;
  CHECK(table.find("code,value\n0x00,0x0p+0\n0x01,0x1p-9\n") == 0);
  CHECK(table.find("\n0x7e,0x1.cp+8\n0x7f,nan\n0x80,-0x0p+0\n") != std::string::npos);
  CHECK(std::count(table.begin(), table.end(), '\n') == 257);
  CHECK(run_assay("formats e5m2 --table").output.find("0xfc,-inf\n") != std::string::npos);
  CHECK(nlohmann::json::parse(run_assay("formats --json").output).size() > 10);
  CHECK(nlohmann::json::parse(run_assay("formats bf16 --json").output).at("exponent_bias") == 127);
  check_refused("formats e4m9x", "unknown suffix 'x'");
  check_refused("formats fp31", "unknown format 'fp31'");
  check_refused("formats fp32 --table", "expected at most 24");
}

TEST_CASE("eval") {
  CHECK(
      run("printf '38 40 3f800000\\n0x7e 0x7e 0\\n\\n' | " ASSAY_PROGRAM " eval mac-e4m3-e4m3-fp32").output ==
      "0x40400000\n0x48440000\n");
  CHECK(run("echo 3fc0 3fc0 | " ASSAY_PROGRAM " eval mul-bf16-bf16-bf16-pam").output == "0x4000\n");
  const ProcessResult missing = run("echo 38 40 | " ASSAY_PROGRAM " eval mac-e4m3-e4m3-fp32");
  CHECK(missing.exit_status == 2);
  CHECK(missing.output.find("standard input:1: expected 3 operands, found 2") != std::string::npos);
  CHECK(run("echo 138 40 0 | " ASSAY_PROGRAM " eval mac-e4m3-e4m3-fp32").exit_status == 2);
  check_refused("eval mac-e4m3-e4m3-fp33", "unknown format 'fp33'");
  check_refused("eval nothing.toml", "nothing.toml: cannot open");
}

TEST_CASE("vectors feed back into eval") {
  const std::string vectors = run_assay("vectors mac-e5m2-e5m2-fp16 --random 500 --exhaustive-bits 0").output;
  CHECK(vectors.find("# mac-e5m2-e5m2-fp16") == 0);
  const ProcessResult echo = run(ASSAY_PROGRAM
                                 " vectors mac-e5m2-e5m2-fp16 --random 500 --exhaustive-bits 0 | grep -v '#' "
                                 "> v.$$; cut -d' ' -f1-3 v.$$ | " ASSAY_PROGRAM
                                 " eval mac-e5m2-e5m2-fp16 | sed s/0x// > r.$$; cut -d' ' -f4 v.$$ | cmp - "
                                 "r.$$; s=$?; rm v.$$ r.$$; exit $s");
  CHECK(echo.exit_status == 0);
  const ProcessResult readmemh = run_assay("vectors mul-e2m1-e2m1-e4m3 --format readmemh");
  CHECK(std::count(readmemh.output.begin(), readmemh.output.end(), '\n') == 257);
  check_refused("vectors mac-e5m2-e5m2-fp16 --format npy", "expected --output");
}

TEST_CASE("convert") {
  const TemporaryFolder folder;
  const std::string in = (kSource / "examples/captures").string();
  std::string file;
  for (const auto& entry : std::filesystem::directory_iterator(in)) {
    if (entry.path().string().ends_with("activation.npy")) file = entry.path().string();
  }
  const std::string out = (folder.path() / "codes.npy").string(),
                    back = (folder.path() / "back.npy").string();
  CHECK(run_assay("convert --to e4m3 --saturation sat_finite " + file + " " + out).exit_status == 0);
  CHECK(run_assay("convert --from e4m3 --to fp32 " + out + " " + back).exit_status == 0);
  const auto again = nlohmann::json::parse(run_assay("convert --json --to e4m3 " + back + " " + out).output);
  CHECK(again.at("changed") == 0);
  write_file(folder.path() / "broken.npy", "\x93NUMPY\x01");
  check_refused("convert --to e4m3 " + (folder.path() / "broken.npy").string() + " " + out + "2",
                "broken.npy");
  CHECK(!std::filesystem::exists(out + "2"));
  check_refused("convert --to e4m3 --rounding up " + back + " " + out, "unknown rounding 'up'");
}

TEST_CASE("verify answers with status 1 if the RTL is wrong, and shows why") {
  const TemporaryFolder folder;
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "rtl")) {
    if (entry.is_regular_file())
      std::filesystem::copy_file(entry.path(), folder.path() / entry.path().filename());
  }
  const ProcessResult good = run_assay("verify mul-int4-int4-int8");
  CAPTURE(good.output);
  CHECK(good.exit_status == 0);
  CHECK(good.output.find("exhaustive: all 256") != std::string::npos);
  std::string source = read_file(folder.path() / "int_mul.sv");
  const size_t at = source.find("endmodule");
  source.replace(at, 9, "wire [1:0] unused = a_i[1:0];\nendmodule");
  write_file(folder.path() / "int_mul.sv", source + "\nthis is not Verilog\n");
  const ProcessResult broken =
      run("ASSAY_RTL_DIR=" + folder.path().string() + " " ASSAY_PROGRAM " verify mul-int4-int4-int8");
  CHECK(broken.exit_status == 2);
  CHECK(broken.output.find("int_mul.sv") != std::string::npos);
  check_refused("verify mac-e3m2-e3m2-fp32", "is not in");
}

TEST_CASE("wrong words on the command line") {
  CHECK(run_assay("").exit_status == 2);
  CHECK(run_assay("frobnicate").exit_status == 2);
  CHECK(run_assay("formats --tabel").exit_status == 2);
  CHECK(run_assay("verify").exit_status == 2);
  CHECK(run_assay("vectors mac-e4m3-e4m3-fp32 --format xml").exit_status == 2);
}

TEST_CASE("experiments that cannot run are refused before anything is written") {
  const TemporaryFolder folder;
  const auto out = folder.path() / "out";
  const auto refused = [&](const std::string& find, const std::string& replace, const std::string& message) {
    const auto file = experiment_with(folder.path(), find, replace);
    check_refused("run --output " + out.string() + " " + file.string(), message);
    check_refused("simulate " + file.string(), message);
    CHECK(!std::filesystem::exists(out));
  };
  refused("rows = 32", "rows = 0", "experiment.toml:17: array.rows: expected an integer in 1..4096, found 0");
  refused("rows = 32", "rows = = 32", "experiment.toml:17:");
  refused("rows = 32", "rowz = 32", "rowz");
  refused("\"osu018\"", "\"none.lib\"", "technology.liberty: no Liberty file");
  refused("weight_stationary", "row_stationary", "array.dataflow");
  refused("weight_stationary\"", "output_stationary\"\ndouble_buffered = true",
          "experiment.toml:20: array.double_buffered: an output-stationary array holds no operand");
  refused("model = \"resnet18\"\nbatch = 1", "[[workload.gemm]]\nlayer = \"x\"\nm = 0\nn = 1\nk = 1",
          "experiment.toml:15: workload.gemm.m: expected an integer of at least 1, found 0");
  refused("model = \"resnet18\"", "model = \"resnet19\"", "resnet19");
  refused("schemes/fp8.toml", "schemes/fp9.toml", "fp9.toml: cannot open");
  refused("captures = \"captures\"", "captures = \"elsewhere\"", "elsewhere");
  refused("dram = \"hbm2\"", "dram = \"hbm9\"", "technology.dram: unknown memory 'hbm9'");
  refused("name = \"ResNet-18", "nome = \"ResNet-18", "nome");
  write_file(folder.path() / "schemes/odd.toml", "name = 'odd'\n[fwd]\nunit = 'mac-e4m3-e9m9-fp32'\n");
  refused("schemes/fp8.toml", "schemes/odd.toml", "odd.toml:");
}

TEST_CASE("simulate") {
  const auto json = nlohmann::json::parse(
      run_assay("simulate --json " + (kSource / "examples/resnet18.toml").string()).output);
  CHECK(json.at("gemms").size() == 62);
  int64_t forward = 0;
  for (const auto& gemm : json.at("gemms")) {
    if (gemm.at("phase") == "fwd") forward += gemm.at("macs").get<int64_t>();
  }
  CHECK(forward == 1814073344);
  CHECK(json.at("cycles").get<int64_t>() > json.at("macs").get<int64_t>() / 1024);
}
