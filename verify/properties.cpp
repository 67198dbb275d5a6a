// The properties of vectors that failures may have in common.
#include <fmt/format.h>

#include <algorithm>
#include <climits>

#include "arith/product.h"
#include "formats/real.h"

#include "verify/diagnosis_cases.h"
#include "verify/operand_classes.h"

namespace assay {
namespace {

class Properties {
 public:
  Properties(const Golden& golden, const std::vector<DiagnosisCase>& cases)
      : golden_(golden), cases_(cases) {}

  std::vector<Property> make() {
    operands();
    rounding();
    sums();
    return std::move(list_);
  }

 private:
  void add(std::string what, std::function<bool(const Golden&, const DiagnosisCase&)> holds) {
    list_.push_back({std::move(what), std::move(holds)});
  }
  void operands();
  void rounding();
  void sums();
  // The least of a number over the failing cases that have it.
  template <typename Number>
  int least(const Number& number) const {
    int found = INT_MAX;
    for (const DiagnosisCase& c : cases_) {
      if (c.fails) found = std::min(found, number(c));
    }
    return found;
  }

  const Golden& golden_;
  const std::vector<DiagnosisCase>& cases_;
  std::vector<Property> list_;
};

void Properties::operands() {
  if (golden_.specification().contract.nan_boxing != 0) {
    const std::vector<std::string> operands = operand_names(golden_.unit(0));
    for (size_t slot = 0; slot < operands.size(); ++slot) {
      add(fmt::format("{} is not boxed", operands[slot]), [slot](const Golden&, const DiagnosisCase& c) {
        return c.self.operands[slot] != c.self.given[slot];
      });
    }
  }
  const Unit& unit = golden_.unit(0);
  const std::vector<std::string> names = operand_names(unit);
  for (size_t slot = 0; slot < std::min<size_t>(names.size(), 4); ++slot) {
    const Format format = operand_format(unit, static_cast<int>(slot));
    const auto classes = std::make_shared<const OperandClasses>(format);
    for (size_t k = 0; k < classes->names().size(); ++k) {
      if (!classes->exists(k)) continue;
      add(fmt::format("{} is {}", names[slot], classes->names()[k]),
          [classes, slot, k](const Golden&, const DiagnosisCase& c) {
            return classes->of(c.self.operands[slot]) == k;
          });
    }
    if (format.kind == FormatKind::floating) {
      add(fmt::format("{} is subnormal", names[slot]), [format, slot](const Golden&, const DiagnosisCase& c) {
        return is_subnormal(format, c.self.operands[slot]);
      });
    }
    if (format.is_signed) {
      add(fmt::format("{} is negative", names[slot]), [format, slot](const Golden&, const DiagnosisCase& c) {
        return (c.self.operands[slot] >> (format.width - 1) & 1) != 0;
      });
    }
  }
  if (names.size() < 2) return;
  add("an operand is subnormal", [](const Golden& golden, const DiagnosisCase& c) {
    const Unit& u = golden.unit(c.self.mode);
    for (int i = 0; i < operand_count(u); ++i) {
      if (is_subnormal(operand_format(u, i), c.self.operands[static_cast<size_t>(i)])) return true;
    }
    return false;
  });
  for (const Format* format : {&unit.a, &unit.b}) {
    if (format->kind != FormatKind::floating || format->exponent_width < 2) return;
  }
  add("the exponents of a and b lie on different sides of the bias",
      [](const Golden& golden, const DiagnosisCase& c) {
        const Unit& u = golden.unit(c.self.mode);
        const auto top = [](const Format& f, uint64_t code) { return code >> (f.width - 2) & 1; };
        return top(u.a, c.self.operands[0]) != top(u.b, c.self.operands[1]);
      });
}

void Properties::rounding() {
  const auto with = [this](std::string what, std::function<bool(const RoundingFacts&)> holds) {
    add(std::move(what), [holds](const Golden&, const DiagnosisCase& c) {
      return c.facts && c.facts->rounding && holds(*c.facts->rounding);
    });
  };
  with("the exact result is a tie", [](const RoundingFacts& r) { return r.tie(); });
  with("the exact result is a tie above an even code",
       [](const RoundingFacts& r) { return r.tie() && !r.last; });
  with("the exact result is a tie above an odd code",
       [](const RoundingFacts& r) { return r.tie() && r.last; });
  with("the exact result lies less than half a place above a code (sticky bits only)",
       [](const RoundingFacts& r) { return !r.guard && r.sticky; });
  with("the exact result lies more than half a place above a code",
       [](const RoundingFacts& r) { return r.guard && r.sticky; });
  with("the result is inexact", [](const RoundingFacts& r) { return !r.exact(); });
  with("the result is exact", [](const RoundingFacts& r) { return r.exact(); });
  with("rounding carries into the next power of two", [](const RoundingFacts& r) { return r.carries; });
  with("the exact result is below the least normal number", [](const RoundingFacts& r) { return r.tiny; });
  with("the result overflows", [](const RoundingFacts& r) { return r.overflows; });
  with("the exact result lies at the overflow threshold",
       [](const RoundingFacts& r) { return r.at_overflow; });
  with("the result is negative", [](const RoundingFacts& r) { return r.negative; });
  add("the expected result is NaN", [](const Golden& golden, const DiagnosisCase& c) {
    return decode(golden.unit(c.self.mode).result, c.self.expected.code).kind == RealClass::nan;
  });
  add("the expected result is infinite", [](const Golden& golden, const DiagnosisCase& c) {
    return decode(golden.unit(c.self.mode).result, c.self.expected.code).kind == RealClass::infinity;
  });
  add("the expected result is zero", [](const Golden& golden, const DiagnosisCase& c) {
    return decode(golden.unit(c.self.mode).result, c.self.expected.code).kind == RealClass::zero;
  });
  add("the expected result is subnormal", [](const Golden& golden, const DiagnosisCase& c) {
    return is_subnormal(golden.unit(c.self.mode).result, c.self.expected.code);
  });
  if (golden_.specification().modes.size() < 2) return;
  for (size_t mode = 0; mode < golden_.specification().modes.size(); ++mode) {
    add(fmt::format("the mode is {}", unit_name(golden_.unit(mode))),
        [mode](const Golden&, const DiagnosisCase& c) { return c.self.mode == mode; });
  }
}

void Properties::sums() {
  const auto with = [this](std::string what, std::function<bool(const SumFacts&)> holds) {
    add(std::move(what), [holds](const Golden&, const DiagnosisCase& c) {
      return c.facts && c.facts->sum && holds(*c.facts->sum);
    });
  };
  with("the terms have different signs", [](const SumFacts& s) { return s.opposite; });
  with("the terms have the same sign", [](const SumFacts& s) { return !s.opposite; });
  with("the terms cancel exactly", [](const SumFacts& s) { return s.exact_zero; });
  with("the second term is the larger one", [](const SumFacts& s) { return s.alignment < 0; });
  with("the first term is the larger one", [](const SumFacts& s) { return s.alignment > 0; });
  add("the product lies below the least normal number", [](const Golden& golden, const DiagnosisCase& c) {
    const Unit& unit = golden.unit(c.self.mode);
    if (!has_product(unit.operation) || facts_of(unit.operation).has_terms) return false;
    const Real product = product_of(unit, c.self.operands[0], c.self.operands[1]);
    return product.kind == RealClass::finite &&
           product.exponent + floor_log2(product.significand) < 1 - unit.result.exponent_bias;
  });
  const auto sum = [](const DiagnosisCase& c) { return c.facts && c.facts->sum ? &*c.facts->sum : nullptr; };
  const int cancelled =
      least([&](const DiagnosisCase& c) { return sum(c) != nullptr ? sum(c)->cancellation : 0; });
  if (cancelled > 0 && cancelled != INT_MAX) {
    with(fmt::format("{} or more leading bits cancel", cancelled),
         [cancelled](const SumFacts& s) { return s.cancellation >= cancelled; });
  }
  const int apart =
      least([&](const DiagnosisCase& c) { return sum(c) != nullptr ? std::abs(sum(c)->alignment) : 0; });
  if (apart > 1 && apart != INT_MAX) {
    with(fmt::format("the terms are {} or more binary places apart", apart),
         [apart](const SumFacts& s) { return std::abs(s.alignment) >= apart; });
  }
}

}  // namespace

std::vector<Property> properties(const Golden& golden, const std::vector<DiagnosisCase>& cases) {
  return Properties(golden, cases).make();
}

}  // namespace assay
