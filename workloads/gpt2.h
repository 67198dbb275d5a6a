// GPT-2 (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019).
#pragma once

#include "workloads/model_list.h"

namespace assay {

// The smallest of the four: 12 blocks, width 768, 12 heads, vocabulary 50257; `sequence` tokens a sample.
//
// Attention products are counted in full: the causal mask halves the useful ones but a dense array computes
// all. The product with the vocabulary (`lm_head`) is part of the model unless options.lm_head is false; it
// is about a quarter of the work of a step. The input of the first layer is the learned embedding, so that
// layer has a dgrad too; the embedding look-up itself is no GEMM.
Model gpt2_small(const ModelOptions& options);

}  // namespace assay
