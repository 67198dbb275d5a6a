// How a unit forms the product of a and b before it is added or rounded.
#pragma once

#include <string_view>
#include <vector>

namespace assay {

//   exact            the mathematical product
//   pam              piecewise-affine (arith/piecewise_affine.h); a, b and the product share one format. For div, sqrt,
//                    exp2 and log2 the piecewise-affine operation of that name. Mitchell's multiplier is the same
//   pam_minimum_rms, pam_zero_mean   PAM with a compensating offset (arith/logarithmic_multiply.h), also for div
//   lmul             L-Mul with all the fraction bits of the format
//   mbm              the minimally biased multiplier
//   epfml            PAM with the range behaviour of the released CUDA kernels (arith/epfml_piecewise_affine.h); fp32
//   table            significands from a table (arith/table_multiplier.h)
//   mfbprop          multiplication-free (arith/mfbprop.h): a is smint4, b e3m0, the product e4m2
//   via              the exact product rounded to the format `product_format`
enum class ProductRule { exact, pam, pam_minimum_rms, pam_zero_mean, lmul, mbm, epfml, table, mfbprop, via };

// The word in names and TOML files; `via` and `table` are followed by more there.
std::string_view to_string(ProductRule rule);

// The rules whose word stands alone: all but exact, table and via.
const std::vector<ProductRule>& plain_product_rules();

// Whether the rule works on codes of one floating-point format that a, b and the product share.
bool is_piecewise_affine(ProductRule rule);

}  // namespace assay
