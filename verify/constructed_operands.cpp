#include "verify/constructed_operands.h"

#include <algorithm>
#include <utility>

#include "arith/real_arithmetic.h"
#include "arith/real_division.h"
#include "formats/real.h"
#include "formats/round.h"
#include "verify/case_facts.h"
#include "verify/wanted_result.h"

namespace assay {
namespace {

constexpr int kTries = 16;
constexpr int kMostFractionBits = 52;
constexpr int kMostFactorBits = 31;  // of those whose product is solved for

bool is_known(const Format& format) {
  return (format.kind == FormatKind::floating && format.has_subnormals) ||
         (format.kind == FormatKind::posit && format.width < 64);
}

uint64_t nearest(const Format& format, const Real& value) {
  return round_to_code(format, value, Rounding::rne, Saturation::sat_finite);
}

// The code nearest to a value, or sometimes a neighbour.
uint64_t near(const Format& format, const Real& value, SplitMix& random) {
  const uint64_t code = nearest(format, value);
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  const int step = random.below(8);
  if (step == 0 && magnitude < max_finite_magnitude(format)) return code + 1;
  if (step == 1 && magnitude > 0) return code - 1;
  return code;
}

// The code of the number without its sign.
uint64_t magnitude_of(const Format& format, uint64_t code) {
  const bool negative = format.is_signed && code >> (format.width - 1) != 0;
  if (format.kind == FormatKind::posit) return negative ? (0 - code) & code_mask(format.width) : code;
  return code & code_mask(magnitude_width(format));
}

bool any_sign(const Format& format, SplitMix& random) {
  return format.is_signed && random.below(2) != 0;
}

Real with_sign(Real value, bool negative) {
  value.negative = value.negative != negative;
  return value;
}

// The exact result wanted, of either sign.
Real target(const Format& result, int depth, SplitMix& random) {
  const Place place = place_of(result, interesting_magnitude(result, random));
  return with_sign(add(place.value, tail(place, depth, random), Rounding::rne), any_sign(result, random));
}

// Which bits a significand has.
enum class Shape {
  any,
  few,      // at most four leading ones
  extreme,  // one or two ones, or ones from the top or to the bottom
};

uint64_t significand(int bits, Shape shape, SplitMix& random) {
  const uint64_t top = uint64_t{1} << (bits - 1), below_top = top - 1;
  const uint64_t bit = uint64_t{1} << random.below(bits);
  if (shape == Shape::any) return top | (random() & below_top);
  if (shape == Shape::few)
    return top | (random() & below_top & ~code_mask(std::max(0, bits - 1 - random.below(4))));
  switch (random.below(4)) {
    case 0:
      return top;
    case 1:
      return top | (below_top & ~(bit - 1));
    case 2:
      return top | (bit - 1);
    default:
      return top | bit;
  }
}

Shape any_shape(SplitMix& random) {
  return static_cast<Shape>(random.below(3));
}

// A number near 2^exponent.
Real factor(const Format& format, int exponent, Shape shape, SplitMix& random) {
  const int bits = precision_at(format, exponent);
  const Real value = {RealClass::finite, any_sign(format, random), exponent - bits + 1,
                      significand(bits, shape, random), false};
  return decode(format, nearest(format, value));
}

// An exponent for one factor of a product near 2^exponent, such that the other is in its format, too; often so that one
// of them is subnormal or at the end of its range.
int factor_exponent(const Format& one, const Format& other, int exponent, SplitMix& random) {
  const BitRange range = bit_range(one), others = bit_range(other);
  const int low = std::max(range.least, exponent - others.greatest),
            high = std::min(range.greatest, exponent - others.least);
  if (low >= high) return std::clamp(exponent / 2, range.least, range.greatest);
  const int length = high - low + 1;
  switch (random.below(4)) {
    case 0:
      return low + random.below(std::min(length, greatest_precision(one)));
    case 1:
      return high - random.below(std::min(length, greatest_precision(other)));
    default:
      return low + random.below(length);
  }
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

// Of an odd number, modulo 2^64, by Newton's iteration.
uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int i = 0; i < 5; ++i) x *= 2 - odd * x;
  return x;
}

uint64_t bit_or_none(int place) {
  return place >= 0 && place < 64 ? uint64_t{1} << place : 0;
}

// The bits of a number from 2^unit on, modulo 2^64.
uint64_t low_bits(const Real& value, int unit) {
  if (value.kind != RealClass::finite) return 0;
  const int shift = value.exponent - unit;
  if (shift >= 64 || shift <= -128) return 0;
  const auto bits =
      static_cast<uint64_t>(shift >= 0 ? value.significand << shift : value.significand >> -shift);
  return value.negative ? 0 - bits : bits;
}

// The nearest number of so many bits, or the next greater.
Real rounded_to(Real value, int bits) {
  const int drop = leading(value) - value.exponent + 1 - bits;
  if (drop <= 0) return value;
  value.significand = ((value.significand >> (drop - 1)) + 1) >> 1;
  value.exponent += drop;
  return value;
}

struct Factors {
  Real a, b;
};

// Factors whose product plus c is near a place, its bits below the place's last a half, a half and one bit, or one bit
// alone, as far as the formats allow: b has some zeros at its end and is otherwise odd, so that dividing by it modulo a
// power of two gives the a that makes the lowest (bits of a) + (zeros of b) bits of the sum what is wanted. Others are
// left to chance.
Factors factors_with_tail(const Format& format_a, const Format& format_b, const Place& place, const Real& c,
                          SplitMix& random) {
  const int last_place = leading(place.half) + 1;
  const Real product = add(place.value, negated(c), Rounding::rne);
  const int top = product.kind == RealClass::finite ? leading(product) : last_place;
  Factors factors;
  for (int i = 0; i < kTries; ++i) {
    const int exponent_b = factor_exponent(format_b, format_a, top, random);
    const int exponent_a = top - exponent_b - random.below(2);
    const int bits_a = precision_at(format_a, exponent_a), bits_b = precision_at(format_b, exponent_b);
    const int zeros = random.below(bits_b);
    const uint64_t b = significand(bits_b - zeros, Shape::any, random) | 1;
    const int unit_a = exponent_a - bits_a + 1, unit_b = exponent_b - bits_b + 1 + zeros;
    const int discarded = last_place - unit_a - unit_b;  // bits of a b below the last place
    uint64_t wanted = bit_or_none(discarded - 1);
    const int kind = random.below(8);
    const uint64_t part = discarded < 2 ? 0 : bit_or_none(random.below(2) * random.below(discarded - 1));
    if (kind >= 5) wanted = 0;
    if (kind >= 1) wanted = kind % 4 != 0 ? wanted + part : wanted - part;
    const uint64_t of_c = low_bits(c, unit_a + unit_b);
    const uint64_t of_product = product.negative ? of_c - wanted : wanted - of_c;
    const uint64_t solved = code_mask(std::clamp(discarded, 0, bits_a));
    const uint64_t top_bit = uint64_t{1} << (bits_a - 1);
    const uint64_t a =
        ((of_product * inverse(b)) & solved) | ((random() | top_bit) & code_mask(bits_a) & ~solved);
    if (a == 0) continue;
    const bool negative = any_sign(format_a, random);
    factors.a = {RealClass::finite, negative, unit_a, a, false};
    factors.b = {RealClass::finite, negative != product.negative, unit_b, b, false};
    if (((a * b - of_product) & code_mask(std::clamp(discarded, 0, 64))) != 0) continue;
    if (leading(add(multiply(factors.a, factors.b), c, Rounding::rne)) >= leading(place.value)) break;
  }
  return factors;
}

// Factors whose product, near 2^exponent, is an odd number times 2^zeros and one bit of its own more or less, with about as
// many zeros (or ones) as there can be: b is that over a, for which a zeros-fold half of one, modulo a, is small.
struct EvenFactors : Factors {
  int even_exponent = 0;  // of the lowest bit but that one
};
EvenFactors factors_beside_even(const Format& format_a, const Format& format_b, int exponent,
                                SplitMix& random) {
  const int exponent_a = random.below(2) == 0 ? factor_exponent(format_a, format_b, exponent, random)
                                              : exponent / 2 + random.below(8) - 4;
  const int exponent_b = exponent - exponent_a;
  const int bits_a = std::min(precision_at(format_a, exponent_a), kMostFactorBits),
            bits_b = std::min(precision_at(format_b, exponent_b), kMostFactorBits);
  uint64_t best_a = 1, best_b = 1;
  int most_zeros = 0;
  for (int tries = 1 + random.below(kTries); tries > 0; --tries) {
    const uint64_t a = significand(bits_a, Shape::any, random) | 1;
    const bool minus = random.below(2) != 0;
    uint64_t odd = minus ? 1 : a - 1;  // odd 2^zeros = 1 or -1 modulo a
    for (int zeros = 1; zeros < bits_a + bits_b; ++zeros) {
      odd = (odd % 2 != 0 ? odd + a : odd) / 2;
      if (odd >> (bits_a + bits_b - zeros) != 0 || zeros <= most_zeros) continue;
      const uint64_t product = minus ? (odd << zeros) - 1 : odd << zeros | 1;
      if (product / a >> bits_b != 0) continue;
      best_a = a;
      best_b = product / a;
      most_zeros = zeros;
    }
  }
  EvenFactors factors;
  const int unit_a = exponent_a - bits_a + 1, unit_b = exponent_b - bits_b + 1;
  factors.a = {RealClass::finite, any_sign(format_a, random), unit_a, best_a, false};
  factors.b = {RealClass::finite, any_sign(format_b, random), unit_b, best_b, false};
  factors.even_exponent = unit_a + unit_b + most_zeros;
  return factors;
}

Unit with_finer_result(Unit unit, int more_bits) {
  Format& result = unit.result;
  if (result.kind != FormatKind::floating) return unit;
  const int bits = std::min(more_bits, kMostFractionBits - result.fraction_width);
  result.fraction_width += bits;
  result.width += bits;
  return unit;
}

// ---- Operations.

struct Construction {
  const Unit& unit;  // one rounding
  SplitMix& random;
  uint64_t* operands;

  Real wanted() { return target(unit.result, depth(), random); }
  Place place() { return place_of(unit.result, interesting_magnitude(unit.result, random)); }
  // Bits of an operand that may lie below a result's last.
  int depth() const {
    int most = 0;
    for (int i = 0; i < operand_count(unit); ++i) {
      most = std::max(most, greatest_precision(operand_format(unit, i)));
    }
    return most + 4;
  }
  void set(int i, const Real& value) { operands[i] = nearest(operand_format(unit, i), value); }
  void set_near(int i, const Real& value) { operands[i] = near(operand_format(unit, i), value, random); }

  // Exponent of a term that lies below the place `place` and is to decide: often that of the half.
  int deciding_exponent(const Place& place) {
    const int half = leading(place.half);
    return random.below(2) == 0 ? half : half + 1 - random.below(2 * depth());
  }

  // A place of which a term near 2^exponent may be the deciding half, or lies up to the longest operand below it.
  Place place_above(int exponent) {
    const int leading =
        exponent + greatest_precision(unit.result) + random.below(2) * random.below(2 * depth());
    const uint64_t code = nearest(unit.result, factor(unit.result, leading, any_shape(random), random));
    return place_of(unit.result, magnitude_of(unit.result, code));
  }

  int any_product_exponent() {
    const BitRange a = bit_range(unit.a), b = bit_range(unit.b);
    return a.least + b.least + random.below(a.greatest + b.greatest - a.least - b.least + 2);
  }

  void add_or_subtract() {
    if (random.below(2) == 0) {  // a result, and a smaller term that decides
      const int larger = random.below(2);
      const Place at = place();
      const Format& format = operand_format(unit, 1 - larger);
      set(larger, with_sign(at.value, any_sign(operand_format(unit, larger), random)));
      set(1 - larger, factor(format, deciding_exponent(at), Shape::extreme, random));
      return;
    }
    const Real sum = wanted();
    const Real b = factor(unit.b, leading(sum) + random.below(12) - 8, any_shape(random), random);
    set(1, b);
    set_near(0, add(sum, unit.operation == Operation::add ? negated(b) : b, Rounding::rne));
  }

  void multiply_operands() {
    if (random.below(2) == 0) {
      const Factors factors = factors_with_tail(unit.a, unit.b, place(), Real{}, random);
      set(0, factors.a);
      set(1, factors.b);
      return;
    }
    const Real product = wanted();
    const int exponent = factor_exponent(unit.b, unit.a, leading(product), random);
    const Real b = factor(unit.b, exponent, Shape::few, random);
    set(1, b);
    set_near(0, quotient(cut(product), b, true));
  }

  // Factors of a product near 2^exponent.
  Factors factors_of(int exponent, bool extreme) {
    const int exponent_b = factor_exponent(unit.b, unit.a, exponent, random);
    const Real b = factor(unit.b, exponent_b, extreme ? Shape::extreme : any_shape(random), random);
    const Real a =
        factor(unit.a, exponent - exponent_b, extreme ? Shape::extreme : any_shape(random), random);
    return {a, b};
  }

  void multiply_add() {
    Factors factors;
    Real c;
    switch (random.below(5)) {
      case 0: {  // c is a result or, if it can be, a tie, and the product decides
        Place at = place();
        int exponent = deciding_exponent(at);
        if (random.below(2) == 0) {  // which is any product
          exponent = any_product_exponent();
          at = place_above(exponent);
        }
        factors = factors_of(exponent, true);
        c = random.below(2) == 0 ? at.value : add(at.value, at.half, Rounding::rne);
        c.negative = any_sign(unit.c, random);
        break;
      }
      case 1: {  // the product is about a result, and c decides
        factors = factors_of(leading(place().value), random.below(2) == 0);
        Real product = multiply(factors.a, factors.b);
        const bool negative = std::exchange(product.negative, false);
        const Place at =
            place_of(unit.result, round_to_code(unit.result, product, Rounding::rtz, Saturation::sat_finite));
        const Real sum = add(at.value, tail(at, depth(), random), Rounding::rne);
        c = with_sign(add(sum, negated(product), Rounding::rne), negative);
        break;
      }
      case 2: {  // the product decides together with the lowest bits of c, if it has any there
        const Place at = place();
        const int exponent = leading(at.half) + 1 + random.below(greatest_precision(unit.result) + 2);
        c = random.below(4) == 0 ? Real{} : factor(unit.c, exponent, any_shape(random), random);
        factors = factors_with_tail(unit.a, unit.b, at, c, random);
        if (any_sign(unit.c, random)) {
          factors.a = negated(factors.a);
          c = negated(c);
        }
        break;
      }
      case 3: {  // the product makes a tie, or a few bits, of the sum but for its last bit
        // Numbers around one have the most bits.
        const int span = greatest_precision(unit.a) + greatest_precision(unit.b);
        const int exponent = random.below(2) == 0 ? any_product_exponent() : random.below(span) - span / 2;
        const EvenFactors even = factors_beside_even(unit.a, unit.b, exponent, random);
        factors = even;
        const Real product = multiply(even.a, even.b);
        if (random.below(2) == 0) {
          const int precision =
              precision_at(unit.result, even.even_exponent + greatest_precision(unit.result));
          c = factor(unit.c, even.even_exponent + precision, any_shape(random), random);
        } else {
          c = negated(rounded_to(product, 1 + random.below(greatest_precision(unit.c))));
        }
        break;
      }
      default: {  // c is solved for; what of the product lies below its last bit decides alone
        const Real sum = wanted();
        factors = factors_of(leading(sum) + random.below(greatest_precision(unit.result) + 11) - 8, false);
        c = add(sum, negated(multiply(factors.a, factors.b)), Rounding::rne);
      }
    }
    set(0, factors.a);
    set(1, factors.b);
    set_near(2, c);
  }
};

}  // namespace

bool has_constructed_operands(const Unit& unit) {
  const std::optional<Unit> single = one_rounding(unit);
  if (!single || single->product != ProductRule::exact || !is_known(unit.result)) return false;
  for (int i = 0; i < operand_count(*single); ++i) {
    if (!is_known(operand_format(*single, i))) return false;
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

void constructed_operands(const Unit& unit, int more_bits, uint64_t seed, uint64_t* operands) {
  const Unit single = with_finer_result(one_rounding(unit).value(), more_bits);
  SplitMix random(seed);
  Construction construction{single, random, operands};
  switch (single.operation) {
    case Operation::convert:
      return construction.set_near(0, construction.wanted());
    case Operation::add:
    case Operation::sub:
      return construction.add_or_subtract();
    case Operation::mul:
      return construction.multiply_operands();
    case Operation::fma:
      return construction.multiply_add();
    default:
      break;
  }
  const Real one = power_of_two(0, false), wanted = construction.wanted();
  switch (single.operation) {
    case Operation::div: {
      const int exponent = factor_exponent(single.b, single.a, -leading(wanted), random);
      const Real b = factor(single.b, exponent, any_shape(random), random);
      construction.set(1, b);
      return construction.set_near(0, multiply(cut(wanted), b));
    }
    case Operation::sqrt:
      return construction.set_near(0, multiply(cut(wanted), cut(wanted)));
    case Operation::recip:
      return construction.set_near(0, quotient(one, cut(wanted), true));
    default:
      return construction.set_near(0, quotient(one, cut(multiply(cut(wanted), cut(wanted))), true));
  }
}

bool has_constructed_accumulator(const Format& format) {
  return is_known(format);
}

uint64_t constructed_accumulator(const Format& format, const Real& sum, uint64_t seed) {
  SplitMix random(seed);
  const int precision = greatest_precision(format), depth = 2 * precision + 4;
  const auto place_near = [&](int exponent) {
    const uint64_t code = nearest(format, factor(format, exponent, any_shape(random), random));
    return place_of(format, magnitude_of(format, code));
  };
  Real magnitude = sum, c;
  const bool negative = std::exchange(magnitude.negative, false);
  switch (random.below(3)) {
    case 0: {  // the sum is about a result, and c decides
      const Place at =
          place_of(format, round_to_code(format, magnitude, Rounding::rtz, Saturation::sat_finite));
      const Real target = add(at.value, tail(at, depth, random), Rounding::rne);
      c = with_sign(add(target, negated(magnitude), Rounding::rne), negative);
      break;
    }
    case 1: {  // c is a result or, if it can be, a tie, and the sum decides
      const Place at = place_near(leading(sum) + precision + random.below(2) * random.below(depth));
      c = random.below(2) == 0 ? at.value : add(at.value, at.half, Rounding::rne);
      c.negative = any_sign(format, random);
      break;
    }
    default: {  // c is solved for; what of the sum lies below its last bit decides alone
      const int above = random.below(2) == 0 ? random.below(precision + 3) : -random.below(depth);
      const Place at = place_near(leading(sum) + above);
      const Real target = add(at.value, tail(at, depth, random), Rounding::rne);
      c = add(with_sign(target, any_sign(format, random)), negated(sum), Rounding::rne);
    }
  }
  return near(format, c, random);
}

}  // namespace assay
