// What a device must do: the units that its mode pins choose between, and the contract they are held to.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arith/batch_evaluator.h"
#include "arith/unit.h"
#include "verify/contract.h"

namespace assay {

// One thing the device can be told to do.
struct Mode {
  Unit unit;
  std::vector<uint64_t> pins;  // values of Specification::pins
};

struct Pin {
  std::string name;  // input port of the design
  int width = 1;     // bits
};

struct OperandSlot {
  std::string name;     // a, b, c, ...
  bool shared = false;  // all lanes have the same
  int width = 0;        // bits, of the register if it is boxed; the widest of the modes
};

struct Specification {
  std::string name;
  std::vector<Mode> modes;  // at least one; results are equally wide
  std::vector<Pin> pins;
  Contract contract;
  int random_bits = 0;  // given with each vector to stochastic roundings, as one more operand
  uint32_t flags = 0;   // of exception_word() the device has
  // The device computes so many vectors at a time, side by side, each with operands of its own but for those of these
  // names, and all in one mode.
  int lanes = 1;
  std::vector<std::string> shared;
};

// A specification with one mode and without pins.
Specification specification_of(const Unit& unit, Contract contract = {});

// Bits of the result, boxed if the contract wants it so.
int result_width(const Specification& specification);

// The operands of any mode, in order, and last the random bits if there are any. A mode with fewer uses the first.
std::vector<OperandSlot> operand_slots(const Specification& specification);

// Names of a unit's operands in order: a b c; of dots a1 b1 a2 b2 ... and sa1 sb1 ... c; of scaled operations a b sa
// sb.
std::vector<std::string> operand_names(const Unit& unit);

// Flags as a word, as RISC-V has them: 16 invalid, 8 divide by zero, 4 overflow, 2 underflow, 1 inexact.
uint32_t exception_word(const ExceptionFlags& flags);
// The bit of a flag by name, such as divide_by_zero; 0 for other names.
uint32_t exception_bit(std::string_view name);
// "invalid inexact", or "none".
std::string exception_names(uint32_t word);

// Vectors of a batch: operands by slot, and for each the index of its mode; lane after lane, each as many. The t-th of
// all lanes, which go into the device together, are a transaction.
struct VectorBatch {
  std::vector<std::vector<uint64_t>> operands;  // [slot][vector]
  std::vector<uint32_t> modes;                  // [vector]
  size_t lanes = 1;

  size_t size() const { return modes.size(); }
  size_t transactions() const { return modes.size() / lanes; }
};

// Operands that were given from outside, without boxes and random bits: [mode][operand][vector].
using CapturedVectors = std::vector<std::vector<std::vector<uint64_t>>>;

struct ModeResult {
  uint64_t code = 0;
  uint32_t flags = 0;

  bool operator==(const ModeResult&) const = default;
};

struct ResultBatch {
  std::vector<uint64_t> codes;  // [vector]
  std::vector<uint64_t> flags;  // [vector], or empty if the specification has none

  void resize(size_t count, bool with_flags) {
    codes.resize(count);
    flags.resize(with_flags ? count : 0);
  }
  ModeResult at(size_t i) const { return {codes[i], flags.empty() ? 0 : static_cast<uint32_t>(flags[i])}; }
};

// The golden model of a specification. May be used by several threads at once.
class Golden {
 public:
  explicit Golden(Specification specification);

  const Specification& specification() const { return specification_; }
  // The mode's unit with the contract's saturation.
  const Unit& unit(size_t mode) const { return evaluators_[mode].unit(); }

  // Sets the results and, if the specification has any, the flags, of those it has.
  void evaluate(const VectorBatch& vectors, ResultBatch& results) const;

  // One vector; operands by slot.
  ModeResult evaluate(size_t mode, std::span<const uint64_t> operands) const;

  // Whether the contract takes `actual`.
  bool accepts(size_t mode, const ModeResult& expected, const ModeResult& actual) const;

  // With NaN boxing: the register for a result's code, and operands of which those that are not boxed have been
  // replaced by the NaN they count as. Otherwise what is given.
  uint64_t boxed_result(size_t mode, uint64_t code) const;
  std::vector<uint64_t> well_boxed(size_t mode, std::vector<uint64_t> operands) const;

 private:
  uint64_t code_of(size_t mode, std::span<const uint64_t> operands) const;
  RandomBits random_of(std::span<const uint64_t> operands) const;
  // The operand as the contract has it count.
  uint64_t counted(const Format& format, uint64_t operand) const;
  VectorBatch unboxed_vectors(const VectorBatch& vectors) const;
  void evaluate_codes(const VectorBatch& vectors, ResultBatch& results) const;

  Specification specification_;
  std::vector<BatchEvaluator> evaluators_;  // [mode]
  std::vector<size_t> counts_;              // [mode] operands
  std::vector<Unit> flag_units_;            // [mode], a mac as the fma it is
  size_t random_slot_;
  bool plain_;  // operands and results go as they are, but for boxes
};

}  // namespace assay
