#include "workloads/gpt2.h"

#include "base/error.h"

namespace assay {
namespace {

struct Shape {
  int64_t blocks;
  int64_t width;
  int64_t heads;
  int64_t vocabulary;
};

void append_block(std::vector<Layer>& layers, const std::string& name, const Shape& shape, int64_t sequence) {
  const int64_t width = shape.width;
  const int64_t head_width = width / shape.heads;
  layers.emplace_back(Linear{name + ".attention.qkv", width, 3 * width, sequence});
  layers.emplace_back(BatchedMatmul{name + ".attention.scores", sequence, sequence, head_width, shape.heads});
  layers.emplace_back(
      BatchedMatmul{name + ".attention.context", sequence, head_width, sequence, shape.heads});
  layers.emplace_back(Linear{name + ".attention.projection", width, width, sequence});
  layers.emplace_back(Linear{name + ".mlp.up", width, 4 * width, sequence});
  layers.emplace_back(Linear{name + ".mlp.down", 4 * width, width, sequence});
}

}  // namespace

Model gpt2_small(const ModelOptions& options) {
  if (options.sequence < 1) fail("sequence: expected at least 1, found {}", options.sequence);
  const Shape shape{.blocks = 12, .width = 768, .heads = 12, .vocabulary = 50257};
  Model model{"gpt2_small", {}, /*first_input_is_data=*/false};
  for (int64_t index = 0; index < shape.blocks; ++index) {
    append_block(model.layers, fmt::format("block{}", index), shape, options.sequence);
  }
  if (options.lm_head) {
    model.layers.emplace_back(Linear{"lm_head", shape.width, shape.vocabulary, options.sequence});
  }
  return model;
}

}  // namespace assay
