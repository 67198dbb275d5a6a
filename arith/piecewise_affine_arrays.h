// What the functions on float32 arrays have in common: sizes, and the floating-point mode they run in.
#pragma once

#include <cstddef>
#include <string_view>

#include "arith/float_environment.h"
#include "base/error.h"

namespace assay {

// Throws Error unless `size` values are whole rows.
inline void expect_matrix(size_t size, size_t columns) {
  if (columns == 0 || size % columns != 0) {
    fail("piecewise-affine function: {} values are no matrix of {} columns", size, columns);
  }
}

inline void expect_size(std::string_view what, size_t size, size_t expected) {
  if (size != expected) {
    fail("piecewise-affine function: {} has {} values, expected {}", what, size, expected);
  }
}

template <typename Body>
[[gnu::noinline]] void call_out_of_line(const Body& body) {
  body();
}

// Calls body() with additions rounded to nearest even and subnormals kept, whatever the host's mode. Out of
// line, as the compiler may move arithmetic past a change of mode but not out of a call.
template <typename Body>
void in_default_mode(const Body& body) {
  const FloatEnvironment environment;
  call_out_of_line(body);
}

}  // namespace assay
