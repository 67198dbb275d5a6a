#include "arith/unit.h"

#include "base/error.h"

namespace assay {

int operand_count(const Unit& unit) {
  switch (unit.operation) {
    case Operation::convert:
      return 1;
    case Operation::add:
    case Operation::mul:
      return 2;
    case Operation::fma:
    case Operation::mac:
      return 3;
    case Operation::dot:
      break;
  }
  return 2 * unit.terms + 1;
}

const Format& operand_format(const Unit& unit, int i) {
  if (unit.operation == Operation::dot) {
    return i == 2 * unit.terms ? unit.result : (i % 2 == 0 ? unit.a : unit.b);
  }
  if (i == 2) return unit.operation == Operation::mac ? unit.result : unit.c;
  return i == 0 ? unit.a : unit.b;
}

Saturation default_saturation(const Format& format) {
  const bool integer =
      format.kind == FormatKind::twos_complement || format.kind == FormatKind::unsigned_integer;
  return integer ? Saturation::wrap : Saturation::sat_none;
}

void check_unit(const Unit& unit) {
  const std::string name = unit_name(unit);
  const bool has_product = unit.operation != Operation::add && unit.operation != Operation::convert;
  if (!has_product && unit.product != ProductRule::exact)
    fail("unit {}: this operation has no product", name);
  if (unit.operation == Operation::fma && unit.product != ProductRule::exact) {
    fail("unit {}: fma is exact by definition; use mac for other products", name);
  }
  if (unit.product == ProductRule::pam) {
    const bool ieee =
        unit.a.kind == FormatKind::floating && unit.a.nan == NanEncoding::ieee && unit.a.has_infinity;
    if (!(unit.a == unit.b) || !ieee) {
      fail("unit {}: pam expects a and b of one floating-point format with infinity and NaN, found {} and {}",
           name, unit.a.name, unit.b.name);
    }
  }
  if (unit.product == ProductRule::mfbprop && (unit.a.name != "smint4" || unit.b.name != "e3m0")) {
    fail("unit {}: mfbprop expects a = smint4 and b = e3m0, found {} and {}", name, unit.a.name, unit.b.name);
  }
  if (unit.saturation == Saturation::wrap && default_saturation(unit.result) != Saturation::wrap) {
    fail("unit {}: wrap expects a two's complement or unsigned integer result, found {}", name,
         unit.result.name);
  }
  if (unit.terms < 1 || unit.terms > 1024) fail("unit {}: terms = {} is not in 1..1024", name, unit.terms);
  if (unit.accumulation == Accumulation::fused && unit.operation != Operation::dot) {
    fail("unit {}: fused accumulation is for dot", name);
  }
}

}  // namespace assay
