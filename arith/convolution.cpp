#include "arith/convolution.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "arith/gemm_pack.h"
#include "arith/gemm_source.h"
#include "base/error.h"
#include "base/parallel.h"
#include "formats/round.h"

namespace assay {
namespace {

// Calls body with a pointer to the unsigned integers that are as large as the elements.
template <typename Pointer, typename Body>
auto with_words(Pointer* data, Element element, const Body& body) {
  const auto as = [&]<typename Word>(Word) {
    return body(static_cast<std::conditional_t<std::is_const_v<Pointer>, const Word, Word>*>(data));
  };
  switch (element) {
    case Element::code8:
      return as(uint8_t{});
    case Element::code16:
      return as(uint16_t{});
    case Element::code64:
      return as(uint64_t{});
    default:
      return as(uint32_t{});
  }
}

template <typename Pointer>
Pointer* advance(Pointer* data, Element element, int64_t elements) {
  return with_words(data, element, [=](auto* words) -> Pointer* { return words + elements; });
}

// Room for elements of one kind.
class Elements {
 public:
  Elements(Element element, int64_t count) : element_(element) {
    with_words<void>(nullptr, element,
                     [&](const auto* word) { bytes_.resize(static_cast<size_t>(count) * sizeof(*word)); });
  }
  void* data() { return bytes_.data(); }
  Element element() const { return element_; }

 private:
  Element element_;
  std::vector<unsigned char> bytes_;
};

// Which elements of some planes meet in one sum: at place (i, j), tap t of plane p is element
// (i step_y + taps[t].y, j step_x + taps[t].x) of the plane, or +0 outside of it. k counts the taps of all planes.
struct Tap {
  int64_t y = 0, x = 0;
  int64_t filter = 0;  // the element of the filter that it meets
};
struct Gather {
  int64_t planes = 1, height = 1, width = 1;
  int64_t rows = 1, columns = 1;  // of places
  int64_t step_y = 1, step_x = 1;
  std::vector<Tap> taps;

  int64_t plane_size() const { return height * width; }
  int64_t places() const { return rows * columns; }
  int64_t tap_count() const { return static_cast<int64_t>(taps.size()); }
  int64_t depth() const { return planes * tap_count(); }

  // Calls visit(i, offset) for i = 0 .. count - 1: where operand k of place first + i lies, or -1.
  template <typename Visit>
  void along_places(int64_t k, int64_t first, size_t count, const Visit& visit) const {
    const Tap& tap = taps[static_cast<size_t>(k % tap_count())];
    const int64_t plane = k / tap_count() * plane_size();
    int64_t row = first / columns, column = first % columns;
    for (size_t i = 0; i < count; ++row, column = 0) {
      const int64_t y = row * step_y + tap.y;
      const int64_t line = y >= 0 && y < height ? plane + y * width : -1;
      const size_t end = std::min(count, i + static_cast<size_t>(columns - column));
      for (int64_t x = column * step_x + tap.x; i < end; ++i, x += step_x) {
        visit(i, line >= 0 && x >= 0 && x < width ? line + x : -1);
      }
    }
  }
};

// Tensors of `channels` planes an image, of which a group has `planes`.
struct Source {
  DenseArray array;
  Format format;
  int64_t channels = 1;
  int64_t first_channel = 0;

  int64_t first_element(const Gather& gather, int64_t image) const {
    return (image * channels + first_channel) * gather.plane_size();
  }
};

// The planes of some images as values, one image after the other.
std::shared_ptr<std::vector<float>> read_values(const Source& source, const Gather& gather,
                                                int64_t first_image, int64_t images) {
  const auto reader =
      source.array.element == Element::float32 ? nullptr : std::make_shared<CodeReader<float>>(source.format);
  const ConstMatrix flat{source.array.data, source.array.element, 0, 1, 0};
  const auto of_image = static_cast<size_t>(gather.planes * gather.plane_size());
  auto values = std::make_shared<std::vector<float>>(of_image * static_cast<size_t>(images));
  for (int64_t i = 0; i < images; ++i) {
    read_matrix<float>(flat, source.first_element(gather, first_image + i), 1, 0, reader)(
        0, of_image, 0, 1, of_image, values->data() + of_image * static_cast<size_t>(i));
  }
  return values;
}

// Writes operands k of all places of an image to out[place * place_stride].
template <typename Word>
void write_places(const Source& source, const Gather& gather, int64_t image, int64_t k, Word* out,
                  int64_t place_stride) {
  const bool is_float = source.array.element == Element::float32;
  const auto zero = static_cast<Word>(is_float ? 0 : zero_code(source.format, false));
  const Word* from = static_cast<const Word*>(source.array.data) + source.first_element(gather, image);
  gather.along_places(k, 0, static_cast<size_t>(gather.places()), [&](size_t place, int64_t offset) {
    out[static_cast<int64_t>(place) * place_stride] = offset < 0 ? zero : from[offset];
  });
}

// Calls body(i, options) for i = 0 .. count - 1, with stream i: side by side if there are enough of them, else threads
// share one after the other.
template <typename Body>
void for_streams(int64_t count, const GemmOptions& options, const Body& body) {
  const bool many = options.threads > 1 && count >= options.threads;
  parallel_for(static_cast<size_t>(count), many ? options.threads : 1, [&](size_t i) {
    GemmOptions inner = options;
    inner.stream += i;
    if (many) inner.threads = 1;
    body(static_cast<int64_t>(i), inner);
  });
}

// problem's product with the gathered operands of each image as A: rows are places. A kernel that takes values reads
// them from the image while it packs; for others the patches of one image at a time are written out.
void multiply_by_places(const Unit& unit, const Source& source, const Gather& gather,
                        const GemmProblem& problem, const GemmOptions& options) {
  if (takes_rows_of_a(unit, problem.k, !problem.c0)) {
    const RowsOfA rows = [&](int64_t image) -> ReadStrip<float> {
      return [&, values = read_values(source, gather, image, 1)](int64_t first, size_t lanes, int64_t first_k,
                                                                 size_t depth, size_t stride, float* out) {
        for (size_t k = 0; k < depth; ++k, out += stride) {
          gather.along_places(first_k + static_cast<int64_t>(k), first, lanes,
                              [&](size_t lane, int64_t offset) {
                                out[lane] = offset < 0 ? 0.0F : (*values)[static_cast<size_t>(offset)];
                              });
        }
      };
    };
    gemm_from(unit, rows, problem, options);
    return;
  }
  for_streams(problem.batches, options, [&](int64_t image, const GemmOptions& inner) {
    Elements patches(source.array.element, problem.m * problem.k);
    with_words(patches.data(), patches.element(), [&](auto* words) {
      for (int64_t k = 0; k < problem.k; ++k) write_places(source, gather, image, k, words + k, problem.k);
    });
    GemmProblem of_image = problem;
    of_image.batches = 1;
    of_image.a = {patches.data(), patches.element(), problem.k, 1, 0};
    of_image.c.data = advance(problem.c.data, problem.c.element, image * problem.c.batch_stride);
    gemm(unit, of_image, inner);
  });
}

// The same with the operands of all images as A^T: rows are taps of all planes, k are the places of all images. The
// others have the rows of one plane at a time written out; problem.b and problem.c are the same for all.
void multiply_by_taps(const Unit& unit, const Source& source, const Gather& gather, int64_t images,
                      const GemmProblem& problem, const GemmOptions& options) {
  const int64_t places = gather.places();
  if (takes_rows_of_a(unit, problem.k, true)) {
    const auto values = read_values(source, gather, 0, images);
    ReadStrip<float> read = [&](int64_t first, size_t lanes, int64_t first_k, size_t depth, size_t stride,
                                float* out) {
      for (size_t k = 0; k < depth;) {
        const int64_t image = (first_k + static_cast<int64_t>(k)) / places;
        const int64_t place = (first_k + static_cast<int64_t>(k)) % places;
        const size_t count = std::min(depth - k, static_cast<size_t>(places - place));
        const float* from = values->data() + image * gather.planes * gather.plane_size();
        for (size_t lane = 0; lane < lanes; ++lane) {
          float* to = out + k * stride + lane;
          gather.along_places(
              first + static_cast<int64_t>(lane), place, count,
              [&](size_t i, int64_t offset) { to[i * stride] = offset < 0 ? 0.0F : from[offset]; });
        }
        k += count;
      }
    };
    gemm_from(
        unit, [&](int64_t) { return read; }, problem, options);
    return;
  }
  const int64_t taps = gather.tap_count();
  for_streams(gather.planes, options, [&](int64_t plane, const GemmOptions& inner) {
    Elements rows(source.array.element, taps * problem.k);
    with_words(rows.data(), rows.element(), [&](auto* words) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t image = 0; image < images; ++image) {
          write_places(source, gather, image, plane * taps + tap, words + tap * problem.k + image * places,
                       1);
        }
      }
    });
    GemmProblem of_plane = problem;
    of_plane.m = taps;
    of_plane.a = {rows.data(), rows.element(), problem.k, 1, 0};
    of_plane.c.data = advance(problem.c.data, problem.c.element, plane * taps * problem.c.row_stride);
    gemm(unit, of_plane, inner);
  });
}

// What one group of a layer has.
struct Group {
  const ConvolutionShape& s;
  int64_t index;
  int64_t channels = s.channels / s.groups, outputs = s.output_channels / s.groups;
  int64_t filter = s.filter_height * s.filter_width;
  int64_t image_size = s.height * s.width, result_size = s.output_height() * s.output_width();

  int64_t first_filter() const { return index * outputs * channels * filter; }

  // Images under the filters.
  Gather patches() const {
    Gather gather{channels,         s.height,   s.width,    s.output_height(),
                  s.output_width(), s.stride_y, s.stride_x, {}};
    for (int64_t f = 0; f < filter; ++f) {
      gather.taps.push_back({f / s.filter_width * s.dilation_y - s.padding_y,
                             f % s.filter_width * s.dilation_x - s.padding_x, f});
    }
    return gather;
  }

  // Results that the places (first_y + i stride_y, first_x + j stride_x) of an image have part in.
  Gather results_met(int64_t first_y, int64_t first_x) const {
    Gather gather{outputs, s.output_height(), s.output_width(), 0, 0, 1, 1, {}};
    gather.rows = first_y < s.height ? (s.height - 1 - first_y) / s.stride_y + 1 : 0;
    gather.columns = first_x < s.width ? (s.width - 1 - first_x) / s.stride_x + 1 : 0;
    for (int64_t f = 0; f < filter; ++f) {
      const int64_t y = first_y + s.padding_y - f / s.filter_width * s.dilation_y;
      const int64_t x = first_x + s.padding_x - f % s.filter_width * s.dilation_x;
      if (y % s.stride_y == 0 && x % s.stride_x == 0)
        gather.taps.push_back({y / s.stride_y, x / s.stride_x, f});
    }
    return gather;
  }
};

// The filters of a group as a matrix of (output channel, tap) x input channel, the first index running fastest.
Elements filters_met(const Group& group, const DenseArray& filters, const Gather& gather) {
  Elements matrix(filters.element, group.channels * gather.depth());
  with_words(matrix.data(), filters.element, [&]<typename Word>(Word* to) {
    const Word* from = static_cast<const Word*>(filters.data) + group.first_filter();
    for (int64_t c = 0; c < group.channels; ++c) {
      for (int64_t o = 0; o < group.outputs; ++o) {
        for (const Tap& tap : gather.taps) *to++ = from[(o * group.channels + c) * group.filter + tap.filter];
      }
    }
  });
  return matrix;
}

// The result gradients of a group as a matrix of (image, place) x output channel, the first index running fastest.
Elements places_of_outputs(const Group& group, const DenseArray& gradients) {
  const ConvolutionShape& s = group.s;
  Elements matrix(gradients.element, group.outputs * s.images * group.result_size);
  with_words(matrix.data(), gradients.element, [&]<typename Word>(Word* to) {
    for (int64_t o = 0; o < group.outputs; ++o) {
      for (int64_t image = 0; image < s.images; ++image) {
        const int64_t plane = image * s.output_channels + group.index * group.outputs + o;
        to = std::copy_n(static_cast<const Word*>(gradients.data) + plane * group.result_size,
                         group.result_size, to);
      }
    }
  });
  return matrix;
}

// The data gradient of a group at the places (first_y + i stride_y, first_x + j stride_x).
void run_phase(const Unit& unit, const Group& group, int64_t first_y, int64_t first_x,
               const DenseArray& gradients, const DenseArray& filters, void* results, Element element,
               const GemmOptions& options) {
  const ConvolutionShape& s = group.s;
  const Gather gather = group.results_met(first_y, first_x);
  const int64_t places = gather.places();
  if (places == 0) return;
  const Source source{gradients, unit.a, s.output_channels, group.index * group.outputs};
  Elements matrix = filters_met(group, filters, gather);
  GemmProblem problem;
  problem.m = places;
  problem.n = group.channels;
  problem.k = gather.depth();
  problem.batches = s.images;
  problem.b = {matrix.data(), filters.element, 1, problem.k, 0};
  void* const to = advance(results, element, group.index * group.channels * group.image_size);
  if (s.stride_y == 1 && s.stride_x == 1) {
    problem.c = {to, element, 1, places, s.channels * places};
    multiply_by_places(unit, source, gather, problem, options);
    return;
  }
  Elements phase(element, s.images * group.channels * places);
  problem.c = {phase.data(), element, 1, places, group.channels * places};
  multiply_by_places(unit, source, gather, problem, options);
  with_words(to, element, [&]<typename Word>(Word* planes) {
    const Word* value = static_cast<const Word*>(phase.data());
    for (int64_t plane = 0; plane < s.images * group.channels; ++plane) {
      Word* image =
          planes + (plane / group.channels * s.channels + plane % group.channels) * group.image_size;
      for (int64_t y = first_y; y < s.height; y += s.stride_y) {
        for (int64_t x = first_x; x < s.width; x += s.stride_x) image[y * s.width + x] = *value++;
      }
    }
  });
}

GemmOptions from_stream(GemmOptions options, int64_t stream) {
  options.stream += static_cast<uint64_t>(stream);
  return options;
}

}  // namespace

void check_convolution(const ConvolutionShape& s) {
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

void convolve(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
              const DenseArray& filters, const DenseArray& bias, void* results, Element element,
              const GemmOptions& options) {
  check_convolution(shape);
  for (int64_t g = 0; g < shape.groups; ++g) {
    const Group group{shape, g};
    const Gather gather = group.patches();
    GemmProblem problem;
    problem.m = gather.places();
    problem.n = group.outputs;
    problem.k = gather.depth();
    problem.batches = shape.images;
    problem.b = {advance(filters.data, filters.element, group.first_filter()), filters.element, 1, problem.k,
                 0};
    if (bias.data != nullptr) {
      problem.c0 = ConstMatrix{advance(bias.data, bias.element, g * group.outputs), bias.element, 0, 1, 0};
    }
    void* first_result = advance(results, element, g * group.outputs * problem.m);
    problem.c = {first_result, element, 1, problem.m, shape.output_channels * problem.m};
    multiply_by_places(unit, {images, unit.a, shape.channels, g * group.channels}, gather, problem,
                       from_stream(options, g * shape.images));
  }
}

void convolve_data_gradient(const Unit& unit, const ConvolutionShape& shape,
                            const DenseArray& result_gradients, const DenseArray& filters,
                            void* image_gradients, Element element, const GemmOptions& options) {
  check_convolution(shape);
  const int64_t phases = shape.stride_y * shape.stride_x;
  for (int64_t i = 0; i < shape.groups * phases; ++i) {
    run_phase(unit, Group{shape, i / phases}, i % phases / shape.stride_x, i % shape.stride_x,
              result_gradients, filters, image_gradients, element, from_stream(options, i * shape.images));
  }
}

void convolve_filter_gradient(const Unit& unit, const ConvolutionShape& shape, const DenseArray& images,
                              const DenseArray& result_gradients, void* filter_gradients, Element element,
                              const GemmOptions& options) {
  check_convolution(shape);
  for (int64_t g = 0; g < shape.groups; ++g) {
    const Group group{shape, g};
    const Gather gather = group.patches();
    Elements matrix = places_of_outputs(group, result_gradients);
    GemmProblem problem;
    problem.m = gather.depth();
    problem.n = group.outputs;
    problem.k = shape.images * gather.places();
    problem.b = {matrix.data(), matrix.element(), 1, problem.k, 0};
    void* first_gradient = advance(filter_gradients, element, group.first_filter());
    problem.c = {first_gradient, element, 1, problem.m, 0};
    multiply_by_taps(unit, {images, unit.a, shape.channels, g * group.channels}, gather, shape.images,
                     problem, from_stream(options, g * group.channels));
  }
}

}  // namespace assay
