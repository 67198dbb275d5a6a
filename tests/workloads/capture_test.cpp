#include "workloads/capture.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "base/file.h"
#include "fuzz.h"
#include "workloads/npy.h"

using namespace assay;

namespace {

const std::filesystem::path kCaptures = std::filesystem::path(ASSAY_SOURCE_DIR) / "examples" / "captures";

Matrix multiply(const Matrix& a, const Matrix& b) {
  REQUIRE(a.cols == b.rows);
  Matrix c{a.rows, b.cols, std::vector<float>(static_cast<size_t>(a.rows * b.cols))};
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < b.cols; ++j) {
      float sum = 0;
      for (int64_t k = 0; k < a.cols; ++k) sum += a.at(i, k) * b.at(k, j);
      c.values[static_cast<size_t>(i * b.cols + j)] = sum;
    }
  }
  return c;
}

// Small integers, so that every sum below is exact.
LayerCapture example() {
  return {"net",
          "fc",
          3,
          {2, 3, {1, 2, 3, 4, 5, 6}},
          {3, 4, {1, 0, -2, 3, 2, 5, 0, 1, -1, 4, 2, 2}},
          {2, 4, {1, -1, 2, 0, 3, 1, 0, -2}}};
}

// The loss whose derivative by the layer's output is the captured gradient: sum of (x W) * gradient.
double loss(const LayerCapture& capture) {
  double sum = 0;
  for (int64_t i = 0; i < capture.m(); ++i) {
    for (int64_t j = 0; j < capture.n(); ++j) {
      for (int64_t k = 0; k < capture.k(); ++k) {
        sum += double{capture.activation.at(i, k)} * capture.weight.at(k, j) * capture.gradient.at(i, j);
      }
    }
  }
  return sum;
}

// The derivative of the loss by each element of one operand. The loss is linear in it, so that a step of 1
// gives it exactly.
Matrix derivative(const LayerCapture& capture, Matrix LayerCapture::*operand) {
  Matrix result = capture.*operand;
  for (size_t i = 0; i < result.values.size(); ++i) {
    LayerCapture moved = capture;
    (moved.*operand).values[i] += 1;
    result.values[i] = static_cast<float>(loss(moved) - loss(capture));
  }
  return result;
}

Matrix product(const LayerCapture& capture, Phase phase) {
  const GemmOperands operands = gemm_operands(capture, phase);
  return multiply(operands.a, operands.b);
}

// A folder with one small capture and its manifest.
struct Example {
  TemporaryFolder folder;
  std::string manifest =
      R"({"format": "assay-captures", "version": 1, "captures": [{"model": "net", "layer": "fc", "step": 3,
"m": 2, "k": 3, "n": 4, "activation": "a.npy", "weight": "w.npy", "gradient": "g.npy"}]})";

  Example() {
    const LayerCapture capture = example();
    save("a.npy", capture.activation);
    save("w.npy", capture.weight);
    save("g.npy", capture.gradient);
  }

  void save(const char* name, const Matrix& matrix) const {
    write_npy(folder.path() / name, make_npy<float>(NpyType::f4, {matrix.rows, matrix.cols}, matrix.values));
  }

  std::vector<LayerCapture> read(const std::string& text) const {
    write_file(folder.path() / "manifest.json", text);
    return read_captures(folder.path());
  }

  // The message for the manifest with `from` replaced by `to`.
  std::string refusal(const std::string& from, const std::string& to) const {
    std::string text = manifest;
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return error_of([&] { read(text.replace(at, from.size(), to)); });
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the operands of dgrad and wgrad give the derivatives of the loss") {
  const LayerCapture capture = example();
  const Matrix input_gradient = product(capture, Phase::dgrad);
  CHECK(input_gradient == derivative(capture, &LayerCapture::activation));
  CHECK(product(capture, Phase::wgrad) == derivative(capture, &LayerCapture::weight));
  // By hand: the first row of the gradient by the first row of the weight.
  CHECK(input_gradient.at(0, 0) == 1 * 1 + -1 * 0 + 2 * -2 + 0 * 3);
  const Matrix output = product(capture, Phase::fwd);
  CHECK(output.rows == 2);
  CHECK(output.cols == 4);
  CHECK(output.at(1, 3) == 4 * 3 + 5 * 1 + 6 * 2);
}

TEST_CASE("a capture is a workload of three GEMMs shaped as its operands") {
  const LayerCapture capture = example();
  const Workload workload = capture_workload("run", {capture, capture});
  CHECK(workload.name == "run");
  REQUIRE(workload.gemms.size() == 6);
  for (size_t i = 0; i < kPhases.size(); ++i) {
    const Gemm& gemm = workload.gemms[i];
    const GemmOperands operands = gemm_operands(capture, kPhases[i]);
    CHECK(gemm.layer == "net.fc.step3");
    CHECK(gemm.phase == kPhases[i]);
    CHECK(gemm.m == operands.a.rows);
    CHECK(gemm.k == operands.a.cols);
    CHECK(gemm.k == operands.b.rows);
    CHECK(gemm.n == operands.b.cols);
    CHECK(gemm.count == 1);
  }
}

TEST_CASE("a manifest and its matrices are read") {
  const Example files;
  const std::vector<LayerCapture> captures = files.read(files.manifest);
  REQUIRE(captures.size() == 1);
  const LayerCapture expected = example();
  CHECK(captures[0].model == "net");
  CHECK(captures[0].layer == "fc");
  CHECK(captures[0].step == 3);
  CHECK(captures[0].activation == expected.activation);
  CHECK(captures[0].weight == expected.weight);
  CHECK(captures[0].gradient == expected.gradient);
}

TEST_CASE("bad manifests and matrices are refused with file and key") {
  const Example files;
  CHECK(contains(files.refusal("assay-captures", "zip"),
                 "manifest.json: key 'format': expected 'assay-captures'"));
  CHECK(contains(files.refusal("\"version\": 1", "\"version\": 2"), "key 'version': expected 1, found 2"));
  CHECK(contains(files.refusal("\"step\": 3", "\"step\": 3.5"),
                 "captures[0]: key 'step': expected an integer"));
  CHECK(contains(files.refusal("\"m\": 2", "\"m\": 0"),
                 "captures[0]: key 'm': expected an integer of at least 1"));
  CHECK(contains(files.refusal("\"m\": 2", "\"m\": 18446744073709551615"), "key 'm': expected an integer"));
  CHECK(contains(files.refusal("\"m\": 2", "\"m\": 5"),
                 "a.npy: expected the shape (5, 3) that the manifest states"));
  CHECK(contains(files.refusal("\"model\": \"net\", ", ""), "captures[0]: missing key 'model'"));
  CHECK(contains(files.refusal("\"fc\"", "7"), "captures[0]: key 'layer': expected a string, found number"));
  CHECK(contains(files.refusal("w.npy", "missing.npy"), "missing.npy: cannot open"));
  CHECK(contains(files.refusal("w.npy", "../w.npy"),
                 "key 'weight': expected the name of a file in the same folder"));
  CHECK(
      contains(files.refusal("w.npy", ".."), "key 'weight': expected the name of a file in the same folder"));
  CHECK(contains(files.refusal("\"captures\"", "\"catpures\""), "missing key 'captures'"));
  CHECK(contains(files.refusal("}]}", ""), "manifest.json: "));
  CHECK(
      contains(error_of([&] { read_captures(files.folder.path() / "none"); }), "manifest.json: cannot open"));
  const std::vector<double> doubles(6);
  write_npy(files.folder.path() / "a.npy", make_npy<double>(NpyType::f8, {2, 3}, doubles));
  CHECK(contains(error_of([&] { files.read(files.manifest); }), "a.npy: elements of type f8"));
}

TEST_CASE("damaged manifests are read or refused") {
  const Example files;
  const std::vector<std::string> tokens = {"1e999", "-1", "null", "[",
                                           "{",     "\"", ",",    "18446744073709551615"};
  CHECK(fuzz(files.manifest, tokens, 1000, [&](const std::string& text) { files.read(text); }) > 0);
}

TEST_CASE("the captures shipped with the project are whole and plausible") {
  const std::vector<LayerCapture> captures = read_captures(kCaptures);
  std::set<std::string> layers;
  std::set<std::string> kinds;
  for (const LayerCapture& capture : captures) {
    CAPTURE(capture.model);
    CAPTURE(capture.layer);
    CAPTURE(capture.step);
    kinds.insert(capture.model + "." + capture.layer);
    layers.insert(capture.model + "." + capture.layer + std::to_string(capture.step));
    CHECK(capture.activation.rows == capture.gradient.rows);
    CHECK(capture.weight.cols == capture.gradient.cols);
    for (const Matrix* matrix : {&capture.activation, &capture.weight, &capture.gradient}) {
      float largest = 0;
      bool finite = true;
      for (const float value : matrix->values) {
        finite = finite && std::isfinite(value);
        largest = std::max(largest, std::abs(value));
      }
      CHECK(finite);
      CHECK(largest > 0);
      CHECK(largest < 100);
    }
  }
  CHECK(kinds == std::set<std::string>{"digits_cnn.conv2", "digits_cnn.conv3", "digits_cnn.fc",
                                       "char_transformer.attention_qkv", "char_transformer.mlp_up",
                                       "char_transformer.mlp_down"});
  CHECK(layers.size() == 18);
}
