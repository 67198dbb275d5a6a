// Arrays and random matrix products for their tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "arith/unit.h"
#include "base/random.h"
#include "formats/format.h"
#include "sim/array_timing.h"

namespace assay {

// Every kind of array, without a size.
inline std::vector<SystolicArray> designs() {
  return {{Dataflow::weight_stationary, 0, 0},
          {Dataflow::weight_stationary, 0, 0, true},
          {Dataflow::input_stationary, 0, 0},
          {Dataflow::input_stationary, 0, 0, true},
          {Dataflow::output_stationary, 0, 0}};
}

inline SystolicArray sized(SystolicArray design, int rows, int columns) {
  design.rows = rows;
  design.columns = columns;
  return design;
}

struct MatrixProduct {
  int64_t m = 1, n = 1, k = 1;
  std::vector<uint64_t> a, b;
};

// Uniform in 1 .. most, a function of (seed, index).
inline int64_t random_size(uint64_t seed, uint64_t index, int64_t most) {
  return 1 + static_cast<int64_t>(philox64(seed, 0x517e, index) % static_cast<uint64_t>(most));
}

// Codes over the full range, NaNs, infinities and -0 among them, or, if `moderate`, floating-point numbers of
// at most 25 binades around one: there sums depend on their order, and no NaN or infinity hides it.
inline std::vector<uint64_t> random_codes(const Format& format, int64_t count, uint64_t seed, uint64_t stream,
                                          bool moderate) {
  const int64_t spread = std::min(12, format.exponent_bias - 2);
  std::vector<uint64_t> codes;
  for (int64_t i = 0; i < count; ++i) {
    uint64_t code = philox64(seed, stream, static_cast<uint64_t>(i));
    if (moderate && format.kind == FormatKind::floating) {
      const int64_t exponent = format.exponent_bias - spread + random_size(code, 0, 2 * spread + 1) - 1;
      const uint64_t fraction = code & code_mask(format.fraction_width);
      code = (code >> 63) << (format.width - 1) | static_cast<uint64_t>(exponent) << format.fraction_width |
             fraction;
    }
    codes.push_back(code & code_mask(format.width));
  }
  return codes;
}

inline MatrixProduct random_product(const Unit& mac, int64_t m, int64_t n, int64_t k, uint64_t seed,
                                    bool moderate) {
  return {m, n, k, random_codes(mac.a, m * k, seed, 1, moderate),
          random_codes(mac.b, k * n, seed, 2, moderate)};
}

}  // namespace assay
