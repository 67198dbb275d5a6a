// What the opaque handles of assay_golden.h hold, and the border between C++ errors and C.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "arith/evaluator.h"
#include "base/error.h"
#include "formats/format.h"
#include "golden/assay_golden.h"

struct assay_format {
  assay::Format format;
};

struct assay_unit {
  explicit assay_unit(assay::Unit unit);

  assay::Evaluator evaluator;
  std::string name;
  std::vector<assay_format> operands;
  assay_format result;
  bool needs_random = false;
};

namespace assay {

// Keeps the text for assay_error().
void set_error(const char* text) noexcept;

// What `action` returns; `failed`, and the text of the error kept, if it throws.
template <typename Result, typename Action>
Result guarded(Result failed, const Action& action) noexcept {
  try {
    return action();
  } catch (const std::exception& error) {
    set_error(error.what());
  } catch (...) {
    set_error("unknown exception");
  }
  return failed;
}

// The same for actions that return nothing: 0, or -1.
template <typename Action>
int status_of(const Action& action) noexcept {
  return guarded(-1, [&] {
    action();
    return 0;
  });
}

// What a pointer of the caller points to. Throws Error "WHAT: expected ..., found a null pointer".
template <typename T>
T& pointee(T* pointer, const char* what) {
  if (pointer == nullptr) fail("{}: found a null pointer", what);
  return *pointer;
}

// Random bits for a rounding that reads them if `needed`. Throws Error if they are needed and out of range.
RandomBits random_bits_from(bool needed, int count, uint32_t value);

}  // namespace assay
