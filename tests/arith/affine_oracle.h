// The piecewise-affine functions on real numbers, from exponents and fractions. In doubles, which are exact
// for operands of up to 25 significant bits.
#pragma once

#include <cmath>

namespace oracle {

struct ExponentAndFraction {
  double exponent;
  double fraction;  // 0 <= fraction < 1
};

inline ExponentAndFraction split(double x) {
  int exponent = 0;
  const double half = std::frexp(std::fabs(x), &exponent);
  return {exponent - 1.0, 2 * half - 1};
}

inline double power_times(double exponent, double x) {
  return std::ldexp(x, static_cast<int>(exponent));
}

inline double pam(double a, double b) {
  if (a == 0 || b == 0) return 0;
  const ExponentAndFraction x = split(a), y = split(b);
  const double carry = x.fraction + y.fraction >= 1 ? 1 : 0;
  const double magnitude = power_times(x.exponent + y.exponent + carry, 1 + x.fraction + y.fraction - carry);
  return std::signbit(a) != std::signbit(b) ? -magnitude : magnitude;
}

inline double pad(double a, double b) {
  if (a == 0) return 0;
  const ExponentAndFraction x = split(a), y = split(b);
  const double borrow = x.fraction < y.fraction ? 1 : 0;
  const double magnitude =
      power_times(x.exponent - y.exponent - borrow, 1 + x.fraction - y.fraction + borrow);
  return std::signbit(a) != std::signbit(b) ? -magnitude : magnitude;
}

inline double exp2(double x) {
  return power_times(std::floor(x), 1 + (x - std::floor(x)));
}

inline double log2(double x) {
  const ExponentAndFraction parts = split(x);
  return parts.exponent + parts.fraction;
}

inline double sqrt(double x) {
  return x == 0 ? 0 : exp2(log2(x) / 2);
}

}  // namespace oracle
