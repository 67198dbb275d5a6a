// Formats given by a table of values: data types without a rule, and small ones whose table is the plainest
// statement of their rule.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace assay {

struct Format;

// The value of every code, and what follows from it.
struct CodeBook {
  std::vector<double> values;  // index: code. NaN and infinities stand for themselves
  // What would follow the greatest and the least finite value if the table went on: values nearer to it
  // (after rounding) than to the last one overflow.
  double above = 0;
  double below = 0;
  std::vector<uint32_t> ascending;  // codes of the finite values in order; -0 only if there is no +0
};

// A format of kind code_book. `values` has 2^n entries, n = 1..16; NaN may occur more than once, every other
// value once (0.0 and -0.0 are two values). `beyond` is CodeBook::above, and its negative CodeBook::below; 0
// repeats the last step at either end. Throws Error for anything else.
Format make_code_book_format(std::string name, std::vector<double> values, double beyond = 0);

// HiFloat8 (Luo et al., "Ascend HiFloat8 Format for Deep Learning", arXiv 2409.16626): a prefix code after
// the sign says how many bits the exponent has, the rest is the fraction. One zero, one NaN in the place of
// -0, infinities. Its rounding "TA" is rna.
Format hif8_format();

// NormalFloat4 (Dettmers et al., "QLoRA", arXiv 2305.14314, appendix E), with the float32 values that
// bitsandbytes stores.
Format nf4_format();

// Radix-4 FP4 [1,3,0] (Sun et al., "Ultra-Low Precision 4-bit Training of Deep Neural Networks", NeurIPS
// 2020): sign and three bits m, 0 or 4^(m-1), before any scale.
Format fp4_radix4_format();

}  // namespace assay
