#include "workloads/resnet.h"

#include <array>

#include "base/error.h"

namespace assay {
namespace {

// Appends convolutions to a model and keeps track of the shape of the (square) image between them.
class Builder {
 public:
  Builder(std::string name, int64_t image_size) : size_(image_size) {
    if (image_size < 1) fail("image_size: expected at least 1, found {}", image_size);
    model_.name = std::move(name);
  }

  void convolution(const std::string& name, int64_t out_channels, int64_t kernel, int64_t stride) {
    const Convolution layer = make(name, channels_, size_, out_channels, kernel, stride);
    channels_ = out_channels;
    size_ = output_height(layer);
    model_.layers.emplace_back(layer);
  }

  // The 1x1 convolution that brings the input of a block, `in_channels` x `in_size`, to the shape of its
  // output, where they differ.
  void shortcut(const std::string& block, int64_t in_channels, int64_t in_size, int64_t stride) {
    if (in_channels == channels_ && stride == 1) return;
    model_.layers.emplace_back(make(block + ".downsample", in_channels, in_size, channels_, 1, stride));
  }

  void max_pool(int64_t kernel, int64_t stride) {
    size_ = window_positions("maxpool", size_, kernel, stride, kernel / 2, 1);
  }

  // Average over the image, then the linear classifier.
  Model classify(int64_t classes) {
    model_.layers.emplace_back(Linear{"fc", channels_, classes, 1});
    return std::move(model_);
  }

  int64_t channels() const { return channels_; }
  int64_t size() const { return size_; }

 private:
  static Convolution make(const std::string& name, int64_t in_channels, int64_t in_size, int64_t out_channels,
                          int64_t kernel, int64_t stride) {
    return {.name = name,
            .in_channels = in_channels,
            .out_channels = out_channels,
            .kernel_height = kernel,
            .kernel_width = kernel,
            .stride = stride,
            .padding = kernel / 2,
            .input_height = in_size,
            .input_width = in_size};
  }

  Model model_;
  int64_t channels_ = 3;
  int64_t size_;
};

void basic_block(Builder& net, const std::string& name, int64_t width, int64_t stride) {
  const int64_t in_channels = net.channels();
  const int64_t in_size = net.size();
  net.convolution(name + ".conv1", width, 3, stride);
  net.convolution(name + ".conv2", width, 3, 1);
  net.shortcut(name, in_channels, in_size, stride);
}

void bottleneck_block(Builder& net, const std::string& name, int64_t width, int64_t stride) {
  const int64_t in_channels = net.channels();
  const int64_t in_size = net.size();
  net.convolution(name + ".conv1", width, 1, 1);
  net.convolution(name + ".conv2", width, 3, stride);
  net.convolution(name + ".conv3", 4 * width, 1, 1);
  net.shortcut(name, in_channels, in_size, stride);
}

using Block = void (*)(Builder&, const std::string& name, int64_t width, int64_t stride);

Model resnet(const std::string& name, Block block, const std::array<int, 4>& blocks_of_stage,
             int64_t image_size) {
  Builder net(name, image_size);
  net.convolution("conv1", 64, 7, 2);
  net.max_pool(3, 2);
  for (size_t stage = 0; stage < blocks_of_stage.size(); ++stage) {
    for (int index = 0; index < blocks_of_stage[stage]; ++index) {
      const int64_t stride = stage > 0 && index == 0 ? 2 : 1;
      block(net, fmt::format("layer{}.{}", stage + 1, index), int64_t{64} << stage, stride);
    }
  }
  return net.classify(1000);
}

}  // namespace

Model resnet18(const ModelOptions& options) {
  return resnet("resnet18", basic_block, {2, 2, 2, 2}, options.image_size);
}

Model resnet50(const ModelOptions& options) {
  return resnet("resnet50", bottleneck_block, {3, 4, 6, 3}, options.image_size);
}

}  // namespace assay
