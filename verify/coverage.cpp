#include "verify/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "formats/format.h"
#include "verify/boxing.h"
#include "verify/reachable.h"

namespace assay {
namespace {

constexpr int kBeyond = 3;  // distances counted one by one beyond the precision
constexpr size_t kHolesNamed = 6;
constexpr size_t kCrossed = 3;  // operands whose classes are crossed

// Bins of the group "range".
enum RangeBin : size_t {
  carries,
  tiny_exact,
  tiny_inexact,
  overflow_by_rounding,
  overflow_beyond,
  inside_threshold
};
const std::vector<std::string> kRangeBins = {"carry into the next power of two",
                                             "tiny and exact",
                                             "tiny and inexact",
                                             "overflow by rounding",
                                             "overflow beyond the next number",
                                             "above the greatest, rounded back"};

std::string sign_text(size_t bits, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += (bits >> i & 1) != 0 ? '-' : '+';
  return text;
}

// Names of all combinations of classes, the first operand's fastest; those with a class that no code has are left out
// (their name is empty and they are not counted).
std::vector<std::string> crossed_names(const std::vector<OperandClasses>& operands, size_t count) {
  std::vector<std::string> names = {""};
  std::vector<bool> exist = {true};
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::string> longer;
    const auto classes = operands[i].names();
    for (size_t c = 0; c < classes.size(); ++c) {
      for (const std::string& name : names) {
        const bool impossible = (i > 0 && name.empty()) || !operands[i].exists(c);
        longer.push_back(impossible ? "" : name + (i > 0 ? " x " : "") + std::string(classes[c]));
      }
    }
    names = std::move(longer);
  }
  return names;
}

// All NaN results have one code, which is of one class.
std::vector<std::string> result_names(const Format& format, const OperandClasses& classes,
                                      const Contract& contract) {
  std::vector<std::string> names = crossed_names({classes}, 1);
  if (format.nan == NanEncoding::none) return names;
  const uint64_t nan = contract.nan == NanResults::code
                           ? contract.nan_code & code_mask(magnitude_width(format))
                           : canonical_nan(format);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].ends_with("NaN") && i != classes.of(nan)) names[i].clear();
  }
  return names;
}

std::vector<std::string> range_names(const Format& result, const Reachable& can) {
  std::vector<std::string> names = kRangeBins;
  const bool is_float = result.kind == FormatKind::floating;
  const auto leave_out = [&](RangeBin bin, bool impossible) {
    if (impossible) names[bin].clear();
  };
  leave_out(carries, !can.inexact);
  leave_out(tiny_exact, !is_float);
  leave_out(tiny_inexact, !is_float || !can.tiny_inexact);
  leave_out(overflow_by_rounding, !is_float || !can.overflow);
  leave_out(overflow_beyond, !can.overflow);
  leave_out(inside_threshold, !is_float || !can.above);
  return names;
}

int significand_width(const Format& format) {
  return format.kind == FormatKind::floating ? format.fraction_width + 1 : format.width;
}

bool is_sum(const std::optional<Unit>& unit) {
  return unit && (unit->operation == Operation::add || unit->operation == Operation::sub ||
                  unit->operation == Operation::fma);
}

}  // namespace

size_t CoverageGroup::reached() const {
  return static_cast<size_t>(std::count_if(counts.begin(), counts.end(), [](uint64_t n) { return n != 0; }));
}

Coverage::Coverage(const Golden& golden) : registers_(golden.specification().contract.nan_boxing) {
  for (size_t mode = 0; mode < golden.specification().modes.size(); ++mode) add_groups(golden, mode);
}

void Coverage::add_groups(const Golden& golden, size_t mode) {
  const Unit& unit = golden.unit(mode);
  ModeModel model{{},
                  OperandClasses(unit.result),
                  one_rounding(unit),
                  significand_width(unit.result),
                  facts_of(unit.operation).has_terms ? static_cast<size_t>(unit.terms) : 0,
                  groups_.size(),
                  0,
                  {}};
  for (int i = 0; i < operand_count(unit); ++i) model.operands.emplace_back(operand_format(unit, i));
  const auto group = [&](std::string name, std::vector<std::string> bins) {
    CoverageGroup made{unit_name(unit), std::move(name), std::move(bins), {}};
    made.counts.assign(made.bins.size(), 0);
    groups_.push_back(std::move(made));
  };
  const size_t crossed = std::min(model.terms > 0 ? size_t{2} : model.operands.size(), kCrossed);
  group("operand classes", crossed_names(model.operands, crossed));
  std::vector<std::string> signs;
  for (size_t bits = 0; bits < size_t{1} << crossed; ++bits) signs.push_back(sign_text(bits, crossed));
  group("signs", signs);
  group("result class", result_names(unit.result, model.result, golden.specification().contract));
  const Reachable can = model.single ? reachable(*model.single) : Reachable{};
  if (model.single) {
    std::vector<std::string> bins;
    for (size_t bits = 0; bits < 16; ++bits) {
      const bool guard = (bits & 2) != 0, sticky = (bits & 1) != 0;
      bins.push_back((guard || sticky) && !can.inexact
                         ? ""
                         : fmt::format("{} last {:d} guard {:d} sticky {:d}", (bits & 8) != 0 ? "-" : "+",
                                       (bits & 4) != 0, guard, sticky));
    }
    group("rounding", bins);
    group("range", range_names(unit.result, can));
  }
  if (is_sum(model.single)) {
    const int most = model.precision + kBeyond;
    std::vector<std::string> alignments, cancellations;
    for (const char* signs_alike : {"like signs", "unlike signs"}) {
      for (int distance = -most; distance <= most; ++distance) {
        const bool possible = can.least_alignment <= distance && distance <= can.greatest_alignment;
        alignments.push_back(possible ? fmt::format("{}, {}{}", signs_alike, distance,
                                                    distance == most    ? " or more"
                                                    : distance == -most ? " or less"
                                                                        : "")
                                      : "");
      }
    }
    for (int bits = 0; bits <= model.precision; ++bits) {
      cancellations.push_back(bits <= can.cancellation ? fmt::format("{} bits", bits) : "");
    }
    group("alignment", alignments);
    group("cancellation", cancellations);
    group("exact zero", {"from terms that are not"});
  }
  if (registers_ != 0) {
    model.boxing_group = groups_.size();
    std::vector<std::string> bins;
    const std::vector<std::string> names = operand_names(unit);
    for (int i = 0; i < operand_count(unit); ++i) {
      model.boxed_formats.push_back(operand_format(unit, i));
      const bool boxable = has_box(model.boxed_formats.back(), registers_);
      for (const char* how : {"boxed", "not boxed"}) {
        bins.push_back(boxable ? fmt::format("{} {}", names[static_cast<size_t>(i)], how) : "");
      }
    }
    group("NaN boxing", bins);
  }
  modes_.push_back(std::move(model));
}

void Coverage::add_facts(const ModeModel& model, const CaseFacts& facts, size_t group) {
  if (facts.rounding) {
    const RoundingFacts& r = *facts.rounding;
    count(group, (r.negative ? 8U : 0U) | (r.last ? 4U : 0U) | (r.guard ? 2U : 0U) | (r.sticky ? 1U : 0U));
    if (r.carries) count(group + 1, carries);
    if (r.tiny) count(group + 1, r.exact() ? tiny_exact : tiny_inexact);
    if (r.overflows) count(group + 1, r.at_overflow ? overflow_by_rounding : overflow_beyond);
    if (r.at_overflow && !r.overflows) count(group + 1, inside_threshold);
  }
  if (!facts.sum) return;
  const int most = model.precision + kBeyond;
  const int distance = std::clamp(facts.sum->alignment, -most, most) + most;
  count(group + 2, static_cast<size_t>(distance + (facts.sum->opposite ? 2 * most + 1 : 0)));
  if (facts.sum->opposite && !facts.sum->exact_zero) {
    count(group + 3, static_cast<size_t>(std::min(facts.sum->cancellation, model.precision)));
  }
  if (facts.sum->exact_zero) count(group + 4, 0);
}

void Coverage::add_one(const ModeModel& model, std::span<const uint64_t> operands, uint64_t result) {
  const size_t pairs = model.terms > 0 ? model.terms : 1;
  const size_t crossed = std::min(model.terms > 0 ? size_t{2} : operands.size(), kCrossed);
  for (size_t pair = 0; pair < pairs; ++pair) {
    size_t bin = 0, signs = 0, step = 1;
    for (size_t i = 0; i < crossed; ++i) {
      const OperandClasses& classes = model.operands[2 * pair + i];
      bin += step * classes.of(operands[2 * pair + i]);
      step *= classes.names().size();
      signs |= (operands[2 * pair + i] >> (classes.width() - 1) & 1) << i;
    }
    count(model.first_group, bin);
    count(model.first_group + 1, signs);
  }
  count(model.first_group + 2, model.result.of(result));
  if (model.single) add_facts(model, case_facts(*model.single, operands), model.first_group + 3);
}

void Coverage::unbox(const ModeModel& model, std::vector<uint64_t>& operands) {
  for (size_t i = 0; i < operands.size(); ++i) {
    const Format& format = model.boxed_formats[i];
    if (!has_box(format, registers_)) continue;
    const uint64_t box = box_mask(format, registers_);
    count(model.boxing_group, 2 * i + ((operands[i] & box) == box ? 0 : 1));
    operands[i] = unboxed(format, registers_, operands[i]);
  }
}

void Coverage::add(const VectorBatch& vectors, const ResultBatch& expected) {
  std::vector<uint64_t> operands;
  for (size_t i = 0; i < vectors.size(); ++i) {
    const ModeModel& model = modes_[vectors.modes[i]];
    operands.resize(model.operands.size());
    for (size_t slot = 0; slot < operands.size(); ++slot) operands[slot] = vectors.operands[slot][i];
    if (registers_ != 0) unbox(model, operands);
    add_one(model, operands, expected.codes[i]);
  }
  vectors_ += vectors.size();
}

void Coverage::merge(const Coverage& other) {
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (size_t bin = 0; bin < groups_[g].counts.size(); ++bin) {
      groups_[g].counts[bin] += other.groups_[g].counts[bin];
    }
  }
  vectors_ += other.vectors_;
}

void Coverage::clear() {
  for (CoverageGroup& group : groups_) std::fill(group.counts.begin(), group.counts.end(), 0);
  vectors_ = 0;
}

void Coverage::restore(uint64_t vectors, std::vector<std::vector<uint64_t>> counts) {
  bool fits = counts.size() == groups_.size();
  for (size_t g = 0; fits && g < counts.size(); ++g) fits = counts[g].size() == groups_[g].bins.size();
  if (!fits) fail("coverage: the counts are those of another model");
  for (size_t g = 0; g < counts.size(); ++g) groups_[g].counts = std::move(counts[g]);
  vectors_ = vectors;
}

std::string coverage_table(const Coverage& coverage, bool exhaustive) {
  std::string text = fmt::format("coverage, of the golden results of {} vectors\n", coverage.vectors()), mode;
  const bool several_modes = coverage.groups().front().mode != coverage.groups().back().mode;
  size_t whole = 0;
  for (const CoverageGroup& group : coverage.groups()) {
    size_t possible = 0, reached = 0, holes = 0;
    std::string named;
    for (size_t bin = 0; bin < group.bins.size(); ++bin) {
      if (group.bins[bin].empty()) continue;
      ++possible;
      if (group.counts[bin] != 0) {
        ++reached;
      } else if (++holes <= kHolesNamed) {
        named += (named.empty() ? "" : "; ") + group.bins[bin];
      }
    }
    if (holes > kHolesNamed) named += fmt::format("; {} more", holes - kHolesNamed);
    if (several_modes && holes == 0) {
      ++whole;
      continue;
    }
    if (several_modes && group.mode != mode) text += fmt::format("  {}\n", mode = group.mode);
    const char* verdict = holes == 0 ? "" : exhaustive ? " cannot be: " : " not reached: ";
    text += fmt::format("  {:<18} {:>5} of {:<5}{}{}\n", group.name, reached, possible, verdict, named);
  }
  if (several_modes) text += fmt::format("  all bins reached in {} other groups\n", whole);
  return text;
}

}  // namespace assay
