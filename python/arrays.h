// What the bindings have in common: arrays of numpy without a copy, and work without the interpreter's lock.
// Arrays are contiguous, in C order, of any shape; assay/_arguments.py sees to that, and to what messages say.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"

namespace assay::python {

namespace nb = nanobind;

template <typename T>
using Input = nb::ndarray<nb::numpy, const T, nb::c_contig, nb::device::cpu>;
template <typename T>
using Output = nb::ndarray<nb::numpy, T, nb::c_contig, nb::device::cpu>;

template <typename T>
std::span<T> elements(const nb::ndarray<nb::numpy, T, nb::c_contig, nb::device::cpu>& array) {
  return {array.data(), array.size()};
}

inline void expect_size(const char* what, size_t found, size_t expected) {
  if (found != expected) fail("{}: expected {} elements, found {}", what, expected, found);
}

// Calls body(i) for i = 0..count-1 on up to `threads` threads. The caller has released the interpreter's lock.
template <typename Body>
void for_elements(size_t count, int threads, const Body& body) {
  constexpr size_t kElementsPerTask = 1 << 12;
  parallel_for((count + kElementsPerTask - 1) / kElementsPerTask, threads, [&](size_t task) {
    const size_t end = std::min(count, (task + 1) * kElementsPerTask);
    for (size_t i = task * kElementsPerTask; i < end; ++i) body(i);
  });
}

// A new numpy array of one axis.
template <typename T>
nb::ndarray<nb::numpy, T, nb::ndim<1>> new_array(size_t count) {
  auto data = std::make_unique<T[]>(count);
  T* raw = data.get();
  nb::capsule owner(raw, [](void* pointer) noexcept { delete[] static_cast<T*>(pointer); });
  data.release();  // NOLINT(bugprone-unused-return-value): the capsule owns it now
  return nb::ndarray<nb::numpy, T, nb::ndim<1>>(raw, {count}, std::move(owner));
}

// A new numpy array with the elements of any range of numbers.
template <typename T, typename Range>
nb::ndarray<nb::numpy, T, nb::ndim<1>> array_of(const Range& range) {
  auto array = new_array<T>(std::size(range));
  std::transform(std::begin(range), std::end(range), array.data(), [](auto x) { return static_cast<T>(x); });
  return array;
}

void bind_formats(nb::module_& module);
void bind_conversion(nb::module_& module);
void bind_arrays(nb::module_& module);
void bind_blocks(nb::module_& module);
void bind_units(nb::module_& module);
void bind_gemm(nb::module_& module);

}  // namespace assay::python
