// Exact rationals for the oracles of these tests.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

namespace assay_test {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

inline cpp_rational exact(double x) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  const cpp_int significand(static_cast<long long>(std::ldexp(fraction, 53)));
  exponent -= 53;
  return exponent >= 0 ? cpp_rational(significand << exponent)
                       : cpp_rational(significand, cpp_int(1) << -exponent);
}

inline cpp_int floor_of(const cpp_rational& q) {  // q >= 0
  return cpp_int(numerator(q) / denominator(q));
}

}  // namespace assay_test
