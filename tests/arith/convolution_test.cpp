// Convolutions and their gradients against their definition, summed place by place by the golden model, on every
// instruction set of the machine.
#include <doctest/doctest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <vector>

#include "arith/convolution.h"
#include "arith/dot.h"
#include "base/error.h"
#include "base/random.h"
#include "formats/array_kernels_plan.h"
#include "formats/random_bits.h"
#include "formats/real.h"
#include "formats/round.h"

using namespace assay;

namespace {

constexpr uint64_t kSeed = 5, kStream = 6;

std::vector<uint64_t> codes_of(const Format& format, int64_t count, uint64_t stream) {
  std::vector<uint64_t> codes;
  for (int64_t i = 0; i < count; ++i) {
    const float uniform = 2 * uniform_float(philox(3, stream, static_cast<uint64_t>(i))[0]) - 1;
    codes.push_back(encode(format, is_integer(format) ? 100 * uniform : 3 * uniform, Rounding::rne,
                           Saturation::sat_finite));
  }
  return codes;
}

// One of the sums of a layer: its operands in order, and which output of which stream it is.
struct Sum {
  std::vector<uint64_t> a, b;
  uint64_t start = 0;
  uint64_t stream = 0, output = 0, outputs = 0;
};

struct Layer {
  Unit unit;
  ConvolutionShape s;
  std::vector<uint64_t> x, w, dy, bias;
  int64_t channels, outputs;  // of a group

  // The operands of `unit` are those of the phase: images and filters, or gradients and filters, or images and
  // gradients.
  Layer(const std::string& name, const ConvolutionShape& shape, char phase)
      : unit(parse_unit(name)),
        s(shape),
        x(codes_of(unit.a, s.images * s.channels * s.height * s.width, 1)),
        w(codes_of(unit.b, s.output_channels * s.channels / s.groups * s.filter_height * s.filter_width, 2)),
        dy(codes_of(phase == 'd' ? unit.a : unit.b,
                    s.images * s.output_channels * s.output_height() * s.output_width(), 4)),
        bias(codes_of(unit.result, s.output_channels, 3)),
        channels(s.channels / s.groups),
        outputs(s.output_channels / s.groups) {}

  uint64_t image_at(int64_t image, int64_t channel, int64_t y, int64_t x_at) const {
    if (y < 0 || y >= s.height || x_at < 0 || x_at >= s.width) return zero_code(unit.a, false);
    return x[static_cast<size_t>(((image * s.channels + channel) * s.height + y) * s.width + x_at)];
  }
  uint64_t gradient_at(int64_t image, int64_t output, int64_t y, int64_t x_at, const Format& format) const {
    const int64_t height = s.output_height(), width = s.output_width();
    if (y < 0 || y >= height || x_at < 0 || x_at >= width) return zero_code(format, false);
    return dy[static_cast<size_t>(((image * s.output_channels + output) * height + y) * width + x_at)];
  }
  uint64_t filter_at(int64_t output, int64_t channel, int64_t y, int64_t x_at) const {
    return w[static_cast<size_t>(((output * channels + channel) * s.filter_height + y) * s.filter_width +
                                 x_at)];
  }

  Sum result(int64_t image, int64_t output, int64_t oy, int64_t ox, bool with_bias) const {
    const int64_t group = output / outputs;
    Sum sum;
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t fy = 0; fy < s.filter_height; ++fy) {
        for (int64_t fx = 0; fx < s.filter_width; ++fx) {
          sum.a.push_back(image_at(image, group * channels + c,
                                   oy * s.stride_y + fy * s.dilation_y - s.padding_y,
                                   ox * s.stride_x + fx * s.dilation_x - s.padding_x));
          sum.b.push_back(filter_at(output, c, fy, fx));
        }
      }
    }
    sum.start = with_bias ? bias[static_cast<size_t>(output)] : zero_code(unit.result, false);
    sum.stream = static_cast<uint64_t>(group * s.images + image);
    sum.output = static_cast<uint64_t>((oy * s.output_width() + ox) * outputs + output % outputs);
    sum.outputs = static_cast<uint64_t>(s.output_height() * s.output_width() * outputs);
    return sum;
  }

  Sum image_gradient(int64_t image, int64_t channel, int64_t y, int64_t x_at) const {
    const int64_t group = channel / channels;
    Sum sum;
    for (int64_t o = 0; o < outputs; ++o) {
      for (int64_t fy = 0; fy < s.filter_height; ++fy) {
        for (int64_t fx = 0; fx < s.filter_width; ++fx) {
          const int64_t up = y + s.padding_y - fy * s.dilation_y;
          const int64_t along = x_at + s.padding_x - fx * s.dilation_x;
          if (up % s.stride_y != 0 || along % s.stride_x != 0) continue;
          sum.a.push_back(
              gradient_at(image, group * outputs + o, up / s.stride_y, along / s.stride_x, unit.a));
          sum.b.push_back(filter_at(group * outputs + o, channel % channels, fy, fx));
        }
      }
    }
    const int64_t first_y = y % s.stride_y, first_x = x_at % s.stride_x;
    const int64_t rows = (s.height - first_y + s.stride_y - 1) / s.stride_y;
    const int64_t columns = (s.width - first_x + s.stride_x - 1) / s.stride_x;
    const int64_t place = y / s.stride_y * columns + x_at / s.stride_x;
    sum.start = zero_code(unit.result, false);
    sum.stream =
        static_cast<uint64_t>(((group * s.stride_y + first_y) * s.stride_x + first_x) * s.images + image);
    sum.output = static_cast<uint64_t>(place * channels + channel % channels);
    sum.outputs = static_cast<uint64_t>(rows * columns * channels);
    return sum;
  }

  Sum filter_gradient(int64_t output, int64_t c, int64_t fy, int64_t fx) const {
    const int64_t channel = output / outputs * channels + c;
    Sum sum;
    for (int64_t image = 0; image < s.images; ++image) {
      for (int64_t oy = 0; oy < s.output_height(); ++oy) {
        for (int64_t ox = 0; ox < s.output_width(); ++ox) {
          sum.a.push_back(image_at(image, channel, oy * s.stride_y + fy * s.dilation_y - s.padding_y,
                                   ox * s.stride_x + fx * s.dilation_x - s.padding_x));
          sum.b.push_back(gradient_at(image, output, oy, ox, unit.b));
        }
      }
    }
    sum.start = zero_code(unit.result, false);
    sum.stream = static_cast<uint64_t>(channel);
    sum.output = static_cast<uint64_t>((fy * s.filter_width + fx) * outputs + output % outputs);
    sum.outputs = static_cast<uint64_t>(s.filter_height * s.filter_width * outputs);
    return sum;
  }

  uint64_t golden(const Sum& sum) const {
    std::vector<RandomBits> random;
    const auto terms = static_cast<size_t>(unit.terms);
    const size_t roundings = (sum.a.size() + terms - 1) / terms * static_cast<size_t>(rounding_count(unit));
    for (size_t r = 0; is_stochastic(unit.rounding) && r < roundings; ++r) {
      random.push_back(element_random_bits(kSeed, kStream + sum.stream, r * sum.outputs + sum.output, 16));
    }
    return accumulate_dot(unit, sum.a, sum.b, sum.start, random);
  }

  // How many of the results, of the sizes given, are not the sum that `sum_of` says.
  template <typename SumOf>
  int wrong(const std::vector<uint64_t>& results, int64_t n1, int64_t n2, int64_t n3,
            const SumOf& sum_of) const {
    int count = 0;
    for (size_t i = 0; i < results.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      count += results[i] != golden(sum_of(at / (n1 * n2 * n3), at / (n2 * n3) % n1, at / n3 % n2, at % n3))
                   ? 1
                   : 0;
    }
    return count;
  }

  int wrong_results(bool with_bias, int threads) const {
    std::vector<uint64_t> results(dy.size(), ~uint64_t{0});
    convolve(unit, s, {x.data(), Element::code64}, {w.data(), Element::code64},
             {with_bias ? bias.data() : nullptr, Element::code64}, results.data(), Element::code64,
             {.threads = threads, .seed = kSeed, .stream = kStream});
    return wrong(results, s.output_channels, s.output_height(), s.output_width(),
                 [&](int64_t image, int64_t output, int64_t y, int64_t x_at) {
                   return result(image, output, y, x_at, with_bias);
                 });
  }

  int wrong_image_gradients(int threads) const {
    std::vector<uint64_t> results(x.size(), ~uint64_t{0});
    convolve_data_gradient(unit, s, {dy.data(), Element::code64}, {w.data(), Element::code64}, results.data(),
                           Element::code64, {.threads = threads, .seed = kSeed, .stream = kStream});
    return wrong(results, s.channels, s.height, s.width,
                 [&](int64_t image, int64_t channel, int64_t y, int64_t x_at) {
                   return image_gradient(image, channel, y, x_at);
                 });
  }

  int wrong_filter_gradients(int threads) const {
    std::vector<uint64_t> results(w.size(), ~uint64_t{0});
    convolve_filter_gradient(unit, s, {x.data(), Element::code64}, {dy.data(), Element::code64},
                             results.data(), Element::code64,
                             {.threads = threads, .seed = kSeed, .stream = kStream});
    return wrong(results, channels, s.filter_height, s.filter_width,
                 [&](int64_t output, int64_t c, int64_t fy, int64_t fx) {
                   return filter_gradient(output, c, fy, fx);
                 });
  }
};

void check_layer(const std::string& unit, const ConvolutionShape& shape, int threads) {
  CAPTURE(unit);
  CAPTURE(threads);
  CHECK(Layer(unit, shape, 'f').wrong_results(threads % 2 == 0, threads) == 0);
  CHECK(Layer(unit, shape, 'd').wrong_image_gradients(threads) == 0);
  CHECK(Layer(unit, shape, 'w').wrong_filter_gradients(threads) == 0);
}

// Kernels of the GEMM, in order: fma, piecewise affine, integers, rounding, window, rows of float64, golden.
const std::vector<std::string> kUnits = {"mac-e4m3-e4m3-fp32",
                                         "mac-e4m3-e5m2-fp32",
                                         "mac-bf16-bf16-fp32-pam",
                                         "mac-int8-int8-int32",
                                         "mac-uint8-int8-int16",
                                         "mac-e4m3-e5m2-fp16",
                                         "mac-fp16-fp16-fp16",
                                         "dot4-e4m3-e4m3-fp32-window13",
                                         "mac-e4m3-e4m3-fp16-rna",
                                         "mac-e4m3-e4m3-bf16-sr_a",
                                         "mac-smint4-e3m0-fp32-mfbprop",
                                         "dot2-e4m3-e5m2-fp16-kahan",
                                         "dot4-e4m3-e4m3-fp32-partial_fp16"};

ConvolutionShape random_shape(uint64_t index) {
  const auto words = philox(17, 1, index), more = philox(17, 2, index);
  const auto in = [](uint32_t word, int64_t least, int64_t greatest) {
    return least + static_cast<int64_t>(word % static_cast<uint32_t>(greatest - least + 1));
  };
  ConvolutionShape s;
  s.images = in(words[0], 1, 3);
  s.groups = in(words[0] >> 8, 1, 4) == 1 ? 2 : 1;
  s.channels = s.groups * in(words[0] >> 16, 1, 4);
  s.output_channels = s.groups * in(words[0] >> 24, 1, 5);
  s.height = in(words[1], 1, 9);
  s.width = in(words[1] >> 8, 1, 9);
  s.filter_height = in(words[1] >> 16, 1, 4);
  s.filter_width = in(words[1] >> 24, 1, 5);
  s.stride_y = in(words[2], 1, 3);
  s.stride_x = in(words[2] >> 8, 1, 3);
  s.dilation_y = in(words[2] >> 16, 1, 2);
  s.dilation_x = in(words[2] >> 24, 1, 3);
  // Padding may hold the whole filter; it must be enough for one that is larger than the image.
  const auto padding = [&](uint32_t word, int64_t size, int64_t filter, int64_t dilation) {
    const int64_t extent = dilation * (filter - 1) + 1, missing = extent - size;
    return std::max<int64_t>(in(word, 0, extent), missing > 0 ? (missing + 1) / 2 : 0);
  };
  s.padding_y = padding(more[0], s.height, s.filter_height, s.dilation_y);
  s.padding_x = padding(more[1], s.width, s.filter_width, s.dilation_x);
  return s;
}

}  // namespace

TEST_CASE("a convolution and its gradients are the sums of their definition") {
  ConvolutionShape plain;
  plain.images = 2;
  plain.channels = 4;
  plain.height = 7;
  plain.width = 9;
  plain.output_channels = 6;
  plain.filter_height = plain.filter_width = 3;
  plain.padding_y = plain.padding_x = 1;
  ConvolutionShape odd = plain;
  odd.stride_y = 2;
  odd.stride_x = 3;
  odd.dilation_x = 2;
  odd.padding_y = 0;
  odd.padding_x = 3;
  odd.groups = 2;
  ConvolutionShape depthwise = plain;
  depthwise.groups = depthwise.output_channels = 4;
  ConvolutionShape pointwise = plain;
  pointwise.filter_height = pointwise.filter_width = 1;
  pointwise.padding_y = pointwise.padding_x = 0;
  ConvolutionShape sparse = pointwise;  // places that no filter meets
  sparse.stride_y = sparse.stride_x = 2;
  for (const std::string& unit : kUnits) {
    int threads = 0;
    for (const ConvolutionShape& shape : {plain, odd, depthwise, pointwise, sparse}) {
      check_layer(unit, shape, 1 + threads++ % 4);
    }
  }
}

TEST_CASE("convolutions of random shapes") {
  for (uint64_t i = 0; i < 130; ++i) {
    CAPTURE(i);
    check_layer(kUnits[i % kUnits.size()], random_shape(i), 1 + static_cast<int>(i / 2 % 4));
  }
}

TEST_CASE("convolutions on every instruction set") {
  // Those the kernels are compiled for; the first is what processors without AVX2 run.
  const int64_t supported = hwy::SupportedTargets() | HWY_SCALAR;
  for (const int64_t target : {int64_t{HWY_SCALAR}, int64_t{HWY_AVX2}, int64_t{HWY_AVX3}}) {
    if ((supported & target) == 0) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    CAPTURE(target);
    for (uint64_t i = 0; i < kUnits.size(); ++i) check_layer(kUnits[i], random_shape(1000 + i), 2);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST_CASE("a filter larger than its image meets it in the padding") {
  ConvolutionShape s;
  s.images = 3;
  s.channels = 2;
  s.height = 2;
  s.width = 3;
  s.output_channels = 3;
  s.filter_height = s.filter_width = 5;
  s.padding_y = 3;
  s.padding_x = 2;
  for (const std::string& unit : kUnits) check_layer(unit, s, 3);
}

TEST_CASE("integer convolutions are those of integers") {
  // Independent of any order: a convolution is bilinear and the gradients are its adjoints,
  // <convolve(x, w), dy> = <x, data_gradient(dy, w)> = <w, filter_gradient(x, dy)>.
  for (uint64_t i = 0; i < 60; ++i) {
    CAPTURE(i);
    const ConvolutionShape s = random_shape(2000 + i);
    const Layer layer("mac-int8-int8-int32", s, 'f');
    const auto run = [&](auto function, const std::vector<uint64_t>& a, const std::vector<uint64_t>& b,
                         size_t count) {
      std::vector<uint32_t> results(count);
      function({a.data(), Element::code64}, {b.data(), Element::code64}, results.data());
      return results;
    };
    const auto y = run([&](const DenseArray& a, const DenseArray& b,
                           void* results) { convolve(layer.unit, s, a, b, {}, results, Element::code32); },
                       layer.x, layer.w, layer.dy.size());
    const auto dx =
        run([&](const DenseArray& a, const DenseArray& b,
                void* results) { convolve_data_gradient(layer.unit, s, a, b, results, Element::code32); },
            layer.dy, layer.w, layer.x.size());
    const auto dw =
        run([&](const DenseArray& a, const DenseArray& b,
                void* results) { convolve_filter_gradient(layer.unit, s, a, b, results, Element::code32); },
            layer.x, layer.dy, layer.w.size());
    const auto inner = [](const std::vector<uint32_t>& sums, const std::vector<uint64_t>& codes) {
      int64_t total = 0;
      for (size_t j = 0; j < sums.size(); ++j) {
        total += int64_t{static_cast<int32_t>(sums[j])} * static_cast<int8_t>(codes[j]);
      }
      return total;
    };
    CHECK(inner(y, layer.dy) == inner(dx, layer.x));
    CHECK(inner(y, layer.dy) == inner(dw, layer.w));
  }
}

TEST_CASE("float32 operands and results of a convolution") {
  const ConvolutionShape s = random_shape(4);
  const Layer layer("mac-e4m3-e4m3-fp32", s, 'd');
  const auto values = [](const Format& format, const std::vector<uint64_t>& codes) {
    std::vector<float> floats;
    floats.reserve(codes.size());
    for (const uint64_t code : codes) floats.push_back(nearest_float<float>(decode(format, code)));
    return floats;
  };
  const std::vector<float> dy = values(layer.unit.a, layer.dy), w = values(layer.unit.b, layer.w);
  std::vector<float> dx(layer.x.size());
  convolve_data_gradient(layer.unit, s, {dy.data()}, {w.data()}, dx.data(), Element::float32);
  std::vector<uint32_t> codes(layer.x.size());
  convolve_data_gradient(layer.unit, s, {layer.dy.data(), Element::code64}, {layer.w.data(), Element::code64},
                         codes.data(), Element::code32);
  CHECK(std::ranges::equal(dx, codes, {}, [](float x) { return std::bit_cast<uint32_t>(x); }));
}

TEST_CASE("padding is +0") {
  // Products of +0 and +0 make the accumulator -0 a +0; those of -0 and +0 would leave it.
  ConvolutionShape s;
  s.padding_y = s.padding_x = 1;
  for (const char* unit : {"mac-e4m3-e4m3-fp32", "mac-e4m3-e4m3-fp32-sr_a"}) {
    const std::vector<uint8_t> image = {0x80}, filter = {0};  // -0 in the middle
    const std::vector<uint32_t> bias = {0x80000000};
    std::vector<uint32_t> results(9);
    convolve(parse_unit(unit), s, {image.data(), Element::code8}, {filter.data(), Element::code8},
             {bias.data(), Element::code32}, results.data(), Element::code32);
    CHECK(results == std::vector<uint32_t>{0, 0, 0, 0, 0x80000000, 0, 0, 0, 0});
  }
}

TEST_CASE("no images make no results and gradients of zero") {
  ConvolutionShape s;
  s.images = 0;
  s.filter_height = 1;
  std::vector<float> gradient(1, 7.0F);
  const Unit unit = parse_unit("mac-e4m3-e4m3-fp32");
  convolve(unit, s, {}, {gradient.data()}, {}, nullptr, Element::float32);
  convolve_data_gradient(unit, s, {}, {gradient.data()}, nullptr, Element::float32);
  convolve_filter_gradient(unit, s, {}, {}, gradient.data(), Element::float32);
  CHECK(gradient[0] == 0.0F);
}

TEST_CASE("impossible convolutions are refused") {
  ConvolutionShape shape;
  const auto refused = [&] {
    const Unit unit = parse_unit("mac-e4m3-e4m3-fp32");
    CHECK_THROWS_AS(convolve(unit, shape, {}, {}, {}, nullptr, Element::float32), Error);
    CHECK_THROWS_AS(convolve_data_gradient(unit, shape, {}, {}, nullptr, Element::float32), Error);
    CHECK_THROWS_AS(convolve_filter_gradient(unit, shape, {}, {}, nullptr, Element::float32), Error);
  };
  shape.filter_height = 3;
  refused();
  shape.filter_height = 1;
  shape.groups = 2;
  refused();
  shape.groups = 1;
  shape.stride_x = 0;
  refused();
}
