#include "arith/convolution.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "arith/gemm_pack.h"
#include "arith/gemm_source.h"
#include "base/error.h"
#include "formats/round.h"

namespace assay {
namespace {

size_t bytes_of(Element element) {
  switch (element) {
    case Element::code8:
      return 1;
    case Element::code16:
      return 2;
    case Element::code64:
      return 8;
    default:
      return 4;
  }
}

template <typename Pointer>
Pointer* advance(Pointer* data, Element element, int64_t elements) {
  using Byte = std::conditional_t<std::is_const_v<Pointer>, const unsigned char, unsigned char>;
  return static_cast<Byte*>(data) + elements * static_cast<int64_t>(bytes_of(element));
}

void check(const ConvolutionShape& s) {
  const bool positive = s.channels > 0 && s.height > 0 && s.width > 0 && s.output_channels > 0 &&
                        s.filter_height > 0 && s.filter_width > 0 && s.stride_y > 0 && s.stride_x > 0 &&
                        s.dilation_y > 0 && s.dilation_x > 0 && s.groups > 0;
  if (!positive || s.images < 0 || s.padding_y < 0 || s.padding_x < 0) {
    fail("convolution: expected sizes, strides, dilations and groups of at least 1 and no negative padding");
  }
  if (s.channels % s.groups != 0 || s.output_channels % s.groups != 0) {
    fail("convolution: {} groups do not divide {} input and {} output channels", s.groups, s.channels,
         s.output_channels);
  }
  const int64_t free_y = s.height + 2 * s.padding_y - s.dilation_y * (s.filter_height - 1) - 1;
  const int64_t free_x = s.width + 2 * s.padding_x - s.dilation_x * (s.filter_width - 1) - 1;
  if (free_y < 0 || free_x < 0) {
    fail("convolution: the filter of {} x {} is larger than the padded image", s.filter_height,
         s.filter_width);
  }
}

// Patches of the channels of one image that a group of filters sees: row p of the matrix holds the values under the
// filter at output place p.
class Patches {
 public:
  explicit Patches(const ConvolutionShape& shape) : s_(shape) {}

  // Calls visit(lane, offset) for lanes first .. first + lanes at depth k; the offset of an element of the image, or -1
  // in the padding.
  template <typename Visit>
  void for_lanes(int64_t first, size_t lanes, int64_t k, const Visit& visit) const {
    const int64_t filter = s_.filter_height * s_.filter_width, width = s_.output_width();
    const int64_t plane = k / filter * s_.height * s_.width;
    const int64_t from_y = k % filter / s_.filter_width * s_.dilation_y - s_.padding_y;
    const int64_t from_x = k % s_.filter_width * s_.dilation_x - s_.padding_x;
    int64_t place_y = first / width, place_x = first % width;
    for (size_t lane = 0; lane < lanes; ++lane) {
      const int64_t y = from_y + place_y * s_.stride_y, x = from_x + place_x * s_.stride_x;
      const bool inside = y >= 0 && y < s_.height && x >= 0 && x < s_.width;
      visit(lane, inside ? plane + y * s_.width + x : -1);
      if (++place_x == width) {
        place_x = 0;
        ++place_y;
      }
    }
  }

 private:
  ConvolutionShape s_;
};

// A convolution as one GEMM a group.
class Convolution {
 public:
  Convolution(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
              const GemmOptions& options)
      : unit_(unit),
        s_(shape),
        images_(images),
        options_(options),
        patches_(shape),
        group_channels_(shape.channels / shape.groups),
        depth_(group_channels_ * shape.filter_height * shape.filter_width),
        places_(shape.output_height() * shape.output_width()) {}

  void run_group(int64_t group, const DenseArray& filters, const DenseArray& bias, void* results,
                 Element element) {
    const int64_t outputs = s_.output_channels / s_.groups;
    GemmProblem problem;
    problem.m = places_;
    problem.n = outputs;
    problem.k = depth_;
    problem.batches = s_.images;
    const void* first_filter = advance(filters.data, filters.element, group * outputs * depth_);
    problem.b = {first_filter, filters.element, 1, depth_, 0};
    if (bias.data != nullptr) {
      problem.c0 = ConstMatrix{advance(bias.data, bias.element, group * outputs), bias.element, 0, 1, 0};
    }
    void* first_result = advance(results, element, group * outputs * places_);
    problem.c = {first_result, element, 1, places_, s_.output_channels * places_};
    GemmOptions options = options_;
    options.stream += static_cast<uint64_t>(group);
    if (takes_rows_of_a(unit_, depth_, !problem.c0)) {
      run_implicit(group, problem, options);
    } else {
      run_explicit(group, problem, options);
    }
  }

 private:
  int64_t first_element(int64_t image, int64_t group) const {
    return (image * s_.channels + group * group_channels_) * s_.height * s_.width;
  }

  // Patches are read from the values of the image while they are packed.
  void run_implicit(int64_t group, GemmProblem& problem, const GemmOptions& options) const {
    const auto reader =
        images_.element == Element::float32 ? nullptr : std::make_shared<CodeReader<float>>(unit_.a);
    const RowsOfA rows = [&, reader](int64_t image) -> ReadStrip<float> {
      const int64_t elements = group_channels_ * s_.height * s_.width;
      const ConstMatrix flat{images_.data, images_.element, 0, 1, 0};
      auto values = std::make_shared<std::vector<float>>(static_cast<size_t>(elements));
      read_matrix<float>(flat, first_element(image, group), 1, elements, reader)(
          0, values->size(), 0, 1, values->size(), values->data());
      return [this, values](int64_t first, size_t lanes, int64_t first_k, size_t depth, size_t stride,
                            float* out) {
        for (size_t k = 0; k < depth; ++k, out += stride) {
          patches_.for_lanes(first, lanes, first_k + static_cast<int64_t>(k),
                             [&](size_t lane, int64_t offset) {
                               out[lane] = offset < 0 ? 0.0F : (*values)[static_cast<size_t>(offset)];
                             });
        }
      };
    };
    gemm_from(unit_, rows, problem, options);
  }

  // Patches are written out as a matrix.
  void run_explicit(int64_t group, GemmProblem& problem, const GemmOptions& options) const {
    const size_t size = bytes_of(images_.element);
    const uint64_t zero = images_.element == Element::float32 ? 0 : zero_code(unit_.a, false);
    std::vector<unsigned char> rows(size * static_cast<size_t>(s_.images * places_ * depth_));
    for (int64_t image = 0; image < s_.images; ++image) {
      const auto* from = static_cast<const unsigned char*>(
          advance(images_.data, images_.element, first_element(image, group)));
      for (int64_t k = 0; k < depth_; ++k) {
        unsigned char* to = rows.data() + size * static_cast<size_t>(image * places_ * depth_ + k);
        patches_.for_lanes(0, static_cast<size_t>(places_), k, [&](size_t lane, int64_t offset) {
          const void* element =
              offset < 0 ? static_cast<const void*>(&zero) : from + size * static_cast<size_t>(offset);
          std::memcpy(to + size * lane * static_cast<size_t>(depth_), element, size);
        });
      }
    }
    problem.a = {rows.data(), images_.element, depth_, 1, places_ * depth_};
    gemm(unit_, problem, options);
  }

  const Unit& unit_;
  const ConvolutionShape& s_;
  const DenseArray& images_;
  const GemmOptions& options_;
  Patches patches_;
  int64_t group_channels_, depth_, places_;
};

}  // namespace

void convolve(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
              const DenseArray& filters, const DenseArray& bias, void* results, Element element,
              const GemmOptions& options) {
  check(shape);
  Convolution convolution(unit, shape, images, options);
  for (int64_t group = 0; group < shape.groups; ++group) {
    convolution.run_group(group, filters, bias, results, element);
  }
}

}  // namespace assay
