// Arithmetic of the host's SSE unit under a chosen rounding, with its exception flags.
#pragma once

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "arith/operation.h"

namespace assay {

template <typename Float>
__attribute__((noinline)) Float host_operation(Operation operation, Float a, Float b, Float c) {
  volatile Float x = a, y = b, z = c, result = 0;
  switch (operation) {
    case Operation::add:
      result = x + y;
      break;
    case Operation::sub:
      result = x - y;
      break;
    case Operation::mul:
      result = x * y;
      break;
    case Operation::div:
      result = x / y;
      break;
    case Operation::sqrt:
      result = std::sqrt(x);
      break;
    case Operation::recip:
      result = Float{1} / x;
      break;
    default:
      result = std::fma(x, y, z);
      break;
  }
  return result;
}

// The exact result truncated to double, with the last bit set if something was lost. Exact results within double's
// range only.
inline double host_round_to_odd(Operation operation, double a, double b, double c) {
  std::fesetround(FE_TOWARDZERO);
  std::feclearexcept(FE_ALL_EXCEPT);
  double result = host_operation(operation, a, b, c);
  const bool inexact = std::fetestexcept(FE_INEXACT) != 0;
  std::fesetround(FE_TONEAREST);
  if (!inexact) return result;
  uint64_t bits = 0;
  std::memcpy(&bits, &result, sizeof bits);
  bits |= 1;
  std::memcpy(&result, &bits, sizeof bits);
  return result;
}

}  // namespace assay
