#include "workloads/model.h"

#include <doctest/doctest.h>

#include <set>
#include <tuple>

#include "fuzz.h"
#include "workloads/model_list.h"

using namespace assay;

namespace {

// What a convolution does, counted one product at a time: the taps of every output, padding included, since
// an im2col matrix holds the zeros of the padding too.
struct Counted {
  std::set<std::tuple<int64_t, int64_t, int64_t>> positions;  // sample, row, column of an output
  std::set<std::tuple<int64_t, int64_t, int64_t>> taps;       // channel within the group, kernel row, column
  std::set<int64_t> outputs;                                  // output channel within the group
  int64_t products = 0;
};

Counted count_products(const Convolution& layer, int64_t batch) {
  Counted counted;
  const int64_t group_in = layer.in_channels / layer.groups;
  const int64_t group_out = layer.out_channels / layer.groups;
  // A window may start at any multiple of the stride from the first padding pixel, so long as its last tap
  // does not lie beyond the last padding pixel.
  const auto starts = [&](int64_t input, int64_t kernel) {
    std::vector<int64_t> result;
    const int64_t last = input + layer.padding - 1;
    for (int64_t at = -layer.padding; at + (kernel - 1) * layer.dilation <= last; at += layer.stride) {
      result.push_back(at);
    }
    return result;
  };
  for (int64_t sample = 0; sample < batch; ++sample) {
    for (const int64_t row : starts(layer.input_height, layer.kernel_height)) {
      for (const int64_t column : starts(layer.input_width, layer.kernel_width)) {
        counted.positions.insert({sample, row, column});
        for (int64_t out = 0; out < layer.out_channels; ++out) {
          counted.outputs.insert(out % group_out);
          for (int64_t in = 0; in < group_in; ++in) {
            for (int64_t y = 0; y < layer.kernel_height; ++y) {
              for (int64_t x = 0; x < layer.kernel_width; ++x) {
                counted.taps.insert({in, y, x});
                ++counted.products;
              }
            }
          }
        }
      }
    }
  }
  return counted;
}

Convolution example(int64_t stride, int64_t padding, int64_t dilation, int64_t groups) {
  return {.name = "conv",
          .in_channels = 4,
          .out_channels = 6,
          .kernel_height = 3,
          .kernel_width = 2,
          .stride = stride,
          .padding = padding,
          .dilation = dilation,
          .groups = groups,
          .input_height = 9,
          .input_width = 8};
}

Model only(const Layer& layer, bool first_input_is_data = false) {
  return {"one", {layer}, first_input_is_data};
}

int64_t weights(const Workload& workload, bool only_convolutions = false) {
  int64_t sum = 0;
  for (const Gemm& gemm : workload.gemms) {
    if (gemm.phase == Phase::fwd && !(only_convolutions && gemm.layer == "fc")) {
      sum += gemm.k * gemm.n * gemm.count;
    }
  }
  return sum;
}

int64_t forward_macs(const Workload& workload, const std::string& without = "") {
  int64_t sum = 0;
  for (const Gemm& gemm : workload.gemms) {
    if (gemm.phase == Phase::fwd && gemm.layer != without) sum += macs(gemm);
  }
  return sum;
}

const Gemm& gemm_of(const Workload& workload, const std::string& layer, Phase phase) {
  for (const Gemm& gemm : workload.gemms) {
    if (gemm.layer == layer && gemm.phase == phase) return gemm;
  }
  FAIL("no GEMM of layer " << layer);
  return workload.gemms.front();
}

bool has_gemm(const Workload& workload, const std::string& layer, Phase phase) {
  for (const Gemm& gemm : workload.gemms) {
    if (gemm.layer == layer && gemm.phase == phase) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the GEMMs of a convolution have the shape that counting its products gives") {
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t padding : {0, 1, 2}) {
      for (const int64_t dilation : {1, 2}) {
        for (const int64_t groups : {1, 2}) {
          const Convolution layer = example(stride, padding, dilation, groups);
          const Counted counted = count_products(layer, 2);
          const Workload step = training_step(only(layer), 2);
          CAPTURE(stride);
          CAPTURE(padding);
          CAPTURE(dilation);
          CAPTURE(groups);
          REQUIRE(step.gemms.size() == 3);
          const auto positions = static_cast<int64_t>(counted.positions.size());
          const auto taps = static_cast<int64_t>(counted.taps.size());
          const auto outputs = static_cast<int64_t>(counted.outputs.size());
          CHECK(step.gemms[0] == Gemm{"conv", Phase::fwd, positions, outputs, taps, groups});
          CHECK(step.gemms[1] == Gemm{"conv", Phase::dgrad, positions, taps, outputs, groups});
          CHECK(step.gemms[2] == Gemm{"conv", Phase::wgrad, taps, outputs, positions, groups});
          for (const Gemm& gemm : step.gemms) CHECK(macs(gemm) == counted.products);
        }
      }
    }
  }
}

TEST_CASE("only a first layer that reads data goes without a data gradient") {
  const Model model{"two", {Linear{"a", 3, 5, 7}, Linear{"b", 5, 2, 7}}};
  const Workload step = training_step(model, 4);
  REQUIRE(step.gemms.size() == 5);
  CHECK(step.gemms[0] == Gemm{"a", Phase::fwd, 28, 5, 3, 1});
  CHECK(step.gemms[1] == Gemm{"a", Phase::wgrad, 3, 5, 28, 1});
  CHECK(step.gemms[3] == Gemm{"b", Phase::dgrad, 28, 5, 2, 1});
}

TEST_CASE("batched products multiply their count by the batch") {
  const Workload step = training_step(only(BatchedMatmul{"scores", 10, 12, 4, 3}), 5);
  REQUIRE(step.gemms.size() == 3);
  CHECK(step.gemms[0] == Gemm{"scores", Phase::fwd, 10, 12, 4, 15});
  CHECK(step.gemms[1] == Gemm{"scores", Phase::dgrad, 10, 4, 12, 15});
  CHECK(step.gemms[2] == Gemm{"scores", Phase::wgrad, 4, 12, 10, 15});
}

TEST_CASE("impossible layers are refused by name") {
  Convolution layer = example(1, 0, 1, 1);
  const auto refusal = [&] { return error_of([&] { training_step(only(layer), 1); }); };
  layer.groups = 3;
  CHECK(refusal() == "layer 'conv': expected groups to divide 4 input and 6 output channels, found 3");
  layer = example(0, 0, 1, 1);
  CHECK(refusal() == "layer 'conv': expected stride of at least 1, found 0");
  layer = example(1, -1, 1, 1);
  CHECK(refusal() == "layer 'conv': expected padding of at least 0, found -1");
  layer = example(1, 0, 5, 1);
  CHECK(refusal().find("does not fit an input of 9") != std::string::npos);
  layer = example(1, INT64_MAX, 1, 1);
  CHECK(refusal().find("2^63 - 1") != std::string::npos);
  layer = example(1, 0, INT64_MAX, 1);
  CHECK(refusal().find("2^63 - 1") != std::string::npos);
  CHECK(error_of([] { training_step(only(Linear{"fc", 0, 1, 1}), 1); }).find("layer 'fc'") == 0);
  CHECK(error_of([] {
          training_step(only(Linear{"fc", 1, 1, 1}), 0);
        }).find("batch of at least 1") != std::string::npos);
  CHECK(error_of([] { training_step(only(Linear{"fc", 1, 1, 2}), INT64_MAX); }).find("fc") == 0);
}

// Published counts of parameters of torchvision's models, less those of batch normalisation and the bias of
// the classifier, which are in no GEMM; multiply-accumulates as torchvision states them (1.814 and 4.089 G).
TEST_CASE("ResNet-18 and ResNet-50 have the known parameters and multiply-accumulates") {
  const Workload small = training_step(find_model("resnet18").make({}), 1);
  CHECK(weights(small) == 11689512 - 2 * 4800 - 1000);
  CHECK(forward_macs(small, "fc") == 1813561344);
  CHECK(forward_macs(small) == 1814073344);

  const Workload large = training_step(find_model("resnet50").make({}), 1);
  CHECK(weights(large) == 25557032 - 2 * 26560 - 1000);
  CHECK(forward_macs(large) == 4089184256);
}

TEST_CASE("a training step is three times the forward pass less the first data gradient") {
  for (const char* name : {"resnet18", "resnet50"}) {
    const Workload step = training_step(find_model(name).make({}), 2);
    const MacTotals totals = mac_totals(step);
    const int64_t first = macs(gemm_of(step, "conv1", Phase::fwd));
    CHECK(first == 2 * 112 * 112 * 64 * 147);
    CHECK(totals.wgrad == totals.fwd);
    CHECK(totals.dgrad == totals.fwd - first);
    CHECK_FALSE(has_gemm(step, "conv1", Phase::dgrad));
  }
}

TEST_CASE("ResNet layers have torchvision's shapes") {
  const Workload step = training_step(find_model("resnet50").make({}), 3);
  CHECK(gemm_of(step, "layer1.0.downsample", Phase::fwd) ==
        Gemm{"layer1.0.downsample", Phase::fwd, 9408, 256, 64, 1});
  // v1.5: the 1x1 before the strided 3x3 still works on 56 x 56.
  CHECK(gemm_of(step, "layer2.0.conv1", Phase::fwd) == Gemm{"layer2.0.conv1", Phase::fwd, 9408, 128, 256, 1});
  CHECK(gemm_of(step, "layer2.0.conv2", Phase::fwd) ==
        Gemm{"layer2.0.conv2", Phase::fwd, 2352, 128, 1152, 1});
  CHECK(gemm_of(step, "fc", Phase::wgrad) == Gemm{"fc", Phase::wgrad, 2048, 1000, 3, 1});
  CHECK_FALSE(has_gemm(step, "layer1.1.downsample", Phase::fwd));
  const Workload tiny = training_step(find_model("resnet18").make({.image_size = 32}), 1);
  CHECK(gemm_of(tiny, "layer4.1.conv2", Phase::fwd) == Gemm{"layer4.1.conv2", Phase::fwd, 1, 512, 4608, 1});
}

// 124,439,808 parameters are published for GPT-2 small; biases, normalisations and the position embedding
// are in no GEMM, and the token embedding is the matrix of lm_head.
TEST_CASE("GPT-2 small has the known parameters and multiply-accumulates") {
  const Workload step = training_step(find_model("gpt2_small").make({.sequence = 128}), 1);
  int64_t parameters = 0;
  int64_t attention = 0;
  for (const Gemm& gemm : step.gemms) {
    if (gemm.phase != Phase::fwd) continue;
    (gemm.count == 1 ? parameters : attention) += gemm.count == 1 ? gemm.k * gemm.n : macs(gemm);
  }
  const int64_t biases = int64_t{12} * (2304 + 768 + 3072 + 768);
  const int64_t normalisations = int64_t{25} * 2 * 768;
  CHECK(parameters == 124439808 - biases - normalisations - int64_t{1024} * 768);
  CHECK(attention == int64_t{12} * 2 * 128 * 128 * 768);
  const MacTotals totals = mac_totals(step);
  CHECK(totals.fwd == parameters * 128 + attention);
  CHECK(totals.dgrad == totals.fwd);
  CHECK(totals.wgrad == totals.fwd);
  CHECK(gemm_of(step, "block11.attention.scores", Phase::fwd) ==
        Gemm{"block11.attention.scores", Phase::fwd, 128, 128, 64, 12});

  const Workload headless =
      training_step(find_model("gpt2_small").make({.sequence = 128, .lm_head = false}), 1);
  CHECK(totals.fwd - mac_totals(headless).fwd == int64_t{128} * 768 * 50257);
}

TEST_CASE("an unknown model is answered with the known ones") {
  CHECK(error_of([] { find_model("resnet19"); }) ==
        "unknown model 'resnet19'; expected one of: resnet18, resnet50, gpt2_small");
}
