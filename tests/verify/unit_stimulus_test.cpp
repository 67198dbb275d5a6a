// What the stimulus of a unit contains: each class of operands that a mutant, or a bug, was once missed without.
#include <doctest/doctest.h>

#include <array>
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
      const auto lowest = [](const Real& value) {
        if (value.kind != RealClass::finite) return 1 << 20;
        int at = value.exponent;
        for (uint128 bits = value.significand; bits % 2 == 0; bits >>= 1) ++at;
        return at;
      };
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
