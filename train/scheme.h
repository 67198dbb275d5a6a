// How a training step is quantized.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "arith/unit.h"
#include "formats/format.h"
#include "formats/rounding.h"
#include "train/quantizer.h"

namespace assay {

// One GEMM of a layer: C = A B with A and B quantized, multiplied and summed by `unit`, the sums times both
// scales rounded to nearest into `output`.
//
//   phase   A (quantizer a)                     B (quantizer b)                    C
//   fwd     activation            M x K         weight                K x N       output             M x N
//   dgrad   gradient of output    M x N         weight, transposed    N x K       gradient of input  M x K
//   wgrad   activation, transp.   K x M         gradient of output    M x N       weight gradient    K x N
//
// The unit's operand a takes elements of A and its operand b elements of B. With `swap` it is the other way
// round, and the array computes C^T = B^T A^T: the same products in the same order of summation. A unit
// whose operands differ needs this where they come in the wrong order, as in LUQ's dgrad: the
// multiplication-free unit has a = smint4 (weight) and b = e3m0 (gradient).
struct PhaseScheme {
  Unit unit;  // mac or dot
  bool swap = false;
  Quantizer a, b;
  Format output;
};

// Weights are kept in `master_weight` between steps; the optimizer computes an update in float32 and rounds
// the new weight once.
struct OptimizerArithmetic {
  Format master_weight;
  Rounding rounding = Rounding::rne;
};

struct Scheme {
  std::string name, description;
  PhaseScheme fwd, dgrad, wgrad;
  OptimizerArithmetic optimizer;
};

// Checks that the quantizers have the formats of the operands they feed: a the unit's a, or b with `swap`.
// Throws Error naming the quantizer whose format is not its operand's, or if the unit is no mac or dot.
void check_phase(const PhaseScheme& phase);

// The scheme of a TOML text:
//
//   name = "luq4"
//   description = "..."                     # optional
//   [fwd]                                   # and [dgrad], [wgrad]
//   unit = "mac-int4-int4-int32"            # a name, the path of a TOML file seen from `folder`, or a table
//   swap = false                            # optional
//   a = { kind = "sawb", format = "int4" }  # keys: quantizer.h
//   b = { kind = "sawb", format = "int4" }
//   output = "fp32"
//   [optimizer]
//   master_weight = "fp32"
//   rounding = "rne"                        # optional
//
// Unknown keys are errors. Throws Error "place:line: key: expected ...".
Scheme parse_scheme(std::string_view text, std::string_view place,
                    const std::filesystem::path& folder = std::filesystem::current_path());

// The scheme of a file.
Scheme load_scheme(const std::filesystem::path& path);

}  // namespace assay
