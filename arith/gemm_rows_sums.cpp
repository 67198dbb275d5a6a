#include "arith/gemm_rows_sums.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "arith/gemm_kernels.h"

namespace assay {
namespace {

// Lanes that are worked on at a time stay in registers.
constexpr size_t kChunk = 8;
using Chunk = std::array<double, kChunk>;

// Exponents from here on have powers that are normal, and values and sums in their units too.
constexpr double kLeastExponent = -950;
// Shifted further, nothing is left but the sign.
constexpr double kFarShift = 200;

// x cut to an integer toward zero or -infinity, |x| < 2^51.
template <bool kFloor>
double cut(double x) {
  constexpr double kInteger = 0x1.8p52;
  const double nearest = (x + kInteger) - kInteger;
  if constexpr (kFloor) return nearest - (nearest > x ? 1.0 : 0.0);
  const double away = std::abs(nearest) > std::abs(x) ? 1.0 : 0.0;
  return nearest - std::copysign(away, x);
}

// x + low cut, |low| at most half a unit in the last place of x.
template <bool kFloor>
double cut(double x, double low) {
  const double whole = cut<kFloor>(x);
  const double inward = kFloor ? low : std::copysign(1.0, x) * low;
  return whole - (whole == x && inward < 0 ? (kFloor ? 1.0 : std::copysign(1.0, x)) : 0.0);
}

// 2^exponent of a normal number.
double power(double exponent) {
  constexpr double kInteger = 0x1.8p52;
  return std::bit_cast<double>(std::bit_cast<uint64_t>(exponent + 1023 + kInteger) << 52);
}

// Where terms meet: their sum in units of 2^(exponent - fraction bits).
struct Aligned {
  Chunk exponent, units;
};

// Every step-th term from `first` on, and perhaps another.
template <bool kFloor>
Aligned align(std::span<const RowsTerm> terms, size_t first, size_t step, size_t at, int fraction_bits,
              const double* extra, const double* extra_exponents) {
  Aligned sum;
  sum.exponent.fill(kLeastExponent);
  sum.units.fill(0);
  const auto meet = [&](const double* exponents) {
    for (size_t i = 0; i < kChunk; ++i) sum.exponent[i] = std::max(sum.exponent[i], exponents[at + i]);
  };
  Chunk scale;
  const auto join = [&](const double* values) {
    for (size_t i = 0; i < kChunk; ++i) sum.units[i] += cut<kFloor>(values[at + i] * scale[i]);
  };
  const auto join_parts = [&](const double* high, const double* low) {
    for (size_t i = 0; i < kChunk; ++i) sum.units[i] += cut<kFloor>(high[at + i] * scale[i], low[at + i]);
  };
  if (extra != nullptr) meet(extra_exponents);
  for (size_t j = first; j < terms.size(); j += step) meet(terms[j].exponents);
  for (size_t i = 0; i < kChunk; ++i) scale[i] = power(fraction_bits - sum.exponent[i]);
  if (extra != nullptr) join(extra);
  for (size_t j = first; j < terms.size(); j += step) {
    terms[j].low == nullptr ? join(terms[j].high) : join_parts(terms[j].high, terms[j].low);
  }
  return sum;
}

// Two sums of x_bits and y_bits fraction bits aligned to the larger exponent and cut toward -infinity.
Aligned joined(const Aligned& x, int x_bits, const Aligned& y, int y_bits, int fraction_bits) {
  Aligned sum;
  for (size_t i = 0; i < kChunk; ++i) {
    const double exponent = std::max(x.exponent[i], y.exponent[i]);
    const auto shifted = [&](double units, double own, int bits) {
      return cut<true>(units * power(-std::min(exponent - own + bits - fraction_bits, kFarShift)));
    };
    sum.exponent[i] = exponent;
    sum.units[i] = shifted(x.units[i], x.exponent[i], x_bits) + shifted(y.units[i], y.exponent[i], y_bits);
  }
  return sum;
}

// AMD CDNA3, see Accumulation::join.
Aligned with_join(const Accumulation& how, std::span<const RowsTerm> terms, size_t at, const double* c,
                  const double* c_exponents) {
  const int bits = how.window;
  const auto of_products = [&](size_t first, size_t step) {
    return align<false>(terms, first, step, at, bits, nullptr, nullptr);
  };
  const Aligned products =
      how.even_odd ? joined(of_products(0, 2), bits, of_products(1, 2), bits, bits) : of_products(0, 1);
  Aligned accumulator;
  for (size_t i = 0; i < kChunk; ++i) {
    const double own = c_exponents[at + i], largest = std::max(products.exponent[i], own);
    const bool is_far = how.even_odd && own < largest - bits - 1;
    accumulator.exponent[i] = largest;
    accumulator.units[i] = is_far ? 0.0 : cut<true>(c[at + i] * power(bits - largest));
  }
  return joined(products, bits, accumulator, bits, how.join);
}

bool is_finite(double x) {
  return std::abs(x) < std::numeric_limits<double>::infinity();
}

}  // namespace

FusedLanes::FusedLanes(const RowsPlan& plan, size_t lanes)
    : lanes_(lanes),
      least_(std::ldexp(1.0, plan.window_least)),
      beyond_(std::ldexp(1.0, plan.window_least + plan.windows * plan.window_width)),
      windows_(static_cast<size_t>(plan.windows) * lanes),
      plain_(lanes),
      nonzero_(lanes) {
  for (int i = 0; i < plan.windows; ++i) {
    rounders_.push_back(std::ldexp(1.5, 52 + plan.window_least + i * plan.window_width));
  }
}

void FusedLanes::clear() {
  std::ranges::fill(windows_, 0.0);
  std::ranges::fill(plain_, -0.0);
  std::ranges::fill(nonzero_, 0.0);
}

void FusedLanes::add(const double* terms) {
  for (size_t i = 0; i < lanes_; ++i) {
    plain_[i] += terms[i];
    nonzero_[i] = std::bit_cast<uint64_t>(terms[i]) != 0 ? 1.0 : nonzero_[i];
  }
  cut(terms);
}

void FusedLanes::add(const RowsTerm& terms) {
  add(terms.high);
  if (terms.low != nullptr) cut(terms.low);
}

// Into the windows.
void FusedLanes::cut(const double* terms) {
  for (size_t at = 0; at < lanes_; at += kChunk) {
    Chunk rest;
    std::copy_n(terms + at, kChunk, rest.begin());
    for (size_t w = rounders_.size() - 1; w > 0; --w) {
      double* sums = window(w) + at;
      const double rounder = rounders_[w];
      for (size_t i = 0; i < kChunk; ++i) {
        const double part = (rest[i] + rounder) - rounder;
        sums[i] += part;
        rest[i] -= part;
      }
    }
    double* sums = window(0) + at;
    for (size_t i = 0; i < kChunk; ++i) sums[i] += rest[i];
  }
}

// What exceeds half of what the window above counts moves there.
void FusedLanes::carry() {
  for (size_t w = 1; w < rounders_.size(); ++w) {
    double *lower = window(w - 1), *upper = window(w);
    for (size_t i = 0; i < lanes_; ++i) {
      const double part = (lower[i] + rounders_[w]) - rounders_[w];
      lower[i] -= part;
      upper[i] += part;
    }
  }
}

void FusedLanes::collapse(std::span<double> sums) {
  std::copy_n(window(0), lanes_, sums.data());
  for (size_t w = 1; w < rounders_.size(); ++w) add_to_odd(window(w), lanes_, false, sums.data());
}

void FusedLanes::value(bool downward, std::span<double> sums) {
  carry();
  collapse(sums);
  for (size_t i = 0; i < lanes_; ++i) {
    const bool all_minus_zero = plain_[i] == 0 && std::signbit(plain_[i]);
    const bool minus_zero = downward ? nonzero_[i] != 0 : all_minus_zero;
    const double exact = sums[i] == 0 ? (minus_zero ? -0.0 : 0.0) : sums[i];
    sums[i] = is_finite(plain_[i]) ? exact : plain_[i];
  }
}

void FusedLanes::rest(std::span<const double> sums, std::span<double> rests) {
  std::ranges::transform(sums, rests.begin(), std::negate());
  cut(rests.data());
  carry();
  collapse(rests);
}

void FusedLanes::wrap(const ModularLanes& modular, std::span<double> sums) {
  std::vector<double> left(lanes_), bases(lanes_);
  modular.reduce_rest(windows_);
  collapse(left);
  std::ranges::transform(sums, bases.begin(), [&](double sum) { return modular.base(sum); });
  add_to_odd(bases.data(), lanes_, false, left.data());
  for (size_t i = 0; i < lanes_; ++i) sums[i] = bases[i] == 0 ? sums[i] : left[i];
}

bool FusedLanes::holds(double x) const {
  if (!(std::abs(x) < beyond_)) return false;
  const double units = x / least_;
  return std::abs(units) >= 0x1p52 || units == std::nearbyint(units);
}

void window_lanes(const Accumulation& how, std::span<const RowsTerm> terms, size_t lanes,
                  std::span<const double> accumulator_exponents, std::span<double> sums) {
  for (size_t at = 0; at < lanes; at += kChunk) {
    Chunk special;
    std::copy_n(sums.data() + at, kChunk, special.begin());
    for (const RowsTerm& term : terms) {
      for (size_t i = 0; i < kChunk; ++i) special[i] += term.high[at + i];
    }
    const double *c = sums.data(), *c_exponents = accumulator_exponents.data();
    const int fraction_bits = how.join > 0 ? how.join : how.window;
    const Aligned sum = how.join > 0       ? with_join(how, terms, at, c, c_exponents)
                        : how.window_floor ? align<true>(terms, 0, 1, at, fraction_bits, c, c_exponents)
                                           : align<false>(terms, 0, 1, at, fraction_bits, c, c_exponents);
    for (size_t i = 0; i < kChunk; ++i) {
      const double exact = sum.units[i] * power(sum.exponent[i] - fraction_bits) + 0.0;
      sums[at + i] = is_finite(special[i]) ? exact : special[i];
    }
  }
}

}  // namespace assay
