// Making a mismatch small, and telling it.
#include <fmt/format.h>

#include "arith/evaluate.h"
#include "arith/product.h"
#include "formats/real.h"
#include "verify/boxing.h"
#include "verify/check.h"

namespace assay {
namespace {

std::string describe(const Format& format, uint64_t code) {
  const Real value = decode(format, code);
  const int digits = (format.width + 3) / 4;
  std::string text = fmt::format("0x{:0{}x} {:<8} {}", code, digits, format.name, to_hex_float(value));
  if (value.kind == RealClass::finite || value.kind == RealClass::zero)
    text += fmt::format(" = {:.9g}", to_double(value));
  return is_subnormal(format, code) ? text + " (subnormal)" : text;
}

// What a register holds: with NaN boxing its bits, and the number in it.
std::string describe(const Format& format, int registers, uint64_t contents, std::string_view not_boxed) {
  if (!has_box(format, registers)) return describe(format, contents);
  const uint64_t code = contents & code_mask(format.width);
  const bool right = boxed(format, registers, code) == contents;
  return fmt::format("0x{:0{}x}: {}{}", contents, (registers + 3) / 4, describe(format, code),
                     right ? "" : not_boxed);
}

std::string describe(const Golden& golden, const Mismatch& mismatch, const ModeResult& result) {
  std::string text = describe(golden.unit(mismatch.mode).result, golden.specification().contract.nan_boxing,
                              result.code, ", not boxed");
  if (golden.specification().flags != 0) text += fmt::format("  flags: {}", exception_names(result.flags));
  return text;
}

}  // namespace

std::span<const uint64_t> lane_operands(const Specification& specification, const Mismatch& mismatch) {
  const size_t slots = mismatch.operands.size() / static_cast<size_t>(specification.lanes);
  return std::span(mismatch.operands).subspan(mismatch.lane * slots, slots);
}

VectorBatch vectors_of(const Specification& specification, const std::vector<Mismatch>& before,
                       const Mismatch& mismatch) {
  VectorBatch vectors;
  vectors.lanes = static_cast<size_t>(specification.lanes);
  vectors.operands.resize(mismatch.operands.size() / vectors.lanes);
  for (size_t lane = 0; lane < vectors.lanes; ++lane) {
    const auto add = [&](const Mismatch& one) {
      for (size_t slot = 0; slot < vectors.operands.size(); ++slot) {
        vectors.operands[slot].push_back(one.operands[lane * vectors.operands.size() + slot]);
      }
      vectors.modes.push_back(one.mode);
    };
    for (const Mismatch& one : before) add(one);
    add(mismatch);
  }
  return vectors;
}

bool fails_after(const Golden& golden, const DeviceFunction& device, const std::vector<Mismatch>& before,
                 Mismatch& mismatch, const StreamOptions& stream) {
  const Specification& specification = golden.specification();
  ResultBatch results;
  if (device(vectors_of(specification, before, mismatch), results, stream).problem != StreamProblem::none) {
    return false;
  }
  const ModeResult expected = golden.evaluate(mismatch.mode, lane_operands(specification, mismatch));
  const ModeResult actual = results.at(mismatch.lane * (before.size() + 1) + before.size());
  if (golden.accepts(mismatch.mode, expected, actual)) return false;
  mismatch.expected = expected;
  mismatch.actual = actual;
  return true;
}

Mismatch shrink(const Golden& golden, const DeviceFunction& device, Mismatch mismatch,
                const StreamOptions& stream) {
  const std::vector<OperandSlot> slots = operand_slots(golden.specification());
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (size_t i = 0; i < mismatch.operands.size(); ++i) {
      const bool shared = slots[i % slots.size()].shared;
      if (shared && i >= slots.size()) continue;  // changes with the first lane's
      for (int bit = 63; bit >= 0; --bit) {
        if ((mismatch.operands[i] >> bit & 1) == 0) continue;
        Mismatch trial = mismatch;
        for (size_t j = i; j < trial.operands.size(); j += shared ? slots.size() : trial.operands.size()) {
          trial.operands[j] &= ~(uint64_t{1} << bit);
        }
        if (!fails_after(golden, device, {}, trial, stream)) continue;
        mismatch = std::move(trial);
        smaller = true;
      }
    }
  }
  return mismatch;
}

// The operands of the lanes that do not disagree, a line each.
std::string describe_other_lanes(const Golden& golden, const Mismatch& mismatch) {
  const std::vector<OperandSlot> slots = operand_slots(golden.specification());
  std::string text;
  for (size_t lane = 0; lane < mismatch.operands.size() / slots.size(); ++lane) {
    if (lane == mismatch.lane) continue;
    text += fmt::format("  lane {}  ", lane);
    for (size_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot].shared) continue;
      text += fmt::format(" {}={:#x}", slots[slot].name, mismatch.operands[lane * slots.size() + slot]);
    }
    text += "\n";
  }
  return text;
}

std::string explain(const Golden& golden, const Mismatch& mismatch) {
  const Specification& specification = golden.specification();
  const Unit& unit = golden.unit(mismatch.mode);
  const std::span<const uint64_t> operands = lane_operands(specification, mismatch);
  std::string text = fmt::format("{}\n", unit_name(unit));
  if (specification.lanes > 1) text += fmt::format("  lane {} of {}\n", mismatch.lane, specification.lanes);
  for (size_t i = 0; i < specification.pins.size(); ++i) {
    text +=
        fmt::format("  {:<8} {}\n", specification.pins[i].name, specification.modes[mismatch.mode].pins[i]);
  }
  const std::vector<std::string> names = operand_names(unit);
  for (size_t i = 0; i < names.size(); ++i) {
    text += fmt::format("  {:<8} {}\n", names[i],
                        describe(operand_format(unit, static_cast<int>(i)), specification.contract.nan_boxing,
                                 operands[i], ", not boxed: counts as NaN"));
  }
  if (specification.random_bits > 0) text += fmt::format("  random   {:#x}\n", operands.back());
  if (unit.operation == Operation::mul || is_multiply_add(unit.operation)) {
    const Real product = product_of(unit, operands[0], operands[1]);
    text += fmt::format("  product  {} = {:.9g}\n", to_hex_float(product), to_double(product));
  }
  text += fmt::format("  expected {}\n", describe(golden, mismatch, mismatch.expected));
  text += fmt::format("  actual   {}\n", describe(golden, mismatch, mismatch.actual));
  if (specification.lanes > 1) text += describe_other_lanes(golden, mismatch);
  return text;
}

}  // namespace assay
