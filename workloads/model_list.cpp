#include "workloads/model_list.h"

#include "base/error.h"
#include "workloads/gpt2.h"
#include "workloads/resnet.h"

namespace assay {

const std::vector<ModelEntry>& model_list() {
  static const std::vector<ModelEntry> entries = {
      {"resnet18", "ResNet-18, ImageNet classes", {"image_size"}, resnet18},
      {"resnet50", "ResNet-50 v1.5, ImageNet classes", {"image_size"}, resnet50},
      {"gpt2_small", "GPT-2 with 12 blocks of width 768", {"sequence", "lm_head"}, gpt2_small},
  };
  return entries;
}

const ModelEntry& find_model(std::string_view name) {
  std::vector<std::string_view> known;
  for (const ModelEntry& entry : model_list()) {
    if (entry.name == name) return entry;
    known.push_back(entry.name);
  }
  fail("unknown model '{}'; expected one of: {}", name, fmt::join(known, ", "));
}

}  // namespace assay
