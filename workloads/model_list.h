// The models that can be asked for by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/model.h"

namespace assay {

// What may be chosen about a model, with the values of the original publications.
struct ModelOptions {
  int64_t image_size = 224;  // height and width of the input image, in pixels
  int64_t sequence = 1024;   // tokens a sample
  bool lm_head = true;       // the product with the vocabulary at the end of a language model
};

struct ModelEntry {
  std::string_view name;
  std::string_view description;
  std::vector<std::string_view> options;  // the fields of ModelOptions that it reads
  Model (*make)(const ModelOptions& options);
};

const std::vector<ModelEntry>& model_list();

// The entry of that name. Throws Error listing the known names.
const ModelEntry& find_model(std::string_view name);

}  // namespace assay
