// Boolean expressions as written in Liberty (`function`, `when`, `next_state`).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// An expression over named variables. The nodes form a tree in which operands come before their operators;
// the last node is the root.
struct BooleanFunction {
  enum class Operator : uint8_t { constant_0, constant_1, variable, op_not, op_and, op_or, op_xor };
  struct Node {
    Operator op;
    uint32_t left = 0;   // node index; for a variable its index in `variables`
    uint32_t right = 0;  // node index of the second operand of and, or, xor
  };
  std::vector<std::string> variables;  // in order of first appearance, without repetition
  std::vector<Node> nodes;

  // The value for 64 assignments at once: bit i of values[v] is variable v in assignment i.
  uint64_t evaluate(std::span<const uint64_t> values) const;
};

// Parses `text`. Operators by falling precedence (Liberty reference manual, "function"): ' (postfix) and !
// (prefix); ^; & * and juxtaposition; + and |. Constants are 0 and 1. Throws Error, beginning with `where`,
// if the text is not an expression.
BooleanFunction parse_boolean_function(std::string_view text, std::string_view where);

// The most variables truth_table() handles.
inline constexpr size_t kMaxTruthTableInputs = 6;

// Truth table over `inputs` (at most six names): bit i is the value where input k is bit k of i. Entries
// beyond 2^inputs.size() repeat the table. Throws Error, beginning with `where`, if a variable is not one of
// the inputs.
uint64_t truth_table(const BooleanFunction& function, std::span<const std::string> inputs,
                     std::string_view where);

// Truth table of input k itself, i.e. bit i is bit k of i.
inline constexpr uint64_t kTruthTableOfInput[kMaxTruthTableInputs] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc,
                                                                      0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
                                                                      0xffff0000ffff0000, 0xffffffff00000000};

}  // namespace assay
