#include "arith/unit.h"

#include <algorithm>

#include "arith/accumulation_words.h"
#include "arith/table_multiplier.h"
#include "base/error.h"

namespace assay {

int operand_count(const Unit& unit) {
  const OperationFacts& facts = facts_of(unit.operation);
  if (!facts.has_terms) return facts.operands;
  const int block = unit.accumulation.block;
  const int further_blocks = block > 0 ? (unit.terms + block - 1) / block - 1 : 0;
  return facts.operands + 2 * unit.terms + 2 * further_blocks;
}

size_t block_size(const Unit& unit) {
  const int block = unit.accumulation.block;
  return static_cast<size_t>(block > 0 ? block : unit.terms);
}

const Format& operand_format(const Unit& unit, int i) {
  const OperationFacts& facts = facts_of(unit.operation);
  if (accumulates(unit.operation) && i == operand_count(unit) - 1) return unit.result;
  if (facts.has_terms) return i >= 2 * unit.terms ? unit.c : (i % 2 == 0 ? unit.a : unit.b);
  return i == 0 ? unit.a : i == 1 ? unit.b : unit.c;
}

Saturation default_saturation(const Format& format) {
  const bool integer =
      format.kind == FormatKind::twos_complement || format.kind == FormatKind::unsigned_integer;
  return integer ? Saturation::wrap : Saturation::sat_none;
}

namespace {

// Whether the operation is no product but has a piecewise-affine form under the unit's rule.
bool is_division_or_root(const Unit& unit) {
  switch (unit.operation) {
    case Operation::div:
      return unit.product == ProductRule::pam || unit.product == ProductRule::pam_minimum_rms ||
             unit.product == ProductRule::pam_zero_mean || unit.product == ProductRule::epfml;
    case Operation::sqrt:
    case Operation::exp2:
    case Operation::log2:
      return unit.product == ProductRule::pam;
    default:
      return false;
  }
}

void check_product(const Unit& unit, const std::string& name) {
  const Operation operation = unit.operation;
  const bool affine_only = operation == Operation::exp2 || operation == Operation::log2;
  if (affine_only && unit.product != ProductRule::pam) {
    fail("unit {}: {} is piecewise-affine only, expected pam", name, facts_of(operation).name);
  }
  if (unit.product == ProductRule::exact) return;
  if (!has_product(operation) && !is_division_or_root(unit)) {
    fail("unit {}: this operation has no such product", name);
  }
  if (operation == Operation::fma) {
    fail("unit {}: fma is exact by definition; use mac for other products", name);
  }
  if (is_piecewise_affine(unit.product)) {
    const bool floating = unit.a.kind == FormatKind::floating && unit.a.has_subnormals;
    const bool binary = facts_of(operation).named_operands > 1;
    if ((binary && !(unit.a == unit.b)) || !floating) {
      fail("unit {}: {} expects a and b of one floating-point format with a zero, found {} and {}", name,
           to_string(unit.product), unit.a.name, binary ? unit.b.name : unit.a.name);
    }
  }
  if (unit.product == ProductRule::epfml && unit.a.name != "fp32") {
    fail("unit {}: epfml expects fp32 operands, found {}", name, unit.a.name);
  }
  if (unit.product == ProductRule::table && unit.table->mantissa_bits() > unit.a.fraction_width) {
    fail("unit {}: a table of {} fraction bits does not fit {}", name, unit.table->mantissa_bits(),
         unit.a.name);
  }
  if (unit.product == ProductRule::mfbprop && (unit.a.name != "smint4" || unit.b.name != "e3m0")) {
    fail("unit {}: mfbprop expects a = smint4 and b = e3m0, found {} and {}", name, unit.a.name, unit.b.name);
  }
}

// Bits of the significand of any code, at most.
int significand_width(const Format& format) {
  return format.kind == FormatKind::floating ? format.fraction_width + 1
         : format.kind == FormatKind::logarithmic || format.kind == FormatKind::code_book ? 64
                                                                                          : format.width;
}

}  // namespace

void check_unit(const Unit& unit) {
  const std::string name = unit_name(unit);
  check_product(unit, name);
  if (unit.saturation == Saturation::wrap && default_saturation(unit.result) != Saturation::wrap) {
    fail("unit {}: wrap expects a two's complement or unsigned integer result, found {}", name,
         unit.result.name);
  }
  if (unit.operation == Operation::compare && unit.result.name != "uint2") {
    fail("unit {}: compare expects the result uint2, found {}", name, unit.result.name);
  }
  if (facts_of(unit.operation).operands == 4) {
    // Both products must be exact in 64 bits.
    const int widest =
        std::max(significand_width(unit.a), significand_width(unit.b)) + significand_width(unit.c);
    if (widest > 64) fail("unit {}: a scaled operand has {} bits, expected at most 64", name, widest);
  }
  if (unit.terms < 1 || unit.terms > 1024) fail("unit {}: terms = {} is not in 1..1024", name, unit.terms);
  check_accumulation(unit, name);
}

}  // namespace assay
