// Operands of real training runs as vectors that hold a design against its specification.
#pragma once

#include <filesystem>

#include "verify/specification.h"

namespace assay {

// For each mode of the specification its operands, quantized as is usual for their formats (default_stream.h), from
//   a folder of captures (workloads/capture.h): up to 65,536 vectors, evenly spread over layers, steps and the phases of
//     training. a and b are those of the GEMM in the order of k; c is the running sum of the golden model, in the
//     format of c, beginning with zero at each element of the product.
//   a .npy file of float32, a row a vector: a column for each operand in order (a1 b1 a2 ... of dots); without a column
//     for c it is the running sum down the rows. With quantizers that scale, a given c is divided by the scales of a and b.
// Throws Error naming the file for what cannot be read, for another number of columns, and for units with scales or
// whose operands have no usual quantizer.
CapturedVectors captured_vectors(const Specification& specification, const std::filesystem::path& path);

}  // namespace assay
