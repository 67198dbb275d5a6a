// Convolutions against their definition, summed place by place by the golden model.
#include <doctest/doctest.h>

#include <bit>
#include <string>
#include <vector>

#include "arith/convolution.h"
#include "arith/dot.h"
#include "base/error.h"
#include "base/random.h"
#include "formats/array_kernels_plan.h"
#include "formats/real.h"
#include "formats/round.h"

using namespace assay;

namespace {

std::vector<uint64_t> codes_of(const Format& format, int64_t count, uint64_t stream) {
  std::vector<uint64_t> codes;
  for (int64_t i = 0; i < count; ++i) {
    const float uniform = 2 * uniform_float(philox(3, stream, static_cast<uint64_t>(i))[0]) - 1;
    codes.push_back(encode(format, is_integer(format) ? 100 * uniform : 3 * uniform, Rounding::rne,
                           Saturation::sat_finite));
  }
  return codes;
}

struct Layer {
  Unit unit;
  ConvolutionShape s;
  std::vector<uint64_t> x, w, bias;

  Layer(const std::string& name, const ConvolutionShape& shape)
      : unit(parse_unit(name)),
        s(shape),
        x(codes_of(unit.a, s.images * s.channels * s.height * s.width, 1)),
        w(codes_of(unit.b, s.output_channels * s.channels / s.groups * s.filter_height * s.filter_width, 2)),
        bias(codes_of(unit.result, s.output_channels, 3)) {}

  uint64_t at(int64_t image, int64_t output, int64_t oy, int64_t ox, bool with_bias) const {
    const int64_t channels = s.channels / s.groups, group = output / (s.output_channels / s.groups);
    std::vector<uint64_t> a, b;
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t fy = 0; fy < s.filter_height; ++fy) {
        for (int64_t fx = 0; fx < s.filter_width; ++fx) {
          const int64_t y = oy * s.stride_y + fy * s.dilation_y - s.padding_y;
          const int64_t x_place = ox * s.stride_x + fx * s.dilation_x - s.padding_x;
          const bool inside = y >= 0 && y < s.height && x_place >= 0 && x_place < s.width;
          const int64_t plane = image * s.channels + group * channels + c;
          a.push_back(inside ? x[static_cast<size_t>((plane * s.height + y) * s.width + x_place)]
                             : zero_code(unit.a, false));
          b.push_back(
              w[static_cast<size_t>(((output * channels + c) * s.filter_height + fy) * s.filter_width + fx)]);
        }
      }
    }
    return accumulate_dot(unit, a, b,
                          with_bias ? bias[static_cast<size_t>(output)] : zero_code(unit.result, false));
  }

  int mistakes(bool with_bias, int threads) const {
    const int64_t height = s.output_height(), width = s.output_width();
    std::vector<uint64_t> results(static_cast<size_t>(s.images * s.output_channels * height * width));
    convolve(unit, s, {x.data(), Element::code64}, {w.data(), Element::code64},
             {with_bias ? bias.data() : nullptr, Element::code64}, results.data(), Element::code64,
             {.threads = threads});
    int wrong = 0;
    for (size_t i = 0; i < results.size(); ++i) {
      const auto place = static_cast<int64_t>(i);
      const int64_t plane = place / (height * width);
      const uint64_t expected = at(plane / s.output_channels, plane % s.output_channels,
                                   place / width % height, place % width, with_bias);
      wrong += results[i] != expected ? 1 : 0;
    }
    return wrong;
  }
};

}  // namespace

TEST_CASE("a convolution is the sum of its definition") {
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
  for (const char* unit :
       {"mac-e4m3-e4m3-fp32", "mac-bf16-bf16-fp32-pam", "mac-int8-int8-int32", "mac-fp16-fp16-fp16",
        "dot4-e4m3-e4m3-fp32-window13", "mac-e4m3-e4m3-fp16-rna", "dot2-e4m3-e5m2-fp16-kahan"}) {
    CAPTURE(unit);
    for (const ConvolutionShape& shape : {plain, odd, depthwise, pointwise}) {
      CHECK(Layer(unit, shape).mistakes(false, 1) == 0);
      CHECK(Layer(unit, shape).mistakes(true, 3) == 0);
    }
  }
}

TEST_CASE("impossible convolutions are refused") {
  ConvolutionShape shape;
  shape.filter_height = 3;
  CHECK_THROWS_AS(convolve(parse_unit("mac-e4m3-e4m3-fp32"), shape, {}, {}, {}, nullptr, Element::float32),
                  Error);
  shape.filter_height = 1;
  shape.groups = 2;
  CHECK_THROWS_AS(convolve(parse_unit("mac-e4m3-e4m3-fp32"), shape, {}, {}, {}, nullptr, Element::float32),
                  Error);
}
