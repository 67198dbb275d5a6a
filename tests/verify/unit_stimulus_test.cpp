// What the stimulus of a unit contains: each class of operands that a mutant, or a bug, was once missed without.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <set>
#include <span>
#include <string>

#include "arith/evaluate.h"
#include "arith/real_arithmetic.h"
#include "formats/round.h"
#include "verify/case_facts.h"
#include "verify/unit_stimulus.h"

using namespace assay;

namespace {

using Operands = std::span<const uint64_t>;

// All vectors of a unit's default stimulus that are not merely random.
void for_each_directed(const Unit& unit, const std::function<void(Operands)>& visit) {
  const UnitStimulus stimulus(unit, {});
  std::vector<std::vector<uint64_t>> columns;
  constexpr uint64_t batch = 4096;
  for (uint64_t first = 0; first < stimulus.first_random(); first += batch) {
    const uint64_t count = std::min(batch, stimulus.first_random() - first);
    stimulus.fill(first, count, columns);
    std::vector<uint64_t> operands(columns.size());
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < columns.size(); ++j) operands[j] = columns[j][i];
      visit(operands);
    }
  }
}

// What a rounding discards of a number: half of the last place, and what is below.
struct Discarded {
  bool half;
  Real below;
  // The distance, in bits, of the only one below the half; 0 if there is no or more than one.
  int only_one = 0;
};

Discarded discarded(const Format& format, Real exact) {
  Format finer = format;
  ++finer.width;
  if (format.kind == FormatKind::floating) ++finer.fraction_width;
  exact.negative = false;
  const uint64_t code = round_to_code(finer, exact, Rounding::rtz, Saturation::sat_finite);
  Real kept = decode(finer, code), half = decode(finer, code ^ 1);
  const bool is_half = code % 2 != 0;
  kept.negative = true;
  Discarded result{is_half, add(exact, kept, Rounding::rne), 0};
  if (!is_half || result.below.kind != RealClass::finite || result.below.sticky) return result;
  if ((result.below.significand & (result.below.significand - 1)) != 0) return result;
  half.negative = true;
  kept.negative = false;
  const Real distance = add(kept, half, Rounding::rne);
  result.only_one = distance.exponent + floor_log2(distance.significand) - result.below.exponent -
                    floor_log2(result.below.significand);
  return result;
}

// An exact sum without zeros below, so that it can be added again.
Real sum_of(const Real& x, const Real& y) {
  Real sum = add(x, y, Rounding::rne);
  if (sum.kind != RealClass::finite) return sum;
  for (; sum.significand % 2 == 0; sum.significand >>= 1) ++sum.exponent;
  return sum;
}

bool is_subnormal(const Format& format, uint64_t code) {
  const uint64_t magnitude = code & code_mask(magnitude_width(format));
  return magnitude != 0 && magnitude >> format.fraction_width == 0;
}

int leading_bit(const Format& format, uint64_t code) {
  return floor_log2(code & code_mask(magnitude_width(format)));
}

// The numbers from first to last that are not there, in words.
std::string missing(const std::set<int>& found, int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) {
    if (!found.contains(i)) text += std::to_string(i) + " ";
  }
  return text;
}

// The exponent of the last bit of a number that is one; beyond all for others.
int lowest(const Real& value) {
  if (value.kind != RealClass::finite) return 1 << 20;
  int at = value.exponent;
  for (uint128 bits = value.significand; bits % 2 == 0; bits >>= 1) ++at;
  return at;
}

}  // namespace

TEST_CASE("factors: infinity times each subnormal power of two, and subnormal numbers of all lengths") {
  const Unit unit = parse_unit("mul-fp32-fp32-fp32");
  std::array<std::set<int>, 2> with_infinity, that_count;
  for_each_directed(unit, [&](Operands operands) {
    for (size_t i = 0; i < 2; ++i) {
      if (!is_subnormal(unit.a, operands[i])) continue;
      const uint64_t other = operands[1 - i] & 0x7fffffff, one = operands[i] & 0x7fffffff;
      if (other == 0x7f800000 && (one & (one - 1)) == 0)
        with_infinity[i].insert(leading_bit(unit.a, operands[i]));
      // The product is a finite number, and something of it is rounded away.
      const Real exact = exact_result(unit, operands);
      if (exact.kind != RealClass::finite || (evaluate(unit, operands) & 0x7fffffff) == 0) continue;
      const Discarded rest = discarded(unit.result, exact);
      if (rest.half || rest.below.kind == RealClass::finite)
        that_count[i].insert(leading_bit(unit.a, operands[i]));
    }
  });
  for (size_t i = 0; i < 2; ++i) {
    CHECK(missing(with_infinity[i], 0, 22) == "");
    CHECK(missing(that_count[i], 0, 22) == "");
  }
}

TEST_CASE("products: subnormal results one bit beside a tie, with any number of bits shifted out") {
  const Unit unit = parse_unit("mul-fp32-fp32-fp32");
  std::set<int> leading_of_ties, leading_of_neighbours;
  for_each_directed(unit, [&](Operands operands) {
    const Real exact = exact_result(unit, operands);
    if (exact.kind != RealClass::finite) return;
    const int leading = exact.exponent + floor_log2(exact.significand) + 149;  // bit of a subnormal code
    if (leading > 22) return;
    const Discarded rest = discarded(unit.result, exact);
    if (rest.half && rest.below.kind == RealClass::zero) leading_of_ties.insert(leading);
    if (rest.only_one != 0) leading_of_neighbours.insert(leading);
  });
  CHECK(missing(leading_of_ties, 8, 22) == "");
  CHECK(missing(leading_of_neighbours, 8, 22) == "");
}

TEST_CASE("conversions: a tie and each single bit below it, of normal and subnormal results") {
  const Unit unit = parse_unit("convert-fp32-bf16");
  std::set<int> normal, subnormal, lengths_of_ties;
  for_each_directed(unit, [&](Operands operands) {
    const Real exact = exact_result(unit, operands);
    if (exact.kind != RealClass::finite) return;
    const Discarded rest = discarded(unit.result, exact);
    const bool tiny = is_subnormal(unit.a, operands[0]);
    if (rest.only_one != 0) (tiny ? subnormal : normal).insert(rest.only_one);
    if (tiny && rest.half && rest.below.kind == RealClass::zero)
      lengths_of_ties.insert(leading_bit(unit.a, operands[0]));
  });
  CHECK(missing(normal, 1, 15) == "");
  CHECK(missing(subnormal, 1, 15) == "");
  CHECK(missing(lengths_of_ties, 15, 22) == "");
}

TEST_CASE("sums: a bit of c alone decides about a product, a bit of the product about c") {
  for (const std::string name : {"mac-fp16-fp16-fp16", "mac-bf16-bf16-bf16", "mac-fp32-fp32-fp32",
                                 "fma-fp16-fp16-fp32-fp16-rdn", "fma-e4m3-e4m3-fp32-bf16"}) {
    CAPTURE(name);
    const Unit unit = parse_unit(name), single = one_rounding(unit).value();
    std::set<int> by_c, by_product;
    for_each_directed(unit, [&](Operands operands) {
      const Real exact = exact_result(single, operands);
      if (exact.kind != RealClass::finite || exact.sticky) return;
      const Discarded rest = discarded(unit.result, exact);
      if (rest.only_one == 0) return;
      const int c = lowest(decode(single.c, operands[2]));
      const int product = lowest(multiply(decode(unit.a, operands[0]), decode(unit.b, operands[1])));
      if (c < product) by_c.insert(rest.only_one);
      if (product < c) by_product.insert(rest.only_one);
    });
    CHECK(missing(by_c, 1, single.c.fraction_width) == "");
    CHECK(missing(by_product, 1, unit.a.fraction_width + 1) == "");
  }
}

TEST_CASE(
    "posits: every regime of the operands, and a tie and a bit beside it in every regime of the result") {
  for (const std::string name : {"mul-posit16-posit16-posit16", "mac-posit16-posit16-posit16"}) {
    CAPTURE(name);
    const Unit unit = parse_unit(name), single = one_rounding(unit).value();
    std::set<int> of_a, of_ties, of_neighbours;
    const auto regime = [](const Real& value) {
      return (value.exponent + floor_log2(value.significand)) >> 2;
    };
    for_each_directed(unit, [&](Operands operands) {
      const Real a = decode(unit.a, operands[0]), exact = exact_result(single, operands);
      if (a.kind == RealClass::finite) of_a.insert(regime(a));
      if (exact.kind != RealClass::finite || exact.sticky) return;
      const Discarded rest = discarded(unit.result, exact);
      if (rest.half && rest.below.kind == RealClass::zero) of_ties.insert(regime(exact));
      if (rest.only_one != 0) of_neighbours.insert(regime(exact));
    });
    CHECK(missing(of_a, -14, 14) == "");
    CHECK(missing(of_ties, -12, 11) == "");
    CHECK(missing(of_neighbours, -12, 11) == "");
  }
}

TEST_CASE("dot products: nothing but zeros of one sign, and of all signs but one, on zeros of both signs") {
  const Unit unit = parse_unit("block_dot32-e2m1-e2m1-e8m0-fp32-fused");
  std::set<std::pair<int, uint64_t>> seen;  // negative products, c
  for_each_directed(unit, [&](Operands operands) {
    if ((operands.back() & 0x7fffffff) != 0) return;
    int negative = 0;
    for (size_t i = 0; i < 64; i += 2) {
      if ((operands[i] & 7) != 0 && (operands[i + 1] & 7) != 0) return;
      negative += static_cast<int>((operands[i] ^ operands[i + 1]) >> 3 & 1);
    }
    seen.emplace(negative, operands.back());
  });
  for (const int negative : {0, 1, 31, 32}) {
    for (const uint64_t c : {0U, 0x80000000U}) {
      CAPTURE(negative);
      CHECK(seen.contains({negative, c}));
    }
  }
}

TEST_CASE(
    "dot products: two powers of two that cancel or halve, and one below that decides, at each distance") {
  const Unit unit = parse_unit("dot3-e4m3-e4m3-e4m3-sat_finite-fused");
  std::set<int> distances;
  for_each_directed(unit, [&](Operands operands) {
    std::vector<int> exponents;
    for (size_t i = 0; i < 6; i += 2) {
      const Real product = multiply(decode(unit.a, operands[i]), decode(unit.b, operands[i + 1]));
      if (product.kind == RealClass::zero) continue;
      if (product.kind != RealClass::finite || (product.significand & (product.significand - 1)) != 0) return;
      exponents.push_back(product.exponent + floor_log2(product.significand));
    }
    const Real c = decode(unit.result, operands[6]);
    if (exponents.size() != 2 || c.kind != RealClass::finite || (c.significand & (c.significand - 1)) != 0)
      return;
    std::sort(exponents.begin(), exponents.end());
    const int above = exponents[1] - (c.exponent + floor_log2(c.significand));
    if (above == 0 || above == 1) distances.insert(exponents[1] - exponents[0]);
  });
  CHECK(missing(distances, 2, 18) == "");
}

// The random vectors of a dot product that are not directed must add up, too.
TEST_CASE("dot products: most random accumulators are near the greatest product") {
  const Unit unit = parse_unit("block_dot8-e4m3-e4m3-e8m0-fp32-fused");
  const UnitStimulus stimulus(unit, {});
  std::vector<std::vector<uint64_t>> columns;
  stimulus.fill(stimulus.first_random(), 100'000, columns);
  size_t near = 0;
  for (size_t i = 0; i < 100'000; ++i) {
    const Real scale = multiply(decode(unit.c, columns[16][i]), decode(unit.c, columns[17][i]));
    const Real c = decode(unit.result, columns[18][i]);
    int greatest = -10'000;
    for (size_t j = 0; j < 16; j += 2) {
      const Real product =
          multiply(multiply(decode(unit.a, columns[j][i]), decode(unit.b, columns[j + 1][i])), scale);
      if (product.kind == RealClass::finite) {
        greatest = std::max(greatest, product.exponent + floor_log2(product.significand));
      }
    }
    if (c.kind != RealClass::finite || c.significand == 0) continue;
    near += std::abs(c.exponent + floor_log2(c.significand) - greatest) <= 54;
  }
  CHECK(near > 70'000);
  CHECK(near < 95'000);
}

TEST_CASE("dot products: infinity times zero in each place, all others finite") {
  const Unit unit = parse_unit("dot4-fp16-fp16-fp32-rtz-window23");
  std::set<int> places;
  for_each_directed(unit, [&](Operands operands) {
    size_t at = 0, specials = 0, of_zero = 0;
    for (size_t i = 0; i < 8; ++i) {
      if ((operands[i] & 0x7c00) != 0x7c00) continue;
      ++specials;
      if ((operands[i] & 0x3ff) == 0 && (operands[i ^ 1] & 0x7fff) == 0) {
        ++of_zero;
        at = i;
      }
    }
    if (specials == 1 && of_zero == 1 && (operands[8] & 0x7f800000) != 0x7f800000)
      places.insert(static_cast<int>(at));
  });
  CHECK(missing(places, 0, 7) == "");
}

// A fault of mac-fp32-fp32-fp32 showed only at a = 2 and b = 0x00000100, and 159,319 vectors missed it.
TEST_CASE("factors: a half, one and two times each subnormal power of two, in a sum that shows the product") {
  const Unit unit = parse_unit("mac-fp32-fp32-fp32");
  std::array<std::set<int>, 6> found;
  for_each_directed(unit, [&](Operands operands) {
    for (size_t i = 0; i < 2; ++i) {
      const uint64_t tiny = operands[i] & 0x7fffffff, other = operands[1 - i] & 0x7fffffff;
      const uint64_t field = other >> 23;
      if (!is_subnormal(unit.a, tiny) || (tiny & (tiny - 1)) != 0) continue;
      if ((other & 0x7fffff) != 0 || field < 126 || field > 128) continue;
      const std::array<uint64_t, 3> without = {0, 0, operands[2]};
      if (evaluate(unit, operands) != evaluate(unit, without))
        found[3 * i + field - 126].insert(leading_bit(unit.a, tiny));
    }
  });
  for (size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(missing(found[i], i % 3 == 0 ? 1 : 0, 22) == "");  // half of the least number may be rounded away
  }
}

TEST_CASE(
    "dot products: c decides at each bit below a half about a sum with terms at both ends of the range") {
  const Unit unit = parse_unit("dot4-e4m3-e4m3-fp32-fused");
  std::set<int> by_c, by_sum;
  for_each_directed(unit, [&](Operands operands) {
    Real sum;
    for (size_t i = 0; i < 4; ++i) {
      sum = sum_of(sum, multiply(decode(unit.a, operands[2 * i]), decode(unit.b, operands[2 * i + 1])));
    }
    const Real c = decode(unit.result, operands[8]), exact = sum_of(sum, c);
    if (exact.kind != RealClass::finite || exact.sticky) return;
    const Discarded rest = discarded(unit.result, exact);
    if (rest.only_one == 0) return;
    if (lowest(c) < lowest(sum)) by_c.insert(rest.only_one);
    if (lowest(sum) < lowest(c)) by_sum.insert(rest.only_one);
  });
  CHECK(missing(by_c, 1, 20) == "");
  CHECK(missing(by_sum, 1, 12) == "");
}

TEST_CASE("window sums: every term has the largest exponent, one sign, and the sum its top bit") {
  const Unit unit = parse_unit("dot2-e5m2-e3m2-fp16-rdn-window7");
  std::set<int> low_bits;
  for_each_directed(unit, [&](Operands operands) {
    std::array<Real, 3> terms = {multiply(decode(unit.a, operands[0]), decode(unit.b, operands[1])),
                                 multiply(decode(unit.a, operands[2]), decode(unit.b, operands[3])),
                                 decode(unit.result, operands[4])};
    for (const Real& term : terms) {
      if (term.kind != RealClass::finite || term.negative != terms[0].negative) return;
    }
    const auto leading = [](const Real& value) { return value.exponent + floor_log2(value.significand); };
    const Real sum = sum_of(sum_of(terms[0], terms[1]), terms[2]);
    if (leading(terms[0]) != leading(terms[1]) || leading(sum) != leading(terms[2]) + 3) return;
    // Bits of c at and below the last of a result.
    low_bits.insert(static_cast<int>(operands[4] & 0xf));
  });
  CHECK(missing(low_bits, 0, 15) == "");
}
