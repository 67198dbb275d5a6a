// The faults a diagnosis knows by name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "arith/dot_steps.h"
#include "arith/evaluate.h"
#include "arith/product.h"
#include "arith/real_arithmetic.h"
#include "base/error.h"
#include "formats/real.h"
#include "formats/round.h"
#include "verify/boxing.h"
#include "verify/diagnosis_cases.h"

namespace assay {
namespace {

using Prediction = std::optional<Predicted>;

Predicted as_predicted(const ModeResult& result) {
  return {result.code, result.flags};
}

constexpr std::array<std::pair<Rounding, std::string_view>, 10> kRoundings = {
    {{Rounding::rne, "to nearest, ties to even"},
     {Rounding::rna, "to nearest, ties away from zero"},
     {Rounding::rtz, "toward zero"},
     {Rounding::rup, "toward +infinity"},
     {Rounding::rdn, "toward -infinity"},
     {Rounding::odd, "to odd"},
     {Rounding::rntz, "to nearest, ties toward zero"},
     {Rounding::rnup, "to nearest, ties toward +infinity"},
     {Rounding::rndn, "to nearest, ties toward -infinity"},
     {Rounding::rnodd, "to nearest, ties to odd"}}};

bool is_float(const Format& format) {
  return format.kind == FormatKind::floating;
}

// "a and c" for the bits 0 and 2.
std::string listed(const std::vector<std::string>& names, size_t bits) {
  std::string which;
  for (size_t i = 0; i < names.size(); ++i) {
    if ((bits >> i & 1) != 0) which += (which.empty() ? "" : " and ") + names[i];
  }
  return which;
}

// The two terms of a sum, the one with the larger exponent first.
std::pair<Real, Real> sum_terms(const Unit& single, const DiagnosisCase& c) {
  const auto value = [&](int i) {
    return decode(operand_format(single, i), c.self.operands[static_cast<size_t>(i)]);
  };
  const bool fma = single.operation == Operation::fma;
  Real first = fma ? multiply(value(0), value(1)) : value(0), second = fma ? value(2) : value(1);
  if (single.operation == Operation::sub) second.negative = !second.negative;
  if (c.facts->sum->alignment < 0) std::swap(first, second);
  return {first, second};
}

// Builds the list; each maker looks at the modes' units and adds what makes sense for them.
class Faults {
 public:
  Faults(const Golden& golden, const std::vector<DiagnosisCase>& cases) : golden_(golden), cases_(cases) {}

  std::vector<Hypothesis> make();

 private:
  // The unit of the mode with the most operands.
  const Unit& widest_unit() const {
    size_t most = 0;
    for (size_t mode = 1; mode < golden_.specification().modes.size(); ++mode) {
      if (operand_count(golden_.unit(mode)) > operand_count(golden_.unit(most))) most = mode;
    }
    return golden_.unit(most);
  }
  // Results are boxed as the contract wants it.
  void add(std::string what, const std::function<Prediction(const Golden&, const DiagnosisCase&)>& predict) {
    list_.push_back({std::move(what), [predict](const Golden& golden, const DiagnosisCase& c) {
                       Prediction predicted = predict(golden, c);
                       if (predicted) predicted->code = golden.boxed_result(c.self.mode, predicted->code);
                       return predicted;
                     }});
  }
  // A golden model whose specification has been changed.
  void add_changed(const std::string& what, const std::function<void(Specification&)>& change);
  // A code that is put in place of the golden one, with the golden flags.
  void add_code(std::string what,
                std::function<std::optional<uint64_t>(const Golden&, const DiagnosisCase&)> code);

  void roundings();
  void subnormals();
  void scaled_operands();
  void overflow();
  void operand_order();
  void stale_operands();
  void modes_and_flags();
  void double_rounding();
  void products();
  void alignment_limit();
  void lost_sticky();
  void signs_and_nans();
  void integers();
  void boxing();
  void lanes();

  const Golden& golden_;
  const std::vector<DiagnosisCase>& cases_;
  std::vector<Hypothesis> list_;
};

void Faults::add_changed(const std::string& what, const std::function<void(Specification&)>& change) {
  Specification changed = golden_.specification();
  change(changed);
  std::shared_ptr<const Golden> other;
  try {
    other = std::make_shared<const Golden>(changed);
  } catch (const Error&) {
    return;  // makes no sense for this unit
  }
  add(what, [other](const Golden&, const DiagnosisCase& c) -> Prediction {
    return as_predicted(other->evaluate(c.self.mode, c.self.operands));
  });
}

void Faults::add_code(std::string what,
                      std::function<std::optional<uint64_t>(const Golden&, const DiagnosisCase&)> code) {
  add(std::move(what), [code](const Golden& golden, const DiagnosisCase& c) -> Prediction {
    const std::optional<uint64_t> other = code(golden, c);
    if (!other) return std::nullopt;
    return Predicted{*other, {}};
  });
}

void Faults::roundings() {
  for (const auto& [rounding, words] : kRoundings) {
    const Rounding other = rounding;
    if (std::all_of(golden_.specification().modes.begin(), golden_.specification().modes.end(),
                    [&](const Mode& mode) { return mode.unit.rounding == other; })) {
      continue;
    }
    add_changed(fmt::format("it rounds {}", words), [other](Specification& s) {
      for (Mode& mode : s.modes) mode.unit.rounding = other;
    });
  }
}

void Faults::subnormals() {
  add_changed("subnormal operands are taken as zeros",
              [](Specification& s) { s.contract.flush_operands = true; });
  const size_t count = std::min<size_t>(static_cast<size_t>(operand_count(widest_unit())), 3);
  const std::vector<std::string> names = operand_names(widest_unit());
  for (size_t slots = 1; slots + 1 < size_t{1} << count; ++slots) {
    const std::string which = listed(names, slots);
    add(fmt::format("subnormal {} is taken as zero", which),
        [slots, count](const Golden& golden, const DiagnosisCase& c) {
          const Unit& u = golden.unit(c.self.mode);
          std::vector<uint64_t> operands = c.self.operands;
          for (size_t i = 0; i < std::min(count, static_cast<size_t>(operand_count(u))); ++i) {
            const Format& format = operand_format(u, static_cast<int>(i));
            if ((slots >> i & 1) == 0 || !is_subnormal(format, operands[i])) continue;
            operands[i] = zero_code(format, decode(format, operands[i]).negative);
          }
          return Prediction(as_predicted(golden.evaluate(c.self.mode, operands)));
        });
  }
  for (size_t slot = 0; slot < count; ++slot) {
    const Format format = operand_format(widest_unit(), static_cast<int>(slot));
    if (!is_float(format)) continue;
    const std::string& name = names[slot];
    add(fmt::format("a subnormal operand {} is given a hidden one", name),
        [slot, format](const Golden& golden, const DiagnosisCase& c) -> Prediction {
          const std::optional<Unit> single = one_rounding(golden.unit(c.self.mode));
          if (!single || !is_subnormal(format, c.self.operands[slot]) ||
              single->operation != Operation::fma) {
            return std::nullopt;
          }
          std::array<Real, 3> values;
          for (size_t i = 0; i < 3; ++i) {
            values[i] = decode(operand_format(*single, static_cast<int>(i)), c.self.operands[i]);
          }
          Real one;
          one.kind = RealClass::finite;
          one.negative = values[slot].negative;
          one.significand = 1;
          one.exponent = 1 - format.exponent_bias;
          values[slot] = assay::add(values[slot], one, Rounding::rne);
          const Real sum = assay::add(multiply(values[0], values[1]), values[2], single->rounding);
          return Predicted{round_to_code(single->result, sum, single->rounding, single->saturation), {}};
        });
  }
  add_changed("subnormal results are flushed to zero",
              [](Specification& s) { s.contract.flush_results = FlushResults::after_rounding; });
  add_changed("results below the least normal number are flushed to zero before rounding",
              [](Specification& s) { s.contract.flush_results = FlushResults::before_rounding; });
}

// An operand's exponent that is one off, for all its numbers or for subnormal ones.
void Faults::scaled_operands() {
  const std::optional<Unit> single = one_rounding(widest_unit());
  if (!single || single->operation != Operation::fma) return;
  const std::vector<std::string> names = operand_names(*single);
  for (size_t slots = 1; slots < 8; ++slots) {
    const std::string which = listed(names, slots);
    for (const bool only_subnormals : {false, true}) {
      for (const int by : {1, -1}) {
        add(fmt::format("the exponent of {}{} is one too {}", only_subnormals ? "subnormal " : "", which,
                        by > 0 ? "high" : "low"),
            [slots, only_subnormals, by](const Golden& golden, const DiagnosisCase& c) -> Prediction {
              const std::optional<Unit> fma = one_rounding(golden.unit(c.self.mode));
              if (!fma || fma->operation != Operation::fma) return std::nullopt;
              std::array<Real, 3> values;
              for (size_t i = 0; i < 3; ++i) {
                const Format& format = operand_format(*fma, static_cast<int>(i));
                values[i] = decode(format, c.self.operands[i]);
                const bool applies = !only_subnormals || is_subnormal(format, c.self.operands[i]);
                if ((slots >> i & 1) != 0 && applies) values[i].exponent += by;
              }
              const Real sum = assay::add(multiply(values[0], values[1]), values[2], fma->rounding);
              return Predicted{round_to_code(fma->result, sum, fma->rounding, fma->saturation), {}};
            });
      }
    }
  }
}

void Faults::overflow() {
  for (const auto& [saturation, words] :
       {std::pair{Saturation::sat_finite, "overflow gives the largest number"},
        {Saturation::sat_none, "overflow gives infinity or NaN"},
        {Saturation::wrap, "overflow wraps around"},
        {Saturation::sat_symmetric, "overflow saturates symmetrically"}}) {
    const Saturation other = saturation;
    if (golden_.unit(0).saturation == other) continue;
    add_changed(words, [other](Specification& s) { s.contract.saturation = other; });
  }
  if (!is_float(widest_unit().result)) return;
  add_code("a result that rounds up beyond the largest number stays the largest",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             if (!c.facts || !c.facts->rounding || !c.facts->rounding->at_overflow) return std::nullopt;
             return largest_finite_code(golden.unit(c.self.mode).result, c.facts->rounding->negative);
           });
  add_code("a result just above the largest number overflows though it rounds down",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             if (!c.facts || !c.facts->rounding || !c.facts->rounding->at_overflow) return std::nullopt;
             return infinity_code(golden.unit(c.self.mode).result, c.facts->rounding->negative);
           });
  add_code("a tie at the overflow threshold rounds down",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             if (!c.facts || !c.facts->rounding) return std::nullopt;
             const RoundingFacts& r = *c.facts->rounding;
             if (!r.at_overflow) return std::nullopt;
             return r.tie() ? largest_finite_code(golden.unit(c.self.mode).result, r.negative)
                            : c.self.expected.code;
           });
}

// Operands of equal format in each other's place.
void Faults::operand_order() {
  const auto count = static_cast<size_t>(operand_count(widest_unit()));
  const std::vector<std::string> names = operand_names(widest_unit());
  for (size_t i = 0; i < std::min<size_t>(count, 4); ++i) {
    for (size_t j = i + 1; j < std::min<size_t>(count, 4); ++j) {
      if (operand_format(widest_unit(), static_cast<int>(i)).width !=
          operand_format(widest_unit(), static_cast<int>(j)).width) {
        continue;
      }
      add(fmt::format("operands {} and {} are swapped", names[i], names[j]),
          [i, j](const Golden& golden, const DiagnosisCase& c) {
            std::vector<uint64_t> operands = c.self.operands;
            std::swap(operands[i], operands[j]);
            return Prediction(as_predicted(golden.evaluate(c.self.mode, operands)));
          });
    }
  }
}

void Faults::stale_operands() {
  const auto count = std::min<size_t>(static_cast<size_t>(operand_count(widest_unit())), 8);
  const std::vector<std::string> names = operand_names(widest_unit());
  for (size_t slot = 0; slot < count; ++slot) {
    for (const bool before : {true, false}) {
      add(fmt::format("operand {} is that of the {} vector (a pipeline hazard)", names[slot],
                      before ? "previous" : "next"),
          [slot, before](const Golden& golden, const DiagnosisCase& c) -> Prediction {
            const auto& others = before ? c.before : c.after;
            if (others.empty()) return std::nullopt;
            std::vector<uint64_t> operands = c.self.operands;
            operands[slot] = others[0].operands[slot];
            return as_predicted(golden.evaluate(c.self.mode, operands));
          });
    }
  }
  for (const bool before : {true, false}) {
    for (size_t distance = 0; distance < 4; ++distance) {
      add(fmt::format("the result is that of the vector {} {}", distance + 1, before ? "before" : "after"),
          [before, distance](const Golden&, const DiagnosisCase& c) -> Prediction {
            const auto& others = before ? c.before : c.after;
            if (others.size() <= distance) return std::nullopt;
            return as_predicted(others[distance].expected);
          });
    }
  }
}

void Faults::modes_and_flags() {
  const bool flags = golden_.specification().flags != 0, several = golden_.specification().modes.size() > 1;
  for (const bool before : {true, false}) {
    for (size_t distance = 0; distance < 4; ++distance) {
      const std::string whose = fmt::format("of the vector {} {}", distance + 1, before ? "before" : "after");
      const auto neighbour = [before, distance](const DiagnosisCase& c) -> const DiagnosisVector* {
        const auto& others = before ? c.before : c.after;
        return others.size() > distance ? &others[distance] : nullptr;
      };
      if (flags) {
        add("the flags are those " + whose + " (taken from the wrong pipeline stage)",
            [neighbour](const Golden&, const DiagnosisCase& c) -> Prediction {
              const DiagnosisVector* other = neighbour(c);
              if (other == nullptr) return std::nullopt;
              return Predicted{c.self.expected.code, other->expected.flags};
            });
      }
      for (uint32_t bit = 16; flags && bit != 0; bit >>= 1) {
        if ((golden_.specification().flags & bit) == 0) continue;
        add(fmt::format("the flag {} is that {} (taken from the wrong pipeline stage)", exception_names(bit),
                        whose),
            [neighbour, bit](const Golden&, const DiagnosisCase& c) -> Prediction {
              const DiagnosisVector* other = neighbour(c);
              if (other == nullptr) return std::nullopt;
              return Predicted{c.self.expected.code,
                               (c.self.expected.flags & ~bit) | (other->expected.flags & bit)};
            });
      }
      if (several) {
        add("the mode is that " + whose + " (taken from the wrong pipeline stage)",
            [neighbour](const Golden& golden, const DiagnosisCase& c) -> Prediction {
              const DiagnosisVector* other = neighbour(c);
              if (other == nullptr) return std::nullopt;
              return as_predicted(golden.evaluate(other->mode, c.self.operands));
            });
      }
      for (size_t pin = 0; pin < golden_.specification().pins.size(); ++pin) {
        const std::string& name = golden_.specification().pins[pin].name;
        add(fmt::format("{} is that {} (taken from the wrong pipeline stage)", name, whose),
            [neighbour, pin](const Golden& golden, const DiagnosisCase& c) -> Prediction {
              const DiagnosisVector* other = neighbour(c);
              if (other == nullptr) return std::nullopt;
              const std::vector<Mode>& modes = golden.specification().modes;
              std::vector<uint64_t> pins = modes[c.self.mode].pins;
              pins[pin] = modes[other->mode].pins[pin];
              const auto found = std::find_if(modes.begin(), modes.end(),
                                              [&](const Mode& mode) { return mode.pins == pins; });
              if (found == modes.end()) return std::nullopt;
              const auto mode = static_cast<size_t>(found - modes.begin());
              return as_predicted(golden.evaluate(mode, c.self.operands));
            });
      }
      if (several && flags) {
        add("the flags are computed in the mode " + whose,
            [neighbour](const Golden& golden, const DiagnosisCase& c) -> Prediction {
              const DiagnosisVector* other = neighbour(c);
              if (other == nullptr) return std::nullopt;
              return Predicted{c.self.expected.code, golden.evaluate(other->mode, c.self.operands).flags};
            });
      }
    }
  }
  for (size_t mode = 0; several && mode < golden_.specification().modes.size(); ++mode) {
    const std::string name = unit_name(golden_.unit(mode));
    add(fmt::format("it always computes {}", name), [mode](const Golden& golden, const DiagnosisCase& c) {
      return Prediction(as_predicted(golden.evaluate(mode, c.self.operands)));
    });
    if (!flags) continue;
    add(fmt::format("the flags are always those of {}", name),
        [mode](const Golden& golden, const DiagnosisCase& c) {
          return Prediction(Predicted{c.self.expected.code, golden.evaluate(mode, c.self.operands).flags});
        });
  }
  if (!flags) return;
  for (const auto& [rounding, words] : kRoundings) {
    const Rounding other = rounding;
    Specification changed = golden_.specification();
    for (Mode& mode : changed.modes) mode.unit.rounding = other;
    const auto model = std::make_shared<const Golden>(changed);
    add(fmt::format("the flags are computed as if it rounded {}", words), [model](const Golden&,
                                                                                  const DiagnosisCase& c) {
      return Prediction(Predicted{c.self.expected.code, model->evaluate(c.self.mode, c.self.operands).flags});
    });
  }
  add_changed(fmt::format("infinity times zero plus a quiet NaN raises {}",
                          golden_.specification().contract.invalid_beside_nan ? "nothing" : "invalid"),
              [](Specification& s) { s.contract.invalid_beside_nan = !s.contract.invalid_beside_nan; });
  add_changed("tininess is found before rounding",
              [](Specification& s) { s.contract.tininess = Tininess::before_rounding; });
  add_changed("tininess is found after rounding",
              [](Specification& s) { s.contract.tininess = Tininess::after_rounding; });
}

void Faults::double_rounding() {
  const Format& result = widest_unit().result;
  if (!is_float(result) || !one_rounding(widest_unit())) return;
  for (int more = 1; more <= 16 && result.fraction_width + more <= 52; ++more) {
    Format wider = result;
    wider.fraction_width += more;
    wider.width += more;
    wider.name = fmt::format("{} more bits", more);
    add(fmt::format("it rounds twice, first to {} more {}", more, more == 1 ? "bit" : "bits"),
        [wider](const Golden& golden, const DiagnosisCase& c) -> Prediction {
          if (!c.facts) return std::nullopt;
          const Unit& u = golden.unit(c.self.mode);
          const uint64_t once = round_to_code(wider, c.facts->exact, u.rounding, Saturation::sat_none);
          return Predicted{round_to_code(u.result, decode(wider, once), u.rounding, u.saturation), {}};
        });
  }
  for (const char* name : {"fp16", "bf16", "fp32", "tf32"}) {
    const Format between = parse_format(name);
    if (between.fraction_width <= result.fraction_width) continue;
    add(fmt::format("it rounds twice, first to {}", name),
        [between](const Golden& golden, const DiagnosisCase& c) -> Prediction {
          if (!c.facts) return std::nullopt;
          const Unit& u = golden.unit(c.self.mode);
          const uint64_t once = round_to_code(between, c.facts->exact, u.rounding, Saturation::sat_none);
          return Predicted{round_to_code(u.result, decode(between, once), u.rounding, u.saturation), {}};
        });
  }
}

// Faults in the product of an fma or mac.
void Faults::products() {
  const std::optional<Unit> single = one_rounding(widest_unit());
  if (!single || single->operation != Operation::fma) return;
  // The result for another product.
  const auto with_product = [](const Golden& golden, const DiagnosisCase& c,
                               const Real& product) -> Prediction {
    const std::optional<Unit> one = one_rounding(golden.unit(c.self.mode));
    if (!one || (one->operation != Operation::fma && one->operation != Operation::mul)) {
      return std::nullopt;
    }
    Real result = product;
    if (one->operation == Operation::fma) {
      result = assay::add(product, decode(one->c, c.self.operands[2]), one->rounding);
    }
    return Predicted{round_to_code(one->result, result, one->rounding, one->saturation), {}};
  };
  for (const Format& format : {single->result, single->a, single->c}) {
    if (!is_float(format)) continue;
    add(fmt::format("the product is rounded to {} before it is added", format.name),
        [with_product, format](const Golden& golden, const DiagnosisCase& c) -> Prediction {
          if (!has_product(golden.unit(c.self.mode).operation)) return std::nullopt;
          const Real product = product_of(golden.unit(c.self.mode), c.self.operands[0], c.self.operands[1]);
          const Unit& u = golden.unit(c.self.mode);
          return with_product(
              golden, c, decode(format, round_to_code(format, product, u.rounding, Saturation::sat_none)));
        });
    add(fmt::format("a product that is subnormal in {} is flushed to zero", format.name),
        [with_product, format](const Golden& golden, const DiagnosisCase& c) -> Prediction {
          if (!has_product(golden.unit(c.self.mode).operation)) return std::nullopt;
          Real product = product_of(golden.unit(c.self.mode), c.self.operands[0], c.self.operands[1]);
          if (product.kind == RealClass::finite &&
              product.exponent + floor_log2(product.significand) < 1 - format.exponent_bias) {
            product = Real{RealClass::zero, product.negative, 0, 0, false};
          }
          return with_product(golden, c, product);
        });
  }
  add("the addend is left out", [with_product](const Golden& golden, const DiagnosisCase& c) -> Prediction {
    if (operand_count(golden.unit(c.self.mode)) < 3) return std::nullopt;
    const Unit& u = golden.unit(c.self.mode);
    const Real product = product_of(u, c.self.operands[0], c.self.operands[1]);
    return Predicted{round_to_code(u.result, product, u.rounding, u.saturation), {}};
  });
}

// The smaller term of a sum is cut some places below the last place of a result as large as the larger term, and what
// was cut leaves no sticky bit.
void Faults::lost_sticky() {
  const Format& format = widest_unit().result;
  if (!is_float(format)) return;
  for (int places = 0; places <= format.fraction_width + 4; ++places) {
    add(fmt::format(
            "the smaller term is cut {} places below the last place of the larger one, without a sticky bit",
            places),
        [places](const Golden& golden, const DiagnosisCase& c) -> Prediction {
          if (!c.facts || !c.facts->sum) return std::nullopt;
          const std::optional<Unit> single = one_rounding(golden.unit(c.self.mode));
          auto [larger, smaller] = sum_terms(*single, c);
          const int last =
              larger.exponent + floor_log2(larger.significand) - single->result.fraction_width - places;
          const int cut = last - smaller.exponent;
          if (cut > 0) smaller.significand = cut > 127 ? 0 : smaller.significand >> cut << cut;
          if (smaller.significand == 0) smaller.kind = RealClass::zero;
          const Real sum = assay::add(larger, smaller, single->rounding);
          return Predicted{round_to_code(single->result, sum, single->rounding, single->saturation), {}};
        });
  }
}

// How hardware takes the exponents of the terms of a sum.
struct ExponentConvention {
  bool normalizes;  // factors of a product; otherwise a subnormal number has the least normal exponent
  int offset;       // of products
};
constexpr std::array<ExponentConvention, 4> kConventions = {{{false, 0}, {false, 1}, {true, 0}, {true, 1}}};

// Exponent of the first term of a sum minus that of the second.
std::optional<int> exponent_distance(const Unit& unit, const DiagnosisCase& c,
                                     const ExponentConvention& convention) {
  const std::optional<Unit> single = one_rounding(unit);
  if (!single || !c.facts || !c.facts->sum) return std::nullopt;
  const auto exponent = [&](int i, bool normalizes) {
    const Format& format = operand_format(*single, i);
    const Real value = decode(format, c.self.operands[static_cast<size_t>(i)]);
    return normalizes ? value.exponent + floor_log2(value.significand) : window_exponent(format, value);
  };
  if (single->operation != Operation::fma) return exponent(0, false) - exponent(1, false);
  return exponent(0, convention.normalizes) + exponent(1, convention.normalizes) + convention.offset -
         exponent(2, false);
}

// The smaller term of a sum is lost from some distance on. The distance is the least at which something fails.
void Faults::alignment_limit() {
  for (const ExponentConvention& convention : kConventions) {
    std::optional<int> least;
    for (const DiagnosisCase& c : cases_) {
      if (!c.fails) continue;
      const std::optional<int> distance = exponent_distance(golden_.unit(c.self.mode), c, convention);
      if (distance) least = std::min(least.value_or(std::abs(*distance)), std::abs(*distance));
    }
    if (!least || *least < 2) continue;
    // Designs that shift the first term by one to begin with lose it one place later.
    for (const int skew : {0, 1}) {
      const int limit = *least;
      add(fmt::format("the smaller term is lost, sticky bit and all, when its exponent lies {} or more lower",
                      limit),
          [limit, convention, skew](const Golden& golden, const DiagnosisCase& c) -> Prediction {
            const Unit& unit = golden.unit(c.self.mode);
            const std::optional<int> distance = exponent_distance(unit, c, convention);
            if (!distance) return std::nullopt;
            const bool first_leads = *distance >= 0;
            if ((first_leads ? *distance : -*distance - skew) < limit) return as_predicted(c.self.expected);
            const std::optional<Unit> single = one_rounding(unit);
            auto [larger, smaller] = sum_terms(*single, c);
            if ((c.facts->sum->alignment >= 0) != first_leads) std::swap(larger, smaller);
            return Predicted{round_to_code(single->result, larger, single->rounding, single->saturation), {}};
          });
    }
  }
}

void Faults::signs_and_nans() {
  add_code("the sign of a zero result is wrong",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             const Format& format = golden.unit(c.self.mode).result;
             const Real value = decode(format, c.self.expected.code);
             if (value.kind != RealClass::zero) return std::nullopt;
             return zero_code(format, !value.negative);
           });
  add_code("the sign of the result is wrong",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             const Format& format = golden.unit(c.self.mode).result;
             const Real value = decode(format, c.self.expected.code);
             if (value.kind != RealClass::finite || !is_float(format)) return std::nullopt;
             const uint64_t flipped = c.self.expected.code ^ uint64_t { 1 } << (format.width - 1);
             return c.self.actual.code == flipped ? flipped : c.self.expected.code;
           });
  add_code("the sign of an exact sum of zero is wrong",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             const Format& format = golden.unit(c.self.mode).result;
             const Real value = decode(format, c.self.expected.code);
             if (value.kind != RealClass::zero) return std::nullopt;
             const bool sum = c.facts && c.facts->sum && c.facts->sum->exact_zero;
             return sum ? zero_code(format, !value.negative) : c.self.expected.code;
           });
  for (const bool negative : {false, true}) {
    add_code(fmt::format("an exact sum of zero from terms that are not is always {}0", negative ? "-" : "+"),
             [negative](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
               if (!c.facts || !c.facts->sum || !c.facts->sum->exact_zero) return c.self.expected.code;
               return zero_code(golden.unit(c.self.mode).result, negative);
             });
  }
  add_code("NaN results have another code than the contract wants",
           [](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
             const Format& format = golden.unit(c.self.mode).result;
             if (decode(format, c.self.expected.code).kind != RealClass::nan ||
                 decode(format, c.self.actual.code).kind != RealClass::nan) {
               return std::nullopt;
             }
             return c.self.actual.code;
           });
  if (!is_float(widest_unit().result)) return;
  for (const bool up : {true, false}) {
    add_code(fmt::format("the result is {} what it should be (normalization one place off)",
                         up ? "twice" : "half"),
             [up](const Golden& golden, const DiagnosisCase& c) -> std::optional<uint64_t> {
               const Format& format = golden.unit(c.self.mode).result;
               Real value = decode(format, c.self.expected.code);
               if (value.kind != RealClass::finite || !c.facts || c.facts->exact.kind != RealClass::finite) {
                 return std::nullopt;
               }
               Real exact = c.facts->exact;
               exact.exponent += up ? 1 : -1;
               const uint64_t code = round_to_code(format, exact, golden.unit(c.self.mode).rounding,
                                                   golden.unit(c.self.mode).saturation);
               const uint64_t other = golden.boxed_result(c.self.mode, code);
               return c.self.actual.code == other ? other : c.self.expected.code;
             });
  }
}

// An operand whose top bit is taken for what it is not.
void Faults::integers() {
  const auto count = std::min<size_t>(static_cast<size_t>(operand_count(widest_unit())), 3);
  const std::vector<std::string> names = operand_names(widest_unit());
  for (size_t slot = 0; slot < count; ++slot) {
    const Format& format = operand_format(widest_unit(), static_cast<int>(slot));
    const bool is_signed = format.kind == FormatKind::twos_complement;
    if (!is_signed && format.kind != FormatKind::unsigned_integer) continue;
    if (format.fraction_width != 0) continue;
    const Format other = parse_format(fmt::format("{}int{}", is_signed ? "u" : "", format.width));
    add_changed(fmt::format("operand {} is taken as {}", names[slot], is_signed ? "unsigned" : "signed"),
                [slot, other](Specification& s) {
                  for (Mode& mode : s.modes)
                    (slot == 0 ? mode.unit.a : slot == 1 ? mode.unit.b : mode.unit.c) = other;
                });
  }
}

// NaN boxes of operands that are not looked at, or not all of their bits, and of results that are not made.
void Faults::boxing() {
  const int registers = golden_.specification().contract.nan_boxing;
  if (registers == 0) return;
  const std::vector<std::string> names = operand_names(widest_unit());
  const size_t count = std::min<size_t>(names.size(), 3);
  // The result if some operands' upper bits are not looked at.
  const auto ignoring = [count, registers](const Golden& golden, const DiagnosisCase& c, size_t slots) {
    const Unit& unit = golden.unit(c.self.mode);
    std::vector<uint64_t> operands = c.self.given;
    for (size_t i = 0; i < std::min(count, static_cast<size_t>(operand_count(unit))); ++i) {
      if ((slots >> i & 1) == 0) continue;
      operands[i] = boxed(operand_format(unit, static_cast<int>(i)), registers, operands[i]);
    }
    return golden.evaluate(c.self.mode, operands);
  };
  for (const bool all_bits : {true, false}) {
    for (size_t slots = (size_t{1} << count) - 1; slots > 0; --slots) {
      const std::string which = listed(names, slots);
      add(all_bits ? fmt::format("NaN boxing of {} is ignored: the upper bits are not looked at", which)
                   : fmt::format("not all of the upper bits of {} are looked at for NaN boxing", which),
          [ignoring, slots, all_bits](const Golden& golden, const DiagnosisCase& c) -> Prediction {
            const ModeResult other = ignoring(golden, c, slots);
            return as_predicted(all_bits || other == c.self.actual ? other : c.self.expected);
          });
    }
  }
  for (const bool sign : {false, true}) {
    const std::string what = fmt::format("the result is not boxed: {} above it", sign ? "its sign" : "zeros");
    list_.push_back({what, [sign, registers](const Golden& golden, const DiagnosisCase& c) -> Prediction {
                       const Format& format = golden.unit(c.self.mode).result;
                       const uint64_t box = box_mask(format, registers), code = c.self.expected.code & ~box;
                       const bool ones = sign && (code & sign_mask(format)) != 0;
                       return Predicted{ones ? code | box : code, c.self.expected.flags};
                     }});
  }
}

// A lane that is given another lane's operand, or gives its result.
void Faults::lanes() {
  const auto count = static_cast<size_t>(golden_.specification().lanes);
  if (count < 2) return;
  std::set<size_t> failing;
  for (const DiagnosisCase& c : cases_) {
    if (c.fails) failing.insert(c.lane);
  }
  const std::vector<OperandSlot> slots = operand_slots(golden_.specification());
  for (const size_t lane : failing) {
    for (size_t other = 0; other < count; ++other) {
      if (other == lane) continue;
      for (size_t slot = 0; slot < slots.size(); ++slot) {
        if (slots[slot].shared) continue;
        add(fmt::format("lane {} uses operand {} of lane {}", lane, slots[slot].name, other),
            [lane, other, slot](const Golden& golden, const DiagnosisCase& c) -> Prediction {
              if (c.lane != lane) return std::nullopt;
              std::vector<uint64_t> operands = c.self.operands;
              operands[slot] = c.lanes[other].operands[slot];
              return as_predicted(golden.evaluate(c.self.mode, operands));
            });
      }
      add(fmt::format("lane {} gives the result of lane {}", lane, other),
          [lane, other](const Golden&, const DiagnosisCase& c) -> Prediction {
            if (c.lane != lane) return std::nullopt;
            return as_predicted(c.lanes[other].expected);
          });
    }
  }
  add("the lanes are in reverse order", [](const Golden&, const DiagnosisCase& c) {
    return Prediction(as_predicted(c.lanes[c.lanes.size() - 1 - c.lane].expected));
  });
}

std::vector<Hypothesis> Faults::make() {
  boxing();
  lanes();
  signs_and_nans();
  roundings();
  subnormals();
  scaled_operands();
  overflow();
  operand_order();
  products();
  alignment_limit();
  lost_sticky();
  double_rounding();
  integers();
  stale_operands();
  modes_and_flags();
  return std::move(list_);
}

}  // namespace

std::vector<Hypothesis> hypotheses(const Golden& golden, const std::vector<DiagnosisCase>& cases) {
  return Faults(golden, cases).make();
}

}  // namespace assay
