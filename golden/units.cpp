#include <span>
#include <utility>

#include "arith/exception_flags.h"
#include "golden/handles.h"

assay_unit::assay_unit(assay::Unit unit)
    : evaluator(std::move(unit)),
      name(assay::unit_name(evaluator.unit())),
      result{evaluator.unit().result},
      needs_random(assay::is_stochastic(evaluator.unit().rounding)) {
  const assay::Unit& loaded = evaluator.unit();
  for (int i = 0; i < assay::operand_count(loaded); ++i) {
    operands.push_back({assay::operand_format(loaded, i)});
  }
}

namespace {

const assay_unit& unit_of(const assay_unit* handle) {
  return assay::pointee(handle, "unit");
}

// The unit of a call that brings so many operands.
const assay_unit& unit_with(const assay_unit* handle, size_t operand_count) {
  const assay_unit& unit = unit_of(handle);
  if (operand_count != unit.operands.size()) {
    assay::fail("unit {}: expected {} operands, found {}", unit.name, unit.operands.size(), operand_count);
  }
  return unit;
}

std::span<const uint64_t> operands_at(const uint64_t* operands, size_t count) {
  return {&assay::pointee(operands, "operands"), count};
}

unsigned flag_bits(const assay::ExceptionFlags& flags) {
  unsigned bits = 0;
  if (flags.inexact) bits |= ASSAY_INEXACT;
  if (flags.underflow) bits |= ASSAY_UNDERFLOW;
  if (flags.overflow) bits |= ASSAY_OVERFLOW;
  if (flags.divide_by_zero) bits |= ASSAY_DIVIDE_BY_ZERO;
  if (flags.invalid) bits |= ASSAY_INVALID;
  return bits;
}

assay::Tininess tininess_of(int tininess) {
  if (tininess == ASSAY_TININESS_AFTER_ROUNDING) return assay::Tininess::after_rounding;
  if (tininess == ASSAY_TININESS_BEFORE_ROUNDING) return assay::Tininess::before_rounding;
  assay::fail("tininess: expected ASSAY_TININESS_AFTER_ROUNDING or ASSAY_TININESS_BEFORE_ROUNDING, found {}",
              tininess);
}

}  // namespace

assay_unit* assay_unit_open(const char* name_or_path) {
  return assay::guarded<assay_unit*>(nullptr, [&] {
    const char* name = &assay::pointee(name_or_path, "name of a unit");
    return new assay_unit(assay::load_unit(name));
  });
}

void assay_unit_close(assay_unit* unit) {
  delete unit;
}

const char* assay_unit_name(const assay_unit* unit) {
  return assay::guarded<const char*>(nullptr, [&] { return unit_of(unit).name.c_str(); });
}

int assay_operand_count(const assay_unit* unit) {
  return assay::guarded(-1, [&] { return static_cast<int>(unit_of(unit).operands.size()); });
}

const assay_format* assay_operand_format(const assay_unit* unit, int i) {
  return assay::guarded<const assay_format*>(nullptr, [&] {
    const auto& operands = unit_of(unit).operands;
    if (i < 0 || static_cast<size_t>(i) >= operands.size()) {
      assay::fail("unit {}: expected an operand below {}, found {}", unit->name, operands.size(), i);
    }
    return &operands[static_cast<size_t>(i)];
  });
}

const assay_format* assay_result_format(const assay_unit* unit) {
  return assay::guarded<const assay_format*>(nullptr, [&] { return &unit_of(unit).result; });
}

int assay_needs_random(const assay_unit* unit) {
  return assay::guarded(-1, [&] { return unit_of(unit).needs_random ? 1 : 0; });
}

int assay_evaluate(const assay_unit* unit, const uint64_t* operands, size_t operand_count, int random_bits,
                   uint32_t random, uint64_t* result) {
  return assay::status_of([&] {
    const assay_unit& with = unit_with(unit, operand_count);
    const auto bits = assay::random_bits_from(with.needs_random, random_bits, random);
    assay::pointee(result, "result") = with.evaluator(operands_at(operands, operand_count), bits);
  });
}

int assay_evaluate_columns(const assay_unit* unit, const uint64_t* const* columns, size_t operand_count,
                           size_t rows, int random_bits, const uint32_t* random, uint64_t* results) {
  return assay::status_of([&] {
    const assay_unit& with = unit_with(unit, operand_count);
    const std::span<const uint64_t* const> from{&assay::pointee(columns, "columns"), operand_count};
    for (const uint64_t* column : from) assay::pointee(column, "column");
    if (with.needs_random) assay::pointee(random, "random");
    assay::pointee(results, "results");
    std::vector<uint64_t> operands(operand_count);
    for (size_t row = 0; row < rows; ++row) {
      for (size_t i = 0; i < operand_count; ++i) operands[i] = from[i][row];
      const uint32_t value = with.needs_random ? random[row] : 0;
      const auto bits = assay::random_bits_from(with.needs_random, random_bits, value);
      results[row] = with.evaluator(operands, bits);
    }
  });
}

int assay_evaluate_flags(const assay_unit* unit, const uint64_t* operands, size_t operand_count,
                         int random_bits, uint32_t random, int tininess, uint64_t* result, unsigned* flags) {
  return assay::status_of([&] {
    const assay_unit& with = unit_with(unit, operand_count);
    const auto bits = assay::random_bits_from(with.needs_random, random_bits, random);
    const auto flagged = assay::evaluate_with_flags(
        with.evaluator.unit(), operands_at(operands, operand_count), bits, {tininess_of(tininess)});
    uint64_t& to = assay::pointee(result, "result");
    assay::pointee(flags, "flags") = flag_bits(flagged.flags);
    to = flagged.code;
  });
}
