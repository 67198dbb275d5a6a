// Residual networks for images of three channels and 1000 classes (He et al., "Deep Residual Learning for
// Image Recognition", CVPR 2016), layers named and shaped as in torchvision.
#pragma once

#include "workloads/model_list.h"

namespace assay {

// 1.814 G multiply-accumulates forward for one 224 x 224 image, of which convolutions 1.8136 G.
Model resnet18(const ModelOptions& options);

// 4.089 G multiply-accumulates forward for one 224 x 224 image. "v1.5": where a stage halves the image the
// 3x3 convolution of the bottleneck has the stride, not the 1x1 before it as in the paper.
Model resnet50(const ModelOptions& options);

}  // namespace assay
