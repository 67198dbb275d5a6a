#include "verify/specification.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "arith/evaluate.h"
#include "base/error.h"
#include "formats/real.h"
#include "formats/round.h"
#include "verify/boxing.h"
#include "verify/case_facts.h"

namespace assay {
namespace {

using Operands = boost::container::small_vector<uint64_t, 8>;

constexpr std::array<std::pair<uint32_t, std::string_view>, 5> kFlags = {
    {{16, "invalid"}, {8, "divide_by_zero"}, {4, "overflow"}, {2, "underflow"}, {1, "inexact"}}};

// Whether the value lies below the least normal number of the format.
bool is_tiny(const Format& format, const Real& value) {
  if (value.kind != RealClass::finite || format.kind != FormatKind::floating) return false;
  return value.exponent + floor_log2(value.significand) < 1 - format.exponent_bias;
}

// Throws Error if floats do not fit into the registers, or have no NaN for those that are not boxed.
void check_boxes(const std::string& name, const Unit& unit, int registers) {
  const auto check = [&](const Format& format) {
    if (registers == 0 || format.kind != FormatKind::floating) return;
    if (format.width > registers) {
      fail("{}: contract.nan_boxing: {} of {} does not fit into registers of {} bits", name, format.name,
           unit_name(unit), registers);
    }
    if (has_box(format, registers) && format.nan == NanEncoding::none) {
      fail("{}: contract.nan_boxing: {} of {} has no NaN", name, format.name, unit_name(unit));
    }
  };
  for (int i = 0; i < operand_count(unit); ++i) check(operand_format(unit, i));
  check(unit.result);
}

}  // namespace

Specification specification_of(const Unit& unit, Contract contract) {
  Specification specification;
  specification.name = unit_name(unit);
  specification.modes = {{unit, {}}};
  specification.contract = std::move(contract);
  return specification;
}

std::vector<std::string> operand_names(const Unit& unit) {
  std::vector<std::string> names;
  const OperationFacts& facts = facts_of(unit.operation);
  if (!facts.has_terms) {
    const bool scaled = unit.operation == Operation::scaled_add || unit.operation == Operation::scaled_sub ||
                        unit.operation == Operation::scaled_mul;
    names = scaled ? std::vector<std::string>{"a", "b", "sa", "sb"} : std::vector<std::string>{"a", "b", "c"};
    names.resize(static_cast<size_t>(operand_count(unit)));
    return names;
  }
  for (int i = 1; i <= unit.terms; ++i) {
    names.push_back(fmt::format("a{}", i));
    names.push_back(fmt::format("b{}", i));
  }
  const auto pairs = (static_cast<size_t>(operand_count(unit)) - names.size() - 1) / 2;
  for (size_t i = 1; i <= pairs; ++i) {
    names.push_back(pairs == 1 ? "sa" : fmt::format("sa{}", i));
    names.push_back(pairs == 1 ? "sb" : fmt::format("sb{}", i));
  }
  names.emplace_back("c");
  return names;
}

int result_width(const Specification& specification) {
  return boxed_width(specification.modes[0].unit.result, specification.contract.nan_boxing);
}

std::vector<OperandSlot> operand_slots(const Specification& specification) {
  std::vector<OperandSlot> slots;
  for (const Mode& mode : specification.modes) {
    const std::vector<std::string> names = operand_names(mode.unit);
    for (size_t i = 0; i < names.size(); ++i) {
      if (i == slots.size()) slots.push_back({names[i], false, 0});
      slots[i].width = std::max(slots[i].width, boxed_width(operand_format(mode.unit, static_cast<int>(i)),
                                                            specification.contract.nan_boxing));
    }
  }
  if (specification.random_bits > 0) slots.push_back({"random", false, specification.random_bits});
  for (OperandSlot& slot : slots) {
    slot.shared = std::find(specification.shared.begin(), specification.shared.end(), slot.name) !=
                  specification.shared.end();
  }
  return slots;
}

uint32_t exception_word(const ExceptionFlags& flags) {
  return (flags.invalid ? 16U : 0U) | (flags.divide_by_zero ? 8U : 0U) | (flags.overflow ? 4U : 0U) |
         (flags.underflow ? 2U : 0U) | (flags.inexact ? 1U : 0U);
}

uint32_t exception_bit(std::string_view name) {
  for (const auto& [bit, known] : kFlags) {
    if (known == name) return bit;
  }
  return 0;
}

std::string exception_names(uint32_t word) {
  std::string text;
  for (const auto& [bit, name] : kFlags) {
    if ((word & bit) == 0) continue;
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text.empty() ? "none" : text;
}

Golden::Golden(Specification specification) : specification_(std::move(specification)) {
  const Contract& contract = specification_.contract;
  if (specification_.modes.empty()) fail("{}: expected at least one mode", specification_.name);
  for (const Mode& mode : specification_.modes) {
    const Unit unit = contracted(mode.unit, contract);
    check_unit(unit);
    check_boxes(specification_.name, unit, contract.nan_boxing);
    const int width = boxed_width(unit.result, contract.nan_boxing);
    if (width != result_width(specification_)) {
      fail("{}: the results of {} have {} bits, those of {} {}", specification_.name, unit_name(unit), width,
           unit_name(specification_.modes[0].unit), result_width(specification_));
    }
    if (is_stochastic(unit.rounding) && specification_.random_bits == 0) {
      fail("{}: {} rounds stochastically; expected a number of random bits", specification_.name,
           unit_name(unit));
    }
    evaluators_.emplace_back(unit);
    counts_.push_back(static_cast<size_t>(operand_count(unit)));
    const std::optional<Unit> single = one_rounding(unit);
    flag_units_.push_back(single.value_or(unit));
    if (contract.flush_results == FlushResults::before_rounding && !single) {
      fail("{}: {} rounds more than once; a flush before rounding has no meaning for it", specification_.name,
           unit_name(unit));
    }
  }
  random_slot_ = operand_slots(specification_).size() - 1;
  plain_ = !contract.flush_operands && contract.nan != NanResults::code &&
           contract.flush_results == FlushResults::none && specification_.random_bits == 0;
}

RandomBits Golden::random_of(std::span<const uint64_t> operands) const {
  if (specification_.random_bits == 0) return {};
  return {specification_.random_bits, static_cast<uint32_t>(operands[random_slot_])};
}

uint64_t Golden::code_of(size_t mode, std::span<const uint64_t> operands) const {
  const Contract& contract = specification_.contract;
  const Unit& unit = evaluators_[mode].unit();
  const RandomBits random = random_of(operands);
  operands = operands.first(static_cast<size_t>(operand_count(unit)));
  const uint64_t code = evaluators_[mode].evaluator()(operands, random);
  const bool flushes =
      contract.flush_results == FlushResults::before_rounding
          ? is_tiny(unit.result, exact_result(flag_units_[mode], operands))
          : contract.flush_results == FlushResults::after_rounding && is_subnormal(unit.result, code);
  if (flushes) return zero_code(unit.result, decode(unit.result, code).negative);
  const bool other_nan = contract.nan == NanResults::code && decode(unit.result, code).kind == RealClass::nan;
  return other_nan ? contract.nan_code & code_mask(magnitude_width(unit.result)) : code;
}

uint64_t Golden::counted(const Format& format, uint64_t operand) const {
  const Contract& contract = specification_.contract;
  return contracted_operand(contract, format, unboxed(format, contract.nan_boxing, operand));
}

ModeResult Golden::evaluate(size_t mode, std::span<const uint64_t> operands) const {
  const Contract& contract = specification_.contract;
  const Unit& unit = evaluators_[mode].unit();
  const auto count = static_cast<size_t>(operand_count(unit));
  Operands used(operands.begin(), operands.end());
  if (contract.flush_operands || contract.nan_boxing != 0) {
    for (size_t i = 0; i < count; ++i) used[i] = counted(operand_format(unit, static_cast<int>(i)), used[i]);
  }
  const std::span<const uint64_t> codes(used.data(), used.size());
  ModeResult result{boxed_result(mode, code_of(mode, codes)), 0};
  if (specification_.flags != 0) {
    const ExceptionFlags flags = evaluate_with_flags(flag_units_[mode], codes.first(count), random_of(codes),
                                                     {contract.tininess, contract.invalid_beside_nan})
                                     .flags;
    result.flags = exception_word(flags) & specification_.flags;
  }
  return result;
}

// Codes alone, without a contract's peculiarities. The vectors of each mode are gathered, evaluated together and
// scattered.
void Golden::evaluate_codes(const VectorBatch& vectors, ResultBatch& results) const {
  std::vector<const uint64_t*> columns;
  if (evaluators_.size() == 1) {
    for (const auto& column : vectors.operands) columns.push_back(column.data());
    return evaluators_[0](columns, vectors.size(), results.codes.data());
  }
  for (size_t mode = 0; mode < evaluators_.size(); ++mode) {
    std::vector<size_t> places;
    for (size_t i = 0; i < vectors.size(); ++i) {
      if (vectors.modes[i] == mode) places.push_back(i);
    }
    std::vector<std::vector<uint64_t>> gathered(counts_[mode], std::vector<uint64_t>(places.size()));
    std::vector<uint64_t> codes(places.size());
    columns.clear();
    for (size_t slot = 0; slot < counts_[mode]; ++slot) {
      for (size_t i = 0; i < places.size(); ++i) gathered[slot][i] = vectors.operands[slot][places[i]];
      columns.push_back(gathered[slot].data());
    }
    evaluators_[mode](columns, places.size(), codes.data());
    for (size_t i = 0; i < places.size(); ++i) results.codes[places[i]] = codes[i];
  }
}

VectorBatch Golden::unboxed_vectors(const VectorBatch& vectors) const {
  VectorBatch codes = vectors;
  for (size_t i = 0; i < codes.size(); ++i) {
    const Unit& used = unit(codes.modes[i]);
    for (size_t slot = 0; slot < counts_[codes.modes[i]]; ++slot) {
      uint64_t& code = codes.operands[slot][i];
      code = unboxed(operand_format(used, static_cast<int>(slot)), specification_.contract.nan_boxing, code);
    }
  }
  return codes;
}

void Golden::evaluate(const VectorBatch& vectors, ResultBatch& results) const {
  const bool with_flags = specification_.flags != 0;
  results.resize(vectors.size(), with_flags);
  if (plain_ && !with_flags) {
    if (specification_.contract.nan_boxing == 0) return evaluate_codes(vectors, results);
    evaluate_codes(unboxed_vectors(vectors), results);
    for (size_t i = 0; i < vectors.size(); ++i) {
      results.codes[i] = boxed_result(vectors.modes[i], results.codes[i]);
    }
    return;
  }
  Operands one(vectors.operands.size());
  for (size_t i = 0; i < vectors.size(); ++i) {
    for (size_t slot = 0; slot < one.size(); ++slot) one[slot] = vectors.operands[slot][i];
    const ModeResult result = evaluate(vectors.modes[i], std::span<const uint64_t>(one.data(), one.size()));
    results.codes[i] = result.code;
    if (with_flags) results.flags[i] = result.flags;
  }
}

bool Golden::accepts(size_t mode, const ModeResult& expected, const ModeResult& actual) const {
  if (expected.flags != actual.flags) return false;
  const Format& format = unit(mode).result;
  const uint64_t box = box_mask(format, specification_.contract.nan_boxing);
  if ((actual.code & box) != (expected.code & box)) return false;
  return assay::accepts(specification_.contract, format, expected.code & ~box, actual.code & ~box);
}

uint64_t Golden::boxed_result(size_t mode, uint64_t code) const {
  return boxed(unit(mode).result, specification_.contract.nan_boxing, code);
}

std::vector<uint64_t> Golden::well_boxed(size_t mode, std::vector<uint64_t> operands) const {
  const int registers = specification_.contract.nan_boxing;
  for (size_t i = 0; registers != 0 && i < counts_[mode]; ++i) {
    const Format& format = operand_format(unit(mode), static_cast<int>(i));
    operands[i] = boxed(format, registers, unboxed(format, registers, operands[i]));
  }
  return operands;
}

}  // namespace assay
