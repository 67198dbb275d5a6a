// Making a mismatch small, and telling it.
#include <fmt/format.h>

#include "arith/evaluate.h"
#include "arith/product.h"
#include "formats/real.h"
#include "verify/check.h"

namespace assay {
namespace {

uint64_t evaluate_one(const BatchFunction& device, const std::vector<uint64_t>& operands) {
  std::vector<const uint64_t*> columns;
  columns.reserve(operands.size());
  for (const uint64_t& operand : operands) columns.push_back(&operand);
  uint64_t result = 0;
  device(1, columns.data(), &result);
  return result;
}

std::string describe(const Format& format, uint64_t code) {
  const Real value = decode(format, code);
  const int digits = (format.width + 3) / 4;
  std::string text = fmt::format("0x{:0{}x} {:<8} {}", code, digits, format.name, to_hex_float(value));
  if (value.kind == RealClass::finite || value.kind == RealClass::zero)
    text += fmt::format(" = {:.9g}", to_double(value));
  const bool subnormal = format.kind == FormatKind::floating && format.has_subnormals &&
                         value.kind == RealClass::finite &&
                         (code & code_mask(magnitude_width(format))) < uint64_t{1} << format.fraction_width;
  return subnormal ? text + " (subnormal)" : text;
}

std::string operand_name(const Unit& unit, int i) {
  if (unit.operation != Operation::dot) return std::string(1, "abc"[i]);
  if (i == 2 * unit.terms) return "c";
  return fmt::format("{}{}", i % 2 == 0 ? 'a' : 'b', i / 2 + 1);
}

}  // namespace

Mismatch shrink(const Unit& unit, const BatchFunction& device, Mismatch mismatch) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (uint64_t& operand : mismatch.operands) {
      for (int bit = 63; bit >= 0; --bit) {
        const uint64_t before = operand;
        if ((before >> bit & 1) == 0) continue;
        operand &= ~(uint64_t{1} << bit);
        const uint64_t expected = evaluate(unit, mismatch.operands),
                       actual = evaluate_one(device, mismatch.operands);
        if (expected == actual) {
          operand = before;
          continue;
        }
        mismatch.expected = expected;
        mismatch.actual = actual;
        smaller = true;
      }
    }
  }
  return mismatch;
}

std::string explain(const Unit& unit, const Mismatch& mismatch) {
  std::string text = fmt::format("{}\n", unit_name(unit));
  for (size_t i = 0; i < mismatch.operands.size(); ++i) {
    const int index = static_cast<int>(i);
    text += fmt::format("  {:<8} {}\n", operand_name(unit, index),
                        describe(operand_format(unit, index), mismatch.operands[i]));
  }
  if (unit.operation == Operation::mul || unit.operation == Operation::mac) {
    const Real product = product_of(unit, mismatch.operands[0], mismatch.operands[1]);
    text += fmt::format("  product  {} = {:.9g}\n", to_hex_float(product), to_double(product));
  }
  text += fmt::format("  expected {}\n", describe(unit.result, mismatch.expected));
  text += fmt::format("  actual   {}\n", describe(unit.result, mismatch.actual));
  return text;
}

}  // namespace assay
