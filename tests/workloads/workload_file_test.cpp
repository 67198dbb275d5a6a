#include "workloads/workload_file.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/toml_table.h"
#include "fuzz.h"
#include "workloads/model_list.h"
#include "workloads/scale_sim_csv.h"
#include "workloads/workload_json.h"

using namespace assay;

namespace {

// Parsed as the file "w.toml".
Workload parse(const std::string& text) {
  TemporaryFolder folder;
  write_file(folder.path() / "w.toml", text);
  return read_workload(folder.path() / "w.toml");
}

// The message without the folder of the file.
std::string refusal(const std::string& text) {
  const std::string message = error_of([&] { parse(text); });
  const size_t name = message.find("w.toml");
  return name == std::string::npos ? message : message.substr(name);
}

const std::string kTwoGemms =
    "name = \"two\"\n"
    "[[gemm]]\n"
    "layer = \"a\"\n"
    "m = 2\n"
    "n = 3\n"
    "k = 5\n"
    "[[gemm]]\n"
    "layer = \"b\"\n"
    "phase = \"wgrad\"\n"
    "m = 7\n"
    "n = 11\n"
    "k = 13\n"
    "count = 17\n";

const Workload kTwo{"two", {{"a", Phase::fwd, 2, 3, 5, 1}, {"b", Phase::wgrad, 7, 11, 13, 17}}};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("GEMMs are read from TOML") {
  CHECK(parse(kTwoGemms) == kTwo);
  CHECK(parse(replaced(kTwoGemms, "name = \"two\"\n", "")).name == "w");
}

TEST_CASE("a model is read with its options") {
  CHECK(parse("model = \"resnet18\"\n") == training_step(find_model("resnet18").make({}), 1));
  CHECK(parse("model = \"resnet50\"\nbatch = 8\nimage_size = 64\n") ==
        training_step(find_model("resnet50").make({.image_size = 64}), 8));
  const Workload gpt = parse("name = \"g\"\nmodel = \"gpt2_small\"\nsequence = 32\nlm_head = false\n");
  CHECK(gpt.name == "g");
  CHECK(gpt.gemms ==
        training_step(find_model("gpt2_small").make({.sequence = 32, .lm_head = false}), 1).gemms);
}

TEST_CASE("a table embedded in another file keeps that file's name and lines") {
  const toml::table file = toml::parse(
      "title = 1\n[workload]\nmodel = \"resnet18\"\nbatch = 0\n[array]\nrows = 8\n", std::string("e.toml"));
  const TomlTable root(file, "e.toml", "");
  CHECK(error_of([&] { parse_workload(root.required_table("workload")); }) ==
        "e.toml:4: workload.batch: expected an integer of at least 1, found 0");
}

TEST_CASE("errors name file, line and key") {
  CHECK(refusal(replaced(kTwoGemms, "m = 7", "m = 0")) ==
        "w.toml:10: gemm.m: expected an integer of at least 1, found 0");
  CHECK(refusal(replaced(kTwoGemms, "k = 13", "k = 13.0")) ==
        "w.toml:12: gemm.k: expected an integer of at least 1, found a floating-point number");
  CHECK(refusal(replaced(kTwoGemms, "count = 17", "cuont = 17")) ==
        "w.toml:13: gemm.cuont: unknown key, expected one of layer, phase, m, n, k, count");
  CHECK(refusal(replaced(kTwoGemms, "n = 3\n", "")) ==
        "w.toml:2: gemm.n: missing, expected an integer of at least 1");
  CHECK(refusal(replaced(kTwoGemms, "wgrad", "backward")) ==
        "w.toml:9: gemm.phase: unknown phase 'backward'; expected fwd, dgrad or wgrad");
  CHECK(refusal(replaced(kTwoGemms, "\"b\"", "4")) ==
        "w.toml:8: gemm.layer: expected a string, found an integer");
  CHECK(
      refusal(replaced(kTwoGemms, "m = 7", "m = 9223372036854775807")) ==
      "w.toml:10: gemm.m: layer 'b' wgrad: multiply-accumulates: 9223372036854775807 x 11 x 13 x 17 is more "
      "than 2^63 - 1");
  CHECK(refusal("model = \"vgg\"\n") ==
        "w.toml:1: model: unknown model 'vgg'; expected one of: resnet18, resnet50, gpt2_small");
  CHECK(refusal("model = \"resnet18\"\nsequence = 4\n") ==
        "w.toml:2: sequence: unknown key, expected one of name, model, batch, image_size");
  CHECK(refusal("model = \"resnet18\"\nbatch = \"1\"\n") ==
        "w.toml:2: batch: expected an integer of at least 1, found a string");
  CHECK(refusal("model = \"gpt2_small\"\nlm_head = 1\n") ==
        "w.toml:2: lm_head: expected true or false, found an integer");
  CHECK(refusal("model = \"resnet18\"\nbatch = 9223372036854775807\n").find("w.toml:1: model: ") == 0);
  CHECK(refusal("model = \"resnet18\"\n" + kTwoGemms).find("expected either") != std::string::npos);
  CHECK(refusal("name = \"nothing\"\n").find("found neither") != std::string::npos);
  CHECK(refusal("gemm = []\n") ==
        "w.toml:1: gemm: expected one or more [[gemm]] tables, found an empty array");
  CHECK(refusal("gemm = 3\n") == "w.toml:1: gemm: expected one or more [[gemm]] tables, found an integer");
  CHECK(refusal("gemm = [1]\n") == "w.toml:1: gemm: expected one or more [[gemm]] tables, found an integer");
  CHECK(refusal("model = \n").find("w.toml:1: ") == 0);
  CHECK(error_of([] { read_workload("/nonexistent/w.toml"); }).find("/nonexistent/w.toml: cannot open") == 0);
}

TEST_CASE("sums beyond int64_t are refused at the list") {
  const std::string gemm = "[[gemm]]\nlayer = \"a\"\nm = 4294967296\nn = 1073741824\nk = 1\n";
  CHECK(parse(gemm).gemms.size() == 1);
  CHECK(refusal(gemm + gemm).find("w.toml:1: gemm: workload 'w': the sum") != std::string::npos);
}

TEST_CASE("damaged workload files are read or refused") {
  const std::vector<std::string> tokens = {
      "9223372036854775807", "-1", "0", "\"", "[", "]", "{", "\n", "=", "[[gemm]]"};
  const auto read = [](const std::string& text) {
    const toml::table table = parse_toml(text, "w.toml");
    for (const Gemm& gemm : parse_workload({table, "w.toml", ""}).gemms) CHECK(macs(gemm) > 0);
  };
  CHECK(fuzz(kTwoGemms, tokens, 4000, read) > 0);
  CHECK(fuzz("name = \"a\"\nmodel = \"resnet18\"\nbatch = 1\nimage_size = 224\n", tokens, 2000, read) > 0);
}

TEST_CASE("the SCALE-Sim topology is written with phase, count and the last comma") {
  CHECK(scale_sim_csv(kTwo) ==
        "Layer, M, N, K,\n"
        "a/fwd, 2, 3, 5,\n"
        "b/wgrad/x17, 7, 11, 13,\n");
  CHECK(error_of([] { scale_sim_csv({"w", {{"a,b", Phase::fwd, 1, 1, 1, 1}}}); }).find("layer 'a,b'") == 0);
  CHECK(error_of([] {
          scale_sim_csv({"w", {{"é", Phase::fwd, 1, 1, 1, 1}}});
        }).find("printable ASCII") != std::string::npos);
}

TEST_CASE("a SCALE-Sim topology is read back as it was") {
  CHECK(parse_scale_sim_csv(scale_sim_csv(kTwo), "two.csv") == kTwo);
  const Workload awkward{"w",
                         {{"x/fwd", Phase::dgrad, 1, 2, 3, 4},
                          {"a/x3", Phase::fwd, 1, 1, 1, 1},
                          {"/", Phase::wgrad, 1, 1, 1, 2},
                          {"block 0", Phase::fwd, 1, 1, 1, 1}}};
  CHECK(parse_scale_sim_csv(scale_sim_csv(awkward), "w.csv") == awkward);
  const Workload gpt = training_step(find_model("gpt2_small").make({}), 1);
  CHECK(parse_scale_sim_csv(scale_sim_csv(gpt), "gpt2_small.csv") == gpt);

  TemporaryFolder folder;
  write_file(folder.path() / "two.csv", scale_sim_csv(kTwo));
  CHECK(read_workload(folder.path() / "two.csv") == kTwo);
}

TEST_CASE("topologies of others are forward GEMMs") {
  const std::string text =
      "Layer name, M, N, K, Sparsity,\r\nGEMM1, 128, 64, 32, 1:1,\r\n\r\nq/x2,1,2,3,4:4,\r\n";
  const Workload expected{"f", {{"GEMM1", Phase::fwd, 128, 64, 32, 1}, {"q/x2", Phase::fwd, 1, 2, 3, 1}}};
  CHECK(parse_scale_sim_csv(text, "f.csv") == expected);
}

TEST_CASE("bad topologies are refused with their line") {
  const auto error = [](const std::string& text) {
    return error_of([&] { parse_scale_sim_csv(text, "f.csv"); });
  };
  const std::string header = "Layer, M, N, K,\n";
  CHECK(error("") == "f.csv: expected the header 'Layer, M, N, K,' and one or more GEMMs");
  CHECK(error(header) == "f.csv: expected the header 'Layer, M, N, K,' and one or more GEMMs");
  CHECK(error("a, 1, 2, 3,\n") == "f.csv:1: expected the header 'Layer, M, N, K,'");
  CHECK(error(header + "a, 1, 2,\n") == "f.csv:2: expected 'layer, M, N, K,', found 3 columns");
  CHECK(error(header + "a, 1, 0, 3,\n") == "f.csv:2: column N: expected an integer of at least 1, found '0'");
  CHECK(error(header + "a, 1, 2, 3x,\n") ==
        "f.csv:2: column K: expected an integer of at least 1, found '3x'");
  CHECK(error(header + "\na, 1, 2, 3, 2:4,\n") ==
        "f.csv:3: sparsity: expected a dense ratio such as 1:1, found '2:4'");
  CHECK(error(header + "a, 4294967296, 4294967296, 1,\n").find("f.csv:2: layer 'a' fwd: multiply") == 0);
  CHECK(error(header + ", 1, 2, 3,\n") == "f.csv:2: column Layer: expected a name of printable ASCII");
}

TEST_CASE("damaged topologies are read or refused") {
  const std::vector<std::string> tokens = {
      ",", "/x", "/fwd", "\n", "9223372036854775807", "-1", ":", std::string(1, '\0')};
  CHECK(fuzz("Layer, M, N, K,\na/fwd, 2, 3, 5,\nb/wgrad/x17, 7, 11, 13, 1:1,\n", tokens, 4000,
             [](const std::string& text) {
               const Workload workload = parse_scale_sim_csv(text, "w.csv");
               CHECK(parse_scale_sim_csv(scale_sim_csv(workload), "w.csv") == workload);
             }) > 0);
}

TEST_CASE("JSON carries totals and GEMMs") {
  const nlohmann::json json = nlohmann::json::parse(workload_json(kTwo).dump());
  CHECK(json["name"] == "two");
  CHECK(json["macs"]["fwd"] == 30);
  CHECK(json["macs"]["dgrad"] == 0);
  CHECK(json["macs"]["wgrad"] == 17017);
  CHECK(json["macs"]["total"] == 17047);
  REQUIRE(json["gemms"].size() == 2);
  CHECK(json["gemms"][1]["layer"] == "b");
  CHECK(json["gemms"][1]["phase"] == "wgrad");
  CHECK(json["gemms"][1]["m"] == 7);
  CHECK(json["gemms"][1]["n"] == 11);
  CHECK(json["gemms"][1]["k"] == 13);
  CHECK(json["gemms"][1]["count"] == 17);
}
