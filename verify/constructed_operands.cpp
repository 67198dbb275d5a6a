#include "verify/constructed_operands.h"

#include <algorithm>

#include "arith/real_arithmetic.h"
#include "arith/real_division.h"
#include "formats/real.h"
#include "formats/round.h"
#include "verify/case_facts.h"

namespace assay {
namespace {

bool is_float(const Format& format) {
  return format.kind == FormatKind::floating && format.has_subnormals;
}

// SplitMix64, of which each construction takes a handful.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t operator()() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  int below(int count) { return static_cast<int>((*this)() >> 33) % count; }

 private:
  uint64_t state_;
};

Real power_of_two(int exponent, bool negative) {
  return {RealClass::finite, negative, exponent, 1, false};
}

Real negated(Real value) {
  value.negative = !value.negative;
  return value;
}

// A magnitude of the format: near the largest, near the ends of the subnormal range, or any.
uint64_t interesting_magnitude(const Format& format, Random& random) {
  const uint64_t top = max_finite_magnitude(format), normal = uint64_t{1} << format.fraction_width;
  switch (random.below(8)) {
    case 0:
    case 1:
      return top - random() % 2;
    case 2:
      return random() % normal;
    case 3:
      return std::min(top, normal - 1 + random() % 3);
    default:
      return random() % (top + 1);
  }
}

// The exact result wanted: in the middle between two results, or a little beside it.
Real target(const Format& result, Random& random) {
  const uint64_t magnitude = interesting_magnitude(result, random);
  const int last_place = std::max<int>(static_cast<int>(magnitude >> result.fraction_width), 1) -
                         result.exponent_bias - result.fraction_width;
  const bool negative = result.is_signed && random.below(2) != 0;
  Real value = decode(result, magnitude);
  value.negative = negative;
  value = add(value, power_of_two(last_place - 1, negative), Rounding::rne);
  const int beside = random.below(4);
  if (beside < 2) return value;
  const Real part =
      power_of_two(last_place - 2 - random.below(result.fraction_width + 4), (beside == 2) != negative);
  return add(value, part, Rounding::rne);
}

uint64_t nearest(const Format& format, const Real& value) {
  return round_to_code(format, value, Rounding::rne, Saturation::sat_finite);
}

// The code nearest to a value, or sometimes a neighbour.
uint64_t near(const Format& format, const Real& value, Random& random) {
  const uint64_t code = nearest(format, value);
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  const int step = random.below(8);
  if (step == 0 && magnitude < max_finite_magnitude(format)) return code + 1;
  if (step == 1 && magnitude > 0) return code - 1;
  return code;
}

// A number near 2^exponent, with few significant bits if `short_one`.
Real factor(const Format& format, int exponent, bool short_one, Random& random) {
  uint64_t fraction = random() & code_mask(format.fraction_width);
  if (short_one) fraction &= ~code_mask(std::max(0, format.fraction_width - random.below(4)));
  Real value = {RealClass::finite, format.is_signed && random.below(2) != 0, exponent - format.fraction_width,
                (uint64_t{1} << format.fraction_width) + fraction, false};
  return decode(format, nearest(format, value));
}

int leading(const Real& value) {
  return value.kind == RealClass::finite ? value.exponent + floor_log2(value.significand) : 0;
}

// An exponent for one factor of a product near 2^exponent, such that the other is in its format, too.
int factor_exponent(const Format& one, const Format& other, int exponent, Random& random) {
  const auto least = [](const Format& f) { return 1 - f.exponent_bias; };
  const auto most = [](const Format& f) {
    return static_cast<int>(max_finite_magnitude(f) >> f.fraction_width) - f.exponent_bias;
  };
  const int low = std::max(least(one), exponent - most(other)),
            high = std::min(most(one), exponent - least(other));
  return low < high ? low + random.below(high - low + 1) : std::clamp(exponent / 2, least(one), most(one));
}

// A quotient to 95 bits or more as the operand of another division or of a rounding: without its sticky part.
Real cut(Real value) {
  value.sticky = false;
  while (value.significand >> 63 != 0) {
    value.significand >>= 1;
    ++value.exponent;
  }
  return value;
}

}  // namespace

bool has_constructed_operands(const Unit& unit) {
  const std::optional<Unit> single = one_rounding(unit);
  if (!single || single->product != ProductRule::exact || !is_float(unit.result)) return false;
  for (int i = 0; i < operand_count(*single); ++i) {
    if (!is_float(operand_format(*single, i))) return false;
  }
  switch (single->operation) {
    case Operation::convert:
    case Operation::add:
    case Operation::sub:
    case Operation::mul:
    case Operation::div:
    case Operation::sqrt:
    case Operation::recip:
    case Operation::rsqrt:
    case Operation::fma:
      return true;
    default:
      return false;
  }
}

void constructed_operands(const Unit& unit, uint64_t seed, uint64_t* operands) {
  const Unit single = one_rounding(unit).value();
  Random random(seed);
  const Real wanted = target(single.result, random);
  const Real one = power_of_two(0, false);
  const auto second = [&](const Real& value) { operands[1] = nearest(single.b, value); };
  switch (single.operation) {
    case Operation::convert:
      operands[0] = near(single.a, wanted, random);
      return;
    case Operation::add:
    case Operation::sub: {
      const Real b = factor(single.b, leading(wanted) + random.below(12) - 8, random.below(2) == 0, random);
      second(b);
      const Real a = add(wanted, single.operation == Operation::add ? negated(b) : b, Rounding::rne);
      operands[0] = near(single.a, a, random);
      return;
    }
    case Operation::mul: {
      const int exponent = factor_exponent(single.b, single.a, leading(wanted), random);
      const Real b = factor(single.b, exponent, true, random);
      second(b);
      operands[0] = near(single.a, quotient(cut(wanted), b, true), random);
      return;
    }
    case Operation::div: {
      const int exponent = factor_exponent(single.b, single.a, -leading(wanted), random);
      const Real b = factor(single.b, exponent, random.below(2) == 0, random);
      second(b);
      operands[0] = near(single.a, multiply(wanted, b), random);
      return;
    }
    case Operation::sqrt:
      operands[0] = near(single.a, multiply(cut(wanted), cut(wanted)), random);
      return;
    case Operation::recip:
      operands[0] = near(single.a, quotient(one, cut(wanted), true), random);
      return;
    case Operation::rsqrt:
      operands[0] = near(single.a, quotient(one, cut(multiply(cut(wanted), cut(wanted))), true), random);
      return;
    default: {
      const int product = leading(wanted) + random.below(single.result.fraction_width + 8) - 4;
      const int exponent = factor_exponent(single.b, single.a, product, random);
      const Real b = factor(single.b, exponent, random.below(2) == 0, random);
      const Real a = factor(single.a, product - exponent, random.below(2) == 0, random);
      operands[0] = nearest(single.a, a);
      second(b);
      operands[2] = near(single.c, add(wanted, negated(multiply(a, b)), Rounding::rne), random);
    }
  }
}

}  // namespace assay
