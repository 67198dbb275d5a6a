#include "arith/dot.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <optional>
#include <utility>

#include "arith/dot_steps.h"
#include "arith/exact_sum.h"
#include "arith/float_accumulate.h"
#include "arith/integer_accumulate.h"
#include "arith/operation.h"
#include "arith/product.h"
#include "arith/real_arithmetic.h"
#include "arith/wrapping_sum.h"
#include "base/error.h"
#include "formats/round.h"

namespace assay {
namespace {

constexpr size_t kUsualTerms = 32;
using Terms = boost::container::small_vector<DotTerm, kUsualTerms>;

// Operand codes of the products that are there, and of their scales. Products from a.size() on are absent.
struct Products {
  std::span<const uint64_t> a, b;
  size_t stride = 1;  // of a and b: their codes may lie between others
  std::span<const uint64_t> scales_a, scales_b;
  size_t scale_stride = 1;

  size_t count() const { return (a.size() + stride - 1) / stride; }
};

size_t group_size(const Unit& unit) {
  const int group = unit.accumulation.group;
  return static_cast<size_t>(group > 0 ? group : unit.terms);
}

DotTerm term_of(const Unit& unit, uint64_t a, uint64_t b) {
  if (unit.accumulation.flush_subnormals) {
    a = without_subnormals(unit.a, a);
    b = without_subnormals(unit.b, b);
  }
  DotTerm term;
  if (unit.product == ProductRule::exact) {
    const Real x = decode(unit.a, a), y = decode(unit.b, b);
    term.value = multiply(x, y);
    if (term.value.kind == RealClass::finite) {
      term.exponent = window_exponent(unit.a, x) + window_exponent(unit.b, y);
    }
    return term;
  }
  term.value = product_of(unit, a, b);
  if (term.value.kind == RealClass::finite) {
    term.exponent = term.value.exponent + floor_log2(term.value.significand);
  }
  return term;
}

DotTerm scale_of(const Unit& unit, const Products& products, size_t block) {
  const size_t at = block * products.scale_stride;
  return scale_term(unit.c, products.scales_a[at], products.scales_b[at]);
}

// A product of the unit's that its accumulator's range does not hold is infinite in the machines that join.
void saturate_product(const Unit& unit, Real& product) {
  const int beyond = bit_range(unit.result).greatest + 1;
  if (product.kind == RealClass::finite && product.exponent + floor_log2(product.significand) >= beyond) {
    product.kind = RealClass::infinity;
  }
}

// Product i; +0 if it is absent.
DotTerm product_at(const Unit& unit, const Products& products, size_t i) {
  if (i >= products.count()) return {};
  return term_of(unit, products.a[i * products.stride], products.b[i * products.stride]);
}

// The same times its scales if `scaled`.
DotTerm term_at(const Unit& unit, const Products& products, size_t i, bool scaled) {
  DotTerm term = product_at(unit, products, i);
  if (scaled && i < products.count()) multiply_by(term, scale_of(unit, products, i / block_size(unit)));
  return term;
}

// The exact sum of products [begin, end) as one term.
DotTerm exact_term(const Unit& unit, const Products& products, size_t begin, size_t end) {
  if (begin >= products.count()) return {};
  Terms elements;
  for (size_t i = begin; i < end; ++i) elements.push_back(product_at(unit, products, i));
  DotTerm term;
  term.value = fused_sum({elements.data(), elements.size()}, Real{}, Rounding::rne);
  return term;
}

// The terms of products [begin, end). `raised` may be null.
Terms terms_of(const Unit& unit, const Products& products, size_t begin, size_t end, bool scaled,
               DotFlags* raised) {
  const auto exact = static_cast<size_t>(unit.accumulation.exact);
  const size_t step = std::max(exact, size_t{1});
  const size_t block = block_size(unit);
  Terms terms((end - begin + step - 1) / step);
  DotTerm scale;
  for (size_t i = begin, at = 0; i < end; i += step, ++at) {
    terms[at] = exact > 0 ? exact_term(unit, products, i, i + exact) : product_at(unit, products, i);
    if (scaled && i < products.count()) {
      if (i == begin || i / block != (i - step) / block) scale = scale_of(unit, products, i / block);
      multiply_by(terms[at], scale);
    }
    if (unit.accumulation.join == 0) continue;
    const bool finite = terms[at].value.kind == RealClass::finite;
    saturate_product(unit, terms[at].value);
    if (raised != nullptr && finite && terms[at].value.kind == RealClass::infinity) {
      raised->flags.overflow = raised->flags.inexact = true;
    }
  }
  return terms;
}

bool is_nan(const Format& format, uint64_t code) {
  return decode(format, code).kind == RealClass::nan;
}

// Whether an operand of products [begin, end), or a scale of theirs, is NaN.
bool any_nan(const Unit& unit, const Products& products, size_t begin, size_t end, bool scaled) {
  for (size_t i = begin; i < std::min(end, products.count()); ++i) {
    if (is_nan(unit.a, products.a[i * products.stride]) || is_nan(unit.b, products.b[i * products.stride]))
      return true;
    if (scaled && scale_of(unit, products, i / block_size(unit)).value.kind == RealClass::nan) return true;
  }
  return false;
}

// Whether one of products [begin, end) is NaN though its factors are not.
bool makes_nan(const Unit& unit, const Products& products, size_t begin, size_t end) {
  for (size_t i = begin; i < std::min(end, products.count()); ++i) {
    const uint64_t a = products.a[i * products.stride], b = products.b[i * products.stride];
    if (!is_nan(unit.a, a) && !is_nan(unit.b, b) && product_of(unit, a, b).kind == RealClass::nan)
      return true;
  }
  return false;
}

// A sum of products [begin, end) and the accumulator is invalid if it is NaN though nothing in it is.
void raise_invalid(const Unit& unit, const Products& products, size_t begin, size_t end, bool scaled,
                   const Real& accumulator, const Real& sum, DotFlags& raised) {
  if (sum.kind != RealClass::nan) return;
  const bool beside_nan = accumulator.kind == RealClass::nan || any_nan(unit, products, begin, end, scaled);
  if (!beside_nan || (raised.rules.invalid_beside_nan && makes_nan(unit, products, begin, end))) {
    raised.flags.invalid = true;
  }
}

// The flags of the rounding of a product that is rounded before it is added.
void raise_product(const Unit& unit, uint64_t a, uint64_t b, DotFlags& raised) {
  if (unit.product != ProductRule::via) return;
  const Format& via = unit.product_format;
  const Real exact = multiply(decode(unit.a, a), decode(unit.b, b));
  const uint64_t code = round_to_code(via, exact, Rounding::rne, default_saturation(via));
  raised.flags |= rounding_flags(via, Rounding::rne, exact, code, {}, raised.rules.tininess);
}

// Those of products [begin, end).
void raise_products(const Unit& unit, const Products& products, size_t begin, size_t end, DotFlags& raised) {
  for (size_t i = begin; i < std::min(end, products.count()); ++i) {
    raise_product(unit, products.a[i * products.stride], products.b[i * products.stride], raised);
  }
}

// Products [begin, end), each with a rounding of its own.
uint64_t sequential(const Unit& unit, const Products& products, size_t begin, size_t end, bool scaled,
                    uint64_t accumulator, DotSteps& steps) {
  const size_t present = std::min(end, products.count());
  const bool plain = !scaled && !unit.accumulation.flush_subnormals && unit.saturation != Saturation::wrap;
  std::optional<FloatAccumulator> fast;
  DotFlags* const raised = steps.raised();
  if (has_float_accumulate(unit) && raised == nullptr) fast.emplace(unit);
  for (size_t i = begin; i < present; ++i) {
    const uint64_t a = products.a[i * products.stride], b = products.b[i * products.stride];
    if (fast && (*fast)(a, b, accumulator)) continue;
    // A product that is used where it is made costs half as much as one that is passed on.
    const Real before = steps.value(accumulator);
    const Real sum = plain ? add(product_of(unit, a, b), before, unit.rounding)
                           : sum_of(unit, term_at(unit, products, i, scaled).value, before, unit.rounding);
    if (raised != nullptr) raise_invalid(unit, products, i, i + 1, scaled, before, sum, *raised);
    accumulator = steps.round(sum);
  }
  for (size_t i = present; i < end; ++i) {
    accumulator = steps.round(add(Real{}, steps.value(accumulator), unit.rounding));
  }
  return accumulator;
}

// The exact sum of products [begin, end) and the accumulator.
Real fused(const Unit& unit, const Products& products, size_t begin, size_t end, bool scaled,
           const Real& accumulator) {
  if (scaled || unit.product != ProductRule::exact) {
    const Terms terms = terms_of(unit, products, begin, end, scaled, nullptr);
    return fused_sum({terms.data(), terms.size()}, accumulator, unit.rounding, modulus_exponent(unit));
  }
  const BitRange a = bit_range(unit.a), b = bit_range(unit.b);
  int least = a.least + b.least, greatest = a.greatest + b.greatest + 1;
  if (accumulator.kind == RealClass::finite) {
    least = std::min(least, accumulator.exponent);
    greatest = std::max(greatest, accumulator.exponent + floor_log2(accumulator.significand));
  }
  ExactSum sum(least, greatest);
  sum.add(accumulator);
  const size_t present = std::min(end, products.count());
  const bool flush = unit.accumulation.flush_subnormals;
  for (size_t i = begin; i < present; ++i) {
    const uint64_t x = products.a[i * products.stride], y = products.b[i * products.stride];
    sum.add(multiply(decode(unit.a, flush ? without_subnormals(unit.a, x) : x),
                     decode(unit.b, flush ? without_subnormals(unit.b, y) : y)));
  }
  if (present < end) sum.add(Real{});
  return sum.value(unit.rounding, modulus_exponent(unit));
}

uint64_t kahan(std::span<const DotTerm> terms, uint64_t accumulator, DotSteps& steps) {
  const auto minus = [&](const Real& a, Real b) {
    b.negative = !b.negative;
    return steps.rounded(steps.sum(a, b));
  };
  Real compensation;
  for (const DotTerm& term : terms) {
    const Real before = steps.value(accumulator);
    const Real y = minus(term.value, compensation);
    accumulator = steps.round(steps.sum(before, y));
    compensation = minus(minus(steps.value(accumulator), before), y);
  }
  return accumulator;
}

uint64_t tree(std::span<const DotTerm> terms, uint64_t accumulator, DotSteps& steps) {
  boost::container::small_vector<Real, kUsualTerms> level;
  for (const DotTerm& term : terms) level.push_back(steps.rounded(term.value));
  const auto sum = [&](const Real& a, const Real& b) { return steps.sum(a, b); };
  for (; level.size() > 1; level.resize((level.size() + 1) / 2)) {
    for (size_t i = 0; i < level.size(); i += 2) {
      level[i / 2] = i + 1 < level.size() ? steps.rounded(sum(level[i], level[i + 1])) : level[i];
    }
  }
  return steps.round(sum(level[0], steps.value(accumulator)));
}

// Whether a window's result is not the sum of its terms, all finite.
bool is_inexact(std::span<const DotTerm> terms, const Real& accumulator, Rounding rounding,
                const Real& result) {
  const Real exact = fused_sum(terms, accumulator, rounding);
  if (exact.kind != result.kind) return true;
  return exact.kind == RealClass::finite && (exact.sticky || compare(exact, result) != 0);
}

// Rounds what a window keeps of its terms' sum. What the window cut makes the result inexact, too.
uint64_t round_window(const Unit& unit, std::span<const DotTerm> terms, const Real& accumulator,
                      const Real& sum, DotSteps& steps) {
  DotFlags* const raised = steps.raised();
  if (raised == nullptr) return steps.round(sum);
  const ExceptionFlags before = std::exchange(raised->flags, {});
  const uint64_t code = steps.round(sum);
  if (sum.kind == RealClass::finite || sum.kind == RealClass::zero) {
    raised->flags.inexact = is_inexact(terms, accumulator, unit.rounding, steps.value(code));
    raised->flags.underflow = raised->flags.underflow && raised->flags.inexact;
  }
  raised->flags |= before;
  return code;
}

// Products [begin, end) in the unit's groups.
uint64_t accumulate_groups(const Unit& unit, const Products& products, size_t begin, size_t end, bool scaled,
                           uint64_t accumulator, DotSteps& steps) {
  const AccumulationKind kind = unit.accumulation.kind;
  if (steps.raised() != nullptr) raise_products(unit, products, begin, end, *steps.raised());
  if (kind == AccumulationKind::sequential) {
    return sequential(unit, products, begin, end, scaled, accumulator, steps);
  }
  // Without a product there is nothing to compensate; +0 would still add the compensation.
  if (kind == AccumulationKind::kahan) end = std::min(end, products.count());
  const size_t group = group_size(unit);
  DotFlags* const raised = steps.raised();
  for (size_t first = begin; first < end; first += group) {
    const size_t last = std::min(first + group, end);
    const Real before = steps.value(accumulator);
    if (kind == AccumulationKind::fused) {
      const Real sum = fused(unit, products, first, last, scaled, before);
      if (raised != nullptr) raise_invalid(unit, products, first, last, scaled, before, sum, *raised);
      accumulator = steps.round(sum);
      continue;
    }
    const Terms of_group = terms_of(unit, products, first, last, scaled, raised);
    const std::span<const DotTerm> terms(of_group.data(), of_group.size());
    if (kind == AccumulationKind::window) {
      const Real sum = window_sum(terms, accumulator_term(steps, accumulator), unit);
      if (raised != nullptr) raise_invalid(unit, products, first, last, scaled, before, sum, *raised);
      accumulator = round_window(unit, terms, before, sum, steps);
      continue;
    }
    for (size_t i = first; raised != nullptr && i < last; ++i) {
      // A product of its own, which no NaN that is added to it makes quiet.
      raise_invalid(unit, products, i, i + 1, scaled, {}, terms[i - first].value, *raised);
    }
    accumulator =
        kind == AccumulationKind::tree ? tree(terms, accumulator, steps) : kahan(terms, accumulator, steps);
  }
  return accumulator;
}

// Accumulation::partial: a sum from zero for each pair of scales, which is added to the accumulator with one rounding.
uint64_t promoted(const Unit& unit, const Products& products, uint64_t accumulator,
                  std::span<const RandomBits> random, DotFlags* raised) {
  const Format& partial = *unit.accumulation.partial;
  const bool scaled = unit.operation == Operation::block_dot;
  const auto terms = static_cast<size_t>(unit.terms);
  DotSteps steps(unit, partial, random, raised);
  for (size_t begin = 0; begin < terms; begin += block_size(unit)) {
    const size_t end = std::min(begin + block_size(unit), terms);
    const uint64_t sum =
        accumulate_groups(unit, products, begin, end, false, zero_code(partial, false), steps);
    DotTerm term;
    term.value = decode(partial, sum);
    if (scaled && begin < products.count())
      multiply_by(term, scale_of(unit, products, begin / block_size(unit)));
    const Real before = decode(unit.result, accumulator);
    const Real total = sum_of(unit, term.value, before, Rounding::rne);
    accumulator = round_to_code(unit.result, total, Rounding::rne, unit.saturation);
    if (raised == nullptr) continue;
    if (!is_nan(partial, sum)) raise_invalid(unit, products, begin, end, scaled, before, total, *raised);
    raised->flags |=
        rounding_flags(unit.result, Rounding::rne, total, accumulator, {}, raised->rules.tininess);
  }
  return accumulator;
}

// A mac has no other way of accumulating than the default.
uint64_t one_mac(const Unit& unit, uint64_t a, uint64_t b, uint64_t accumulator, RandomBits bits,
                 DotFlags* raised) {
  const Real before = decode(unit.result, accumulator);
  const Real sum = sum_of(unit, product_of(unit, a, b), before, unit.rounding);
  const uint64_t code = round_to_code(unit.result, sum, unit.rounding, unit.saturation, bits);
  if (raised == nullptr) return code;
  raise_product(unit, a, b, *raised);
  Products products;
  products.a = {&a, 1};
  products.b = {&b, 1};
  raise_invalid(unit, products, 0, 1, false, before, sum, *raised);
  raised->flags |= rounding_flags(unit.result, unit.rounding, sum, code, bits, raised->rules.tininess);
  return code;
}

// Any number of products, each with a rounding of its own; step s uses random[s] or the only entry.
uint64_t accumulate_macs(const Unit& unit, std::span<const uint64_t> a, std::span<const uint64_t> b,
                         uint64_t accumulator, std::span<const RandomBits> random) {
  if (has_integer_accumulate(unit)) {
    const IntegerAccumulator step(unit);
    for (size_t i = 0; i < a.size(); ++i) accumulator = step(a[i], b[i], accumulator);
    return accumulator;
  }
  Products products;
  products.a = a;
  products.b = b;
  DotSteps steps(unit, unit.result, random, nullptr);
  return sequential(unit, products, 0, a.size(), false, accumulator, steps);
}

// One evaluation.
uint64_t accumulate(const Unit& unit, const Products& products, uint64_t accumulator,
                    std::span<const RandomBits> random, DotFlags* raised = nullptr) {
  if (unit.accumulation.partial) return promoted(unit, products, accumulator, random, raised);
  DotSteps steps(unit, unit.result, random, raised);
  const bool scaled = unit.operation == Operation::block_dot;
  return accumulate_groups(unit, products, 0, static_cast<size_t>(unit.terms), scaled, accumulator, steps);
}

int groups_in(size_t terms, size_t group) {
  return static_cast<int>((terms + group - 1) / group);
}

// All evaluations of a sum of any length. `products_from` gives those of one evaluation.
template <typename ProductsFrom>
uint64_t accumulate_all(const Unit& unit, size_t count, uint64_t accumulator,
                        std::span<const RandomBits> random, ProductsFrom products_from) {
  const auto terms = static_cast<size_t>(unit.terms), roundings = static_cast<size_t>(rounding_count(unit));
  for (size_t begin = 0; begin < count; begin += terms) {
    const auto bits = random.size() <= 1 ? random : random.subspan(begin / terms * roundings, roundings);
    accumulator = accumulate(unit, products_from(begin, std::min(terms, count - begin)), accumulator, bits);
  }
  return accumulator;
}

}  // namespace

int rounding_count(const Unit& unit) {
  const auto terms = static_cast<size_t>(unit.terms);
  switch (unit.accumulation.kind) {
    case AccumulationKind::sequential:
      return unit.terms;
    case AccumulationKind::kahan:
      return 4 * unit.terms;
    case AccumulationKind::tree:
      return 2 * unit.terms;
    case AccumulationKind::fused:
    case AccumulationKind::window:
      break;
  }
  if (!unit.accumulation.partial) return groups_in(terms, group_size(unit));
  int count = 0;
  for (size_t begin = 0; begin < terms; begin += block_size(unit)) {
    count += groups_in(std::min(block_size(unit), terms - begin), group_size(unit));
  }
  return count;
}

uint64_t evaluate_dot(const Unit& unit, std::span<const uint64_t> operands,
                      std::span<const RandomBits> random, DotFlags* raised) {
  if (unit.operation == Operation::mac) {
    return one_mac(unit, operands[0], operands[1], operands[2], random.empty() ? RandomBits{} : random[0],
                   raised);
  }
  const auto elements = 2 * static_cast<size_t>(unit.terms);
  Products products;
  products.a = operands.first(elements - 1);
  products.b = operands.subspan(1, elements - 1);
  products.stride = 2;
  if (unit.operation == Operation::block_dot) {
    products.scales_a = operands.subspan(elements);
    products.scales_b = operands.subspan(elements + 1);
    products.scale_stride = 2;
  }
  return accumulate(unit, products, operands.back(), random, raised);
}

uint64_t evaluate_dot(const Unit& unit, std::span<const uint64_t> operands, RandomBits random) {
  return evaluate_dot(unit, operands, std::span<const RandomBits>(&random, 1));
}

uint64_t accumulate_dot(const Unit& unit, std::span<const uint64_t> a, std::span<const uint64_t> b,
                        uint64_t c, std::span<const RandomBits> random) {
  if (unit.operation != Operation::mac && unit.operation != Operation::dot) {
    fail("accumulate_dot: expected a mac or dot unit, found {}", unit_name(unit));
  }
  if (a.size() != b.size()) fail("accumulate_dot: {} codes of a and {} of b", a.size(), b.size());
  if (unit.operation == Operation::mac) return accumulate_macs(unit, a, b, c, random);
  return accumulate_all(unit, a.size(), c, random, [&](size_t begin, size_t count) {
    Products products;
    products.a = a.subspan(begin, count);
    products.b = b.subspan(begin, count);
    return products;
  });
}

uint64_t accumulate_block_dot(const Unit& unit, std::span<const uint64_t> a, std::span<const uint64_t> b,
                              std::span<const uint64_t> scales_a, std::span<const uint64_t> scales_b,
                              uint64_t c, std::span<const RandomBits> random) {
  if (unit.operation != Operation::block_dot) {
    fail("accumulate_block_dot: expected a block_dot unit, found {}", unit_name(unit));
  }
  const size_t block = block_size(unit), blocks = (a.size() + block - 1) / block;
  if (a.size() != b.size() || scales_a.size() != blocks || scales_b.size() != blocks) {
    fail("accumulate_block_dot: {} codes of a and {} of b with {} and {} scales, expected {}", a.size(),
         b.size(), scales_a.size(), scales_b.size(), blocks);
  }
  return accumulate_all(unit, a.size(), c, random, [&](size_t begin, size_t count) {
    Products products;
    products.a = a.subspan(begin, count);
    products.b = b.subspan(begin, count);
    products.scales_a = scales_a.subspan(begin / block);
    products.scales_b = scales_b.subspan(begin / block);
    return products;
  });
}

}  // namespace assay
